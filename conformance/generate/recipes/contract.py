"""The contract: missing gradients, shapes, and the formats of scalars."""

from ...vectors.switches import COUNTING, TWO_PLACES
from .recipe import DEFAULTS, DYADIC, PAIR, CallGrads, Load, Recipe, drop, normal, wild, zeros

# Missing gradients: what moves, and what counts.
_MISSING = ((2,), (1,), (2,))
_ALL_THERE = wild(40, 5, _MISSING)

NONE_GRADIENT = (
    Recipe(
        name="none-gradient.late-first",
        why="The last parameter has its first gradient in the third call: "
        "its t is 3 or 1, its moments are zero.",
        flags=["late-first-gradient", "several-parameters"],
        shapes=_MISSING,
        params=normal(39, _MISSING),
        # For each call, the parameters whose gradient is None.
        grads=drop(_ALL_THERE, ((2,), (2,), (), (), ())),
        axes=TWO_PLACES | COUNTING,
        config=DYADIC,
    ),
    Recipe(
        name="none-gradient.now-and-then",
        why="Gradients that come and go: "
        "None read as zero would decay the moments and move the parameter.",
        flags=["none-is-not-zero", "several-parameters"],
        shapes=_MISSING,
        params=normal(41, _MISSING),
        grads=drop(_ALL_THERE, ((), (0,), (0, 1), (2,), ())),
        axes=TWO_PLACES | COUNTING,
        config=DYADIC,
    ),
    Recipe(
        name="none-gradient.all",
        why="The third call has no gradient at all: an error, nothing, or a step that counts.",
        flags=["none-is-not-zero", "all-none"],
        shapes=_MISSING,
        params=normal(42, _MISSING),
        grads=drop(_ALL_THERE, ((), (1,), (0, 1, 2), (), ())),
        axes=TWO_PLACES | COUNTING,
        config=DYADIC,
        # There is no answer after the third call, because some conventions raise there.
        after=(2, 4, 5),
    ),
)

# Steps of the optimizer, or of each parameter.
_SCOPES = {"step_scope": ["optimizer", "parameter"]}
_SCOPED = ((2,), (1,), (3,))
_FOUR_CALLS = wild(53, 4, _SCOPED)
_NOTHING: CallGrads = [None, None, None]

STEP_SCOPE = (
    Recipe(
        name="step-scope.never",
        why="A parameter that never has a gradient: "
        "it stays as it is, and its moments are zero or not there.",
        flags=["none-is-not-zero", "several-parameters"],
        shapes=_SCOPED,
        params=normal(54, _SCOPED),
        grads=drop(_FOUR_CALLS[:3], ((1,), (1,), (1,))),
        axes=TWO_PLACES | _SCOPES,
        config=DYADIC,
    ),
    Recipe(
        name="step-scope.all-none-first",
        why="The first two calls have no gradient at all: "
        "the first one that has is the first step, or the third.",
        flags=["all-none", "late-first-gradient"],
        shapes=_SCOPED,
        params=normal(55, _SCOPED),
        grads=[_NOTHING, _NOTHING, *_FOUR_CALLS[:2]],
        axes=TWO_PLACES | _SCOPES | {"all_none": ["error", "no_op", "count"]},
        config=DYADIC,
        # Not after the calls that some conventions refuse.
        after=(3, 4),
    ),
    Recipe(
        name="step-scope.taking-turns",
        why="One gradient at a time, in turns: after six calls each parameter has had two.",
        flags=["none-is-not-zero", "several-parameters"],
        shapes=_SCOPED,
        params=normal(56, _SCOPED),
        # Parameter 0 has the first gradient, then 1, then 2, and again.
        grads=drop([*_FOUR_CALLS, *_FOUR_CALLS[:2]], ((1, 2), (0, 2), (0, 1)) * 2),
        axes=TWO_PLACES | _SCOPES | {"none_gradient": ["skip", "skip_but_count"]},
        config=DYADIC,
        after=(3, 6),
    ),
    Recipe(
        name="step-scope.loaded-apart",
        why="Parameters that have taken 0, 2 and 7 steps, each with its own bias correction.",
        flags=["loaded-state", "several-parameters", "bias-power"],
        shapes=_SCOPED,
        params=normal(57, _SCOPED),
        grads=_FOUR_CALLS[:3],
        # An Adam with one t for all parameters cannot load these.
        axes=TWO_PLACES | {"step_scope": ["parameter"]},
        config=DYADIC,
        load=Load(
            t=[0, 2, 7],
            m=[[0.0, 0.0], [0.25], [0.5, -3.0, 0.125]],
            v=[[0.0, 0.0], [0.5], [0.75, 9.0, 0.25]],
        ),
    ),
)

