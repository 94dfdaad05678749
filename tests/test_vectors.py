import json
import shutil
import tracemalloc
from fractions import Fraction

import fastjsonschema
import numpy as np
import pytest

from conformance import answers, generate, vector_files
from conformance.recipes import TOPICS
from conformance.words import about, decode, encode_number, given

FOLDER = vector_files.default_directory()


def topic_files():
    return sorted(path for path in FOLDER.glob("*.json") if "vectors" in json.loads(path.read_text()))


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "vectors")


def test_every_answer_is_derived_again_to_the_same_bytes():
    for name, text in generate.files(FOLDER):
        assert (FOLDER / name).read_text() == text, name
    assert (FOLDER / "MANIFEST.json").read_text() == generate.manifest(FOLDER, generate.VERSION)


@pytest.mark.parametrize("path", topic_files(), ids=lambda path: path.stem)
def test_every_topic_fits_the_schema(path):
    fastjsonschema.validate(json.loads((FOLDER / "schema.json").read_text()), json.loads(path.read_text()))


def test_every_topic_is_there_in_both_dtypes_and_both_kinds(suite):
    seen = {(v.topic, v.dtype) for v in suite.vectors}
    due = {(topic, dtype) for topic in TOPICS if topic != "float16" for dtype in ("float32", "float64")}
    assert seen == due | {("float16", "float16")}
    assert {v.dyadic for v in suite.vectors} == {True, False}


def test_ids_are_unique_and_every_flag_is_explained(suite):
    ids = [vector.id for vector in suite.vectors]
    flags = json.loads((FOLDER / "flags.json").read_text())["flags"]
    used = {flag for vector in suite.vectors for flag in vector.entry["flags"]}
    assert len(set(ids)) == len(ids)
    assert used == set(flags)


def test_no_vector_is_blind_by_its_form(suite):
    # One parameter, one step, gradients of size 1 alone: each hides a class of bugs. What is long, large or in half
    # precision has its own claim, and leaves the others to the rest.
    for vector in (one for one in suite.vectors if one.topic not in ("long", "sizes", "float16")):
        sizes = {abs(float(x)) for call in vector.calls for g in call.grads if g is not None for x in g.ravel()}
        assert len(vector.params) >= 2, vector.id
        assert len(vector.calls) >= 3, vector.id
        assert len(sizes - {1.0}) >= 2 or "zero-gradient" in vector.entry["flags"], vector.id


def test_what_is_there_for_people_says_what_the_words_say(suite):
    for vector in suite.vectors:
        entry = vector.entry
        for words, text, shape in zip(entry["params"], entry["params_about"], entry["shapes"], strict=True):
            assert about(decode(words, vector.dtype, [given(shape, vector.tile)])) == text
        for step in entry["steps"]:
            for words, text, shape in zip(step["grads"], step["about"], entry["shapes"], strict=True):
                written = [given(shape, vector.tile)]
                assert words is text is None or about(decode(words, vector.dtype, written)) == text


def test_no_interval_reaches_beyond_the_bound(suite):
    for vector in suite.vectors[::7]:
        for answer in (answer for answer in vector.answers if answer.of == "params"):
            for row in range(len(vector.after)):
                columns = (answer.lo[row][0], answer.hi[row][0], answer.offset[row][0], answer.bound[row][0])
                for lo, hi, offset, bound in zip(*(column.ravel() for column in columns), strict=True):
                    width = Fraction(float(hi)) - Fraction(float(lo))
                    unit = Fraction(float(np.spacing(np.abs(lo))))
                    slack = 1 + Fraction(1, 10**5)  # offset and bound have six digits
                    assert offset <= bound * slack
                    assert width <= Fraction(float(offset + bound)) * unit * slack


def test_the_vectors_are_small():
    total = sum(path.stat().st_size for path in FOLDER.iterdir())
    assert total < 4_000_000


def test_a_vector_without_a_decisive_element_is_refused(suite):
    entry = json.loads(json.dumps(next(v for v in suite.vectors if v.id == "basic.f32.mixed").entry))
    entry["config"]["learning_rate"] = encode_number(2.0**-40)
    with pytest.raises(ValueError, match=r"basic\.f32\.mixed must have a decisive element, got none"):
        answers.solved(entry)


