"""Run the trainings of the notebooks with other seeds, and store what came out."""
