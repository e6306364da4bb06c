"""Quizzes: the questions of a variant, written for each learning system."""
