"""`python -m tools.answers`: outputs are written, records kept, false claims found."""

import json

import nbformat
import pytest

from tools.answers import check, evidence, mutate, parse, records
from tools.answers.__main__ import run as run_and_write

FORM = """\
# A file of answers

## 7.2.8 Exercise 1a: A sum

What is the sum? *Kind: derive.*

<details><summary>Hint</summary>

Add.

</details>

<details><summary>Answer</summary>

{answer}

</details>
"""
GOOD = """\
It is 4{,}950.

```python
total = sum(range(100))
print("the sum is", total)
```

```text
the sum is 4950
```

<details><summary>Proof</summary>

```python
assert total == 99 * 100 / 2
```

</details>

<!-- must fail: `99 * 100` => `100 * 101` -->"""
LONG = """\
```python
# recorded: n, runs; in short: 100 => 1, range(1, 4) => range(1)
import helpers

n = 100
runs = helpers.over_seeds({"a": lambda seed: n + seed}, seeds=len(range(1, 4)))
```

```python
print(runs.mean("a"), n)
```

```text
?
```"""


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write the text of an answer into a folder of one's own and return the answer."""
    monkeypatch.setattr(parse, "FOLDER", tmp_path / "answers")
    monkeypatch.setattr(records, "RECORDS", tmp_path / "answers" / "records")
    monkeypatch.setattr(check, "NOTEBOOKS", tmp_path)
    path = tmp_path / "answers" / "7.2-conv-layer.md"
    path.parent.mkdir()

    def write(text):
        path.write_text(FORM.format(answer=text), encoding="utf-8")
        return read()

    def read():
        (answer,) = parse.read(path)
        return answer

    write.again = read
    return write


def notebook(folder, source):
    cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "7.2-conv-layer.ipynb")


def refused(answer):
    return {o.mutation.new: o.error if o.refused else "" for o in mutate.outcomes(answer)}


# --- the form ------------------------------------------------------------------------------


def test_an_answer_in_the_form_has_no_faults(written):
    answer = written(GOOD)
    assert check.faults(answer) == []
    assert check.unproved_numbers(answer) == []
    assert (answer.kind, answer.assertions, len(answer.mutations)) == ("derive", 1, 1)
    assert "must fail" not in answer.shown
    assert "\n\n\n" not in answer.shown
    evidence.run(answer)


@pytest.mark.parametrize(
    "old, new, fault",
    [
        ("the sum is 4950\n```\n", "?\n```\n", "no block shows anything"),
        ("<!-- must fail: `99 * 100` => `100 * 101` -->", "", "no mutation"),
        ("assert total == 99 * 100 / 2", "total", "no assertion"),
        ("assert total", "assert 3 < 4 and total", "cannot fail: 3 < 4"),
        ("assert total", "assert round(2.5) == 2; assert total", "cannot fail: round"),
        ("</details>\n\n<!--", "<!--", "not closed"),
        ('print("the', "\n".join(["total += 0"] * 15) + '\nprint("the', "17 lines"),
    ],
)
def test_a_fault_of_form_is_found(written, old, new, fault):
    assert old in GOOD
    found = check.faults(written(GOOD.replace(old, new)))
    assert [text for text in found if fault in text], found


def test_a_number_without_evidence_is_found_and_a_cited_one_is_not(written):
    text = GOOD.replace("It is 4", "In 2015 they had 3.57, and 22 more in section 7.2.1. It is 4")
    assert check.unproved_numbers(written(text)) == ["3.57"]
    cited = f"{text}\n<!-- cited: 3.57 (He et al., 2016) -->"
    assert check.unproved_numbers(written(cited)) == []
    rounded = GOOD.replace("It is 4{,}950", "It is 41 %, 0.41 or 0.4").replace(
        "range(100)", "0.413"
    )
    assert check.unproved_numbers(written(rounded)) == []
    assert check.unproved_numbers(written(rounded.replace("0.41 or", "0.42 or"))) == ["0.42"]


def test_names_of_the_notebook_are_found_and_imports_and_loops_are_not(written, tmp_path):
    notebook(tmp_path, "%matplotlib inline\nimport math\ntotal = 1\nfor i in range(3):\n    j = i")
    answer = written(GOOD.replace("total = sum", "import math\nfor i in (1, 2): pass\ntotal = sum"))
    assert check.clashes(answer) == {"total"}
    notebook(tmp_path, "other = 1")
    assert check.clashes(answer) == set()


# --- outputs -------------------------------------------------------------------------------


def test_another_output_fails_and_is_written(written):
    answer = written(GOOD.replace("the sum is 4950\n", "the sum is 4951\n"))
    with pytest.raises(evidence.OutputError, match="4951"):
        evidence.run(answer)
    before = answer.path.read_bytes()
    assert run_and_write([answer])
    assert answer.path.read_bytes() == before.replace(b"4951", b"4950")
    evidence.run(written.again())


def test_several_outputs_are_written_where_they_belong(written):
    block = '```python\nprint("{}\\n{}")\n```\n\n```text\n?\n```'
    answer = written("\n\n".join(block.format(word, word) for word in "abc"))
    assert run_and_write([answer])
    assert [b.output for b in written.again().blocks] == ["a\na\n", "b\nb\n", "c\nc\n"]


def test_an_answer_that_fails_is_left_as_it_is(written):
    answer = written(GOOD.replace("99 * 100", "99 * 99").replace("4950\n", "4951\n"))
    before = answer.path.read_bytes()
    assert not run_and_write([answer])
    assert answer.path.read_bytes() == before


