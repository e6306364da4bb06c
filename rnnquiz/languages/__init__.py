"""The languages of students: which sentences there are, and their translations."""
