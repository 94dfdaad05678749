"""The oracle against closed sums in rationals, the reference, and numbers worked out elsewhere."""

from decimal import Decimal
from fractions import Fraction
from math import isqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamref import Adam, AdamConfig, Arithmetic, Convention, oracle
from adamref.named_conventions import ARITHMETICS
from conformance.truth.bound import Bound, no_error
from conformance.truth.exact_step import as_step
from conformance.truth.formats import FORMATS

GRADS = [[0.3, -2.0, 1e-3], [50.0, 0.0, -4.0], [0.0, 1e-8, 7.0], [-3.0, 2.0, 0.5]]
START = [0.5, -1.0, 3.0]
CONVENTIONS = {
    "outside": ({}, {}),
    "hat": ({"epsilon": "hat"}, {}),
    "inside": ({"epsilon": "inside"}, {}),
    "both": ({"epsilon": "both"}, {"epsilon_root": 1e-3}),
    "no correction": ({"bias_correction": "none"}, {}),
    "first alone": ({"bias_correction": "first"}, {}),
    "second alone": ({"bias_correction": "second", "epsilon": "hat"}, {}),
    "epsilon zero": ({"epsilon_zero": "default", "epsilon": "hat"}, {"epsilon": 0.0}),
    "amsgrad raw": ({}, {"amsgrad": True}),
    "amsgrad corrected": ({"amsgrad": "max_corrected"}, {"amsgrad": True}),
    "amsgrad uncorrected": ({"amsgrad_bias_correction": "none"}, {"amsgrad": True}),
    "l2": ({"weight_decay": "l2"}, {"weight_decay": 0.1}),
    "decoupled before": ({"weight_decay": "decoupled"}, {"weight_decay": 0.1}),
    "decoupled after": (
        {"weight_decay": "decoupled", "decay_when": "after"},
        {"weight_decay": 0.1},
    ),
    "decoupled unscaled": (
        {"weight_decay": "decoupled", "decay_scale": "one"},
        {"weight_decay": 0.1},
    ),
    "decoupled lr_t": ({"weight_decay": "decoupled", "decay_scale": "lr_t"}, {"weight_decay": 0.1}),
    "maximize": (
        {"maximize": "before_l2", "weight_decay": "l2"},
        {"maximize": True, "weight_decay": 0.1},
    ),
    "clip value": ({"clip": "cumulative"}, {"clipvalue": 1.5}),
    "clip norm": ({"clip": "cumulative"}, {"clipnorm": 1.5}),
    "clip norm torch": ({"clip": "cumulative", "clip_law": "plus_1e-6"}, {"clipnorm": 1.5}),
    "clip all": (
        {"clip": "cumulative"},
        {"clipvalue": 10.0, "clipnorm": 5.0, "global_clipnorm": 3.0},
    ),
    "clip first": (
        {"clip": "first", "clip_order": "norm_global_value"},
        {"clipvalue": 1.0, "clipnorm": 5.0},
    ),
}


def solve(config, convention, grads, params, dtype="float64", code="ddddd"):
    calls = [oracle.ExactCall([grad]) for grad in grads]
    begin = oracle.start([params], config.amsgrad)
    return oracle.trajectory(config, convention, Arithmetic.parse(code), dtype, begin, calls)


def check_within(got, want, radii):
    for number, exact, radius in zip(got, want, radii, strict=True):
        error = abs(Fraction(float(number)) - Fraction(exact))
        assert np.isinf(radius) or error <= Fraction(float(radius))


def test_moments_are_the_closed_sums_of_the_paper():
    # m_t = (1 - beta1) sum beta1^(t - i) g_i, v_t likewise: Kingma & Ba, section 3, in rationals.
    config = AdamConfig(beta1=0.9, beta2=0.999)
    after = solve(config, Convention(), GRADS, START)[-1].entries[0].after
    for moment, beta, power in ((after.m, 0.9, 1), (after.v, 0.999, 2)):
        b = Fraction(beta)
        t = len(GRADS)
        for at in range(3):
            terms = (b ** (t - i) * Fraction(g[at]) ** power for i, g in enumerate(GRADS, 1))
            exact = (1 - b) * sum(terms)
            assert abs(Fraction(moment[at]) - exact) <= abs(exact) * Fraction(10) ** -75


