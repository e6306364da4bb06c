"""The bank: the text that sets an exercise, its keys, and all that is checked before it is used."""
