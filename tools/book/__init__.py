"""Runs the book's notebooks with d2l's Trainer and images, and with ours in their place."""
