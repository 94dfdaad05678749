"""Trajectories on which the backends must agree: all conventions, dtypes, switches, values."""

import itertools

import ml_dtypes
import numpy as np

from adamref import CONVENTIONS, AdamConfig, Convention

STORAGES = {
    "float32": np.dtype(np.float32),
    "float64": np.dtype(np.float64),
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
}
SPECIAL = [
    0.0,
    -0.0,
    1e-45,
    -3e-42,
    1.2e-38,
    1e-30,
    1e-8,
    -1.0,
    3e15,
    -2e19,
    3e38,
    np.inf,
    -np.inf,
    np.nan,
]
# Beside the named conventions: values that none of them has.
BEYOND = {
    "inside": Convention(epsilon="inside"),
    "only the first corrected": Convention(bias_correction="first"),
    "decay by the corrected rate": Convention(
        weight_decay="decoupled", decay_scale="lr_t", decay_when="after"
    ),
    "decay by one": Convention(weight_decay="decoupled", decay_scale="one"),
}
POINTS = {name: named.convention for name, named in CONVENTIONS.items()} | BEYOND


def configs(convention):
    """Every combination of the switches that a convention has."""
    switches = {"learning_rate": [0.01], "epsilon": [1e-7]}
    if convention.amsgrad != "unsupported":
        switches["amsgrad"] = [False, True]
    if convention.weight_decay != "unsupported":
        switches["weight_decay"] = [0.0, 0.1]
    if convention.maximize != "unsupported":
        switches["maximize"] = [False, True]
    if convention.epsilon == "both":
        switches["epsilon_root"] = [0.0, 1e-3]
    return [
        AdamConfig(**dict(zip(switches, chosen, strict=True)))
        for chosen in itertools.product(*switches.values())
    ]


def draw(rng, size, dtype, special=False):
    """Numbers over eleven decades, every eighth a special one if asked for."""
    values = rng.standard_normal(size) * 10.0 ** rng.integers(-8, 4, size)
    if special:
        values = np.where(rng.random(size) < 1 / 8, rng.choice(SPECIAL, size), values)
    with np.errstate(all="ignore"):
        return values.astype(dtype)


def same_bits(one, other):
    """Whether two arrays have the same bits; any NaN is like any other."""
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    words = f"u{one.dtype.itemsize}"
    # Casts of signalling NaNs warn.
    with np.errstate(invalid="ignore"):
        nan = np.isnan(one.astype(np.float64)) & np.isnan(other.astype(np.float64))
    return bool(np.all(nan | (one.view(words) == other.view(words))))


HALVES = {name: STORAGES[name] for name in ("float16", "bfloat16")}
MOMENTS = ("m=float32,v=float32", "m=T", "v=T", "moments=T")


def texts(moments=MOMENTS):
    """All pairs of a half, by name, and a storage for it whose operations are float32."""
    pairs = [("float16", weights) for weights in ("rounded", "master", "compensated")]
    pairs += [("bfloat16", weights) for weights in ("rounded", "master", "split", "compensated")]
    return [(dtype, f"weights={weights},{both}") for dtype, weights in pairs for both in moments]


def arrays_of(adam):
    """All arrays that an `adamref.Adam` keeps."""
    slots = [array for arrays in adam.slots().values() for array in arrays]
    return [*adam.params, *(array for array in slots if array is not None)]
