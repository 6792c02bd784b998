"""The student's side: tasks, what is said about an attempt, hints, and what has been passed."""
