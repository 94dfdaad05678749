"""Checks: inputs of a vector that have no answer which every right Adam gives."""

from collections.abc import Sequence

from ..vectors.slices import Grad, IndexedSlices, exact_sums
from . import reference
from .formats import FORMATS


def check_sums(config: reference.AdamConfig, grads: Sequence[Grad | None], dtype: str) -> None:
    """Raise ValueError if slices may be summed before they are clipped and the sum may round."""
    slices = [grad for grad in grads if isinstance(grad, IndexedSlices)]
    clips = config.clipvalue or config.clipnorm or config.global_clipnorm
    if clips and not all(exact_sums(grad, FORMATS[dtype].roundoff) for grad in slices):
        raise ValueError(f"slices of a row must have exact sums where they are clipped, in {dtype}")


def check_groups(config: reference.AdamConfig, of_groups: Sequence[reference.AdamConfig]) -> None:
    """Raise ValueError if groups make a number matter that the config turns off.

    `idle_axes` asks the config alone.
    """
    for own in of_groups:
        if (own.weight_decay and not config.weight_decay) or (config.epsilon and not own.epsilon):
            raise ValueError(
                "groups must set weight_decay only where the vector has one, and no epsilon of 0, "
                f"got {own.weight_decay!r} and {own.epsilon!r}"
            )


def check_tile(config: reference.AdamConfig, tile: int | None) -> None:
    """Raise ValueError if norms are clipped of arrays that are given in part."""
    if tile is not None and (config.clipnorm or config.global_clipnorm):
        raise ValueError(
            "tile cannot be combined with clipnorm or global_clipnorm "
            f"(got tile={tile}): the norm would cover one tile only"
        )
