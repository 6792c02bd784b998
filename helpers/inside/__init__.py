"""Looks inside a network: what it costs, what it has learned, and what an image does in it."""