def test_a_dyadic_vector_with_an_inexact_power_is_refused(suite):
    entry = json.loads(json.dumps(next(v for v in suite.vectors if v.id == "basic.f32.mixed").entry))
    entry["config"]["beta2"] = encode_number(0.9)
    with pytest.raises(ValueError, match=r"beta2 of basic\.f32\.mixed must be exact in binary32 up to step 5"):
        answers.solved(entry)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("basic.json", lambda text: text[: len(text) // 2], "basic.json must have the checksum .* changed or cut off"),
        ("basic.json", lambda text: text.replace("3f80", "3f81", 1), "basic.json must have the checksum"),
        ("MANIFEST.json", lambda text: text[:20], "MANIFEST.json must be JSON, got"),
        ("MANIFEST.json", lambda text: "[]", "MANIFEST.json must be a JSON object, got list"),
        ("MANIFEST.json", lambda text: '{"version": "1"}', "MANIFEST.json must list the checksums of all files"),
        (
            "MANIFEST.json",
            lambda text: text.replace('"basic.json"', '"../basic.json"'),
            "MANIFEST.json must list plain file names, got '../basic.json'|basic.json is not in MANIFEST.json",
        ),
    ],
)
def test_a_damaged_file_is_refused_with_its_name(copy, name, change, message):
    path = copy / name
    path.write_text(change(path.read_text()))
    with pytest.raises(vector_files.VectorError, match=message):
        vector_files.load(copy)


def test_a_missing_file_and_a_missing_folder_are_refused(copy, tmp_path):
    (copy / "bias.json").unlink()
    with pytest.raises(vector_files.VectorError, match=r"bias\.json cannot be read: No such file"):
        vector_files.load(copy)
    with pytest.raises(vector_files.VectorError, match=r"MANIFEST\.json cannot be read.*name a folder with --vectors"):
        vector_files.load(tmp_path / "nowhere")


def test_a_file_that_nobody_vouches_for_is_refused(copy):
    (copy / "extra.json").write_text("{}")
    with pytest.raises(vector_files.VectorError, match=r"extra\.json is not in MANIFEST\.json"):
        vector_files.load(copy)


def edited(copy, name, edit):
    """The folder with a changed file and a manifest that vouches for it."""
    path = copy / name
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))
    (copy / "MANIFEST.json").write_text(generate.manifest(copy, "mine"))
    return copy


def mixed(content):
    """The first answer that has classes."""
    return next(answer for vector in content["vectors"] for answer in vector["answers"] if "classes" in answer)


