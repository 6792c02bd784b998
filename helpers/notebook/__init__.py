"""What only the notebooks need: settings, progress, classes of other notebooks, records."""
