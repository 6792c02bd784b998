"""Run the cells of the notebooks in other orders, and say which outputs change."""
