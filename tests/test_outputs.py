"""The comparison of outputs finds what it must, and only that."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from nbformat.v4 import new_output

from tools.outputs.compare import compare
from tools.outputs.rules import MarkerError

TABLE = """\
epoch  train_loss  val_loss  val_acc
    1       2.064     1.279    0.444
   10       0.871     0.694    0.732"""

# (stored, got, what the marker says, verdict)
ROWS = [
    # Words, whole numbers, shapes, names.
    ("loss 0.5", "cost 0.5", "", "differs"),
    ("12 images", "13 images", "", "differs"),
    ("12 images", "-12 images", "", "differs"),
    ("1,234 images", "1,235 images", "", "differs"),
    ("torch.Size([8, 8])", "torch.Size([8, 4])", "", "differs"),
    ("tensor([1, 2])", "tensor([1., 2.])", "", "differs"),
    ("0.5 0.5", "0.5", "", "differs"),
    ("0.5", "0.5\n", "", "differs"),
    ("one\ntwo", "one\n\ntwo", "", "differs"),
    ("x+0.5", "x0.5", "", "differs"),
    ("x+0.5", "x-0.5", "", "differs"),
    ("bias +0.5", "bias 0.5", "", "differs"),
    ("bias +0.5", "bias -0.5", "", "differs"),
    ("bias +0.5", "bias +0.5000", "", "same"),
    ("loss:0.5", "loss: 0.5", "", "differs"),
    ("x 0.5", "x0.5", "", "differs"),
    ("2²⁰ bytes", "3²⁰ bytes", "", "differs"),
    ("conv1", "conv2", "", "differs"),
    ("v1.0", "v1.2", "", "differs"),
    ("0x1f", "0x2f", "", "differs"),
    # In a cell with measured numbers the others stay exact.
    ("correct: 8712. loss 0.61", "correct: 6200. loss 0.61", "every decimal ±0.3", "differs"),
    ("There are 12. loss 0.61", "There are 13. loss 0.61", "every decimal ±0.1", "differs"),
    ("5. item, 0.61", "6. item, 0.61", "every decimal ±0.3", "differs"),
    ("2. second 0.61", "3. second 0.61", "every decimal ±0.3", "differs"),
    ("torch 2.11.0: 0.61", "torch 2.14.1: 0.61", "every decimal ±0.3", "differs"),
    ("torch 2.11: 0.61", "torch 2.14: 0.61", "every decimal ±0.3", "differs"),
    ("section 7.6: 0.61", "section 7.5: 0.61", "every decimal ±0.3", "differs"),
    ("Figure 7.6: 0.61", "Figure 7.5: 0.61", "every decimal ±0.3", "differs"),
    ("chapters 7.5: 0.61", "chapters 7.6: 0.61", "every decimal ±0.3", "differs"),
    ("sections 7.5 and 7.6: 0.61", "sections 7.5 and 7.7: 0.61", "every decimal ±0.3", "differs"),
    ("Figures 7.5–7.6: 0.61", "Figures 7.5–7.7: 0.61", "every decimal ±0.3", "differs"),
    ("section 7.5: 0.61 and 0.7", "section 7.5: 0.62 and 0.8", "every decimal ±0.3", "same"),
    ("PyTorch 2.11: 0.61", "PyTorch 2.14: 0.61", "every decimal ±0.3", "differs"),
    ("v1.0: 0.61", "v1.2: 0.61", "every decimal ±0.3", "differs"),
    ("192.168.0.1: 0.61", "192.168.0.2: 0.61", "every decimal ±0.3", "differs"),
    ("24.11.2026: 0.61", "25.11.2026: 0.61", "every decimal ±0.3", "differs"),
    ("2026-11-24: 0.61", "2026-11-25: 0.61", "every decimal ±0.3", "differs"),
    ("12 of 0.61", "13 of 0.61", "every decimal ±0.3", "differs"),
    ("(3, 4) 0.61", "(4, 4) 0.61", "every decimal ±0.3", "differs"),
    ("size 938.1 M, accuracy 0.7", "size 937.9 M, accuracy 0.7", "accuracy ±0.3", "differs"),
    ("size 938.1 M, accuracy 0.7", "size 938.1 M, accuracy 0.6", "accuracy ±0.3", "same"),
    ("lr 0.1, val_acc 0.70", "lr 0.2, val_acc 0.71", "val_acc ±0.03", "differs"),
    ("loss 0.61", "cost 0.61", "loss ±0.03", "differs"),
    # Computed numbers: their last digits may be rounded another way.
    ("loss 0.123456", "loss 0.123457", "", "same"),
    ("loss 0.1235", "loss 0.1236", "", "same"),
    ("loss 0.1235", "loss 0.1237", "", "differs"),
    ("loss 0.123", "loss 0.124", "", "differs"),
    ("loss 0.5", "loss 0.6", "", "differs"),
    ("[0.5000, 0.0001]", "[0.5000, 0.0000]", "", "differs"),
    ("3.141592653589793", "3.141592653589800", "", "same"),
    ("3.141592653589793", "3.141692653589793", "", "differs"),
    ("3.1415927", "3.1416", "", "differs"),
    ("1e-3", "1.000001e-3", "", "same"),
    ("1e-9", "0.0", "", "differs"),
    ("gradient 2.6e-09", "gradient 3.0e-06", "", "differs"),
    ("gradient 2.6e-09", "gradient -8e-6", "", "differs"),
    ("gradient 2.6e-09", "gradient 2.7e-09", "", "differs"),
    ("lr 1e-06", "lr 5e-06", "", "differs"),
    ("p = 0.00001", "p = 0.00002", "", "differs"),
    ("12345.67", "12345.77", "", "differs"),
    ("12345.67", "12345.68", "", "same"),
    ("1000000.5", "1000009.5", "", "differs"),
    ("x -0.1", "x 0.1", "", "differs"),
    ("7.6", "7.5", "", "differs"),
    ("1.0", "1", "", "same"),
    ("1", "1.0", "", "same"),
    ("1", "0.9999999", "", "same"),
    ("1", "0.99", "", "differs"),
    ("tensor([19., 25.])", "tensor([19.0000, 24.9999])", "", "same"),
    ("tensor([19., 25.])", "tensor([19.0000, 24.9000])", "", "differs"),
    ("tensor([0.5000, 0.0000])", "tensor([ 0.5000, -0.0000])", "", "same"),
    ("tensor([-0., 1.])", "tensor([0., 1.])", "", "same"),
    ("[ 0.5,   1.]", "[ 0.5, 1.]", "", "same"),
    ("a  99.999\nb   1.000", "a  100.0\nb  1.0", "", "same"),
    (" 99.999 s\n  1.000 s", "100.0 s\n  1.0 s", "", "same"),
    ("nan", "nan", "", "same"),
    ("inf", "inf", "", "same"),
    ("nan", "0.0", "", "differs"),
    ("0.0", "nan", "", "differs"),
    ("inf", "-inf", "", "differs"),
    ("inf", "1e30", "", "differs"),
    ("loss 0.5", "loss nan", "loss ±0.1", "differs"),
    ("loss 0.5", "loss inf", "loss ±0.1", "differs"),
    # Measured numbers: within what the marker says, and of the same sign.
    ("val_acc 0.723", "val_acc 0.99", "val_acc ±0.03", "differs"),
    ("val_acc 0.723", "val_acc 0.43", "val_acc ±0.03", "differs"),
    ("val_acc 0.507", "val_acc 0.21", "val_acc ±0.03", "differs"),
    ("val_acc 0.723", "val_acc 0.753", "val_acc ±0.03", "same"),
    ("val_acc 0.723", "val_acc 0.754", "val_acc ±0.03", "differs"),
    ("val_acc 0.7", "val_acc 1", "val_acc ±0.3", "same"),
    ("loss 0.25", "loss 0.0", "loss ±0.2", "differs"),
    ("loss 0.25", "loss -0.04", "loss ±0.2", "differs"),
    ("loss 0.25", "loss 0.0", "loss ±0.25", "marker"),
    ("x -0.1", "x 0.1", "x ±0.3", "marker"),
    ("x -0.1 2.0", "x 0.1 2.0", "x ±0.3 either sign", "same"),
    ("x -0.1 2.0", "x 0.3 2.0", "x ±0.3 either sign", "differs"),
    ("x -0.1 0.2", "x 0.1 0.2", "x ±0.3 either sign", "marker"),
    ("1.5e-06", "0.04", "every decimal ±0.05", "marker"),
    ("gradient 1.5e-06", "gradient 1.4e-06", "gradient ±10%", "same"),
    ("gradient 1.5e-06", "gradient 1.3e-06", "gradient ±10%", "differs"),
    ("gradient 1.5e-06", "gradient -1.5e-06", "gradient ±99%", "differs"),
    ("gradient 1.5e-06", "gradient 0.0", "gradient ±99%", "differs"),
    ("bias +0.5", "bias 0.5", "bias ±0.1", "differs"),
    ("correct 8712", "correct 8700", "correct ±50", "same"),
    ("correct 8712", "correct 8600", "correct ±50", "differs"),
    # A name is the heading of a column ...
    (TABLE, TABLE.replace("0.732", "0.712"), "val_acc ±0.03", "same"),
    (TABLE, TABLE.replace("0.732", "0.692"), "val_acc ±0.03", "differs"),
    (TABLE, TABLE.replace("0.871", "0.872"), "val_acc ±0.03, val_loss ±0.1", "differs"),
    (TABLE, TABLE.replace("0.694", "0.754"), "val_acc ±0.03, val_loss ±0.1", "same"),
    (TABLE, TABLE, "epoch ±2", "marker"),
    ("n  count\n1    812", "n  count\n1    800", "count ±20", "same"),
    ("n  count\n1    812", "n  count\n2    812", "count ±20", "differs"),
    (TABLE, TABLE.replace("   10", "   11"), "every decimal ±0.1", "differs"),
    (TABLE, TABLE.replace("    1  ", "    2  "), "val_acc ±0.03", "differs"),
    (TABLE.replace("\n    1", "\n-----  ----------\n    1"), TABLE, "val_acc ±0.03", "differs"),
    (TABLE + "\n\nrest:     0.25     0.25", TABLE + "\n\nrest:     0.25     0.26", "val_loss ±0.1",
     "differs"),
    # ... or the words before a number or a row of numbers.
    ("gamma 1.4 1.2\nbeta 0.3 -1.2", "gamma 1.5 1.1\nbeta 0.3 -1.2", "gamma ±0.15", "same"),
    ("gamma 1.4 1.2\nbeta 0.3 -1.2", "gamma 1.4 1.2\nbeta 0.4 -1.2", "gamma ±0.15", "differs"),
    ("spread: ['0.04', '0.01']", "spread: ['0.05', '0.01']", "spread ±50%", "same"),
    ("val_acc 0.444 → 0.732.", "val_acc 0.454 → 0.712.", "val_acc ±0.03", "same"),
    ("falls from 0.4 to 0.1", "falls from 0.5 to 0.1", "falls from ±25%", "same"),
    ("2.0 and 0.4; then 0.5", "2.0 and 0.4; then 0.6", "every decimal ±0.01", "differs"),
    ("loss 0.4; size 0.5", "loss 0.4; size 0.6", "loss ±0.1", "differs"),
    ("loss 0.4 (limit 0.5)", "loss 0.4 (limit 0.6)", "loss ±0.1", "differs"),
    ("loss 0.4. 0.5 is the limit", "loss 0.4. 0.6 is the limit", "loss ±0.1", "differs"),
    ("loss 0.4, train_loss 0.5", "loss 0.4, train_loss 0.6", "loss ±0.1", "differs"),
    ("batches of 4: 0.92 ± 0.51", "batches of 4: 0.93 ± 0.50", "batches of ±5%", "same"),
    ("batches of 4: 0.92 ± 0.51", "batches of 8: 0.92 ± 0.51", "batches of ±5%", "differs"),
    ("loss 0.40\nacc 0.70", "loss 0.41\nacc 0.71", "every decimal ±0.1, acc ±0.001", "differs"),
    ("loss 0.40\nacc 0.70", "loss 0.41\nacc 0.70", "every decimal ±0.1, acc ±0.001", "same"),
    # The last number of a column or row may be held to less.
    (TABLE, TABLE.replace("0.732", "0.742"), "val_acc ±0.1, last val_acc ±0.01", "same"),
    (TABLE, TABLE.replace("0.732", "0.743"), "val_acc ±0.1, last val_acc ±0.01", "differs"),
    (TABLE, TABLE.replace("0.732", "0.743"), "last val_acc ±0.01, val_acc ±0.1", "differs"),
    (TABLE, TABLE.replace("0.444", "0.544"), "val_acc ±0.1, last val_acc ±0.01", "same"),
    (TABLE, TABLE.replace("0.444", "0.445"), "last val_acc ±0.01", "differs"),
    ("val_acc 0.444 → 0.732.", "val_acc 0.454 → 0.732.", "val_acc ±0.03, last val_acc ±0.001",
     "same"),
    ("val_acc 0.444 → 0.732.", "val_acc 0.454 → 0.734.", "val_acc ±0.03, last val_acc ±0.001",
     "differs"),
    ("last layer 0.4, layer 0.5", "last layer 0.5, layer 0.5", "last layer ±0.1", "same"),
    ("last layer 0.4, layer 0.5", "last layer 0.4, layer 0.6", "last layer ±0.1", "differs"),
    ("loss 0.4", "loss 0.5", "loss ±0.2, last loss ±0.01", "marker"),
    ("loss 0.4", "loss 0.4", "last cost ±0.01", "marker"),
    # Markers that say nothing useful.
    ("loss 0.5", "loss 0.5", "loss ±inf", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±nan", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±-1", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±1e9", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±0", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±100%", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±0%", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±5% either sign", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±abc", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±", "marker"),
    ("loss 0.5", "loss 0.5", "±0.1", "marker"),
    ("loss 0.5", "loss 0.5", "loss 0.1", "marker"),
    ("loss 0.5", "loss 0.5", "loss +-0.1", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±0.1 cost ±0.1", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±0.1,", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±0.1, loss ±0.1", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±0.1, every decimal ±0.1, every decimal ±0.2", "marker"),
    ("loss 0.5", "loss 0.5", "cost ±0.1", "marker"),
    ("loss 0.5", "loss 0.5", "oss ±0.1", "marker"),
    ("loss is 0.5", "loss is 0.5", "loss ±0.1", "marker"),
    ("12 images", "12 images", "every decimal ±0.1", "marker"),
    ("loss 0.5", "loss 0.5", "loss ±0.1, every decimal ±0.1", "marker"),
    ("", "", "loss ±0.1", "marker"),
]  # fmt: skip


def verdict(stored, got, source="x", tags=()):
    try:
        found = compare(stored, got, source, tags)
    except MarkerError as error:
        assert len(str(error).splitlines()) == 1
        return "marker"
    return "differs" if found.differences else "same"


@pytest.mark.parametrize("stored, got, marker, expected", ROWS)
def test_only_what_the_rules_allow_is_the_same(stored, got, marker, expected):
    source = f"# measured: {marker}\nprint(...)" if marker else "print(...)"
    streams = [[new_output("stream", text=text)] for text in (stored, got)]
    assert verdict(*streams, source) == expected
    if expected != "marker":
        results = [[new_output("execute_result", {"text/plain": text})] for text in (stored, got)]
        assert verdict(*results, source) == expected


@pytest.mark.parametrize("source", [
    "print(x)\n# measured: loss ±0.1",
    "x = 1  # first\n# measured: loss ±0.1\nprint(x)",
    "#measured: loss ±0.1",
    "# Measured: loss ±0.1",
    "# measured loss ±0.1",
    "# measured = loss ±0.1",
    "# measure: loss ±0.1",
    "# numbers measured here: ±0.1",
    "# measured: loss ±0.1\n# measured: loss ±0.2",
])  # fmt: skip
def test_a_marker_that_would_be_overlooked_is_refused(source):
    output = [new_output("stream", text="loss 0.5")]
    assert verdict(output, output, source) == "marker"


@pytest.mark.parametrize("source", [
    "# measured: loss ±0.1",
    "# what the loss is\n# measured: loss ±0.1\nprint(x)",
    "# measured: loss ±0.1\n# measured: acc ±0.2",
    "print(x)  # measured in seconds",
    "# all of it was measured twice",
])  # fmt: skip
def test_markers_stand_in_the_comments_at_the_top(source):
    output = [new_output("stream", text="loss 0.5\nacc 0.5")]
    assert verdict(output, output, source) == "same"


@pytest.mark.parametrize("tag", [
    "tolerance-0.3", "tolerance-inf", "tolerance-1e9", "tolerance-nan", "tolerance-abc",
    "tolerance--1", "tolerance", "daten", "nbval-ignore", "Data",
])  # fmt: skip
def test_an_old_or_unknown_tag_is_refused_with_what_is_allowed(tag):
    output = [new_output("stream", text="loss 0.5")]
    with pytest.raises(MarkerError, match=r"allowed are answer, data|a marker stands"):
        compare(output, output, "print(x)", ["data", tag])


@pytest.mark.parametrize("tag", [
    "data", "answer", "nbval-ignore-output", "nbval-skip", "raises-exception", "hide-input",
    "remove-cell",
])  # fmt: skip
def test_known_tags_are_accepted(tag):
    output = [new_output("stream", text="loss 0.5")]
    assert verdict(output, output, "print(x)", [tag]) == "same"


def test_a_difference_says_what_was_expected_which_number_and_how_far_off():
    stored, got = ([new_output("stream", text=t)] for t in (TABLE, TABLE.replace("0.732", "0.692")))
    found = compare(stored, got, "# measured: val_acc ±0.03", [])
    assert [str(difference) for difference in found.differences] == [
        "output 1, stdout, line 3, number 4, measured as 'val_acc': expected 0.732, got 0.692 "
        "(off by 0.04 = 5.5 %; allowed ±0.03)"
    ]
    assert [(m.name, a.text, b.text) for m, a, b in found.measured] == [
        ("val_acc", "0.444", "0.444"), ("val_acc", "0.732", "0.692"),
    ]  # fmt: skip


WORDS = st.text("ab Z_.,:;()[]=→±%-+²é'", max_size=12)
WHOLE = st.integers(0, 10**7)
DECIMAL = st.decimals(-1000, 1000, places=3, allow_nan=False).filter(lambda d: abs(d) > 1)


@given(st.text(max_size=60))
def test_every_text_is_the_same_as_itself(text):
    assert verdict(*([new_output("stream", text=text)] for _ in range(2))) == "same"


@given(WORDS, WHOLE, WHOLE, WORDS, st.sampled_from(["", "# measured: loss ±5%"]))
def test_another_whole_number_always_differs(before, a, b, after, source):
    assume(a != b and "loss" not in before + after)
    stored, got = ([new_output("stream", text=f"{before}{n}{after}\nloss 0.5")] for n in (a, b))
    assert verdict(stored, got, source) == "differs"


@given(WORDS, DECIMAL, st.integers(-30, 30), WORDS)
def test_a_measured_number_is_held_to_its_tolerance_whatever_stands_around_it(
    before, stored, thousandths, after
):
    assume("\n" not in before + after and (before + "x")[-1] != "_")
    texts = [
        [new_output("stream", text=f"{before}\nloss {number} and so\n{after}")]
        for number in (stored, stored + Decimal(thousandths) / 1000)
    ]
    allowed = abs(thousandths) <= 20
    assert (verdict(*texts, "# measured: loss ±0.02") == "same") == allowed
    opposite = [new_output("stream", text=f"{before}\nloss {-stored} and so\n{after}")]
    assert verdict(texts[0], opposite, "# measured: loss ±0.02") == "differs"
