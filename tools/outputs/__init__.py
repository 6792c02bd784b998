"""Hold notebooks to their stored outputs: what counts as a difference, and who looks."""
