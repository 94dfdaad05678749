"""Every word that reports, lists and verdicts can print has an entry, and each entry is whole."""

import random
import re
from dataclasses import fields, replace

import pytest

from conformance import check
from conformance.cli.listing import TABLES
from conformance.defects import DEFECTS, INEXPRESSIBLE
from conformance.judge.selection import LEVELS, UsageError
from conformance.judge.verdicts import Verdict
from conformance.report.diff import ChangeKind
from conformance.report.results import RunVerdict, _row
from conformance.subject.accuracy import Accuracy
from conformance.subject.shipped import SHIPPED
from conformance.teach.pages.page import Example, Heading, Sentence, WordList
from conformance.teach.words import mistakes
from conformance.teach.words.entries import Entries
from conformance.teach.words.formulas import equations_of_paper, formula_of
from conformance.teach.words.mistakes import vectors_of_defects, vectors_of_flags
from conformance.teach.words.page import START_HERE, page_of_all, page_of_word
from conformance.trial.comparison import EQUATIONS
from conformance.trial.outcomes import Detail, Failure, Permitted, RunStatus, Status
from conformance.vectors import storage, switches
from conformance.vectors.files import load
from conformance.vectors.relations import RELATIONS

SUITE = load()
ENTRIES = Entries(SUITE)
IDS = {vector.id for vector in SUITE.vectors}
# The columns of the table of `check`, from a report.
COLUMNS = tuple(_row(check(DEFECTS[0].make, only="basic.f32.mixed")))
# What is in the columns of lists, and is no word of its own.
NO_WORDS = {"what it is", "what is wrong", "who had it"}


def words():
    """Yield every word, from the code that prints it."""
    yield from SUITE.axes
    for axis, values in SUITE.axes.items():
        yield from values
        yield from (f"{axis}={value}" for value in values)
    yield from SUITE.conventions
    yield from SUITE.arithmetics
    # What a table of `check` and of `list` has.
    yield from ("E1", "E2", "E3", "E4", "E5")
    for enumeration in (Verdict, RunVerdict, Status, RunStatus, Failure, Permitted, Detail):
        yield from (member.value for member in enumeration)
    yield from (kind.value for kind in ChangeKind)
    yield from COLUMNS
    for table in TABLES.values():
        columns, _ = table()
        yield from set(columns) - NO_WORDS
    yield from SHIPPED
    # What vectors are, and what they find.
    for vector in SUITE.vectors:
        yield from (vector.spec.kind, vector.spec.tier, vector.level)
        yield from vector.spec.flags
        yield from vector.features
        yield from vector.switches
        yield from vector.numbers
    yield from (*LEVELS, *EQUATIONS, *RELATIONS)
    yield from (*switches.FEATURES, *switches.FORMS, *switches.GROUP_NUMBERS)
    yield from storage.VALUES
    yield from (value for values in storage.VALUES.values() for value in values)
    yield from (field.name for field in fields(Accuracy))
    # Mistakes, by name and by number.
    for defect in DEFECTS:
        yield from (defect.name, defect.entry)
    yield from INEXPRESSIBLE
    yield from ("bound", "ratio", "dyadic", "decimal", "waiver", "ulp", "oracle", "storage")
    # What pages of steps are written with.
    yield from ("t", "g", "m", "v", "m_hat", "v_hat", "lr_t", "d", "update", "keep", "adapter")


def test_every_word_has_an_entry():
    assert sorted({word for word in words() if not ENTRIES.of(word)}) == []


def test_any_arithmetic_and_any_storage_is_explained():
    for word in ("ddsds", "TsTsT", "weights=master", "m=T", "operations=float32"):
        assert ENTRIES.of(word), word


def test_an_entry_has_two_sentences_and_names_only_what_there_is():
    # One test for all, because there are hundreds, and each takes no time.
    for entry in ENTRIES.all:
        meaning = entry.write()
        assert len(re.findall(r"[.!?](?: |$)", meaning.says)) >= 2, entry
        assert meaning.says.count("`") % 2 == 0, entry
        assert "  " not in meaning.says, entry
        assert meaning.vector in {"", *IDS}, entry
        assert all(ENTRIES.of(word) for word in meaning.see), entry
        assert entry.kind.startswith(("a ", "an ", "what ")), entry


def test_formulas_of_axes_are_those_of_the_step():
    assert "d = sqrt(v_hat + eps); " in formula_of("epsilon", "inside")
    assert "d = sqrt(v_hat + eps_root) + eps" in formula_of("epsilon", "both")
    assert "lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t)" in formula_of("epsilon", "hat")
    assert formula_of("bias_correction", "none") == "m_hat = m; v_hat = v"
    assert formula_of("weight_decay", "l2").startswith("g = g + weight_decay param")
    assert formula_of("decay_when", "after") == "param = keep (param - update)"
    assert formula_of("decay_scale", "one") == "keep = 1 - weight_decay"
    assert "v_max = max(v_max, v_hat)" in formula_of("amsgrad", "max_corrected")
    assert formula_of("step_scope", "optimizer") == ""


