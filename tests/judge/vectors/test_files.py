"""Vector files that are damaged, contradict themselves, or ask for too much are refused."""

import json
import shutil
import tracemalloc

import pytest

from conformance.generate import files as generated
from conformance.vectors import files

FOLDER = files.default_directory()


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "vectors")


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (
            "basic.json",
            lambda text: text[: len(text) // 2],
            "basic.json must have the checksum .* changed or cut off",
        ),
        (
            "basic.json",
            lambda text: text.replace("3f80", "3f81", 1),
            "basic.json must have the checksum",
        ),
        ("MANIFEST.json", lambda text: text[:20], "MANIFEST.json must be JSON, got"),
        ("MANIFEST.json", lambda text: "[]", "MANIFEST.json must be a JSON object, got list"),
        (
            "MANIFEST.json",
            lambda text: '{"version": "1"}',
            "MANIFEST.json must list the checksums of all files",
        ),
        (
            "MANIFEST.json",
            lambda text: text.replace('"basic.json"', '"../basic.json"'),
            "MANIFEST.json must list plain file names, got '../basic.json'"
            "|basic.json is not in MANIFEST.json",
        ),
    ],
)
def test_a_damaged_file_is_refused_with_its_name(copy, name, change, message):
    path = copy / name
    path.write_text(change(path.read_text()))
    with pytest.raises(files.VectorError, match=message):
        files.load(copy)


def test_a_missing_file_and_a_missing_folder_are_refused(copy, tmp_path):
    (copy / "bias.json").unlink()
    with pytest.raises(files.VectorError, match=r"bias\.json cannot be read: No such file"):
        files.load(copy)
    with pytest.raises(
        files.VectorError, match=r"MANIFEST\.json cannot be read.*name a folder with --vectors"
    ):
        files.load(tmp_path / "nowhere")


def test_a_file_that_nobody_vouches_for_is_refused(copy):
    (copy / "extra.json").write_text("{}")
    with pytest.raises(files.VectorError, match=r"extra\.json is not in MANIFEST\.json"):
        files.load(copy)


def edited(copy, name, edit):
    """The folder with a changed file and a manifest that vouches for it."""
    path = copy / name
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))
    (copy / "MANIFEST.json").write_text(generated.manifest(copy, "mine"))
    return copy


def mixed(content):
    """The first answer that has classes."""
    return next(
        answer
        for vector in content["vectors"]
        for answer in vector["answers"]
        if "classes" in answer
    )


def resumed(content):
    """The relation of the first vector that is saved and restored."""
    return next(v["relation"] for v in content["vectors"] if v["relation"]["kind"] == "resume")


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        ("basic.json", dict.clear, "basic.json does not fit schema.json: data must contain"),
        (
            "basic.json",
            lambda c: c["vectors"][0].update(surprise=1),
            "basic.json does not fit schema.json: .*surprise",
        ),
        (
            "basic.json",
            lambda c: c["vectors"][0].update(shapes=[[1000], [2, 2], [1]]),
            "vector basic.f32.mixed contradicts itself: words must be 1000 for shape",
        ),
        (
            "basic.json",
            lambda c: c["vectors"][0].update(after=[1, 2, 3, 4, 99]),
            "vector basic.f32.mixed contradicts itself: after must name calls from 1 to 5, got",
        ),
        (
            "basic.json",
            lambda c: c["vectors"][0]["answers"][0]["lo"].pop(),
            "vector basic.f32.mixed contradicts itself: an answer must have a row for each call",
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
            "contradicts itself: classes must have 4 parts, got 2",
        ),
        (
            "extremes.json",
            lambda c: mixed(c)["classes"].pop(),
            "contradicts itself: an answer must have a row for each call",
        ),
        (
            "relations.json",
            lambda c: c["vectors"][0]["relation"].pop("power"),
            "vector relations.f32.scale contradicts itself: relation scale must have a power",
        ),
        (
            "relations.json",
            lambda c: resumed(c).update(after=5),
            "vector relations.f32.resume contradicts itself: relation resume must have after",
        ),
        (
            "relations.json",
            lambda c: resumed(c).pop("after"),
            "vector relations.f32.resume contradicts itself: relation resume must have after",
        ),
        (
            "basic.json",
            lambda c: c["vectors"][0].update(cycle=5.0),
            "basic.json must be JSON, got a number must be whole and without a point, got 5.0",
        ),
        (
            "sizes.json",
            lambda c: c["vectors"][0].update(tile=0),
            "sizes.json does not fit schema.json: .*tile",
        ),
        (
            "conventions.json",
            dict.clear,
            "conventions.json does not fit schema.json: data must contain",
        ),
        (
            "conventions.json",
            lambda c: c["conventions"].update(mine={"axes": {}}),
            "conventions.json does not fit schema.json: data.conventions.mine must contain",
        ),
    ],
)
def test_a_foreign_file_that_makes_no_sense_is_refused(copy, name, edit, message):
    with pytest.raises(files.VectorError, match=message):
        files.load(edited(copy, name, edit))


TERABYTES = {"shapes": [[10**6, 10**6, 10**3]], "tile": 4}


@pytest.mark.parametrize(
    "change",
    [
        TERABYTES,
        {"shapes": [[0, 7], [2**62] * 300, [1]], "tile": 1},
        {"shapes": [[10**4], [2, 2], [1]], "tile": 1, "cycle": 100_000},
    ],
    ids=["one large parameter", "a size of 5,000 digits", "many calls"],
)
def test_vectors_that_would_fill_the_memory_are_refused_before_any_is_taken(copy, change):
    edited(copy, "basic.json", lambda content: content["vectors"][0].update(change))
    tracemalloc.start()
    with pytest.raises(
        files.VectorError, match="must have at most 268435456 numbers together.*basic.f32.mixed"
    ):
        files.load(copy)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * sum(
        path.stat().st_size for path in copy.iterdir()
    )  # the files as text, and as JSON


def test_answers_without_end_are_refused_whatever_they_are_rows_of(copy):
    def grow(content):
        vector = content["vectors"][0]
        vector.update(shapes=[[10**6], [2, 2], [1]], tile=1)
        vector["answers"][0].update(lo=[], hi=[["0" * 8] * 3] * 300)

    with pytest.raises(files.VectorError, match="must have at most 268435456 numbers together"):
        files.load(edited(copy, "basic.json", grow))


def test_many_vectors_that_fill_the_memory_together_are_refused(copy):
    def grow(content):
        for vector in content["vectors"]:
            vector.update(shapes=[[2 * 10**6]] * len(vector["shapes"]), tile=1)

    with pytest.raises(
        files.VectorError, match="but have more with basic.*, of shapes .*; make it smaller"
    ):
        files.load(edited(copy, "basic.json", grow))


def test_the_schema_of_a_foreign_folder_is_not_used(copy):
    # A schema is turned into code; only ours is.
    edited(copy, "schema.json", dict.clear)
    edited(copy, "basic.json", lambda content: content.update(surprise=1))
    with pytest.raises(files.VectorError, match=r"basic\.json does not fit schema\.json"):
        files.load(copy)


def test_nesting_without_end_is_refused(copy):
    (copy / "MANIFEST.json").write_text("[" * 100_000)
    with pytest.raises(files.VectorError, match=r"MANIFEST\.json must be JSON"):
        files.load(copy)


def test_an_unchanged_copy_is_as_good_as_the_original(copy, suite):
    assert [v.id for v in files.load(copy).vectors] == [v.id for v in suite.vectors]
