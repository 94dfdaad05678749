"""Formulas of axis values, read from the statements of a step and not written twice."""

from collections.abc import Iterator
from typing import Any

from ...truth.point import exists
from ...truth.reference import AXES, AdamConfig, Arithmetic, Convention
from ..explain.gradient import Sources, statements_of_gradient
from ..explain.program import equations, shared_numbers
from ..explain.rules import Rules
from ..explain.tape import Statement

# Axis -> the settings that turn on what it is about.
_SETTINGS: dict[str, dict[str, Any]] = {
    "amsgrad": {"amsgrad": True},
    "amsgrad_bias_correction": {"amsgrad": True},
    "weight_decay": {"weight_decay": 0.01},
    "decay_when": {"weight_decay": 0.01},
    "decay_scale": {"weight_decay": 0.01},
    "epsilon": {"epsilon_root": 0.01},
}
# Axis -> the values on other axes without which it means nothing.
_WITH = {
    "decay_when": {"weight_decay": "decoupled"},
    "decay_scale": {"weight_decay": "decoupled"},
}
_EQUATIONS = ("bias_correction", *_SETTINGS)


def formula_of(axis: str, value: str) -> str:
    """Return the equations that a value changes, as they stand with it; empty if none."""
    if axis not in _EQUATIONS:
        return ""
    by_value = {one: list(map(_formula, _lines(axis, one))) for one in AXES[axis]}
    own = by_value.pop(value)
    others = [formulas for formulas in by_value.values() if formulas]
    changed = [one for one in own if one and not _is_in_all(one, others)]
    return "; ".join(dict.fromkeys(changed))


def _is_in_all(formula: str, others: list[list[str]]) -> bool:
    return all(formula in other for other in others)


def equations_of_paper() -> dict[str, str]:
    """Return equation -> its formulas, as the paper has them."""
    return equations_of(Convention())


def equations_of(convention: Convention) -> dict[str, str]:
    """Return equation -> its formulas in a convention, with the usual settings."""
    formulas: dict[str, list[str]] = {}
    for line in _statements(convention, {}):
        if line.tag.startswith("E"):
            formulas.setdefault(line.tag, []).append(_equation(line))
    return {tag: "; ".join(lines) for tag, lines in formulas.items()}


def _formula(line: Statement) -> str:
    """Return a line in letters; empty for a number that is only rounded."""
    return "" if line.is_named_so else _equation(line)


def _equation(line: Statement) -> str:
    """Return a line as the paper writes it."""
    return f"{line.letters} = {line.paper or line.formula}"


def _lines(axis: str, value: str) -> Iterator[Statement]:
    """Yield the statements of a step with a value on an axis; none if it has no step."""
    values = {**_WITH.get(axis, {}), axis: value}
    if value == "unsupported" or not exists(values):
        return
    settings = dict(_SETTINGS.get(axis, {}))
    # Only one place of epsilon has a second one.
    if axis == "epsilon" and value != "both":
        settings = {}
    yield from _statements(Convention(**values), settings)  # type: ignore[arg-type]


def _statements(convention: Convention, settings: dict[str, Any]) -> Iterator[Statement]:
    rules = Rules(
        config=AdamConfig(**settings),
        convention=convention,
        arithmetic=Arithmetic.parse("ddddd"),
        wide="float64",
        dtype="float64",
        storage=None,
    )
    # A gradient without clips, which no formula of an axis here is about.
    yield from shared_numbers(rules)
    yield from statements_of_gradient(
        rules,
        Sources([None], [], sums_first=False),
        0,
        None,
        None,
    )
    yield from equations(rules)
