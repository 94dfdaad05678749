"""The code stays as easy to read as the counts of `readability.py` say."""

import pytest

from tests.project import readability
from tests.support.paths import ROOT

PACKAGES = ("adamref", "conformance")
# Public in both packages: the judge must not import the reference, and users know both by this
# name.
SHARED_CLASSES = {"Adam", "FusedAdam", "IndexedSlices"}

FILES = {package: readability.python_files(ROOT / package) for package in PACKAGES}
each_package = pytest.mark.parametrize("package", PACKAGES)


@each_package
def test_lines_hold_few_tokens(package):
    assert readability.size(FILES[package]).tokens_per_line < readability.MOST_TOKENS


@each_package
def test_comments_are_a_fair_share_of_the_lines(package):
    assert readability.size(FILES[package]).comment_share > readability.FEWEST_COMMENTS


@each_package
def test_no_line_makes_a_reader_stumble(package):
    places = [place for path in FILES[package] for place in readability.stumbling_blocks(path)]
    assert not places, "\n".join(map(str, places))


def test_no_two_classes_have_one_name():
    repeated = readability.repeated_classes([*FILES["adamref"], *FILES["conformance"]])
    assert set(repeated) == SHARED_CLASSES, repeated


@pytest.mark.parametrize(
    ("code", "block"),
    [
        ("x = 1" + " " * 100, "line of 105 characters"),
        ("x = [a if a else b for a in c]", "2 comprehensions or conditionals on a line"),
        ("x = 'text' * flag", "a list or text times a number that may be a boolean"),
        ("x = 3 * bool(y)", "arithmetic on a boolean"),
        ("x, y = 1, 2", "parallel assignment"),
        ("x = run.reason.startswith('hygiene')", "asks the text of a message"),
        ("x = 'returned' in why", "asks the text of a message"),
        ("x = run.status == 'failed'", "a status as a text"),
        ("def settled():\n    pass", "function 'settled' is named by a participle"),
        ("def f():\n    pass\ndef g(f):\n    pass", "local 'f' shadows a function of its module"),
    ],
)
def test_a_stumbling_block_is_seen(code, block, tmp_path):
    path = tmp_path / "module.py"
    path.write_text(code)
    assert [place.what for place in readability.stumbling_blocks(path)] == [block]


def test_simple_code_has_no_stumbling_block(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("x = [a for a in b]\ny, z = pair\nw = 2 * x\n")
    assert not list(readability.stumbling_blocks(path))


def test_tokens_and_comments_are_counted_without_docstrings(tmp_path):
    path = tmp_path / "module.py"
    path.write_text('"""A text of five words."""\n# A reason.\nx = 1\n\ny = f(x)  # E1\n')
    size = readability.size([path])
    assert (size.tokens, size.code_lines, size.comment_lines, size.lines) == (9, 2, 1, 5)
