"""Themes: the colours of a picture on a light and on a dark ground."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """The colours of one ground.

    Fields:
        ground: behind everything.
        ink: of titles and axes. faint: of what explains. grid: of lines behind the data.
        series: of the first line, the second and so on.
        ramp: the name of a colour map of matplotlib for amounts, which begins near the ground.
    """

    ground: str
    ink: str
    faint: str
    grid: str
    series: tuple[str, ...]
    ramp: str


# The hues of Okabe and Ito, https://jfly.uni-koeln.de/color/: blue, vermilion, bluish green,
# reddish purple and orange. They are darker than there on white and lighter on black, because
# labels are written in them.
THEMES = {
    "light": Theme(
        ground="#ffffff",
        ink="#1a1a1a",
        faint="#595959",
        grid="#e3e3e3",
        series=("#0072b2", "#c94f00", "#00795a", "#a8457f", "#8f6400"),
        ramp="Blues",
    ),
    "dark": Theme(
        ground="#14171c",
        ink="#f2f2f2",
        faint="#b3b8bf",
        grid="#333941",
        series=("#56b4e9", "#ff8b3d", "#2fc79a", "#e39bc6", "#f0c64a"),
        ramp="cividis",
    ),
}
