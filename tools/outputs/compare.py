"""Compare the outputs of a cell with the stored ones, number by number."""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from nbformat import NotebookNode

from tools.execution import is_finished_bar
from tools.outputs import drawn, rules
from tools.outputs.findings import Findings, off
from tools.outputs.places import measured_in
from tools.outputs.rules import Measure
from tools.outputs.tokens import Number, same, split

# Pictures within HTML are not compared either: only what is said about them.
EMBEDDED = re.compile(r'<img\b[^>]*\bsrc="data:image/[^"]*"[^>]*>')
NOT_COMPARED = re.compile(r"image/(?!svg)|application/vnd\.jupyter\.widget")


def compare(
    stored: Iterable[NotebookNode], got: Iterable[NotebookNode], source: str, tags: Sequence[str]
) -> Findings:
    """Compare the outputs of a cell that has this source and these tags.

    Raises rules.MarkerError if its markers or tags are of no use.
    """
    measures = check(stored, source, tags)
    stored, got, found = visible(stored), visible(got), Findings()
    for output in got:
        if output.get("name") == "stderr":
            found.add("standard error", "nothing", output.text.strip())
    got = [output for output in got if output.get("name") != "stderr"]
    if kinds(stored) != kinds(got):
        found.add("kinds of output", kinds(stored) or "none", kinds(got) or "none")
        sides = ["\n".join(t for o in side for t in texts(o).values()) for side in (stored, got)]
        if sides[0] != sides[1]:
            found.add("texts", repr(sides[0]), repr(sides[1]))
        return found
    for place, (theirs, ours) in enumerate(zip(stored, got), start=1):
        _compare_output(f"output {place}", theirs, ours, measures, found)
        series = drawn.series_of(theirs)
        if series is not None:
            redrawn, where = drawn.series_of(ours) or {}, f"output {place}, figure"
            drawn.compare(where, series, redrawn, measures, found)
    return found


def check(stored: Iterable[NotebookNode], source: str, tags: Sequence[str]) -> list[Measure]:
    """Return the measured numbers that a cell names.

    Raises rules.MarkerError for a tag or a marker that is unknown, malformed, names a number
    that the stored outputs do not have, or allows anything.
    """
    rules.check_tags(tags)
    measures = rules.read(source)
    rules.check_use(measures, _covered(visible(stored), measures))
    return measures


def visible(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs that a reader sees: without finished progress bars."""
    return [output for output in outputs if not is_finished_bar(output)]


def kinds(outputs: Iterable[NotebookNode]) -> list[str]:
    """Return what each output is: the stream's name, or how and in which forms it is shown."""
    return [
        output.get("name")
        or output.get("ename")
        or f"{output.output_type} of {', '.join(sorted(output.data))}"
        for output in outputs
    ]


def _compare_output(
    where: str,
    stored: NotebookNode,
    got: NotebookNode,
    measures: list[Measure],
    found: Findings,
) -> None:
    theirs, ours = texts(stored), texts(got)
    for kind in theirs:
        _compare_text(f"{where}, {kind}", theirs[kind], ours[kind], measures, found)
    for kind, content in stored.get("data", {}).items():
        if kind not in theirs and not NOT_COMPARED.match(kind) and content != got.data[kind]:
            found.add(f"{where}, {kind}", content, got.data[kind])


def texts(output: NotebookNode) -> dict[str, str]:
    """Return the texts of an output by what they are."""
    if output.output_type == "stream":
        return {output.name: output.text}
    if output.output_type == "error":
        return {output.ename: output.evalue}
    texts = {kind: text for kind, text in output.data.items() if kind.startswith("text/")}
    if "text/html" in texts:
        texts["text/html"] = EMBEDDED.sub(_sentence, texts["text/html"])
    return texts


def _sentence(image: re.Match) -> str:
    """Return what stands for a picture within HTML: the sentence about it."""
    alt = re.search(r'\balt="([^"]*)"', image[0])
    return f"[figure: {html.unescape(alt[1])}]" if alt else "[figure]"


def _compare_text(
    where: str, stored: str, got: str, measures: list[Measure], found: Findings
) -> None:
    theirs, ours = stored.split("\n"), got.split("\n")
    if len(theirs) != len(ours):
        pairs = enumerate(zip(theirs, ours), start=1)
        first = next((f"line {n} is {b!r}, not {a!r}" for n, (a, b) in pairs if a != b), "")
        found.add(where, f"{len(theirs)} lines", len(ours), first)
        return
    measured = measured_in(theirs, measures)
    for i, (line, our_line) in enumerate(zip(theirs, ours)):
        (words, numbers), (our_words, our_numbers) = split(line), split(our_line)
        place = f"{where}, line {i + 1}"
        if words != our_words:
            found.add(place, repr(line), repr(our_line))
            continue
        for n, (a, b) in enumerate(zip(numbers, our_numbers)):
            _compare_number(f"{place}, number {n + 1}", a, b, measured.get((i, n)), found)


def _compare_number(
    where: str, stored: Number, got: Number, measure: Measure | None, found: Findings
) -> None:
    if measure is not None:
        allowed = measure.allowed(stored.value) if stored.is_finite else Decimal(0)
        found.add_measured(where, stored, got, measure, allowed)
    elif not same(stored, got):
        found.add(where, stored.text, got.text, off(stored, got, "it is not named as measured"))


def _covered(outputs: list[NotebookNode], measures: list[Measure]) -> dict[Measure, list[Decimal]]:
    """Return the sizes of the stored numbers that each measure belongs to."""
    sizes: dict[Measure, list[Decimal]] = defaultdict(list)
    for output in outputs:
        for text in texts(output).values():
            lines = text.split("\n")
            for (i, n), measure in measured_in(lines, measures).items():
                number = split(lines[i])[1][n]
                if number.is_finite:
                    sizes[measure].append(abs(number.value))
        for measure, size in drawn.covered(drawn.series_of(output) or {}, measures):
            sizes[measure].append(size)
    return sizes
