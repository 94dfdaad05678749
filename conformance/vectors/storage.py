"""Storage: what an Adam of half precision keeps between steps, and in which format.

For example, `weights=master,m=T,v=T,operations=float32` keeps a float32 copy of each bfloat16
parameter, and both moments in bfloat16. A step is taken in float32. README.md in vectors/ defines
every value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import product

# dtypes of parameters for which it matters what is kept; also the keys under which axes have it.
HALVES = ("bfloat16", "float16")
# The format in which a step is taken, if it is not that of the parameter.
WIDE = "float32"
NATIVE = "T"
STOCHASTIC = "stochastic"

# Field -> its values, the usual one first.
VALUES = {
    "weights": ("rounded", "master", "split", "compensated", STOCHASTIC),
    "m": (WIDE, NATIVE),
    "v": (WIDE, NATIVE),
    "operations": (WIDE, NATIVE),
}
_BOTH_MOMENTS = "moments"


@dataclass(frozen=True, slots=True)
class DeclaredStorage:
    """What is kept between steps.

    Fields:
        weights: `rounded` if the next step starts from the parameter; `master` if a float32 copy
            is kept and the parameter is its rounding; `split` if the parameter has the upper 16
            bits of a float32 weight, which is kept; `compensated` if a second number in T keeps
            what rounding lost; `stochastic` if the parameter is rounded up or down at random.
        m, v: the format of the moments: `float32`, or `T`, that of the parameter.
        operations: `float32` if a step is taken in float32 and rounded where it is stored, `T` if
            every operation is rounded to the parameter's format.
    """

    weights: str
    m: str
    v: str
    operations: str

    @classmethod
    def parse(cls, text: str) -> "DeclaredStorage":
        """Return the storage that a text like `weights=master,moments=T` declares.

        What it leaves out is `rounded` and `float32`.

        Raises:
            ValueError: a name or a value is unknown, or a name stands there twice.
            TypeError: it is no text.
        """
        if not isinstance(text, str):
            raise TypeError(f"storage must be a text, got {type(text).__name__}")
        given: dict[str, str] = {}
        for part in text.split(",") if text else ():
            name, _, value = part.partition("=")
            name = name.strip()
            for field in ("m", "v") if name == _BOTH_MOMENTS else (name,):
                _add(given, field, value.strip())
        usual = {name: values[0] for name, values in VALUES.items()}
        return cls(**(usual | given))

    def __str__(self) -> str:
        """Return the text with every field, which is the code of the storage."""
        return ",".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))


def _add(given: dict[str, str], name: str, value: str) -> None:
    if name not in VALUES:
        known = ", ".join((*VALUES, _BOTH_MOMENTS))
        raise ValueError(f"storage must set some of {known}, got {name!r}")
    if value not in VALUES[name]:
        raise ValueError(f"{name} must be one of {', '.join(VALUES[name])}, got {value!r}")
    if name in given:
        raise ValueError(f"storage must set {name} once, got it twice")
    given[name] = value


def read_storage(declared: Mapping[str, str]) -> dict[str, str]:
    """Return dtype -> code, from dtype -> text.

    Raises:
        ValueError: a dtype or a text is unknown, or they do not go together.
    """
    codes = {}
    for dtype, text in declared.items():
        if dtype not in HALVES:
            raise ValueError(f"storage must be that of {' or '.join(HALVES)}, got {dtype!r}")
        storage = DeclaredStorage.parse(text)
        if storage.weights == "split" and dtype != "bfloat16":
            raise ValueError(
                f"weights must not be 'split' for {dtype}: only a bfloat16 is the upper half of "
                "a float32"
            )
        codes[dtype] = str(storage)
    return codes


def exact_storages(dtype: str) -> list[str]:
    """Return the codes that have one right result in float32 operations, the usual one first."""
    weights = [name for name in VALUES["weights"] if name != STOCHASTIC]
    if dtype != "bfloat16":
        weights.remove("split")
    combinations = product(weights, VALUES["m"], VALUES["v"])
    return [str(DeclaredStorage(*values, operations=WIDE)) for values in combinations]


USUAL = str(DeclaredStorage.parse(""))
# Every number in the parameter's format, as NumPy computes with float16.
ALL_NATIVE = str(DeclaredStorage("rounded", NATIVE, NATIVE, NATIVE))
