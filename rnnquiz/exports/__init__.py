"""What goes to other systems: gradebooks, their own files of grades, packages, quizzes."""