def test_the_equations_are_those_of_the_paper():
    assert equations_of_paper() == {
        "E1": "m = beta1 m + (1 - beta1) g",
        "E2": "v = beta2 v + (1 - beta2) g^2",
        "E3": "m_hat = m / (1 - beta1^t)",
        "E4": "v_hat = v / (1 - beta2^t)",
        "E5": "d = sqrt(v_hat) + eps; update = lr m_hat / d; param = param - update",
    }


def test_every_defect_has_a_vector_that_rejects_it():
    # `python -m conformance.teach.words` adds what is missing.
    listed = vectors_of_defects()
    names = {defect.name for defect in DEFECTS}
    assert set(listed) == names - set(vectors_of_flags(SUITE))
    by_name = {defect.name: defect for defect in DEFECTS}
    # The selftest judges all of them; a few show that the list is no older than the vectors.
    for name in random.Random(15).sample(sorted(listed), 12):
        report = check(by_name[name].make, only=listed[name])
        assert report.failures, name


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("epsilom", "did you mean epsilon"),
        ("bias-non", "bias-none"),
        ("basic.f32.mixd", "did you mean basic.f32.mixed"),
        ("B99", "B9"),
        ("learn.epsilon-hatt", "learn.epsilon-hat"),
        ("xyzzy", "`adamref explain` lists what can be asked"),
        ("", "lists what can be asked"),
    ],
)
def test_unknown_words_get_suggestions(word, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        page_of_word(ENTRIES, word)


def test_a_page_has_a_title_a_text_a_formula_who_and_a_vector():
    page = page_of_word(ENTRIES, "epsilon=hat")
    assert page[0] == Heading("hat: a value of the axis epsilon", 2)
    texts = [block.text for block in page if isinstance(block, Sentence)]
    assert texts[0].startswith("An Adam with this value adds epsilon to the root of v")
    assert any(text.startswith("who: ") and "tf1" in text for text in texts)
    assert any(text.startswith("vector: epsilon.f32.as-small: ") for text in texts)
    assert Example(("adamref explain epsilon.f32.as-small",)) in page


def test_a_word_with_several_meanings_shows_them_all():
    titles = [block.text for block in page_of_word(ENTRIES, "torch") if isinstance(block, Heading)]
    assert titles == ["torch: a convention", "torch: a subject"]


def test_the_list_of_all_has_examples_and_every_entry():
    page = page_of_all(ENTRIES)
    words = {word for block in page if isinstance(block, WordList) for word in block.words}
    assert {entry.word for entry in ENTRIES.all} <= words
    assert any(isinstance(block, Example) for block in page)
    # What a beginner needs stands on top, and each of its words has an entry.
    assert page[2] == WordList(START_HERE)
    assert all(map(ENTRIES.of, START_HERE))


def test_the_case_of_a_word_counts_where_two_differ_in_it():
    assert [entry.kind for entry in ENTRIES.of("t")] == ["a quantity"]
    assert [entry.kind for entry in ENTRIES.of("T")] == [
        "a value of a storage, and a letter of an arithmetic"
    ]
    assert ENTRIES.of("BOUND") == ENTRIES.of("bound")


def test_a_defect_without_a_vector_leaves_all_other_words(monkeypatch):
    new = replace(DEFECTS[0], name="brand-new", entry="B999")
    broken = replace(DEFECTS[0], name="without-a-text", entry="B998", what=None)
    monkeypatch.setattr(mistakes, "DEFECTS", [new, broken, *DEFECTS])
    entries = Entries(SUITE)
    assert page_of_word(entries, "bound")
    assert "brand-new" in page_of_word(entries, "B999")[0].text
    assert entries.of("B999")[0].write().vector == ""
    assert page_of_all(entries)
    with pytest.raises(AttributeError):
        page_of_word(entries, "B998")


def test_an_axis_points_to_the_vector_that_is_about_it():
    (axis,) = ENTRIES.of("all_none")
    assert axis.write().vector == "none-gradient.f32.all"


def test_an_arithmetic_lists_its_five_numbers_and_the_last_rounding():
    (entry,) = ENTRIES.of("sdssT")
    meaning = entry.write()
    assert meaning.formula.split("; ")[1] == "d: epsilon in binary64 (float64)"
    assert len(meaning.formula.split("; ")) == 5
    assert "then rounded once to the format of the parameters" in meaning.says
