"""Elements whose gradient or its square is not finite: their classes, and how they are judged."""

import re
from dataclasses import replace

import numpy as np
import pytest

from conformance import check
from conformance.defects.kit.by_convention import build_named
from conformance.report.screens.failures import block
from conformance.truth.intervals import interval_cell
from conformance.truth.nonfinite import ElementClasses, classes_after, ordinary_classes
from conformance.truth.problem import Problem
from conformance.vectors.interval import ANY, CLASSES, INTERVAL, NAN, NONFINITE, permits

# The least powers of two whose square, or which themselves, exceed an eighth of float32's largest.
SQUARE = 2.0**63
WHOLE = 2.0**125


def classes(grads, m=0.0, dtype="float32"):
    """The classes of one element after ``grads``, by their names, from first moments ``m``."""
    found = ordinary_classes(1)
    for grad in grads:
        found = classes_after(found, np.array([grad]), np.array([m]), dtype)
    return ElementClasses(*(CLASSES[int(codes[0])] for codes in found))


@pytest.mark.parametrize(
    ("grad", "params", "m", "v", "v_max"),
    [
        (2.0**62, "interval", "interval", "interval", "interval"),
        (SQUARE, "any", "interval", "any", "any"),
        (-SQUARE, "any", "interval", "any", "any"),
        (WHOLE, "any", "any", "any", "any"),
        (np.inf, "nan", "nonfinite", "nonfinite", "any"),
        (-np.inf, "nan", "nonfinite", "nonfinite", "any"),
        (np.nan, "nan", "nan", "nan", "any"),
    ],
)
def test_the_class_of_an_element_is_that_of_its_worst_number(grad, params, m, v, v_max):
    assert classes([grad]) == ElementClasses(params, m, v, v_max)


def test_a_difference_to_the_moment_that_overflows_leaves_the_moment_open():
    # A lerp takes g - m: half of what is too much on either side of zero.
    assert classes([WHOLE / 2], m=-WHOLE / 2).m == "any"
    assert classes([WHOLE / 2], m=WHOLE / 2).m == "interval"


@pytest.mark.parametrize(
    ("dtype", "large"), [("float16", 2.0**7), ("float32", 2.0**63), ("float64", 2.0**511)]
)
def test_every_format_has_its_own_limit(dtype, large):
    assert classes([large / 2], dtype=dtype).v == "interval"
    assert classes([large], dtype=dtype).v == "any"


def test_what_is_spoilt_stays_so_and_only_gets_worse():
    assert classes([np.nan, 1.0, np.inf]) == ElementClasses("nan", "nan", "nan", "any")
    assert classes([np.inf, 1.0, SQUARE]) == ElementClasses("nan", "nonfinite", "nonfinite", "any")
    assert classes([SQUARE, 1.0, np.inf]) == ElementClasses("nan", "nonfinite", "nonfinite", "any")


def test_neighbours_keep_their_class():
    found = classes_after(
        ordinary_classes(3), np.array([1.0, np.nan, -2.0]), np.zeros(3), "float32"
    )
    assert all(codes[[0, 2]].tolist() == [INTERVAL, INTERVAL] for codes in found)


def test_a_class_permits_what_it_says():
    got = np.array([1.0, np.inf, -np.inf, np.nan])
    inside = np.array([True, False, False, False])
    permitted = {name: permits(np.full(4, name), got, inside).tolist() for name in CLASSES}
    assert permitted == {
        "interval": [True, False, False, False],
        "any": [True, True, True, True],
        "nonfinite": [False, True, True, True],
        "nan": [False, False, False, True],
    }


@pytest.mark.parametrize("radius", [np.nan, np.inf])
def test_a_bound_that_is_not_finite_is_refused_but_where_nothing_is_bounded(radius):
    with pytest.raises(ValueError, match=rf"a bound must be finite, got \[{radius}\]"):
        interval_cell((0,), np.array([radius]), np.array([INTERVAL]), "float32")
    codes = np.array([ANY, NONFINITE, NAN])
    assert interval_cell((0,) * 3, np.full(3, np.nan), codes, "float32").classes == (
        ANY,
        NONFINITE,
        NAN,
    )


def test_norms_and_decay_with_numbers_that_are_not_finite_are_refused(suite):
    spec = next(one for one in suite.vectors if one.id == "extremes.f32.nan").spec
    limited = replace(spec, inputs=spec.inputs._replace(switches={"clipnorm": 0.015625}))
    with pytest.raises(
        ValueError, match="clipnorm must be off where gradients are not finite, got 0.015625"
    ):
        Problem(limited)