def resumed(content):
    """The relation of the first vector that is saved and restored."""
    return next(v["relation"] for v in content["vectors"] if v["relation"]["kind"] == "resume")


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        ("basic.json", dict.clear, "basic.json does not fit schema.json: data must contain"),
        ("basic.json", lambda c: c["vectors"][0].update(surprise=1), "basic.json does not fit schema.json: .*surprise"),
        (
            "basic.json",
            lambda c: c["vectors"][0].update(shapes=[[1000], [2, 2], [1]]),
            "vector basic.f32.mixed does not hold together: words must be 1000 for shape",
        ),
        (
            "basic.json",
            lambda c: c["vectors"][0].update(after=[1, 2, 3, 4, 99]),
            "vector basic.f32.mixed does not hold together: after must name calls from 1 to 5, got",
        ),
        (
            "basic.json",
            lambda c: c["vectors"][0]["answers"][0]["lo"].pop(),
            "vector basic.f32.mixed does not hold together: an answer must have a row for each call",
        ),
        (
            "extremes.json",
            lambda c: c["vectors"][0].update(relation={"power": 2}),
            "extremes.json does not fit schema.json: .*must contain \\['kind'\\]",
        ),
        (
            "extremes.json",
            lambda c: mixed(c).update({"class": "interval"}),
            "extremes.json does not fit schema.json: .*answers",
        ),
        (
            "extremes.json",
            lambda c: mixed(c)["classes"][0].__setitem__(0, "interval fine nan any"),
            "extremes.json does not fit schema.json: .*answers",
        ),
        (
            "extremes.json",
            lambda c: mixed(c)["classes"][0].__setitem__(0, "nan nan"),
            "does not hold together: an answer must have 4 parts for shape \\[4\\], got 2",
        ),
        (
            "extremes.json",
            lambda c: mixed(c)["classes"].pop(),
            "does not hold together: an answer must have a row for each call",
        ),
        (
            "relations.json",
            lambda c: c["vectors"][0]["relation"].pop("power"),
            "vector relations.f32.scale does not hold together: relation scale must have a power",
        ),
        (
            "relations.json",
            lambda c: resumed(c).update(after=5),
            "vector relations.f32.resume does not hold together: relation resume must have after",
        ),
        (
            "relations.json",
            lambda c: resumed(c).pop("after"),
            "vector relations.f32.resume does not hold together: relation resume must have after",
        ),
        (
            "basic.json",
            lambda c: c["vectors"][0].update(cycle=5.0),
            "vector basic.f32.mixed does not hold together: 'float' object cannot be interpreted as an integer",
        ),
        ("sizes.json", lambda c: c["vectors"][0].update(tile=0), "sizes.json does not fit schema.json: .*tile"),
        ("conventions.json", dict.clear, "conventions.json must name conventions and arithmetics, but KeyError"),
        (
            "conventions.json",
            lambda c: c["conventions"].update(mine={"axes": {}}),
            "conventions.json must name conventions and arithmetics, but TypeError",
        ),
    ],
)
def test_a_foreign_file_that_makes_no_sense_is_refused(copy, name, edit, message):
    with pytest.raises(vector_files.VectorError, match=message):
        vector_files.load(edited(copy, name, edit))


TERABYTES = {"shapes": [[10**6, 10**6, 10**3]], "tile": 4}


@pytest.mark.parametrize(
    "change",
    [
        TERABYTES,
        {"shapes": [[0, 7], [10**4000, 10**4000], [1]], "tile": 1},
        {"shapes": [[10**4], [2, 2], [1]], "tile": 1, "cycle": 100_000},
    ],
    ids=["one large parameter", "a size of 8,000 digits", "many calls"],
)
def test_vectors_that_would_fill_the_memory_are_refused_before_any_is_taken(copy, change):
    edited(copy, "basic.json", lambda content: content["vectors"][0].update(change))
    tracemalloc.start()
    with pytest.raises(vector_files.VectorError, match="must have at most 268435456 numbers together.*basic.f32.mixed"):
        vector_files.load(copy)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * sum(path.stat().st_size for path in copy.iterdir())  # the files as text, and as JSON


def test_many_vectors_that_fill_the_memory_together_are_refused(copy):
    def grow(content):
        for vector in content["vectors"]:
            vector.update(shapes=[[2 * 10**6]] * len(vector["shapes"]), tile=1)

    with pytest.raises(vector_files.VectorError, match="but have more with basic.*, of shapes .*; make it smaller"):
        vector_files.load(edited(copy, "basic.json", grow))


def test_the_schema_of_a_foreign_folder_is_not_used(copy):
    # A schema is turned into code; only ours is.
    edited(copy, "schema.json", dict.clear)
    edited(copy, "basic.json", lambda content: content.update(surprise=1))
    with pytest.raises(vector_files.VectorError, match=r"basic\.json does not fit schema\.json"):
        vector_files.load(copy)


def test_nesting_without_end_is_refused(copy):
    (copy / "MANIFEST.json").write_text("[" * 100_000)
    with pytest.raises(vector_files.VectorError, match=r"MANIFEST\.json must be JSON"):
        vector_files.load(copy)


def test_an_unchanged_copy_is_as_good_as_the_original(copy, suite):
    assert [v.id for v in vector_files.load(copy).vectors] == [v.id for v in suite.vectors]


def test_the_readme_of_the_vectors_explains_every_axis_and_every_value_in_use(suite):
    text = (FOLDER / "README.md").read_text()
    used = {(axis, v) for one in suite.vectors for a in one.answers for axis, vs in a.when.items() for v in vs}
    assert all(f"`{axis}`" in text for axis in suite.axes)
    assert all(f"`{value}`" in text for axis, value in used if axis != "arithmetic")
