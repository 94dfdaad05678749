"""Vector files that are damaged, contradict themselves, or ask for too much are refused."""

import hashlib
import json
import shutil
import tracemalloc
from itertools import product

import pytest

from conformance.truth import reference
from conformance.truth.point import exists, without_unsupported
from conformance.vectors import files
from conformance.vectors.suite import EXCLUDING, contradiction

FOLDER = files.default_directory()


# The files of a folder that are not topics, and the topics that the tests change.
OTHERS = ("schema.json", "conventions.json", "flags.json", "quick.json", "learn.json")
TOPICS = ("basic", "bias", "extremes", "relations", "sizes")


def vouch(folder):
    """Write a manifest with the checksums of all files."""
    sums = {}
    for path in sorted(folder.glob("*.json")):
        if path.name != "MANIFEST.json":
            sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest = {"format": 1, "version": "mine", "sha256": sums}
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))


@pytest.fixture
def copy(tmp_path):
    """A folder with a few of the topics, which is read in less time than all of them."""
    folder = tmp_path / "vectors"
    folder.mkdir()
    for name in (*OTHERS, *(f"{topic}.json" for topic in TOPICS)):
        shutil.copy(FOLDER / name, folder)
    vouch(folder)
    return folder


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
    vouch(copy)
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


def first(content):
    return content["vectors"][0]


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        (
            "basic.json",
            lambda c: c["vectors"].append(first(c)),
            "an id must stand for one vector, got basic.f32.mixed twice; rename one",
        ),
        (
            "basic.json",
            lambda c: first(c)["config"]["beta2"].update(word="3ff0000000000000"),
            r"vector basic.f32.mixed contradicts itself: beta2 must be in \[0, 1\), got 1.0",
        ),
        (
            "basic.json",
            lambda c: first(c)["config"]["epsilon"].update(word="7ff8000000000000"),
            "epsilon must be finite and >= 0, got nan",
        ),
        (
            "basic.json",
            lambda c: first(c)["config"].update(clipnorm={"word": "0" * 16, "about": "0"}),
            "clipnorm must be finite and > 0, got 0.0",
        ),
        (
            "basic.json",
            lambda c: first(c).update(shapes=[], params=[]),
            "vector basic.f32.mixed contradicts itself: ",
        ),
        (
            "basic.json",
            lambda c: first(c)["answers"][0]["lo"][0].pop(),
            "vector basic.f32.mixed contradicts itself: list index out of range",
        ),
        (
            "basic.json",
            lambda c: first(c)["answers"][0]["bound"][0].__setitem__(2, "-1"),
            "an answer must have lo <= hi, finite, and a finite offset and bound >= 0",
        ),
        (
            "basic.json",
            lambda c: first(c).update(why="It takes control of a terminal: \x1b[31m"),
            r"basic.json must have printable texts, got 'It takes .*\\x1b\[31m'",
        ),
        (
            "flags.json",
            lambda c: c.update({"\ud800": 1}),
            r"flags.json must have printable texts, got '\\ud800'",
        ),
        (
            "quick.json",
            lambda c: c.update(ids="basic.f32.mixed"),
            "quick.json does not fit schema.json: data.ids must be array",
        ),
        (
            "conventions.json",
            lambda c: c["axes"].pop("epsilon"),
            "conventions.json does not fit schema.json: data.axes must contain",
        ),
        (
            "conventions.json",
            lambda c: c["conventions"]["paper"]["axes"].update(epsilon="under"),
            "conventions.json does not fit schema.json: data.conventions.paper.axes.epsilon must",
        ),
        (
            "conventions.json",
            lambda c: c["conventions"]["paper"].update(arithmetics=["dd"]),
            "conventions.json does not fit schema.json: .*must match pattern",
        ),
        (
            "conventions.json",
            lambda c: c["conventions"]["tf1"]["axes"].update(
                sparse="lazy_row_t", step_scope="optimizer"
            ),
            "conventions.json must have values that go together, but tf1 has sparse lazy_row_t and "
            "step_scope optimizer",
        ),
    ],
)
def test_a_folder_by_which_nobody_can_be_judged_is_refused(copy, name, edit, message):
    with pytest.raises(files.VectorError, match=message):
        files.load(edited(copy, name, edit))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            lambda m: m["sha256"].update({"basic.json": 5}),
            "MANIFEST.json must have a text as the checksum of 'basic.json', got 5; restore it",
        ),
        (lambda m: m.update(version=None), "MANIFEST.json must have a version, a text, got None"),
        (
            lambda m: m["sha256"].update({"a\0b.json": "0"}),
            r"MANIFEST.json must have printable texts, got 'a\\x00b.json'",
        ),
        (
            lambda m: m["sha256"].update({"": "0"}),
            "it must be a file, but is a folder",
        ),
        (
            lambda m: m["sha256"].update({"..": "0"}),
            "cannot be read: it must be a file, but is a f",
        ),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(tmp_path, edit, message):
    manifest = json.loads((FOLDER / "MANIFEST.json").read_text())
    for name in ("schema.json", "conventions.json"):
        shutil.copy(FOLDER / name, tmp_path)
    # Only these two are there, and the name that is edited.
    sums = manifest["sha256"]
    manifest["sha256"] = {name: sums[name] for name in ("schema.json", "conventions.json")}
    edit(manifest)
    (tmp_path / "MANIFEST.json").write_text(json.dumps(manifest))
    with pytest.raises(files.VectorError, match=message):
        files.load(tmp_path)


def test_a_stray_file_with_a_strange_name_is_named_without_harm(copy):
    (copy / "\x1b[31m\udcff.json").write_text("{}")
    with pytest.raises(files.VectorError, match=r"^\?\[31m\?\.json is not in MANIFEST"):
        files.load(copy)


def test_values_that_exclude_each_other_are_those_of_the_reference():
    axes = sorted({axis for pair in EXCLUDING for axis, _ in pair})
    for values in product(*(reference.AXES[axis] for axis in axes)):
        convention = dict(zip(axes, values, strict=True))
        assert exists(without_unsupported(convention)) == (not contradiction(convention))
    # No other axis excludes anything.
    for axis in reference.AXES.keys() - set(axes):
        assert all(exists(without_unsupported({axis: value})) for value in reference.AXES[axis])


def test_nesting_without_end_is_refused(copy):
    (copy / "MANIFEST.json").write_text("[" * 100_000)
    with pytest.raises(files.VectorError, match=r"MANIFEST\.json must be JSON"):
        files.load(copy)


def test_an_unchanged_copy_is_as_good_as_the_original(tmp_path, suite):
    copy = shutil.copytree(FOLDER, tmp_path / "vectors")
    assert [v.id for v in files.load(copy).vectors] == [v.id for v in suite.vectors]
