"""The course: a folder and its database, and each thing that is done in it."""