# Around the widths of vector registers: 2 to 16 numbers.
_ODD = tuple((size,) for size in (1, 3, 7, 8, 9, 15, 16, 17, 33))
_RANKS: tuple[tuple[int, ...], ...] = ((), (1,), (1, 1), (2, 3), (3, 1, 2), (2, 1, 1, 2))
# Empty arrays between others and at the end, of one axis and of two.
_EMPTY = ((1,), (1,), (0,), (1,), (0, 3))

SHAPES = (
    Recipe(
        name="shapes.tails",
        why="Lengths around the widths of vector registers: "
        "the last elements are updated like the first.",
        flags=["tails", "several-parameters"],
        shapes=_ODD,
        params=normal(43, _ODD),
        grads=wild(44, 3, _ODD),
        axes=TWO_PLACES,
        config=DYADIC,
        after=(1, 3),
    ),
    Recipe(
        name="shapes.ranks",
        why="From a scalar to four axes: the shape comes back as it was.",
        flags=["ranks"],
        shapes=_RANKS,
        params=normal(45, _RANKS),
        grads=wild(46, 3, _RANKS),
        axes=TWO_PLACES,
        config=DYADIC,
    ),
    Recipe(
        name="shapes.empty",
        why="Empty parameters among others: none of the others is left out.",
        flags=["empty"],
        shapes=_EMPTY,
        params=normal(47, _EMPTY),
        grads=wild(48, 3, _EMPTY),
        axes=TWO_PLACES,
        config=DYADIC,
    ),
)


def _arithmetic(name: str, seed: int, why: str, config: dict[str, float]) -> Recipe:
    """Return the recipe for numbers that the formats round differently.

    Parameters start at zero, so that the step is not hidden by their rounding.
    """
    return Recipe(
        name=f"arithmetic.{name}",
        why=why,
        flags=["scalar-format", "from-zero"],
        shapes=PAIR,
        params=zeros(PAIR),
        grads=wild(seed, 10, PAIR, -1, 1),
        axes=TWO_PLACES,
        config=config,
        # The first step shows 1 - beta2 most, the later ones beta2^t.
        after=(1, 2, 5, 10),
    )


# All three are decimal: their answers differ from arithmetic to arithmetic.
ARITHMETIC = (
    _arithmetic(
        name="usual-betas",
        seed=50,
        why="The usual betas over ten steps.",
        config=DEFAULTS,
    ),
    _arithmetic(
        name="beta2-near-one",
        seed=51,
        why="beta2 = 0.9999: rounding beta2 before it is subtracted from 1 "
        "changes the first step by 8 in 100,000.",
        config={"learning_rate": 3e-4, "beta1": 0.99, "beta2": 0.9999, "epsilon": 1e-6},
    ),
    _arithmetic(
        name="rate-and-epsilon",
        seed=52,
        why="A learning rate and an epsilon that binary32 has not, both large enough to be seen.",
        config={"learning_rate": 0.1, "beta1": 0.3, "beta2": 0.6, "epsilon": 0.7},
    ),
)
