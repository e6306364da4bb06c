"""Files: their bytes, tables, workbooks and archives, and what ships with the program."""
