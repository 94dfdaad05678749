"""Forms of inputs, and groups that come late: what the second run hands over."""

from types import SimpleNamespace

import numpy as np

from conformance import check
from conformance.defects.kit.by_convention import build_named
from conformance.vectors.slices import IndexedSlices

RightAdam = build_named("RightAdam", "paper")


def judged(make, only, suite):
    return check(make, "paper", suite=suite, only=only)


def test_slices_come_in_each_form_that_is_asked(suite):
    seen = {}

    class Noting(RightAdam):
        def step(self, grads, learning_rate=None):
            for grad in grads:
                assert isinstance(grad, IndexedSlices)
                flags = grad.values.flags
                seen.setdefault("fortran", set()).add(flags.f_contiguous and not flags.c_contiguous)
                seen.setdefault("writeable", set()).add(grad.indices.flags.writeable)
                seen.setdefault("gaps", set()).add(grad.indices.strides[0] == 16)
                seen.setdefault("dtype", set()).add(str(grad.indices.dtype))
            return super().step(grads, learning_rate)

    report = judged(Noting, "forms.f32.sparse-*", suite)
    assert report.conformant, report.diagnosis
    assert len(report.comparisons) == 4
    both = {False, True}
    assert seen == {
        "fortran": both,
        "writeable": both,
        "gaps": both,
        "dtype": {"int32", "int64"},
    }


def test_gradients_of_another_dtype_have_the_same_numbers_and_must_not_change_the_dtype(suite):
    class Taking(RightAdam):
        supports = frozenset({"grad_dtype"})

        def step(self, grads, learning_rate=None):
            own = self.state.params[0].dtype
            return super().step([np.asarray(grad, own) for grad in grads], learning_rate)

    class Widening(Taking):
        def step(self, grads, learning_rate=None):
            dtype = np.result_type(grads[0], self.state.params[0])
            return [np.asarray(param, dtype) for param in super().step(grads, learning_rate)]

    assert judged(Taking, "forms.*.grad-dtype", suite).verdict == "conformant"
    report = judged(Widening, "forms.*.grad-dtype", suite)
    # Of float64 the other dtype is narrower, and the result keeps its own.
    assert [failure.vector.id for failure in report.failures] == ["forms.f32.grad-dtype"]
    assert "must return parameter 0 as float32, got float64" in report.failures[0].reason


def test_a_group_that_comes_late_is_asked_of_who_has_a_way_to_add_it(suite):
    class Late(RightAdam):
        added = ()

        def add_group(self, params, **numbers):
            Late.added += (([param.shape for param in params], numbers),)
            super().add_group(params, **numbers)

    assert judged(Late, "groups.f32.late", suite).verdict == "conformant"
    assert Late.added == (([(1, 2), ()], {"learning_rate": 0.25, "beta2": 0.5}),)

    def without(params, *numbers, groups=()):
        return SimpleNamespace(step=RightAdam(params, *numbers, groups=groups).step)

    without.supports = {"none"}
    report = judged(without, "groups.f32.late", suite)
    assert report.unsupported[0].reason == (
        "a group added later: it has no add_group(params, **numbers)"
    )


def test_a_group_that_is_late_by_the_t_of_the_others_is_wrong_where_each_has_its_own(suite):
    class Joining(RightAdam):
        def add_group(self, params, **numbers):
            super().add_group(params, **numbers)
            self.state.calls = 0

    report = judged(Joining, "groups.f32.late", suite)
    assert [failure.vector.id for failure in report.failures] == ["groups.f32.late"]
    assert "only changed runs fail: late" in report.diagnosis


def test_parameters_of_two_dtypes_stand_in_one_optimizer(suite):
    seen = set()

    class Noting(RightAdam):
        def step(self, grads, learning_rate=None):
            seen.add(tuple(str(grad.dtype) for grad in grads))
            return super().step(grads, learning_rate)

    class OneList(RightAdam):
        def step(self, grads, learning_rate=None):
            params = super().step(grads, learning_rate)
            return [param.astype(params[0].dtype) for param in params]

    assert judged(Noting, "forms.f32.mixed", suite).verdict == "conformant"
    assert seen == {("float32",) * 4, ("float32", "float64") * 2}
    report = judged(OneList, "forms.f32.mixed", suite)
    assert "must return parameter 1 as float64, got float32" in report.failures[0].reason


def test_a_saved_state_that_shares_its_maximum_is_found(suite):
    class Sharing(RightAdam):
        def save(self):
            saved = super().save()
            saved.state.v_max = self.state.v_max
            return saved

        def step_array(self, step, grad):
            shared = self.state.v_max[step.parameter]
            super().step_array(step, grad)
            shared[...] = self.state.v_max[step.parameter]
            self.state.v_max[step.parameter] = shared

    assert not judged(Sharing, "relations.f32.resume-amsgrad", suite).conformant