def test_what_is_printed_and_not_shown_fails(written):
    with pytest.raises(evidence.OutputError, match="no fence of text"):
        evidence.run(written(GOOD.replace("assert", "print(1)\nassert")))


def test_measured_numbers_may_differ_as_in_a_notebook(written):
    text = GOOD.replace("total = sum", "# measured: acc ±0.02\ntotal = sum")
    text = text.replace('"the sum is", total', '"acc", 0.81').replace("the sum is 4950", "acc {}")
    evidence.run(written(text.replace("{}", "0.80")))
    with pytest.raises(evidence.OutputError, match=r"allowed ±0\.02"):
        evidence.run(written(text.replace("{}", "0.78")))


# --- records -------------------------------------------------------------------------------


def test_a_long_experiment_is_recorded_and_its_short_form_run(written):
    answer = written(LONG)
    with pytest.raises(records.StaleError, match="no record"):
        evidence.run(answer)
    evidence.record(answer)
    assert run_and_write([answer])
    assert written.again().blocks[1].output == "101.0 100\n"
    evidence.run(written.again())
    kept = json.loads(records.place(answer).read_text(encoding="utf-8"))["n, runs"]
    assert kept["values"]["n"] == 100
    assert kept["date"] and kept["processor"] and kept["versions"]["torch"]


def test_a_record_of_other_code_is_refused_and_one_of_other_comments_is_not(written):
    evidence.record(written(LONG))
    evidence.run_block(answer := written(LONG.replace("100\nruns", "100\n\n# so many\nruns")),
                       answer.blocks[0], evidence.start())  # fmt: skip
    with pytest.raises(records.StaleError, match="has changed"):
        evidence.run(written(LONG.replace("n = 100", "n = 100 + 1")))


def test_a_short_form_that_changes_nothing_is_refused(written):
    answer = written(LONG.replace("range(1, 4) => ", "range(1, 5) => "))
    with pytest.raises(parse.AnswerError, match=r"'range\(1, 5\)' of 'in short' is not in"):
        evidence.run(answer)


def test_a_short_form_may_have_commas_and_lines_of_its_own(written):
    text = LONG.replace("import helpers", "# in short: seeds=len => seeds=int\nimport helpers", 1)
    assert written(text).blocks[0].in_short == [
        ("100", "1"),
        ("range(1, 4)", "range(1)"),
        ("seeds=len", "seeds=int"),
    ]


# --- false claims --------------------------------------------------------------------------


def test_a_false_claim_is_refused_by_assertion_or_by_output(written):
    changes = "<!-- must fail: `range(100)` => `range(101)` -->"
    assert refused(written(f"{GOOD}\n{changes}")) == {
        "100 * 101": "AssertionError",
        "range(101)": "OutputError",
    }


def test_a_claim_that_passes_whatever_it_says_is_found(written):
    text = GOOD.replace("total == 99", "total >= 0 * 99").replace("`100 * 101`", "`5 * 5`")
    assert refused(written(text.replace("/ 2", ""))) == {"5 * 5": ""}


@pytest.mark.parametrize("new", ["100 * (", "nothing * 3"])
def test_a_change_that_is_no_code_does_not_count(written, new):
    assert refused(written(GOOD.replace("`100 * 101`", f"`{new}`"))) == {new: ""}


def test_a_change_must_have_one_place_outside_of_records(written):
    for text, count in (("98 * 100", 0), ("total", 3)):
        answer = written(GOOD.replace("must fail: `99 * 100`", f"must fail: `{text}`"))
        with pytest.raises(parse.AnswerError, match=f"occurs {count} times"):
            list(mutate.outcomes(answer))
    answer = written(f"{LONG}\n\n<!-- must fail: `n = 100` => `n = 3` -->")
    with pytest.raises(parse.AnswerError, match="stands in a recorded experiment"):
        list(mutate.outcomes(answer))


def test_changes_do_not_see_each_other_nor_change_what_follows(written):
    text = GOOD.replace("assert total ==", "total += 1\nassert total - 1 ==")
    changes = "".join(f"\n<!-- must fail: `- 1 ==` => `- {n} ==` -->" for n in (0, 2, 3))
    assert set(refused(written(text + changes)).values()) == {"AssertionError"}


def test_without_fork_the_same_is_found(written, monkeypatch):
    monkeypatch.delattr(mutate.os, "fork", raising=False)
    test_a_false_claim_is_refused_by_assertion_or_by_output(written)


def test_the_fingerprint_stands_for_code_outputs_and_changes(written):
    same = mutate.fingerprint(written(GOOD))
    assert mutate.fingerprint(written(GOOD.replace("It is", "This is"))) == same
    for old, new in (("range(100)", "range(99)"), ("is 4950", "is 4951"), ("100 * 101", "9")):
        assert mutate.fingerprint(written(GOOD.replace(old, new))) != same


def test_an_answer_is_chosen_by_section_or_number(written):
    written(GOOD)
    for name in ("7.2", "7.2-conv-layer", "7.2-conv-layer.md", "7.2.8 Exercise 1a"):
        assert [answer.number for answer in parse.named([name])] == ["7.2.8 Exercise 1a"]
    with pytest.raises(ValueError, match=r"no answer is called '7\.3'"):
        parse.named(["7.3"])
