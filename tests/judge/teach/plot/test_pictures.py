"""Every kind of picture: drawn in both themes, legible, and the same bytes again."""

import xml.etree.ElementTree as ElementTree
from collections import Counter

import numpy as np
import pytest

from conformance.defects import DEFECTS
from conformance.teach.experiments.bias_correction import (
    BETAS1,
    BETAS2,
    RATES,
    Setting,
)
from conformance.teach.experiments.epsilon import EPSILONS
from conformance.teach.experiments.epsilon import RATES as EPSILON_RATES
from conformance.teach.experiments.sparse_rows import CONVENTIONS, Course
from conformance.teach.plot import bound, corrections, discrimination, epsilon_place, sheet
from conformance.teach.plot.experiments import both_paths
from conformance.teach.plot.kinds import KINDS, picture
from conformance.teach.plot.sheet import DASHES, MARKERS
from conformance.teach.plot.themes import THEMES
from tests.support.paths import ROOT

PICTURES = ROOT / "conformance/teach/plot/pictures"
PNG = b"\x89PNG\r\n\x1a\n"
# The part of a colour that the eye sees, by WCAG 2.2, and the least contrast for text.
WEIGHTS = (0.2126, 0.7152, 0.0722)
LEAST_CONTRAST = 4.5


def settings():
    return [
        Setting(beta1, beta2, rate, corrected)
        for beta1 in BETAS1
        for beta2 in BETAS2
        for rate in RATES
        for corrected in (True, False)
    ]


# Numbers of the right shape for kinds whose own take seconds.
SMALL = {
    "epsilon-place": lambda: epsilon_place.lengths(3),
    "bias-correction": lambda: corrections.lengths(30),
    "bound": lambda: bound.errors(5),
    "topics": lambda: discrimination.Catch(
        {discrimination.TOGETHER: dict.fromkeys(discrimination.KINDS, 1)},
        Counter(defect.kind for defect in DEFECTS),
        1,
    ),
    "pairs": lambda: {("a", "b"): 4, ("a", "c"): 0, ("b", "c"): 1},
    "amsgrad": lambda: both_paths(periods=3, steps=300, runs=2),
    "digits-bias-correction": lambda: dict.fromkeys(settings(), 50.0),
    "digits-sparse-rows": lambda: {
        name: Course(np.array([2.0, 0.1]), np.array([0.9, 0.1]), 10) for name in CONVENTIONS
    },
    "digits-epsilon": lambda: dict.fromkeys(EPSILONS, np.array(EPSILON_RATES)),
}


def draw(kind, theme, file_format="svg"):
    """Return a picture of few numbers, and its bytes."""
    numbers = SMALL.get(kind, KINDS[kind].numbers)()
    with sheet.style_of(THEMES[theme]):
        drawn = KINDS[kind].draw(THEMES[theme], numbers)
        return drawn, drawn.content(file_format)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_drawn_whole_inside_the_picture_with_its_title(kind):
    drawn, content = draw(kind, "light")
    assert drawn.title in [element.text for element in ElementTree.fromstring(content).iter()]
    assert all(panel.has_data() for panel in drawn.panels)
    assert is_inside(drawn)


def is_inside(drawn):
    """Return whether all that is drawn lies inside the picture."""
    figure = drawn.panels[0].figure
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    return box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height


def test_the_same_numbers_give_the_same_bytes():
    for file_format in ("svg", "png"):
        contents = {draw("sparse-rows", "dark", file_format)[1] for _ in range(2)}
        assert len(contents) == 1


def test_a_picture_has_no_date_and_tells_no_version():
    content = picture("sparse-rows", "light", "svg")
    assert b"<dc:date>" not in content
    assert b"Matplotlib v" not in content
    assert b"Matplotlib" not in picture("sparse-rows", "light", "png")


def test_settings_of_the_user_change_nothing():
    import matplotlib

    _, expected = draw("half-weights", "light")
    own = {"lines.linewidth": 9, "font.size": 30, "font.family": "serif", "text.color": "red"}
    with matplotlib.rc_context(own):
        assert draw("half-weights", "light")[1] == expected


def test_a_png_is_one():
    assert picture("half-weights", "dark", "png").startswith(PNG)


def contrast(one, other):
    """Return the contrast of two colours, from 1 to 21, by WCAG 2.2."""
    lights = sorted(brightness(color) for color in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def brightness(color):
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * channel for weight, channel in zip(WEIGHTS, linear, strict=True))


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_labels_are_legible_on_the_ground(theme):
    for color in (theme.ink, theme.faint, *theme.series):
        assert contrast(color, theme.ground) >= LEAST_CONTRAST, color


def test_series_differ_without_their_colours():
    count = len(THEMES["light"].series)
    assert len(set(map(str, DASHES))) == len(set(MARKERS)) == count
    assert len(THEMES["dark"].series) == count


def test_the_committed_pictures_are_those_that_are_drawn_now():
    committed = {path.stem: path.read_text() for path in PICTURES.glob("*.svg")}
    assert sum(map(len, committed.values())) < 300_000
    assert committed
    for name, content in committed.items():
        # Bytes depend on the version of matplotlib; the finding does not.
        assert f"<dc:title>{draw(name, 'light')[0].title}</dc:title>" in content


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(sheet, "find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"pip install 'adamref\[plot\]'"):
        picture("bound", "light", "svg")
    with pytest.raises(ImportError, match=r"pip install 'adamref\[plot\]'"):
        sheet.Sheet(THEMES["light"], "title", "subtitle")
