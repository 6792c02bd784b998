"""Every code block in answers/ holds, and the notebooks carry the answers word for word."""

import pytest

from helpers.data import load
from tools import answers

FILES = sorted(answers.FOLDER.glob("*.md"))
NEEDS_DATA = "# needs: data"


def cases():
    for path in FILES:
        for answer in answers.read(path):
            needs = any(source.startswith(NEEDS_DATA) for _, source in answer.blocks)
            marks = [pytest.mark.data] if needs else []
            yield pytest.param(path, answer, id=f"{path.stem}: {answer.number}", marks=marks)


@pytest.mark.parametrize("path, answer", list(cases()))
def test_the_claims_of_an_answer_hold(path, answer):
    namespace = {"__name__": "__main__"}
    for line, source in answer.blocks:
        if source.startswith(NEEDS_DATA) and load()[0] != "Fashion-MNIST":
            pytest.skip("needs the real Fashion-MNIST")
        # Empty lines in front, so that a traceback names the line in the file.
        code = compile("\n" * line + source, str(path), "exec")
        exec(code, namespace)
