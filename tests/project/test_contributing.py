"""CONTRIBUTING.md and CHANGELOG.md name files, constants and headings that exist."""

import re

import pytest

import adamref
from tests.support.paths import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
PAGES = {"CONTRIBUTING.md": CONTRIBUTING, "CHANGELOG.md": CHANGELOG}
# What stands for a name that somebody chooses.
PLACEHOLDERS = ("NAME", "TOPIC", "ROOM", "x.py")
# Files and folders in backticks, and constants of Python after them.
PATH = re.compile(r"`([\w./-]+(?:/|\.(?:py|md|toml|json|txt)))`")
CONSTANT = re.compile(r"`(_?[A-Z]+(?:_[A-Z]+)*)`")


def anchors(text):
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-") for line in headings}


def steps():
    """Yield the numbered steps."""
    yield from re.findall(r"^\d\. (.*)$", CONTRIBUTING, re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_a_link_leads_to_a_file_and_a_heading(name):
    links = re.findall(r"\]\(([^)]+)\)", PAGES[name])
    assert links
    for link in links:
        path, _, heading = link.partition("#")
        if path.startswith("https:"):
            continue
        page = ROOT / (path or name)
        assert page.exists(), link
        assert not heading or heading in anchors(page.read_text("utf-8")), link


def test_every_step_begins_with_files_that_exist():
    for step in steps():
        files = [path for path in PATH.findall(step) if not any(map(path.count, PLACEHOLDERS))]
        for path in files:
            folders = (ROOT, ROOT / "conformance/generate")
            assert any((folder / path).exists() for folder in folders), step


def test_a_constant_that_a_step_names_is_in_its_file():
    named = 0
    for step in steps():
        constants = [one for one in CONSTANT.findall(step) if one not in PLACEHOLDERS]
        for constant in constants:
            file = ROOT / PATH.findall(step)[0]
            assert re.search(rf"^{constant}\b", file.read_text("utf-8"), re.MULTILINE), step
            named += 1
    assert named > 5


def test_the_changelog_begins_with_the_version_of_the_package():
    newest = re.search(r"^## \[(.*)\] - (unreleased|\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)
    assert newest[1] == adamref.__version__
