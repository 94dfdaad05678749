"""Complex parameters: what subjects are handed, what they hand back, and which axis they are on."""

import copy
import re
from dataclasses import replace

import numpy as np
import pytest

from conformance import check, identify
from conformance.defects.kit.by_convention import build_named
from conformance.subject.subject import from_make
from conformance.trial.run import run
from conformance.truth.answers import answer_table
from conformance.truth.problem import Problem
from conformance.vectors.reading import read_checked
from conformance.vectors.spec import VectorSpec
from conformance.vectors.words import encode

NAMED = {"components": "torch", "modulus": "optax"}


def adam_of(axis):
    """A right Adam, written for complex numbers: v of each part, or of the modulus."""

    class Adam:
        supports = ("complex",)

        def __init__(self, params, rate, beta1, beta2, epsilon):
            self.params, self.t = [np.array(param) for param in params], 0
            self.rate, self.beta1, self.beta2, self.epsilon = rate, beta1, beta2, epsilon
            self.m = [0 * param for param in params]
            self.v = [0 * (param if axis == "components" else param.real) for param in params]

        def step(self, grads):
            self.t += 1
            for place, grad in enumerate(grads):
                square = (grad * grad.conj()).real
                if axis == "components" and np.iscomplexobj(grad):
                    square = grad.real**2 + 1j * grad.imag**2
                self.m[place] = self.beta1 * self.m[place] + (1 - self.beta1) * grad
                self.v[place] = self.beta2 * self.v[place] + (1 - self.beta2) * square
                self.params[place] = self.params[place] - self._update(place)
            return [param.copy() for param in self.params]

        def _update(self, place):
            m_hat = self.rate * self.m[place] / (1 - self.beta1**self.t)
            v_hat = self.v[place] / (1 - self.beta2**self.t)
            if not np.iscomplexobj(v_hat):
                return m_hat / (np.sqrt(v_hat) + self.epsilon)
            real = m_hat.real / (np.sqrt(v_hat.real) + self.epsilon)
            return real + 1j * (m_hat.imag / (np.sqrt(v_hat.imag) + self.epsilon))

        def slots(self):
            return {"m": [one.copy() for one in self.m], "v": [one.copy() for one in self.v]}

    return Adam


@pytest.fixture(name="part", scope="module")
def find_part(suite):
    """The vectors about complex parameters, and some that say what else an Adam is."""
    topics = ("basic", "bias", "epsilon", "complex")
    return replace(suite, vectors=[one for one in suite.vectors if one.topic in topics])


@pytest.fixture(name="angles")
def find_angles(suite):
    return next(vector for vector in suite.vectors if vector.id == "complex.f32.angles")


@pytest.mark.parametrize("axis", NAMED)
def test_each_value_of_the_axis_is_accepted_where_it_is_the_convention_and_else_named(axis, part):
    [other] = set(NAMED) - {axis}
    right = check(adam_of(axis), NAMED[axis], suite=part)
    assert right.verdict == "conformant", right.diagnosis
    assert {"complex"} <= {word for one in right.comparisons for word in one.vector.features}
    wrong = check(adam_of(axis), NAMED[other], suite=part)
    failed = [one for one in wrong.failures if one.vector.topic == "complex"]
    assert failed == wrong.failures != []
    assert max(one.worst["params"] for one in failed) > 64
    assert f"complex = {axis}" in wrong.diagnosis
    assert identify(adam_of(axis), suite=part).convention["complex"] == axis


def test_the_answers_for_components_are_those_of_real_numbers(angles):
    spec = angles.spec
    axes = {"epsilon": ["hat", "outside", "both"]}
    real = spec.inputs._replace(form=None)
    by_quantity = {
        answer.quantity: answer.intervals
        for answer in answer_table(Problem(VectorSpec(id="real", inputs=real, axes=axes)))
    }
    axes_of_torch = {"complex": "components", "epsilon": "both", "bias_correction": "both"}
    found = [answer for answer in angles.answers if answer.holds(axes_of_torch)]
    assert {answer.quantity for answer in found} == {"params", "m", "v"}
    for answer in found:
        for row, alike in zip(answer.intervals, by_quantity[answer.quantity], strict=True):
            for one, other in zip(row, alike, strict=True):
                assert np.array_equal(one.lo.ravel(), other.lo.ravel())
                assert np.array_equal(one.bound.ravel(), other.bound.ravel())


def test_no_convention_without_complex_parameters_is_asked(suite):
    asked = {
        name
        for name, one in suite.conventions.items()
        if any(vector.asks(one.axes) for vector in suite.vectors if vector.topic == "complex")
    }
    assert asked == {name for name in suite.conventions if name.startswith(("torch", "optax"))} - {
        "torch-sparse"
    }


def test_a_subject_is_handed_complex_numbers_and_the_watch_sees_what_it_changes(angles):
    seen = []

    def make(params, *numbers):
        seen.extend(params)

        def step(grads):
            seen.extend(grads)
            return params

        return step

    make.supports = {"complex"}
    check(make, "torch", only="complex.f32.angles")
    assert {(one.dtype.name, one.shape) for one in seen} == {("complex64", (3,)), ("complex64", ())}
    assert seen[2][0] == 3 + 4j


@pytest.mark.parametrize(
    ("hand_back", "status", "reason"),
    [
        (lambda param: param, "ran", ""),
        (lambda param: param.real, "misbehaved", "parameter 0 as complex64, got float32; raise"),
        (lambda param: np.stack([param]), "misbehaved", r"in shape \(3,\), got \(1, 3\)"),
    ],
)
def test_complex_parameters_must_come_back(hand_back, status, reason, angles):
    def make(params, *numbers):
        return lambda grads: [hand_back(param) for param in params]

    make.supports = {"complex"}
    done = run(from_make(make), angles)
    assert done.status == status
    assert re.search(reason, done.reason), done.reason


def test_a_subject_that_does_not_declare_them_is_not_asked(angles):
    done = run(from_make(lambda params, *numbers: None), angles)
    assert done.status == "unsupported"
    assert done.reason == 'complex parameters: declare them with make.supports = {"complex"}'


def test_a_state_is_restored_by_another_object_that_takes_complex_gradients_too(suite):
    vector = next(one for one in suite.vectors if one.id == "complex.f64.resume")
    done = run(from_make(build_named("Right", "optax")), vector)
    assert done.status == "ran", done.reason
    assert done.related.keys() == done.snapshots.keys()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda entry: entry.update(shapes=[[6], [2]]),
            r"must end with 2, for both parts, got \[6",
        ),
        (lambda entry: entry.update(tile=6), "form complex cannot be combined with tile"),
        (lambda entry: entry.update(relation={"kind": "split"}), "relation split cannot be combin"),
    ],
)
def test_a_file_whose_arrays_are_no_complex_numbers_is_refused(change, message, angles):
    entry = copy.deepcopy(angles.to_entry())
    change(entry)
    with pytest.raises(ValueError, match=message):
        read_checked(entry)


def test_a_gradient_whose_square_may_overflow_is_refused(angles):
    entry = copy.deepcopy(angles.to_entry())
    # For one part it would be no interval, and both parts have one v.
    entry["steps"][0]["grads"][1] = encode(np.array([1e20, 1.0], np.float32))
    with pytest.raises(ValueError, match=r"complex gradients must be below 6\.52191e\+18"):
        Problem(read_checked(entry).spec)
