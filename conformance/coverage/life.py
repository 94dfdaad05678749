"""Life: what an optimizer can see of its own life when it takes a step.

A wrong Adam may be wrong in some situations only: at a rate that has changed, for matrices, after
it was restored. A situation is a combination of what a `Life` holds, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..vectors.slices import Grad
from ..vectors.words import Array


@dataclass
class Life:
    """The life of one optimizer up to its present call.

    Fields:
        numbers, switches: what it was made with; switches that are off are left out.
        params: one array a parameter, as they are before the call.
        t: the number of the call, those before `load` included.
        grads: of the call, one entry a parameter.
        given: the learning rate that the call passes, or None.
        rates: the learning rate it was made with, then that of each call, the present one last.
        had: for each earlier call, which parameters had a gradient.
        fallen: one array a parameter: where v is below the maximum of AMSGrad after the call.
        event: what has happened to it: "plain", "loaded", "beside another", "restored", ...
    """

    numbers: Mapping[str, float]
    switches: Mapping[str, float | bool]
    params: Sequence[Array]
    t: int = 0
    grads: Sequence[Grad | None] = ()
    given: float | None = None
    rates: list[float] = field(default_factory=list)
    had: list[tuple[bool, ...]] = field(default_factory=list)
    fallen: Sequence[Array] = ()
    event: str = "plain"
