import hashlib
import json
import zlib
from fractions import Fraction

import fastjsonschema
import numpy as np
import pytest

from conformance.generate import files as generated
from conformance.generate.recipes import RECIPES, TOPICS
from conformance.truth.answers import answer_entry
from conformance.truth.point import NATIVE, Point
from conformance.truth.problem import Problem
from conformance.vectors import files
from conformance.vectors.reading import read_spec
from conformance.vectors.spec import EDITION, VectorSpec
from conformance.vectors.storage import HALVES
from conformance.vectors.words import encode_number
from tests.support.paths import ROOT

FOLDER = files.default_directory()


def topic_files():
    return sorted(
        path for path in FOLDER.glob("*.json") if "vectors" in json.loads(path.read_text())
    )


# All of them take three minutes: `python -m conformance.generate --check`. Which third is derived
# here follows from what derives it, so that each change of it meets another third.
PARTS = 3


def third():
    sources = [ROOT / "adamref" / "step.py"]
    for folder in ("adamref/oracle", "conformance/truth", "conformance/vectors"):
        sources += sorted((ROOT / folder).rglob("*.py"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    return digest.digest()[0] % PARTS


@pytest.mark.parametrize("path", topic_files(), ids=lambda path: path.stem)
def test_answers_are_derived_again_to_the_same_bytes(path):
    frozen = json.loads(path.read_text())["vectors"]
    for entry in frozen[third() :: PARTS]:
        assert json.dumps(answer_entry(entry)) == json.dumps(entry), entry["id"]


def test_every_recipe_has_its_vector(suite):
    assert {spec.id for spec in RECIPES} <= {vector.id for vector in suite.vectors}


def test_what_is_no_answer_is_written_again_to_the_same_bytes():
    assert (FOLDER / "conventions.json").read_text() == generated.render(generated.conventions())
    assert (FOLDER / "MANIFEST.json").read_text() == generated.manifest(FOLDER, generated.VERSION)


@pytest.mark.parametrize("path", topic_files(), ids=lambda path: path.stem)
def test_every_topic_fits_the_schema(path):
    fastjsonschema.validate(
        json.loads((FOLDER / "schema.json").read_text()), json.loads(path.read_text())
    )


def test_every_topic_is_there_in_both_dtypes_and_both_kinds(suite):
    seen = {(v.topic, v.dtype) for v in suite.vectors}
    halves = ("float16", "storage")
    due = {
        (topic, dtype)
        for topic in TOPICS
        if topic not in halves
        for dtype in ("float32", "float64")
    }
    half = {("storage", dtype) for dtype in HALVES}
    assert seen == due | half | {("float16", "float16"), ("together", "float16")}
    assert {v.dyadic for v in suite.vectors} == {True, False}


def test_ids_are_unique_and_every_flag_is_explained(suite):
    ids = [vector.id for vector in suite.vectors]
    flags = json.loads((FOLDER / "flags.json").read_text())["flags"]
    used = {flag for vector in suite.vectors for flag in vector.spec.flags}
    assert len(set(ids)) == len(ids)
    assert used == set(flags)


def apart(one, other):
    """Whether two answers have an element that no number satisfies both of."""
    rows = zip(one.intervals, other.intervals, strict=True)
    pairs = [pair for row in rows for pair in zip(*row, strict=True)]
    return any(((a.lo > b.hi) | (b.lo > a.hi)).any() for a, b in pairs)


@pytest.mark.parametrize("axis", ["sparse", "duplicates", "clip_duplicates", "empty_sparse"])
def test_what_a_vector_has_several_answers_for_on_an_axis_of_sparse_gradients_it_tells_apart(
    axis, suite
):
    # What was searched for tells what its flags say, or shows pairs of levels, and that alone.
    # A first step, as in half precision, is the same for rows of both kinds.
    searched = ("found", "rounding", "together", "float16")
    written = [vector for vector in suite.vectors if vector.topic not in searched]
    spanning = [vector for vector in written if len(vector.spec.axes.get(axis, ())) > 1]
    assert len(spanning) >= 2
    for vector in spanning:
        found = [
            answer
            for answer in vector.answers
            if axis in answer.when and answer.quantity != "calls"
        ]
        pairs = [
            (a, b)
            for a in found
            for b in found
            if a.quantity == b.quantity and not set(a.when[axis]) & set(b.when[axis])
        ]
        assert any(apart(*pair) for pair in pairs), vector.id


def test_no_vector_is_blind_by_its_form(suite):
    # One parameter, one step, gradients of size 1 alone: each hides a class of bugs. Vectors that
    # are long, large or in half precision are about that and leave the rest to the others. Those
    # that were searched for are the smallest that tell, or rows of many, some of them small.
    # Lifetimes have the plain cases of bug reports, and forms are about layout.
    own = (
        "long",
        "sizes",
        "float16",
        "storage",
        "found",
        "rounding",
        "together",
        "lifetimes",
        "forms",
    )
    for vector in (one for one in suite.vectors if one.topic not in own):
        grads = [
            getattr(grad, "values", grad)
            for call in vector.calls
            for grad in call.grads
            if grad is not None
        ]
        sizes = {abs(float(x)) for grad in grads for x in grad.ravel()}
        assert len(vector.params) >= 2, vector.id
        assert len(vector.calls) >= 3, vector.id
        assert len(sizes - {1.0}) >= 2 or "zero-gradient" in vector.spec.flags, vector.id


def test_what_is_read_is_written_again_with_the_same_bytes(suite):
    # The decimals for people are written from the words, so they say the same.
    written = {vector.id: json.dumps(vector.to_entry()) for vector in suite.vectors}
    frozen = {}
    for path in topic_files():
        for entry in json.loads(path.read_text())["vectors"]:
            frozen[entry["id"]] = json.dumps(entry)
    assert written == frozen


def test_no_interval_reaches_beyond_the_bound(suite):
    for vector in suite.vectors[::7]:
        for answer in (answer for answer in vector.answers if answer.quantity == "params"):
            for interval, *_ in answer.intervals:
                columns = (interval.lo, interval.hi, interval.offset, interval.bound)
                for lo, hi, offset, bound in zip(
                    *(column.ravel() for column in columns), strict=True
                ):
                    width = Fraction(float(hi)) - Fraction(float(lo))
                    unit = Fraction(float(np.spacing(np.abs(lo))))
                    slack = 1 + Fraction(1, 10**5)  # offset and bound have six digits
                    assert offset <= bound * slack
                    assert width <= Fraction(float(offset + bound)) * unit * slack


def test_the_vectors_are_small():
    # The lessons are for people; no judge reads them.
    files_of_a_judge = [path for path in FOLDER.iterdir() if path.name != "learn.json"]
    packed = sum(len(zlib.compress(path.read_bytes())) for path in files_of_a_judge)
    assert packed < 2_000_000


def test_a_vector_without_a_decisive_element_is_refused(suite):
    entry = next(v for v in suite.vectors if v.id == "basic.f32.mixed").to_entry()
    entry["config"]["learning_rate"] = encode_number(2.0**-40)
    with pytest.raises(
        ValueError, match=r"basic\.f32\.mixed must have a decisive element, got none"
    ):
        answer_entry(entry)


def test_slices_whose_sum_may_be_rounded_are_refused_where_they_are_clipped(suite):
    name = "sparse-duplicates.f32.clipnorm"
    entry = next(v for v in suite.vectors if v.id == name).to_entry()
    words = entry["steps"][0]["grads"][0]["values"].split()  # two slices of row 0
    entry["steps"][0]["grads"][0]["values"] = " ".join(["3e000000", *words[1:]])  # 0.125
    assert answer_entry(entry)
    entry["steps"][0]["grads"][0]["values"] = " ".join(["3dcccccd", *words[1:]])  # 0.1
    with pytest.raises(
        ValueError, match="slices of a row must have exact sums where they are clipped, in float32"
    ):
        answer_entry(entry)


def test_a_dyadic_vector_with_an_inexact_power_is_refused(suite):
    entry = next(v for v in suite.vectors if v.id == "basic.f32.mixed").to_entry()
    entry["config"]["beta2"] = encode_number(0.9)
    with pytest.raises(
        ValueError, match=r"betas of basic\.f32\.mixed must be exact in binary32 up to step 5"
    ):
        answer_entry(entry)


def test_the_readme_of_the_vectors_explains_every_axis_and_every_value_in_use(suite):
    text = (FOLDER / "README.md").read_text()
    used = {
        (axis, v)
        for one in suite.vectors
        for a in one.answers
        for axis, vs in a.when.items()
        for v in vs
    }
    assert all(f"`{axis}`" in text for axis in suite.axes)
    fields = {tuple(part.split("=")) for axis, v in used if axis in HALVES for part in v.split(",")}
    values = {(axis, v) for axis, v in used if axis not in ("arithmetic", *HALVES)}
    assert all(f"`{value}`" in text for _, value in values | fields)


def test_a_vector_keeps_the_edition_of_the_bound_that_it_was_published_with(suite):
    frozen = next(vector.spec for vector in suite.vectors if vector.id == "basic.f32.mixed")
    new = VectorSpec(id="basic.f32.new", inputs=frozen.inputs)
    assert frozen.edition == 1
    assert read_spec(new.to_entry()).edition == new.edition == EDITION
    bounds = {spec.edition: _widest_bound(spec) for spec in (frozen, new)}
    assert bounds[1] < bounds[EDITION]


def _widest_bound(spec):
    point = Point.of({"epsilon": "outside"}, NATIVE)
    [answer] = [one for one in Problem(spec).answers_at(point) if one.quantity == "m"]
    return max(interval.bound.max() for row in answer.intervals for interval in row)
