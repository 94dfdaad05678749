"""The inputs of the vectors: what is tried, why, and on which axes the answers are told apart."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .words import Array, about, encode, encode_number

Entry = dict[str, Any]
Numbers = Sequence[float] | Array

TOPICS = {
    "basic": "The algorithm as such: several parameters, several steps, gradients of mixed size.",
    "bias": "Bias correction: its exponent, its counter, and which moments it corrects.",
    "epsilon": "Where epsilon stands, with gradients as small as epsilon.",
    "amsgrad": "AMSGrad: what the maximum is taken of, and that it is remembered.",
    "none-gradient": "Parameters without a gradient: what moves and what counts.",
    "shapes": "Shapes and sizes: scalars, empty arrays, odd lengths, several ranks.",
    "arithmetic": "Decimal hyperparameters from zero parameters: to which format an Adam rounds its scalars.",
}
DYADIC = {"learning_rate": 2.0**-6, "beta1": 0.5, "beta2": 0.75, "epsilon": 2.0**-10}
DEFAULTS = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
PLACES = {"epsilon": ["hat", "outside", "inside", "both"]}
TWO_PLACES = {"epsilon": ["hat", "outside", "both"]}
CORRECTIONS = {"bias_correction": ["both", "none", "first", "second"]}
COUNTING = {
    "step_scope": ["optimizer", "parameter"],
    "none_gradient": ["skip", "skip_but_count"],
    "all_none": ["error", "no_op", "count"],
}
MAXIMA = {"amsgrad": ["max_raw", "max_corrected"], "amsgrad_bias_correction": ["both", "none"]}
TWO_MAXIMA = {"amsgrad": ["max_raw", "max_corrected"]}
SOURCE = "adamref 0.1.0, conformance/recipes.py"


def vector(
    name: str,
    why: str,
    flags: Sequence[str],
    shapes: Sequence[Sequence[int]],
    params: Sequence[Numbers],
    steps: Sequence[Sequence[Numbers | None]],
    axes: dict[str, list[str]] = PLACES,
    config: dict[str, Any] = DYADIC,
    after: Sequence[int] = (),
    rates: Sequence[float] = (),
    load: dict[str, Any] | None = None,
) -> Iterator[Entry]:
    """The vector ``name`` ("topic.name") in float32 and in float64."""
    topic, _, rest = name.partition(".")
    dyadic = float(config["beta2"]) in (0.0, 0.25, 0.5, 0.75)
    for dtype, short in (("float32", "f32"), ("float64", "f64")):
        arrays = [np.array(p, dtype).reshape(shape) for p, shape in zip(params, shapes, strict=True)]
        calls = [
            [None if g is None else np.array(g, dtype).reshape(shape) for g, shape in zip(grads, shapes, strict=True)]
            for grads in steps
        ]
        entry: Entry = {
            "topic": topic,
            "id": f"{topic}.{short}.{rest}",
            "flags": list(flags),
            "why": why,
            "source": SOURCE,
            "tier": "step" if load else "trajectory",
            "kind": "dyadic" if dyadic else "decimal",
            "dtype": dtype,
            "config": {k: v if isinstance(v, bool) else encode_number(float(v)) for k, v in config.items()},
            "shapes": [list(shape) for shape in shapes],
            "params": [encode(array) for array in arrays],
            "params_about": [about(array) for array in arrays],
        }
        if load:
            slots = {k: [encode(np.array(x, dtype)) for x in v] for k, v in load.items() if k != "t"}
            entry["load"] = {"t": list(load["t"]), **slots}
        entry["steps"] = [
            {
                "grads": [None if g is None else encode(g) for g in call],
                "about": [None if g is None else about(g) for g in call],
                **({"learning_rate": encode_number(rates[at])} if rates else {}),
            }
            for at, call in enumerate(calls)
        ]
        entry["after"] = list(after or range(1, len(steps) + 1))
        entry["axes"] = axes
        yield entry


def wild(seed: int, steps: int, sizes: Sequence[int], low: float = -3, high: float = 2) -> list[list[Array]]:
    """Gradients of both signs whose size is spread from 10^low to 10^high; the last element of each is sometimes zero."""
    rng = np.random.default_rng(seed)
    calls = []
    for at in range(steps):
        call = [np.round(rng.normal(size=n) * 10 ** rng.uniform(low, high, n), 12 - int(low)) for n in sizes]
        for grad in call:
            grad[-1:] *= at % 3 != 1
        calls.append(call)
    return calls


def normal(seed: int, sizes: Sequence[int]) -> list[Array]:
    rng = np.random.default_rng(seed)
    return [np.round(rng.normal(size=n), 3) for n in sizes]


def recipes() -> Iterator[Entry]:
    """Every vector, without its answers."""
    shapes, sizes = ((5,), (2, 2), (1,)), (5, 4, 1)
    yield from vector(
        "basic.mixed",
        "Gradients of mixed size and sign on three parameters: a wrong square, power or sign shows at once.",
        ["mixed-magnitudes", "several-parameters"],
        shapes,
        normal(1, sizes),
        [[[0.3, -2.0, 1e-3, 50.0, 0.0], *wild(2, 1, (4, 1))[0]], *wild(3, 4, sizes)],
    )
    yield from vector(
        "basic.from-zero",
        "Parameters start at zero, so that the step is not hidden below the parameter's own rounding.",
        ["from-zero", "mixed-magnitudes"],
        ((4,), (3,)),
        [np.zeros(4), np.zeros(3)],
        wild(5, 4, (4, 3)),
    )
    yield from vector(
        "basic.spike-then-silence",
        "One large gradient and then none: the moments must decay, and m faster than v.",
        ["spike", "zero-gradient"],
        ((3,), (2,)),
        normal(6, (3, 2)),
        [[[100.0, -0.5, 3.0], [8.0, -0.25]], *[[np.zeros(3), np.zeros(2)]] * 4, [[1e-3, 0.0, -4.0], [0.0, 2.0]]],
        TWO_PLACES,
    )
    yield from vector(
        "basic.learning-rate-changes",
        "A learning rate that changes between steps scales that step alone; a step that was traced once does not follow.",
        ["schedule"],
        ((3,), (2,)),
        normal(7, (3, 2)),
        wild(8, 5, (3, 2)),
        TWO_PLACES,
        rates=(2.0**-6, 2.0**-4, 2.0**-9, 2.0**-9, 2.0**-2),
    )
    loaded = {"t": [4, 4], "m": [[0.5, -3.0, 1e-3], [0.25, -8.0]], "v": [[0.75, 20.0, 1e-4], [7.0, 66.0]]}
    yield from vector(
        "basic.loaded-state",
        "From moments and a t that are not zero: what is loaded must be used, all of it.",
        ["loaded-state"],
        ((3,), (2,)),
        normal(9, (3, 2)),
        wild(10, 3, (3, 2)),
        load=loaded,
    )
    yield from vector(
        "basic.defaults",
        "The numbers that everybody leaves as they are.",
        ["defaults", "scalar-format"],
        ((3,), (2,)),
        normal(11, (3, 2)),
        wild(12, 4, (3, 2)),
        config=DEFAULTS,
    )
    yield from vector(
        "bias.twelve-steps",
        "Twelve steps of one sign: an exponent, a counter or a correction that is off leaves a trail.",
        ["bias-power"],
        ((3,), (1,)),
        normal(13, (3, 1)),
        [[np.abs(g) + 0.125 for g in call] for call in wild(14, 12, (3, 1), -2, 1)],
        TWO_PLACES | CORRECTIONS,
        after=(1, 2, 3, 6, 12),
    )
    yield from vector(
        "bias.four-parameters",
        "Four parameters in one step share one t; a counter inside the loop over parameters does not.",
        ["several-parameters", "bias-power"],
        ((1,), (2,), (1,), (2,)),
        normal(15, (1, 2, 1, 2)),
        wild(16, 4, (1, 2, 1, 2)),
    )
    yield from vector(
        "bias.betas-exchanged",
        "beta1 above beta2: each must be used where it belongs.",
        ["betas"],
        ((3,), (2,)),
        normal(17, (3, 2)),
        wild(18, 5, (3, 2)),
        config=DYADIC | {"beta1": 0.75, "beta2": 0.5},
    )
    yield from vector(
        "bias.beta1-zero",
        "Without a first moment m is the gradient itself; a lerp may lose it.",
        ["betas"],
        ((3,), (2,)),
        normal(19, (3, 2)),
        [[[1e4, -3.0, 0.5], [1e3, 2.0]], *wild(20, 3, (3, 2))],
        TWO_PLACES,
        config=DYADIC | {"beta1": 0.0},
    )
    yield from vector(
        "bias.decimal",
        "The usual betas: 1 - beta2^t is 0.001 at first, and every unit in the last place of it counts a thousandfold.",
        ["bias-power", "scalar-format"],
        ((2,), (1,)),
        normal(21, (2, 1)),
        wild(22, 6, (2, 1), -1, 1),
        TWO_PLACES,
        config=DEFAULTS,
        after=(1, 2, 3, 6),
    )
    yield from vector(
        "epsilon.as-small",
        "Gradients as small as epsilon: hat and outside differ 2-fold at once; under the root nothing moves.",
        ["epsilon-place"],
        ((5,), (2,)),
        normal(23, (5, 2)),
        [[g * 2.0**-27 for g in call] for call in wild(24, 4, (5, 2), -1, 1)],
        config=DYADIC | {"epsilon": 2.0**-27},
    )
    yield from vector(
        "epsilon.dominates",
        "Epsilon far above the root of v: a step that ignores it, subtracts it or places it elsewhere is far off.",
        ["epsilon-place"],
        ((5,), (2,)),
        normal(25, (5, 2)),
        wild(26, 4, (5, 2), -2, 0),
        config=DYADIC | {"epsilon": 4.0, "learning_rate": 0.5},
    )
    yield from vector(
        "epsilon.below",
        "Gradients a thousand times below epsilon: the step shrinks with them and does not vanish.",
        ["epsilon-place", "from-zero"],
        ((3,), (2,)),
        [np.zeros(3), np.zeros(2)],
        [[g * 2.0**-34 for g in call] for call in wild(27, 4, (3, 2), -1, 1)],
        config=DYADIC | {"epsilon": 2.0**-24},
    )
    yield from vector(
        "epsilon.root",
        "A second epsilon under the root beside the one outside, as optax has it.",
        ["epsilon-root"],
        ((3,), (2,)),
        normal(28, (3, 2)),
        wild(29, 4, (3, 2), -3, 0),
        {"epsilon": ["both"]},
        config=DYADIC | {"epsilon_root": 2.0**-8},
    )
    yield from vector(
        "epsilon.decimal",
        "The usual epsilon of 1e-8 with gradients near it; in float32 epsilon is rounded, in float64 it may be.",
        ["epsilon-place", "scalar-format", "from-zero"],
        ((3,), (1,)),
        [np.zeros(3), np.zeros(1)],
        [[g * 1e-8 for g in call] for call in wild(30, 3, (3, 1), -1, 1)],
        config=DEFAULTS,
    )
    yield from amsgrad()
    yield from without_gradients()
    yield from shapes_and_arithmetic()


def amsgrad() -> Iterator[Entry]:
    on = {"amsgrad": True}
    small = [[g / 64 for g in call] for call in wild(32, 7, (3, 2), -1, 0)]
    yield from vector(
        "amsgrad.spike-then-small",
        "A spike, then gradients far below it: the maximum must stay, and v must fall beneath it.",
        ["amsgrad-memory", "spike"],
        ((3,), (2,)),
        normal(31, (3, 2)),
        [[[40.0, -6.0, 1.0], [3.0, -90.0]], *small],
        TWO_PLACES | MAXIMA,
        config=DYADIC | on,
        after=(1, 2, 3, 5, 8),
    )
    yield from vector(
        "amsgrad.rises-and-falls",
        "Gradients that rise, fall and rise again: the maximum changes hands, element by element.",
        ["amsgrad-memory", "several-parameters"],
        ((4,), (1,), (2,)),
        normal(33, (4, 1, 2)),
        [[g * s for g in call] for call, s in zip(wild(34, 6, (4, 1, 2), -1, 1), (1, 5, 0.1, 0.1, 20, 0.5), strict=True)],
        TWO_PLACES | TWO_MAXIMA,
        config=DYADIC | on,
        after=(1, 2, 4, 6),
    )
    yield from vector(
        "amsgrad.loaded-maximum",
        "A maximum from before: it must be loaded, used and kept.",
        ["amsgrad-memory", "loaded-state"],
        ((3,), (2,)),
        normal(35, (3, 2)),
        wild(36, 3, (3, 2), -1, 0),
        TWO_PLACES | TWO_MAXIMA,
        config=DYADIC | on,
        load={
            "t": [5, 5],
            "m": [[0.5, -3.0, 0.125], [0.25, -1.0]],
            "v": [[0.75, 9.0, 0.03125], [7.0, 2.0]],
            "v_max": [[16.0, 9.0, 0.5], [7.0, 32.0]],
        },
    )
    yield from vector(
        "amsgrad.decimal",
        "AMSGrad with the usual betas: at beta2 = 0.999 only a spike keeps it apart from Adam.",
        ["amsgrad-memory", "scalar-format"],
        ((2,), (1,)),
        normal(37, (2, 1)),
        [[[30.0, -4.0], [9.0]], *[[g / 32 for g in call] for call in wild(38, 5, (2, 1), -1, 0)]],
        TWO_PLACES | TWO_MAXIMA,
        config=DEFAULTS | on,
        after=(1, 3, 6),
    )


def without_gradients() -> Iterator[Entry]:
    sizes, shapes = (2, 1, 2), ((2,), (1,), (2,))
    full = wild(40, 5, sizes)

    def with_none(*missing: Sequence[int]) -> list[list[Array | None]]:
        return [
            [None if at in gone else g for at, g in enumerate(call)] for call, gone in zip(full, missing, strict=True)
        ]

    yield from vector(
        "none-gradient.late-first",
        "The last parameter has its first gradient in the third call: its t is 3 or 1, its moments are zero either way.",
        ["late-first-gradient", "several-parameters"],
        shapes,
        normal(39, sizes),
        with_none((2,), (2,), (), (), ()),
        TWO_PLACES | COUNTING,
    )
    yield from vector(
        "none-gradient.now-and-then",
        "Gradients that come and go: None must not be read as zero, which would decay the moments and move the parameter.",
        ["none-is-not-zero", "several-parameters"],
        shapes,
        normal(41, sizes),
        with_none((), (0,), (0, 1), (2,), ()),
        TWO_PLACES | COUNTING,
    )
    yield from vector(
        "none-gradient.all",
        "The third call has no gradient at all: an error, nothing, or a step that counts.",
        ["none-is-not-zero", "all-none"],
        shapes,
        normal(42, sizes),
        with_none((), (1,), (0, 1, 2), (), ()),
        TWO_PLACES | COUNTING,
        after=(2, 4, 5),
    )


def shapes_and_arithmetic() -> Iterator[Entry]:
    odd = (1, 3, 7, 8, 9, 15, 16, 17, 33)
    yield from vector(
        "shapes.tails",
        "Lengths around the widths of vector registers: the last elements are updated like the first.",
        ["tails", "several-parameters"],
        tuple((n,) for n in odd),
        normal(43, odd),
        wild(44, 3, odd),
        TWO_PLACES,
        after=(1, 3),
    )
    ranks: tuple[tuple[int, ...], ...] = ((), (1,), (1, 1), (2, 3), (3, 1, 2), (2, 1, 1, 2))
    sizes = tuple(int(np.prod(shape, dtype=int)) for shape in ranks)
    yield from vector(
        "shapes.ranks",
        "From a scalar to four axes: the shape comes back as it was.",
        ["ranks"],
        ranks,
        normal(45, sizes),
        wild(46, 3, sizes),
        TWO_PLACES,
    )
    yield from vector(
        "shapes.empty",
        "Empty parameters among others: none of the others is left out.",
        ["empty"],
        ((1,), (1,), (0,), (1,), (0, 3)),
        normal(47, (1, 1, 0, 1, 0)),
        wild(48, 3, (1, 1, 0, 1, 0)),
        TWO_PLACES,
    )
    for name, seed, why, config in (
        ("usual-betas", 50, "The usual betas over ten steps.", DEFAULTS),
        (
            "beta2-near-one",
            51,
            "beta2 = 0.9999: rounding beta2 before it is subtracted from 1 changes the first step by 8 in 100,000.",
            {"learning_rate": 3e-4, "beta1": 0.99, "beta2": 0.9999, "epsilon": 1e-6},
        ),
        (
            "rate-and-epsilon",
            52,
            "A learning rate and an epsilon that binary32 has not, both large enough to be seen.",
            {"learning_rate": 0.1, "beta1": 0.3, "beta2": 0.6, "epsilon": 0.7},
        ),
    ):
        yield from vector(
            f"arithmetic.{name}",
            why,
            ["scalar-format", "from-zero"],
            ((3,), (2,)),
            [np.zeros(3), np.zeros(2)],
            wild(seed, 10, (3, 2), -1, 1),
            TWO_PLACES,
            config=config,
            after=(1, 2, 5, 10),
        )


RECIPES = tuple(recipes())
