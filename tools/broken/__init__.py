"""Break the trainings of the notebooks, one thing at a time, and see which cells notice."""
