"""Run every notebook in every surrounding that is promised, and say how far its numbers move."""