def wrong(**pieces):
    return build_named("Wrong", "paper", **pieces)


def gradient(change):
    """A piece that changes every gradient."""
    return lambda adam, step, param, g: g if g is None else np.asarray(change(g), g.dtype)


def largest(g):
    return np.finfo(g.dtype).max


NAN_ZEROED = wrong(gradient=gradient(lambda g: np.where(np.isnan(g), 0, g)))
CLAMPED = wrong(gradient=gradient(lambda g: np.clip(g, -largest(g), largest(g))))
SKIPPED = wrong(new_param=lambda adam, step, old, new: np.where(np.isfinite(new), new, old))
ALL_SKIPPED = wrong(new_param=lambda adam, step, old, new: new if np.isfinite(new).all() else old)
# The sum of all elements is added and taken away again, as a norm that is not used might be.
SPREADING = wrong(gradient=gradient(lambda g: g + 0 * g.sum()))
MOMENT_KEPT = wrong(
    remember=lambda adam, step, m, v: (
        np.where(np.isfinite(m), m, adam.state.m[step.parameter]),
        v,
    )
)
NAN_TO_INF = wrong(
    new_param=lambda adam, step, old, new: np.where(np.isnan(new), new.dtype.type(np.inf), new)
)


@pytest.mark.parametrize(
    ("make", "vector", "permitted", "got"),
    [
        (NAN_ZEROED, "nan", "NaN", "a number"),
        (SKIPPED, "nan", "NaN", "a number"),
        (ALL_SKIPPED, "infinite", "NaN", "a number"),
        (NAN_TO_INF, "nan", "NaN", "inf"),
        (CLAMPED, "infinite", "an infinity or NaN", "a number"),
        (CLAMPED, "negative-infinite", "an infinity or NaN", "a number"),
        (MOMENT_KEPT, "infinite", "an infinity or NaN", "a number"),
        (SPREADING, "nan", "an interval", "nan"),
        (SPREADING, "infinite", "an interval", "nan"),
    ],
)
@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_a_number_that_is_not_finite_must_spoil_its_element_and_no_other(
    make, vector, permitted, got, dtype, suite
):
    report = check(make, only=f"extremes.{dtype}.{vector}", suite=suite)
    text = block(report, report.failures[0])
    said = {
        name: re.search(rf"^  {name} +(.*)$", text, re.MULTILINE).group(1)
        for name in ("permitted", "got")
    }
    assert re.sub(".* to .*", "an interval", said["permitted"]) == permitted
    assert re.sub("-?[0-9.].*", "a number", said["got"]) == got
    assert "off by" not in text  # by how much is a question for numbers


def test_only_what_is_spoilt_is_reported_and_in_its_first_step(suite):
    found = check(NAN_ZEROED, only="extremes.f32.nan", suite=suite).failures[0].discrepancy
    # The second gradient's first element is the NaN.
    assert (found.quantity, found.step, found.param, found.element, found.permitted) == (
        "m",
        2,
        0,
        (0,),
        "nan",
    )


def test_a_spoilt_element_has_no_part_in_the_worst_ratio(suite):
    report = check(build_named("Right", "paper"), only="extremes.*", suite=suite)
    assert 0 < report.worst_ratio < 1


@pytest.mark.parametrize(
    "pieces",
    [
        # inf - inf is NaN, which a multiply-add never meets.
        {
            "first_moment": lambda adam, step, m, g: m + (1 - adam.beta1) * (g - m),
            "second_moment": lambda adam, step, v, g: v + (1 - adam.beta2) * (g * g - v),
        },
        # A square that overflows in float32 is finite in wider registers, until it is stored.
        {
            "first_moment": lambda adam, step, m, g: (
                adam.beta1 * m.astype(np.longdouble) + (1 - adam.beta1) * g
            ),
            "second_moment": lambda adam, step, v, g: (
                adam.beta2 * v.astype(np.longdouble)
                + (1 - adam.beta2) * g.astype(np.longdouble) ** 2
            ),
        },
        # Where it saturates it is finite for good.
        {"remember": lambda adam, step, m, v: (m, np.minimum(v, largest(v)))},
        {"largest": lambda adam, step, v_max, v: (kept := np.fmax(v_max, v), kept)},
    ],
    ids=["lerp", "wide registers", "v saturates", "a maximum that drops NaN"],
)
def test_what_overflows_in_another_way_is_accepted(pieces, suite):
    only = "extremes.*.square-overflows" if "remember" in pieces else "extremes.*"
    report = check(wrong(**pieces), only=only, suite=suite)
    assert report.conformant, [block(report, one) for one in report.failures]
