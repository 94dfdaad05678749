"""A wrong Adam: the mistake in a sentence, where somebody made it, and the wrong pieces."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from ..truth.point import Point
from ..truth.reference import CONVENTIONS, Arithmetic
from ..vectors.storage import STOCHASTIC
from ..vectors.switches import ACCUMULATION, LIMITS, LOSS_SCALE
from .kit.by_convention import build
from .kit.editable import EditableAdam
from .kit.half import build_half

Piece = Callable[..., Any]

# The entry of a defect that is in no catalogue, because we thought of it.
OWN = "own"


class DefectKind(StrEnum):
    """A kind of mistake, as the table of the selftest names it."""

    BUG = "shipped bugs: wrong formulas and code"
    NUMERICS = "shipped bugs: numerics"
    SPARSE = "shipped bugs: sparse gradients"
    CONTRACT = "shipped bugs: violations of the interface"
    OTHER_CONVENTION = "one convention submitted as another"
    HALF = "half precision: what is kept, and in which format"
    OURS = "mistakes that we invented"


# The catalogue numbers real defects as B01, C02 and so on: one letter for each kind.
_KIND_OF_LETTER = {
    "B": DefectKind.BUG,
    "C": DefectKind.OTHER_CONVENTION,
    "A": DefectKind.CONTRACT,
    "N": DefectKind.NUMERICS,
    "S": DefectKind.SPARSE,
}


# How the name of a defect begins -> the features that it is about. Without them nobody would speak
# of it, even if it changes other numbers too.
_ABOUT = {
    ("sparse", "duplicates", "lazy", "empty-sparse", "dense-where", "negative-row"): ("sparse",),
    ("groups", "late-group", "t-per-group"): ("groups",),
    ("ams-", "max-not-saved"): ("amsgrad",),
    ("wd-", "decay-not-restored", "adamw-"): ("weight_decay",),
    ("clip", "limits-not", "global-norm"): LIMITS,
    ("complex", "modulus", "maximum-of-real", "conjugate", "only-real"): ("complex",),
    ("accumul", "waiting"): (ACCUMULATION,),
    ("maximize",): ("maximize",),
    ("scale-",): (LOSS_SCALE,),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Defect:
    """One wrong Adam.

    Fields:
        name: the name in reports; with underscores also the name of the subject.
        entry: the number in the catalogue of real defects, or `own`.
        what: the mistake in a sentence.
        links: where somebody had it.
        pieces: name of a piece -> the wrong piece.
        convention: the convention that the wrong Adam pretends to be.
        outlives_a_run: whether the mistake shows only in the second run of a process.
        storage: dtype of half precision -> the code of what it claims to keep; empty if the mistake
            is not about half precision.
    """

    name: str
    what: str
    pieces: Mapping[str, Piece]
    entry: str = OWN
    links: Sequence[str] = ()
    convention: str = "paper"
    outlives_a_run: bool = False
    storage: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> DefectKind:
        """The kind of mistake."""
        if self.storage:
            return DefectKind.HALF
        return DefectKind.OURS if self.entry == OWN else _KIND_OF_LETTER[self.entry[0]]

    @property
    def about(self) -> tuple[str, ...]:
        """The features of which it needs one; empty if it shows in plain steps."""
        for beginnings, features in _ABOUT.items():
            if self.name.startswith(beginnings):
                return features
        return ()

    @property
    def is_numeric(self) -> bool:
        """Whether the formula is right, and only computed in too few digits."""
        return self.kind is DefectKind.NUMERICS

    @property
    def sentence(self) -> str:
        """The mistake, with where it is written down."""
        notes = list(self.links)
        # `own` tells a reader nothing.
        if self.entry != OWN:
            notes.insert(0, self.entry)
        place = f" ({', '.join(notes)})" if notes else ""
        return f"{self.name}: {self.what}{place}"

    @property
    def is_random(self) -> bool:
        """Whether it rounds at random."""
        return any(STOCHASTIC in code for code in self.storage.values())

    @cached_property
    def make(self) -> type[EditableAdam]:
        """The wrong Adam as a subject."""
        named = CONVENTIONS[self.convention]
        arithmetic = Arithmetic.parse(named.arithmetics[0])
        subject = self.on(Point(named.convention, arithmetic, tuple(self.storage.items())))
        subject.convention = self.convention
        return subject

    def on(self, point: Point) -> type[EditableAdam]:
        """Return the Adam of another convention and arithmetic with the same mistake.

        A mistake of half precision is made in what is kept at the point.
        """
        make = build_half if self.storage else build
        return make(self._subject_name, point, **self.pieces)

    @property
    def _subject_name(self) -> str:
        return self.name.replace("-", "_")


def wrong(
    *pieces: str,
    what: str,
    entry: str = OWN,
    links: Sequence[str] = (),
    convention: str = "paper",
) -> Callable[[Piece], Defect]:
    """Return a decorator that makes a function the wrong ``pieces`` of a defect with its name."""

    def make_defect(function: Piece) -> Defect:
        return Defect(
            name=function.__name__.replace("_", "-"),
            entry=entry,
            what=what,
            links=links,
            pieces=dict.fromkeys(pieces, function),
            convention=convention,
        )

    return make_defect


def wrong_half(
    *pieces: str,
    what: str,
    storage: Mapping[str, str],
    convention: str = "paper",
) -> Callable[[Piece], Defect]:
    """Return a decorator as `wrong` does, for a mistake of half precision."""
    decorate = wrong(*pieces, what=what, convention=convention)
    return lambda function: replace(decorate(function), storage=storage)
