"""Clipping. Squares and their sums are exact, so every order of summation has the same norm."""

from ...vectors.switches import CLIPS, LAWS, ORDERS, TWO_PLACES
from .recipe import DYADIC, Recipe, drop, normal, scale, zeros

_SHAPES = ((4,), (2,), (1,))
# Norms 10, 5 and 0.25, then 5, 0 and 12, then 1, 1.25 and 2. The sums of all squares are exact too.
_GRADS = [
    [[1.0, -3.0, 3.0, 9.0], [3.0, -4.0], [0.25]],
    [[-4.0, 0.0, 3.0, 0.0], [0.0, 0.0], [-12.0]],
    [[0.5, 0.5, -0.5, 0.5], [0.75, 1.0], [2.0]],
    [[0.0, 0.125, 0.0, -0.25], [-0.5, 0.25], [-0.125]],
]


def _clip(name: str, seed: int, why: str, limits: dict[str, float], order: bool = False) -> Recipe:
    """Return the recipe for some limits; ``order``: whether the order of clips is asked for."""
    spans = TWO_PLACES | CLIPS
    flags = ["clip-kind", "several-parameters"]
    grads = _GRADS
    if order:
        spans = TWO_PLACES | ORDERS
        flags = ["clip-kind", "clip-order"]
        # Other first calls: they stay exact after the first of two clips.
        grads = [*_BEFORE_TWO_CLIPS[name], *_GRADS[2:]]
    return Recipe(
        name=f"clip.{name}",
        why=why,
        flags=flags,
        shapes=_SHAPES,
        params=normal(seed, _SHAPES),
        grads=grads,
        axes=spans,
        config=DYADIC | limits,
    )


# Powers of two and their halves, so that norms are exact after the elements are cut as well.
_BEFORE_TWO_CLIPS = {
    "value-and-global-norm": (
        [[8.0, 0.0, 0.0, 0.0], [0.0, -4.0], [2.0]],
        [[0.0, -4.0, 0.0, 0.0], [8.0, 0.0], [-8.0]],
    ),
    "value-and-norm": (
        [[3.0, 3.0, 3.0, 3.0], [0.0, -4.0], [2.0]],
        [[1.0, -1.0, 1.0, 1.0], [8.0, 0.0], [-8.0]],
    ),
}

# One limit, then special cases, then two limits at once.
CLIP = (
    _clip(
        name="value",
        seed=80,
        why="Elements beyond a limit are cut to it, of both signs; those within keep their value.",
        limits={"clipvalue": 1.0},
    ),
    _clip(
        name="norm",
        seed=81,
        why="The norm of each parameter's gradient is limited by itself; "
        "one that is zero, or small, stays as it is.",
        limits={"clipnorm": 2.0},
    ),
    _clip(
        name="global-norm",
        seed=82,
        why="The norm of all gradients of a step together: "
        "large ones shrink the small ones with them.",
        limits={"global_clipnorm": 4.0},
    ),
    Recipe(
        name="clip.law",
        why="Gradients near 1e-6, where a 1e-6 in the denominator, "
        "as torch.nn.utils.clip_grad_norm_ has it, is seen.",
        flags=["clip-law", "from-zero"],
        shapes=_SHAPES,
        params=zeros(_SHAPES),
        grads=scale(_GRADS, 2.0**-19),
        axes=TWO_PLACES | CLIPS | LAWS,
        # A limit near 1e-6 too, and an epsilon that leaves steps large enough to be seen.
        config=DYADIC | {"clipnorm": 2.0**-18, "epsilon": 2.0**-20},
    ),
    Recipe(
        name="clip.missing",
        why="A gradient that is missing adds nothing to the global norm.",
        flags=["clip-kind", "none-is-not-zero"],
        shapes=_SHAPES,
        params=normal(83, _SHAPES),
        # One is missing in each call, and each is missing once.
        grads=drop(_GRADS, ((0,), (1,), (2,), (0,))),
        axes=TWO_PLACES | CLIPS | {"step_scope": ["optimizer", "parameter"]},
        config=DYADIC | {"global_clipnorm": 4.0},
    ),
    _clip(
        name="value-and-global-norm",
        seed=84,
        why="A limit of elements and one of all together: "
        "what the first cuts does not count for the second.",
        limits={"clipvalue": 1.0, "global_clipnorm": 0.5},
        order=True,
    ),
    _clip(
        name="value-and-norm",
        seed=85,
        why="A limit of elements and one of norms: after the first the second finds other numbers.",
        limits={"clipvalue": 2.0, "clipnorm": 1.0},
        order=True,
    ),
)
