"""Questions: a whole run as a program is asked for it, and what it replies.

For example, the question with the parameter 1, the gradient 3 and one call has the reply `ran` with
one step, whose `params` hold the new parameter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import prod
from typing import Any, NamedTuple

from ...vectors.inputs import Inputs, without_late
from ...vectors.spec import Relation
from ...vectors.words import Array
from .repeats import read_words

PROTOCOL = 1
SLOTS = ("m", "v", "v_max")
# Digits of a word -> its format, where one format alone has so many.
_BY_DIGITS = {8: "float32", 16: "float64"}
_LONGEST = max(_BY_DIGITS)
# Most characters of a line that a message shows.
_SHOWN = 200


class ReplyKind(StrEnum):
    """How a program answers a run; `misbehaved` comes from `adamref serve` alone."""

    RAN = "ran"
    SKIPPED = "skipped"
    ERRORED = "errored"
    MISBEHAVED = "misbehaved"


class ProgramError(Exception):
    """A program gave no answer that can be read: it crashed, hung, or wrote something else."""


class ProgramEnded(ProgramError):
    """A program crashed, or was ended: it hung, wrote without end, or filled the memory."""


class WrongAnswer(ValueError):
    """An answer could be read, but its arrays are not those that were asked for."""


@dataclass(frozen=True)
class RunQuestion:
    """One run.

    Fields:
        inputs: parameters, numbers and calls.
        after: the calls, from 1, after which an answer is wanted.
        relation: the other objects of the run, or None.
        watch: `keep` or `overwrite`, what happens to arrays that come back; None for nothing.
        fixed: the hyperparameters that `--config` states.
        storage: dtype of half precision -> what is kept of it.
        features: what the vector asks for; about_storage: whether it is about half precision.
        may_repeat: arrays whose numbers repeat are sent with the first of them alone, both ways.
    """

    inputs: Inputs
    after: Sequence[int]
    relation: Relation | None = None
    watch: str | None = None
    fixed: Sequence[str] = ()
    storage: Mapping[str, str] = field(default_factory=dict)
    features: Sequence[str] = ()
    about_storage: bool = False
    may_repeat: bool = False

    def params_at(self, call: int) -> Sequence[Array]:
        """Return the parameters of a call as they were sent; a late group may come after it."""
        relation = self.relation
        if relation is not None and relation.kind == "late" and call <= (relation.after or 0):
            return without_late(self.inputs)[0].params
        return self.inputs.params

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [param.shape for param in self.inputs.params]

    @property
    def dtypes(self) -> list[str]:
        return [param.dtype.name for param in self.inputs.params]


class StepReply(NamedTuple):
    """What a program says after one call.

    Fields:
        params: the parameters; None where no answer is wanted, or the call raised.
        slots: name -> one array for each parameter, None for one that is not there yet.
        raised: why the call raised, and where; None if it returned.
    """

    params: list[Array] | None = None
    slots: Mapping[str, list[Array | None]] = {}
    raised: tuple[str, str] | None = None


@dataclass(frozen=True)
class RunReply:
    """An answer.

    Fields:
        kind: how it ended.
        steps: one for each call that was made.
        reason: why it did not run, in one line; place: file and line that raised.
        feature: what it lacks, if one feature; detail: the finer kind of a broken contract.
    """

    kind: ReplyKind
    steps: Sequence[StepReply] = ()
    reason: str = ""
    place: str = ""
    feature: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Started:
    """What a program says of itself.

    Fields:
        declared: field of the first answer -> value, as it was received.
        understands: fields of a run that it can follow besides the usual ones.
        arguments: the signature of `make` that it serves: name, kind and whether it is required
            of each parameter; None for a program that is no Python subject.
    """

    name: str = ""
    version: str = ""
    dtypes: Sequence[str] = ()
    supports: Sequence[str] = ()
    declared: Mapping[str, Any] = field(default_factory=dict)
    understands: frozenset[str] = frozenset()
    arguments: Sequence[Mapping[str, Any]] | None = None


def in_short(line: str) -> str:
    """Return a line of a program as a message shows it: quoted, and cut if it is long."""
    return repr(line if len(line) <= _SHOWN else f"{line[:_SHOWN]} ...")


def words_of(arrays: Sequence[Array]) -> int:
    """Return how many numbers the arrays have together."""
    return sum(array.size for array in arrays)


def param_array(entry: Any, param: Array, where: str) -> Array:
    """Return a parameter that was received, in the form of the one that was sent.

    Raises:
        WrongAnswer: it has other digits, or more or fewer words.
    """
    try:
        return read_words(entry, param.dtype.name, param.shape)
    except ValueError as error:
        raise WrongAnswer(f"{where}: {error}") from None


def slot_array(entry: Any, param: Array, where: str) -> Array | None:
    """Return a moment that was received; its digits, or its dtype, tell the format.

    Raises:
        WrongAnswer: it has other digits, or more or fewer words.
    """
    if entry is None:
        return None
    dtype = param.dtype.name
    words = entry
    if isinstance(entry, dict):
        dtype = entry["dtype"]
        words = entry.get("words", entry)
    else:
        # The first word alone, because there may be a million.
        first = words[: _LONGEST + 1].partition(" ")[0]
        dtype = _BY_DIGITS.get(len(first), dtype)
    try:
        return read_words(words, dtype, param.shape)
    except (ValueError, KeyError) as error:
        raise WrongAnswer(f"{where}: {error}") from None


def split_words(words: Sequence[str], params: Sequence[Array]) -> list[str]:
    """Return the words of each parameter, from those of all, one after another.

    Raises:
        WrongAnswer: there are more or fewer words than the parameters have.
    """
    wanted = words_of(params)
    if len(words) != wanted:
        raise WrongAnswer(f"there must be {wanted} words, one for each number, got {len(words)}")
    parts = []
    start = 0
    for param in params:
        end = start + prod(param.shape)
        parts.append(" ".join(words[start:end]))
        start = end
    return parts
