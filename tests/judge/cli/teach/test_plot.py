"""adamref plot."""

import xml.etree.ElementTree as ElementTree

import pytest

from conformance.cli import main
from conformance.cli.teach import plot
from conformance.teach.plot import kinds, sheet
from conformance.teach.plot.themes import THEMES


def test_alone_it_lists_the_kinds_in_lines_of_a_terminal(capsys):
    assert main(["plot"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(kinds.KINDS)
    assert max(map(len, lines)) <= 88


def test_it_writes_a_picture_and_says_where(tmp_path, capsys):
    place = tmp_path / "rows.svg"
    assert main(["plot", "sparse-rows", "--output", str(place)]) == 0
    assert capsys.readouterr().out == f"wrote {place}\n"
    assert ElementTree.parse(place).getroot().tag.endswith("svg")


def test_a_dark_png_is_another_picture(tmp_path):
    places = {theme: tmp_path / f"{theme}.PNG" for theme in THEMES}
    for theme, place in places.items():
        assert main(["plot", "half-weights", "--output", str(place), "--theme", theme]) == 0
    assert places["light"].read_bytes() != places["dark"].read_bytes()


def test_all_writes_each_kind_into_a_folder(tmp_path, monkeypatch, capsys):
    few = ("sparse-rows", "half-weights")
    monkeypatch.setattr(kinds, "KINDS", {name: kinds.KINDS[name] for name in few})
    folder = tmp_path / "new" / "pictures"
    assert main(["plot", "all", "--output", str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == {f"{name}.svg" for name in few}
    assert capsys.readouterr().out.count("wrote") == len(few)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "KIND must be all or one of conventions, epsilon-place,"),
        (["bound"], "--output must name an .svg or .png file, got nothing"),
        (["all"], "--output must name a folder, got nothing"),
        (["bound", "--output", "bound.pdf"], "--output must end in .svg or .png, got 'bound.pdf'"),
        (["bound", "--output", "-"], "--output must end in .svg or .png, got '-'"),
    ],
)
def test_what_cannot_be_drawn_ends_with_status_2(arguments, message, capsys):
    assert main(["plot", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_is_not_there_ends_with_status_3(tmp_path, capsys):
    assert main(["plot", "bound", "--output", str(tmp_path / "none" / "bound.svg")]) == 3
    assert "must be a file in an existing folder" in capsys.readouterr().err


def test_without_matplotlib_it_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sheet, "find_spec", lambda _: None)
    place = tmp_path / "bound.svg"
    assert main(["plot", "bound", "--output", str(place)]) == 3
    assert "pip install 'adamref[plot]'" in capsys.readouterr().err
    assert not place.exists()


def test_the_command_offers_the_themes_and_formats_that_there_are():
    assert tuple(THEMES) == plot.THEMES
    assert plot.FORMATS == sheet.FORMATS
