"""What a wrong Adam is, and how one is made from a right one."""

from collections.abc import Mapping
from typing import NamedTuple

from .kit.by_convention import built, made
from .kit.editable import Part, Plain


class Defect(NamedTuple):
    """One wrong Adam.

    Fields:
        name: as it is called in reports; what: the mistake in a sentence.
        entry: its number among real defects: B bug, C another convention, A contract, N numerics, S sparse gradients;
            `own` is ours.
        links: where somebody had it.
        make: the subject; its attribute `convention` says what it pretends to be.
        parts: in which it differs from the right one.
    """

    name: str
    entry: str
    what: str
    links: tuple[str, ...]
    make: type[Plain]
    parts: Mapping[str, Part]

    @property
    def sentence(self) -> str:
        """The mistake, with where it is written down."""
        notes = [*([self.entry] if self.entry != "own" else []), *self.links]
        return f"{self.name}: {self.what}" + (f" ({', '.join(notes)})" if notes else "")

    def on(self, axes: Mapping[str, str], code: str) -> type[Plain]:
        """The same mistake in the Adam of another convention."""
        return built(self.make.__name__, axes, code, **self.parts)


def defect(
    name: str, entry: str, what: str, *links: str, of: str = "paper", **parts: Part
) -> Defect:
    """The Adam of convention ``of`` with other ``parts``."""
    return Defect(name, entry, what, links, made(name.replace("-", "_"), of, **parts), parts)
