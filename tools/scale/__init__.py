"""Train the sections' networks at the book's settings, over days if need be, and record it."""
