"""Sheet: one picture, with a title that says what is seen, and panels side by side.

The same numbers give the same bytes with one version of matplotlib: no date, no random name. All of
a picture is drawn inside `style_of`, because matplotlib reads settings wherever it draws.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from .themes import Theme

# Inches, 16 : 9, and dots an inch: 1280 x 720 dots.
_SIZE = (12.8, 7.2)
_DOTS = 100
# Points.
_TITLE = 22
_TEXT = 15
_TICKS = 13
_WIDTH = 3.0
# Series differ in these too, because not everybody sees colours.
DASHES = ("-", (0, (6, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (10, 3)))
MARKERS = ("o", "s", "^", "D", "v")
FORMATS = ("svg", "png")


class Sheet:
    """A picture in the making.

    Args:
        theme: the colours.
        title: the finding, in a sentence.
        subtitle: what was computed, with its numbers.
        panels: how many, side by side.

    Attributes:
        panels: the axes of matplotlib.
        title: as given.

    Raises:
        ImportError: matplotlib is not installed.
    """

    def __init__(
        self,
        theme: Theme,
        title: str,
        subtitle: str,
        panels: int = 1,
    ) -> None:
        self.theme = theme
        self.title = title
        self._subtitle = subtitle
        require_matplotlib()
        from matplotlib.figure import Figure

        self._figure = Figure(figsize=_SIZE, dpi=_DOTS)
        axes = self._figure.subplots(1, panels, squeeze=False)
        self.panels: list[Any] = list(axes[0])
        self._write_head()

    def line(self, panel: int, x: Any, y: Any, series: int, **options: Any) -> None:
        """Draw a line in the colour and dashes of a series."""
        look = {
            "color": self.theme.series[series],
            "linestyle": DASHES[series],
            "linewidth": _WIDTH,
        }
        self.panels[panel].plot(x, y, **(look | options))

    def dots(self, panel: int, x: Any, y: Any, series: int, **options: Any) -> None:
        """Draw dots in the colour and shape of a series."""
        look = {"color": self.theme.series[series], "marker": MARKERS[series], "linestyle": ""}
        self.panels[panel].plot(x, y, **(look | options))

    def label(
        self,
        panel: int,
        text: str,
        at: tuple[float, float],
        series: int | None = None,
        by: tuple[float, float] = (0, 0),
        **options: Any,
    ) -> None:
        """Write at a point of the data, ``by`` points away, in the colour of a series."""
        color = self.theme.faint if series is None else self.theme.series[series]
        look = {"color": color, "fontsize": _TEXT, "va": "center"}
        self.panels[panel].annotate(
            text, at, xytext=by, textcoords="offset points", **(look | options)
        )

    def legend(self, panel: int, at: tuple[float, float]) -> None:
        """List the names of the lines, each once, at a place in parts of the panel."""
        axes = self.panels[panel]
        handles, names = axes.get_legend_handles_labels()
        once = dict(zip(names, handles, strict=True))
        axes.legend(
            once.values(),
            once,
            loc="lower left",
            bbox_to_anchor=at,
            frameon=False,
            fontsize=_TICKS,
            labelcolor="linecolor",
            handlelength=3,
        )

    def level(self, panel: int, y: float) -> None:
        """Draw a thin level line."""
        self.panels[panel].axhline(y, color=self.theme.faint, linewidth=1)

    def name_axes(self, panel: int, x: str, y: str, heading: str = "") -> None:
        """Name the axes of a panel, with units, and say above it what it has."""
        axes = self.panels[panel]
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.set_title(heading, loc="left", fontsize=_TEXT, color=self.theme.ink, pad=10)

    def table(
        self,
        panel: int,
        shares: Any,
        texts: Sequence[Sequence[str]],
        rows: Sequence[str],
        columns: Sequence[str],
        size: float = 11,
    ) -> None:
        """Draw a table whose cells are coloured by a share from 0 to 1, with a text in each.

        A cell without a number (NaN) keeps the ground.
        """
        axes = self.panels[panel]
        image = axes.imshow(shares, cmap=self.theme.ramp, vmin=0, vmax=1, aspect="auto")
        axes.grid(visible=False)
        axes.tick_params(length=0)
        axes.set_xticks(range(len(columns)), columns, fontsize=size + 1)
        axes.set_yticks(range(len(rows)), rows, fontsize=size + 1)
        for spine in axes.spines.values():
            spine.set_visible(False)
        look = {"ha": "center", "va": "center", "fontsize": size}
        for row, cells in enumerate(texts):
            for column, text in enumerate(cells):
                share = shares[row][column]
                # White on dark cells, black on bright ones.
                cell = image.cmap(image.norm(share))
                color = _readable_on(cell, self.theme, share)
                axes.text(column, row, text, color=color, **look)

    def place(self, **edges: float) -> None:
        """Move edges of the panels: left, right, bottom, top in parts of the picture, wspace."""
        self._figure.subplots_adjust(**edges)

    def content(self, kind: str) -> bytes:
        """Return the picture as a file has it; ``kind`` is one of `FORMATS`."""
        metadata: dict[str, Any] = {"Title": self.title, "Description": self._subtitle}
        # What would change the bytes from day to day, or from computer to computer.
        metadata |= {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        stream = BytesIO()
        self._figure.savefig(stream, format=kind, metadata=metadata)
        return stream.getvalue()

    def _write_head(self) -> None:
        top = self.theme
        self._figure.text(0.03, 0.94, self.title, fontsize=_TITLE, weight="bold", color=top.ink)
        self._figure.text(0.03, 0.885, self._subtitle, fontsize=_TEXT, color=top.faint)
        self._figure.subplots_adjust(left=0.09, right=0.97, bottom=0.13, top=0.78, wspace=0.25)


def require_matplotlib() -> None:
    """Raise ImportError, with the way out, unless matplotlib is installed."""
    if find_spec("matplotlib") is None:
        raise ImportError("matplotlib, which draws, is not installed: pip install 'adamref[plot]'")


@contextmanager
def style_of(theme: Theme) -> Iterator[None]:
    """Let matplotlib draw in a theme, whatever the user has set.

    Raises:
        ImportError: matplotlib is not installed.
    """
    require_matplotlib()
    from matplotlib import style

    with style.context(["default", _settings(theme)]):
        yield


def _settings(theme: Theme) -> dict[str, Any]:
    colors = ("text.color", "axes.labelcolor", "xtick.color", "ytick.color")
    return dict.fromkeys(colors, theme.ink) | {
        "figure.facecolor": theme.ground,
        "savefig.facecolor": theme.ground,
        "axes.facecolor": theme.ground,
        "axes.edgecolor": theme.faint,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.labelsize": _TEXT,
        "grid.color": theme.grid,
        "xtick.labelsize": _TICKS,
        "ytick.labelsize": _TICKS,
        # The font that matplotlib brings along, so that a picture is the same everywhere.
        "font.family": "DejaVu Sans",
        # From it come the names inside an SVG, which are drawn at random without it.
        "svg.hashsalt": "adamref",
    }


def _readable_on(color: Sequence[float], theme: Theme, share: float) -> str:
    """Return black or white, whichever is easier to read on a colour; on the ground the ink."""
    # NaN is equal to nothing.
    if share != share:
        return theme.faint
    red, green, blue, _ = color
    # Weights of the eye, from ITU-R BT.709.
    brightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if brightness > 0.5 else "#ffffff"
