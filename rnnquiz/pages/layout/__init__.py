"""Layout: from a file to its pieces, which are prose, mathematics, rows of tables and code."""
