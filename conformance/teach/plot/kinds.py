"""The kinds of pictures: their names, what each shows, and the function that draws it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from . import (
    bound,
    conventions,
    corrections,
    discrimination,
    epsilon_place,
    experiments,
    halves,
    rows,
)
from .sheet import Sheet, require_matplotlib, style_of
from .themes import THEMES, Theme


class PictureKind(NamedTuple):
    """A kind of picture.

    Fields:
        shows: in one line, for the list of `adamref plot`.
        numbers: computes what is drawn.
        draw: draws it in a theme.
    """

    shows: str
    numbers: Callable[[], Any]
    draw: Callable[[Theme, Any], Sheet]


KINDS = {
    # How Adams differ.
    "conventions": PictureKind(
        "five conventions side by side on one problem",
        conventions.paths,
        conventions.draw,
    ),
    "epsilon-place": PictureKind(
        "steps over the size of the gradient, by the place of epsilon",
        epsilon_place.lengths,
        epsilon_place.draw,
    ),
    "bias-correction": PictureKind(
        "the length of the first steps with and without bias correction",
        corrections.lengths,
        corrections.draw,
    ),
    "sparse-rows": PictureKind(
        "a row with few gradients: lazy and dense updates",
        rows.paths,
        rows.draw,
    ),
    "half-weights": PictureKind(
        "bfloat16 weights: rounded, and from a float32 master",
        halves.paths,
        halves.draw,
    ),
    # How they are told apart.
    "bound": PictureKind(
        "errors of a right and a wrong float32 Adam against the bound",
        bound.errors,
        bound.draw,
    ),
    "topics": PictureKind(
        "which topics of vectors find which wrong Adams; half a minute",
        discrimination.shipped_catch,
        discrimination.draw_topics,
    ),
    "pairs": PictureKind(
        "how many vectors tell two conventions apart",
        discrimination.shipped_pairs,
        discrimination.draw_pairs,
    ),
    # The experiments of the papers.
    "amsgrad": PictureKind(
        "the counterexample on which Adam goes to the worst point",
        experiments.both_paths,
        experiments.draw_counterexample,
    ),
    "digits-bias-correction": PictureKind(
        "an autoencoder with and without bias correction",
        experiments.bias_losses,
        experiments.draw_bias_correction,
    ),
    "digits-sparse-rows": PictureKind(
        "a bag of words with lazy and dense updates",
        experiments.row_courses,
        experiments.draw_sparse_rows,
    ),
    "digits-epsilon": PictureKind(
        "epsilon 1e-8 against 0.1 and 1",
        experiments.epsilon_losses,
        experiments.draw_epsilon,
    ),
}


def picture(name: str, theme: str, file_format: str) -> bytes:
    """Return a picture as a file has it.

    Args:
        name: of `KINDS`.
        theme: of `THEMES`.
        file_format: `svg` or `png`.

    Raises:
        ImportError: matplotlib is not installed, or scikit-learn for a kind that begins with
            `digits`.
    """
    # Before the numbers, which may take half a minute.
    require_matplotlib()
    kind = KINDS[name]
    numbers = kind.numbers()
    with style_of(THEMES[theme]):
        return kind.draw(THEMES[theme], numbers).content(file_format)
