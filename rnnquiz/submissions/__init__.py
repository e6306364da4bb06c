"""Submissions: files of any form, read to sheets of answers and whose they are."""
