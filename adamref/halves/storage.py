"""Storage: what is kept of a parameter between two steps, apart from what is computed.

Only parameters of half precision, float16 and bfloat16, have a choice. An example is
`weights=master,m=float32,v=T`: a float32 copy of the weights, m in float32, and v in the dtype of
the parameter, which is called T.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import NamedTuple

T = "T"
_FLOAT32 = "float32"
HALVES = ("float16", "bfloat16")
# Field -> its values.
_VALUES = {
    "weights": ("rounded", "master", "split", "compensated"),
    "m": (T, _FLOAT32),
    "v": (T, _FLOAT32),
    "operations": (T, _FLOAT32),
}
# Words in a text besides the fields -> the fields that they set.
_SEVERAL = {"moments": ("m", "v")}


class Formats(NamedTuple):
    """The dtypes of one parameter's arrays, by name.

    Fields:
        operations: in which a step is computed.
        m, v: of the moments as they are kept; v_max has the dtype of v.
        kept: of what is kept besides the parameter; None if nothing is.
    """

    operations: str
    m: str
    v: str
    kept: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Storage:
    """What is kept of a parameter of half precision.

    Args:
        weights: what the next step starts from. `rounded` is the parameter itself. `master` is a
            float32 copy, of which the parameter is the rounding. `split`, for bfloat16 only, keeps
            the lower 16 bits of a float32; the parameter is the upper 16, so it is truncated.
            `compensated` keeps what rounding has lost, in the dtype of the parameter.
        m: dtype of the first moment: `float32`, or `T`, the dtype of the parameter.
        v: dtype of the second moment, and of AMSGrad's maximum.
        operations: dtype of a step. In `float32` a step uses the moments that it makes, and rounds
            them only where they are kept. `T`, for float16 only, rounds every operation.

    Raises:
        ValueError: a value is unknown; with operations of T something is kept in float32.

    Rounding: to T to nearest, ties to even, but for `split`.
    """

    weights: str = "rounded"
    m: str = _FLOAT32
    v: str = _FLOAT32
    operations: str = _FLOAT32

    def __post_init__(self) -> None:
        for name, values in _VALUES.items():
            value = getattr(self, name)
            if value == "stochastic":
                raise ValueError(
                    f"{name} must be deterministic here, got 'stochastic'; take 'compensated'"
                )
            if value not in values:
                raise ValueError(f"{name} must be one of {', '.join(values)}, got {value!r}")
        if self.operations == T and (self.weights, self.m, self.v) != ("rounded", T, T):
            raise ValueError(
                f"operations must be float32 unless weights=rounded,moments=T, got {self}"
            )

    @classmethod
    def parse(cls, text: str) -> "Storage":
        """Return a storage from a text, as in `weights=master,moments=T`.

        Fields may be in any order, and those left out have their defaults. `moments` sets m and v.

        Raises:
            ValueError: a part of the text is no field with a value, or comes twice.
            TypeError: ``text`` is no text.
        """
        if not isinstance(text, str):
            raise TypeError(f"storage must be a Storage or its text, got {text!r}")
        given: dict[str, str] = {}
        for part in text.split(",") if text else ():
            word, equals, value = part.strip().partition("=")
            for name in _SEVERAL.get(word, (word,)):
                if name not in _VALUES or not equals:
                    words = ", ".join([*_VALUES, *_SEVERAL])
                    raise ValueError(f"storage must set {words}, each by =, got {part!r}")
                if name in given:
                    raise ValueError(f"storage must set {name} once, got {text!r}")
                given[name] = value
        return cls(**given)

    def __str__(self) -> str:
        values: Mapping[str, str] = asdict(self)
        return ",".join(f"{field.name}={values[field.name]}" for field in fields(self))

    def for_dtype(self, dtype: str) -> "Storage":
        """Return the storage of a parameter: `PLAIN` unless it is of half precision.

        Args:
            dtype: of the parameter, by name.

        Raises:
            ValueError: parameters of ``dtype`` cannot be kept so.
        """
        if dtype not in HALVES:
            return PLAIN
        for value, only, way_out in (
            (self.weights == "split", "bfloat16", "weights=master"),
            (self.operations == T, "float16", "operations=float32"),
        ):
            if value and dtype != only:
                raise ValueError(
                    f"storage must be for {only} to be {self}, got {dtype}; take {way_out}"
                )
        return self

    def formats(self, dtype: str) -> Formats:
        """Return the dtypes of a parameter's arrays; ``dtype`` is that of the parameter."""
        named = {T: dtype, _FLOAT32: _FLOAT32}
        kept = {
            "rounded": None,
            "master": _FLOAT32,
            "split": "uint16",
            "compensated": dtype,
        }
        return Formats(
            operations=named[self.operations],
            m=named[self.m],
            v=named[self.v],
            kept=kept[self.weights],
        )


# Everything in the dtype of the parameter: the only storage of float32 and float64.
PLAIN = Storage(m=T, v=T, operations=T)
