"""The commands: their options and words, and what each prints."""
