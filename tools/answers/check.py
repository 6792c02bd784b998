"""What can be said of an answer without running it: its form, its numbers, its names."""

import ast
import re
from decimal import ROUND_HALF_UP, Decimal

import nbformat

from tools import names
from tools.answers.parse import Answer
from tools.execution import NOTEBOOKS, code_cells

LONGEST = 15  # lines of a block that shows something
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
# Numbers of sections and exercises, years, addresses and what code quotes are no claims.
NO_CLAIM = re.compile(
    r"\d\.\d+(?:\.\d+)+|\b[78]\.\d\b|(?:Exercises?|section|epoch|seeds?) \d+\w?|\b(?:19|20)\d\d\b"
    r"|https?://\S+|\]\([^)]*\)|`[^`]*`"
)
NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])\d+(?:\.\d+)?")


def faults(answer: Answer) -> list[str]:
    """Return what is not in the form that CONTRIBUTING describes."""
    found = []
    if not answer.kind:
        found.append("no '*Kind: …*'")
    found += [f"no folded '{part}'" for part in ("Hint", "Answer") if not answer.has(part)]
    opened, closed = answer.text.count("<details>"), answer.text.count("\n\n</details>")
    if opened != closed or opened != 2 + answer.has("Proof"):
        found.append("a <details> that is not closed, or one too many")
    shown = [block for block in answer.blocks if block.output is not None]
    if not any(block.output and block.output.strip() not in ("", "?") for block in shown):
        found.append("no block shows anything")
    for block in shown:
        lines = [line for line in block.code.splitlines() if line.strip()]
        if len(lines) > LONGEST:
            found.append(f"line {block.line}: {len(lines)} lines to show something, at most 15")
    if not answer.assertions:
        found.append("no assertion")
    found += [f"an assertion that cannot fail: {text}" for text in literal_assertions(answer)]
    if not answer.mutations:
        found.append("no mutation: <!-- must fail: `old` => `new` -->")
    return found


def literal_assertions(answer: Answer) -> list[str]:
    """Return the assertions, or parts of them, that are made of literals only."""
    found = []
    for block in answer.blocks:
        for node in ast.walk(ast.parse(block.source)):
            if isinstance(node, ast.Assert):
                test = node.test
                parts = test.values if isinstance(test, ast.BoolOp) else [test]
                found += [ast.unparse(p) for p in parts if not _depends_on_something(p)]
    return found


def _depends_on_something(node: ast.AST) -> bool:
    harmless = {"round", "abs", "sum", "len", "math", "sqrt", "log", "min", "max", "int", "float"}
    return any(isinstance(n, ast.Name) and n.id not in harmless for n in ast.walk(node))


def unproved_numbers(answer: Answer) -> list[str]:
    """Return the numbers of the prose that neither code nor outputs nor a source have.

    Looked at are decimals and whole numbers from 100 on.
    """
    prose = FENCE.sub("", answer.shown)
    prose = NO_CLAIM.sub(" ", prose.replace("{,}", ",").replace(r"\,", ""))
    evidence = [answer.cited]
    for block in answer.blocks:
        evidence += [block.source.replace("_", ""), block.output or ""]
    there = {_value(text) for text in NUMBER.findall("\n".join(evidence))}
    there |= {value * 100 for value in there}  # as a percentage
    return [text for text in NUMBER.findall(prose) if not _is_there(text, there)]


def _value(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _is_there(text: str, there: set[Decimal]) -> bool:
    value = _value(text)
    if value == value.to_integral() and "." not in text and value < 100:
        return True
    unit = Decimal(1).scaleb(int(value.as_tuple().exponent))
    return any(other.quantize(unit, ROUND_HALF_UP) == value for other in there)


def clashes(answer: Answer) -> set[str]:
    """Return the names that an answer's code binds and the notebook's cells bind, too.

    Imports and the variables of loops are not counted: both are bound anew where they are used.
    """
    path = NOTEBOOKS / f"{answer.path.stem}.ipynb"
    cells = code_cells(nbformat.read(path, as_version=4))
    # Magics are not Python, and bind nothing.
    sources = [re.sub(r"^[%!].*$", "", cell.source, flags=re.MULTILINE) for cell in cells]
    taken = set().union(*map(_bound, sources))
    return taken & set().union(*(_bound(block.source) for block in answer.blocks))


def _bound(source: str) -> set[str]:
    tree = ast.parse(source)
    tree.body = [n for n in tree.body if not isinstance(n, (ast.Import, ast.ImportFrom))]
    loops = [n.target for n in ast.walk(tree) if isinstance(n, ast.For)]
    variables = {n.id for target in loops for n in ast.walk(target) if isinstance(n, ast.Name)}
    return names.made(tree) - variables
