"""The answers of the exercises: read them, run their code, try to refute them."""

from tools.answers.parse import FOLDER, Answer, Block, Mutation, named, read

__all__ = ["FOLDER", "Answer", "Block", "Mutation", "named", "read"]
