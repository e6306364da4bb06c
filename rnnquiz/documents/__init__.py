"""Documents: sheets, keys and feedback as blocks, and how they become files of each form."""
