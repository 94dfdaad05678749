"""Rules: what decides about the statements of a step, and the names that statements use."""

from typing import NamedTuple

from ...diagnosis.axis_words import words_of
from ...truth.reference import CONVENTIONS, AdamConfig, Arithmetic, Convention
from ...vectors.storage import DeclaredStorage
from .tape import NO_NOTE, Note
from .term import name

# What others are compared with.
_PAPER = CONVENTIONS["paper"].convention

# What the lines of the shared numbers, and those of storing, are about.
SHARED = "shared"
STORED = "kept"
# Names of the numbers that a user sets, as its arithmetic rounds them.
LR = name("lr")
BETA1 = name("beta1")
BETA2 = name("beta2")
EPS = name("eps")
EPS_ROOT = name("eps_root")
DECAY = name("wd", "weight_decay")
# The betas that are raised to a power, which may have another format.
BASE1 = name("base1", "beta1")
BASE2 = name("base2", "beta2")
T = name("t")
# Names of the state and of the gradient.
M = name("m")
V = name("v")
V_MAX = name("v_max")
PARAM = name("param")
G = name("g")
# Of half precision, the parameter before it is rounded.
WEIGHT = name("param", "weight")
KEPT = name("kept")
SQUARES = name("squares", "sum of g^2")


class Rules(NamedTuple):
    """What decides about the statements of a step.

    Fields:
        config: of the parameter, with the learning rate of the step.
        convention: the values on the axes.
        arithmetic: the formats of what the user sets, and of the corrections.
        wide: the dtype of the step. dtype: of the parameter.
        storage: how a parameter of half precision is kept; None where all has one dtype.
    """

    config: AdamConfig
    convention: Convention
    arithmetic: Arithmetic
    wide: str
    dtype: str
    storage: DeclaredStorage | None

    def note(self, axis: str, prefix: str = "", suffix: str = "") -> Note:
        """Return what the convention does on an axis, in words."""
        value = getattr(self.convention, axis)
        text = f"{prefix}{self.convention.name} {words_of(axis, value)}{suffix}"
        return Note(text, value != getattr(_PAPER, axis))

    @property
    def folds(self) -> bool:
        """Whether the learning rate carries the corrections: epsilon `hat`."""
        return self.convention.epsilon == "hat"

    @property
    def corrects(self) -> tuple[bool, bool]:
        """Whether m is corrected, and whether v is."""
        axis = "amsgrad_bias_correction" if self.config.amsgrad else "bias_correction"
        which = getattr(self.convention, axis)
        return which in ("both", "first"), which in ("both", "second")

    @property
    def note_of_correction(self) -> Note:
        """What is said where not both moments are corrected."""
        axis = "amsgrad_bias_correction" if self.config.amsgrad else "bias_correction"
        return NO_NOTE if all(self.corrects) else self.note(axis)

    @property
    def decays(self) -> bool:
        """Whether the parameter itself decays."""
        return self.convention.weight_decay == "decoupled" and self.config.weight_decay != 0

    @property
    def adds_l2(self) -> bool:
        """Whether the gradient gets a share of the parameter."""
        return self.convention.weight_decay == "l2" and self.config.weight_decay != 0

    @property
    def epsilon_root(self) -> bool:
        """Whether something is added under the root."""
        inside = self.convention.epsilon == "inside"
        return inside or self.config.epsilon_root != 0
