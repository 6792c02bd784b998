"""Figures: one function per idea; each shows one picture and a sentence that says what is in it."""