def root(x):
    """The square root of a rational to 100 digits, by integers alone."""
    scale = 10**100
    return Fraction(isqrt(x.numerator * scale * scale // x.denominator), scale)


@pytest.mark.parametrize("epsilon", ["outside", "hat", "inside"])
def test_parameters_follow_from_the_closed_sums(epsilon):
    # Every step from its closed sums, roots by integer arithmetic: no recurrence of Adam is here.
    config = AdamConfig(learning_rate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-3)
    lr, b1, b2, eps = (Fraction(x) for x in (0.01, 0.9, 0.999, 1e-3))
    after = solve(config, Convention(epsilon=epsilon), GRADS, START)[-1].entries[0].after
    for at, start in enumerate(START):
        expected = Fraction(start)
        for t in range(1, len(GRADS) + 1):
            seen = [Fraction(g[at]) for g in GRADS[:t]]
            m = (1 - b1) * sum(b1 ** (t - i) * g for i, g in enumerate(seen, 1))
            v = (1 - b2) * sum(b2 ** (t - i) * g * g for i, g in enumerate(seen, 1))
            m_hat = m / (1 - b1**t)
            v_hat = v / (1 - b2**t)
            hat = lr * root(1 - b2**t) / (1 - b1**t) * m / (root(v) + eps)
            expected -= {
                "outside": lr * m_hat / (root(v_hat) + eps),
                "inside": lr * m_hat / root(v_hat + eps),
                "hat": hat,
            }[epsilon]
        assert abs(Fraction(after.param[at]) - expected) < Fraction(10) ** -70


def test_parameters_are_the_sum_of_the_steps_of_algorithm_1_in_rationals():
    # With both betas 0, every step is rational: lr g / (|g| + epsilon).
    config = AdamConfig(learning_rate=0.125, beta1=0.0, beta2=0.0, epsilon=0.25)
    steps = solve(config, Convention(), GRADS[:2], START)
    expected = Fraction(0.5) - Fraction(1, 8) * (
        Fraction(0.3) / (Fraction(0.3) + Fraction(1, 4)) + Fraction(200, 201)
    )
    assert abs(Fraction(steps[-1].entries[0].after.param[0]) - expected) < Fraction(10) ** -75


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CONVENTIONS)
def test_the_reference_is_within_the_bound_of_the_oracle_on_every_axis(name, dtype):
    axes, numbers = CONVENTIONS[name]
    config = AdamConfig(learning_rate=0.01, **({"epsilon": 1e-4} | numbers))
    convention = Convention(**axes)
    grads = [np.array(grad, dtype) for grad in GRADS]
    start = np.array(START, dtype)
    exact = solve(
        config,
        convention,
        [g.astype(float).tolist() for g in grads],
        start.astype(float).tolist(),
        dtype,
    )
    bound = Bound(config, convention, FORMATS[dtype], "d", clipped_elements=3)
    radii = no_error(3)
    adam = Adam([start], config, convention)
    for grad, outcome in zip(grads, exact, strict=True):
        radii = bound.after(as_step(outcome.entries[0]), radii)
        param = adam.step([grad])[0]
        memory = outcome.entries[0].after
        for got, want, radius in (
            (param, memory.param, radii.param),
            (adam.slots()["v"][0], memory.v, radii.v),
        ):
            check_within(got, want, radius)
        # A bound as large as the way would show nothing.
        for at, number in enumerate(start):
            assert 64 * radii.param[at] < abs(memory.param[at] - Decimal(float(number)))


def test_clipping_after_l2_is_clipping_of_the_sum():
    # wd 1/2, p = 8, limit 6: the sums 3 + 4 = 7 and 4 + 4 = 8 are clipped to 6 after L2 is added,
    # and stay 7 and 8 if the gradients alone are clipped.
    config = AdamConfig(beta1=0.5, weight_decay=0.5, clipvalue=6.0)
    effective = {}
    for when in ("before_l2", "after_l2"):
        convention = Convention(weight_decay="l2", clip="cumulative", clip_when=when)
        exact = solve(config, convention, [[3.0, 4.0]], [8.0, 8.0])[0].entries[0]
        adam = Adam([np.array([8.0, 8.0])], config, convention)
        adam.step([np.array([3.0, 4.0])])
        assert adam.slots()["m"][0].tolist() == [float(m) for m in exact.after.m]
        effective[when] = [float(g) for g in exact.grad]
    assert effective == {"before_l2": [7.0, 8.0], "after_l2": [6.0, 6.0]}
    with pytest.raises(ValueError, match="clip_when must be 'before_l2' with L2, got 'after_l2'"):
        Bound(config, convention, FORMATS["float64"], "d")


def test_every_axis_value_that_the_dense_axes_have_changes_the_oracle():
    # What cannot be told apart by these inputs would be an axis that the oracle ignores.
    results = {}
    for name, (axes, numbers) in CONVENTIONS.items():
        config = AdamConfig(learning_rate=0.01, **({"epsilon": 1e-4} | numbers))
        results[name] = solve(config, Convention(**axes), GRADS, START)[-1].entries[0].after.param
    assert len(set(results.values())) == len(results)


@pytest.mark.parametrize(
    ("axes", "t", "raises"),
    [
        ({}, [3, 3], [False, False, False]),
        ({"all_none": "no_op"}, [2, 2], [False, False, False]),
        ({"all_none": "error"}, [2, 2], [False, True, False]),
        ({"step_scope": "parameter", "all_none": "no_op"}, [2, 1], [False, False, False]),
        (
            {"step_scope": "parameter", "none_gradient": "skip_but_count"},
            [3, 3],
            [False, False, False],
        ),
        ({"none_gradient": "error", "all_none": "error"}, [1, 1], [False, True, True]),
    ],
)
def test_missing_gradients_count_as_the_convention_says(axes, t, raises):
    calls = [
        oracle.ExactCall([[1.0], [1.0]]),
        oracle.ExactCall([None, None]),
        oracle.ExactCall([[1.0], None]),
    ]
    begin = oracle.start([[0.0], [0.0]], amsgrad=False)
    done = oracle.trajectory(
        AdamConfig(), Convention(**axes), Arithmetic.parse("ddddd"), "float64", begin, calls
    )
    last = [getattr(entry, "after", entry) for entry in done[-1].entries]
    assert [memory.t for memory in last] == t
    assert [outcome.raises for outcome in done] == raises


@pytest.mark.parametrize(
    ("code", "expected"),
    [("ddddd", 0.1), ("sdddd", float(np.float32(0.1))), ("Tdddd", float(np.float32(0.1)))],
)
def test_the_learning_rate_is_rounded_to_its_format_and_then_exact(code, expected):
    config = AdamConfig(learning_rate=0.1, beta1=0.5, beta2=0.75, epsilon=0.0)
    step = solve(config, Convention(), [[1.0]], [0.0], "float32", code)[0].entries[0]
    assert abs(step.after.param[0] + Decimal(expected)) < Decimal("1e-70")


def test_numbers_of_tensorflow_s_own_test():
    # tensorflow/python/training/adam_test.py, testBasic: var0 = (1, 2), gradient 0.1, defaults,
    # three steps. The values are a float64 evaluation of the formula there, good to 1e-15.
    config = AdamConfig()
    outcomes = solve(config, Convention(epsilon="hat"), [[0.1, 0.1]] * 3, [1.0, 2.0])
    after = outcomes[-1].entries[0].after
    assert [float(p) for p in after.param] == pytest.approx(
        [0.9970000072255417, 1.9970000072255416], rel=1e-15
    )
    assert float(after.m[0]) == pytest.approx(0.0271, rel=1e-14)
    assert float(after.v[0]) == pytest.approx(2.997001e-05, rel=1e-13)


def test_the_oracle_is_not_fooled_by_zero_over_zero():
    with pytest.raises(ArithmeticError):
        solve(AdamConfig(epsilon=0.0), Convention(), [[0.0]], [1.0])


def test_both_parts_of_a_complex_number_have_a_v_of_their_own_or_one():
    # 3 + 4i and 2i, from 1 + 1i and 0: |g|^2 is 25 and 4.
    config = AdamConfig(learning_rate=0.5, beta1=0.5, beta2=0.75, epsilon=0.0)
    given = ([[3.0, 4.0, 0.0, 2.0]], [1.0, 1.0, 0.0, 0.0], "complex128")
    [modulus] = solve(config, Convention(complex="modulus"), *given)
    assert list(map(float, modulus.entries[0].after.v)) == [6.25, 6.25, 1.0, 1.0]
    # With zero epsilon the first step is learning_rate g / |g|.
    assert list(map(float, modulus.entries[0].after.param)) == [0.7, 0.6, 0.0, -0.5]
    parts = AdamConfig(learning_rate=0.5, beta1=0.5, beta2=0.75, epsilon=1.0)
    [components] = solve(parts, Convention(complex="components"), *given)
    [real] = solve(parts, Convention(), *given[:2])
    assert components.entries[0].after == real.entries[0].after


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    data=st.data(),
    epsilon=st.sampled_from(["outside", "hat", "inside", "both"]),
    code=st.sampled_from(list(ARITHMETICS)),
    dtype=st.sampled_from(["float32", "float64"]),
    amsgrad=st.booleans(),
)
def test_the_reference_is_within_the_bound_wherever_hypothesis_looks(
    data, epsilon, code, dtype, amsgrad
):
    width = 32 if dtype == "float32" else 64
    numbers = st.floats(-1e6, 1e6, width=width, allow_subnormal=False).filter(
        lambda x: x == 0 or abs(x) > 1e-12
    )
    config = AdamConfig(
        learning_rate=data.draw(st.floats(1e-6, 1.0)),
        beta1=data.draw(st.floats(0.0, 0.999)),
        beta2=data.draw(st.floats(0.0, 0.9999)),
        epsilon=data.draw(st.floats(1e-12, 10.0)),
        epsilon_root=data.draw(st.floats(0.0, 1.0)) if epsilon == "both" else 0.0,
        amsgrad=amsgrad,
    )
    convention = Convention(epsilon=epsilon)
    arithmetic = Arithmetic.parse(code)
    start = data.draw(st.lists(numbers, min_size=1, max_size=3))
    grads = data.draw(
        st.lists(
            st.lists(numbers, min_size=len(start), max_size=len(start)), min_size=1, max_size=5
        )
    )
    exact = solve(config, convention, grads, start, dtype, code)
    bound = Bound(config, convention, FORMATS[dtype], arithmetic.for_dtype(dtype).correction)
    radii = no_error(len(start))
    adam = Adam([np.array(start, dtype)], config, convention, arithmetic)
    for grad, outcome in zip(grads, exact, strict=True):
        radii = bound.after(as_step(outcome.entries[0]), radii)
        got = adam.step([np.array(grad, dtype)])[0]
        check_within(got, outcome.entries[0].after.param, radii.param)
