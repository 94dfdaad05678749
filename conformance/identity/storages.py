"""What a subject keeps of half precision between steps, field by field, from what it returned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import inf
from typing import NamedTuple

from ..trial.compare import compare
from ..trial.comparison import Comparison
from ..trial.outcomes import RunStatus
from ..trial.run import Run
from ..vectors.storage import DeclaredStorage

# Field, value -> what an Adam does that has it.
MEANINGS = {
    ("weights", "rounded"): "each step starts from the rounded parameter, so that updates below "
    "half a unit in the last place are lost",
    ("weights", "master"): "a float32 copy of each parameter is kept, and the parameter is its "
    "rounding",
    ("weights", "split"): "the parameter is the upper half of a float32 weight, so that it is "
    "rounded towards zero",
    ("weights", "compensated"): "a second number in the parameter's format keeps what rounding "
    "lost",
    ("weights", "stochastic"): "parameters are rounded up or down at random, right on average",
    ("m", "float32"): "m is kept in float32",
    ("m", "T"): "m is kept in the parameter's format",
    ("v", "float32"): "v is kept in float32",
    ("v", "T"): "v is kept in the parameter's format",
    ("operations", "float32"): "a step is taken in float32 and rounded where it is stored",
    ("operations", "T"): "every operation is rounded to the parameter's format",
}

# Storage -> whose it is, from subjects/HALF_PRECISION.md, which has versions and lines.
USERS = {
    "moments=T": "torch's fused Adam, torchao, DeepSpeed's FusedAdam",
    "": "apex's FusedAdam, bitsandbytes, DeepSpeedCPUAdam, Paddle on GPUs",
    "moments=T,operations=T": "torch without fused, TensorFlow, Keras, optax, JAX, MLX",
    "m=float32,v=T,operations=T": "optax with mu_dtype=float32",
    "weights=master": "Megatron-LM, DeepSpeed's FP16_Optimizer and BF16_Optimizer, llm.c, "
    "Transformer Engine with master_weights",
    "weights=split": "IPEX with split_master_weight_for_bf16",
    "weights=compensated,moments=T,operations=T": "optimi, AnyPrecisionAdamW",
    "weights=compensated,m=float32,v=T,operations=T": "AnyPrecisionAdamW",
    "weights=stochastic,moments=T": "torchao with bf16_stochastic_round",
    "weights=stochastic": "llm.c without master weights",
}


class StorageEvidence(NamedTuple):
    """What decided a field.

    Fields:
        vector: the vector that the nearest storage with another value fails.
        other: that value.
        comparison: how it fails.
    """

    vector: str
    other: str
    comparison: Comparison


@dataclass(frozen=True, kw_only=True)
class StorageIdentity:
    """What a subject keeps of one dtype.

    Attributes:
        dtype: of the parameters.
        codes: the storages that explain all that it returned.
        evidence: field -> what decided it.
        undecided: field -> the values that no vector tells apart.
        nearest: the storage with the fewest failures; of ``codes`` the first.
        failures: what fails by the nearest.
        cause: why nothing could be asked; empty if something was.
        declared: what the subject says that it keeps, as a code, or an empty string.
    """

    dtype: str
    codes: tuple[str, ...] = ()
    evidence: Mapping[str, StorageEvidence] = field(default_factory=dict)
    undecided: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nearest: str = ""
    failures: tuple[Comparison, ...] = ()
    cause: str = ""
    declared: str = ""

    @property
    def decided(self) -> dict[str, str]:
        """Field -> value, of the fields that are decided."""
        if not self.codes:
            return {}
        chosen = DeclaredStorage.parse(self.codes[0])
        names = [one.name for one in fields(chosen) if one.name not in self.undecided]
        return {name: getattr(chosen, name) for name in names}

    @property
    def users(self) -> str:
        """Which libraries keep the same, in words; empty if none that we know of does."""
        if len(self.codes) != 1:
            return ""
        known = {str(DeclaredStorage.parse(text)): users for text, users in USERS.items()}
        return known.get(self.codes[0], "")

    @property
    def option(self) -> str:
        """What `--storage` is given to judge by it."""
        return f"{self.dtype}:{self.nearest}"


def find_storage(
    dtype: str, runs: Sequence[Run], axes: Mapping[str, str], arithmetics: Sequence[str]
) -> StorageIdentity:
    """Return what a subject keeps of a dtype.

    Args:
        dtype: of half precision.
        runs: of the subject, through the vectors about storage.
        axes: its convention.
        arithmetics: those that it may have; few of these vectors tell them apart.
    """
    mine = [run for run in runs if run.vector.dtype == dtype]
    told = [run for run in mine if run.status is RunStatus.RAN]
    if not told:
        return StorageIdentity(dtype=dtype, cause=mine[0].reason if mine else "no vector was run")
    failures = {}
    counts = {}
    for code in _known_codes(told, dtype):
        judged = _judge(told, {**axes, dtype: code}, arithmetics)
        if any(not one.failed for one in judged):
            failures[code] = [one for one in judged if one.failed]
            counts[code] = len(judged)
    if not failures:
        return StorageIdentity(dtype=dtype, cause="no known storage fits any vector")
    # A storage that one vector in many is about fits by accident.
    passed = {code: counts[code] - len(failed) for code, failed in failures.items()}
    most = max(passed.values())
    likely = [code for code in failures if 2 * passed[code] >= most]
    codes = tuple(code for code in likely if not failures[code])
    nearest = min(likely, key=lambda code: len(failures[code]) / counts[code])
    if not codes:
        failed = tuple(failures[nearest])
        return StorageIdentity(dtype=dtype, nearest=nearest, failures=failed)
    evidence = {}
    undecided = {}
    for name in (one.name for one in fields(DeclaredStorage)):
        values = tuple(dict.fromkeys(_value(code, name) for code in codes))
        if len(values) > 1:
            undecided[name] = values
        elif found := _evidence(name, codes[0], failures):
            evidence[name] = found
    return StorageIdentity(
        dtype=dtype, codes=codes, evidence=evidence, undecided=undecided, nearest=codes[0]
    )


def _known_codes(runs: Sequence[Run], dtype: str) -> list[str]:
    """Return the storages that some vector has answers for."""
    codes: dict[str, None] = {}
    for run in runs:
        codes.update(dict.fromkeys(run.vector.spec.axes[dtype]))
    return list(codes)


def _judge(
    runs: Sequence[Run], axes: Mapping[str, str], arithmetics: Sequence[str]
) -> list[Comparison]:
    """Return the comparisons of the vectors that have answers, by the best arithmetic."""
    best: list[Comparison] = []
    fewest = inf
    for code in arithmetics:
        answered = [(run, run.vector.answers_for(axes, code)) for run in runs]
        judged = [compare(run, answers) for run, answers in answered if answers]
        failed = sum(one.failed for one in judged)
        if failed < fewest:
            best = judged
            fewest = failed
    return best


def _evidence(
    name: str, code: str, failures: Mapping[str, Sequence[Comparison]]
) -> StorageEvidence | None:
    """Return what decided a field: the failure of the nearest storage with another value."""
    chosen = DeclaredStorage.parse(code)
    others = [
        other
        for other, failed in failures.items()
        if failed and _value(other, name) != getattr(chosen, name)
    ]
    if not others:
        return None
    # Of the storages with another value, the one that has most in common with the one found.
    nearest = min(others, key=lambda other: (_differences(code, other), len(failures[other])))
    failure = failures[nearest][0]
    return StorageEvidence(failure.vector.id, _value(nearest, name), failure)


def _differences(one: str, other: str) -> int:
    first = DeclaredStorage.parse(one)
    second = DeclaredStorage.parse(other)
    names = [each.name for each in fields(first)]
    return sum(getattr(first, name) != getattr(second, name) for name in names)


def _value(code: str, name: str) -> str:
    return str(getattr(DeclaredStorage.parse(code), name))
