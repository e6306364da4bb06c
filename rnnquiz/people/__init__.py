"""People: rosters, names and ids, and the headings under which they stand."""
