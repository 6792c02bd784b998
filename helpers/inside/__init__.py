"""Looks inside a network: what it costs."""
