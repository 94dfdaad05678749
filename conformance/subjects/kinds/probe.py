"""Probe: a few steps that show whether an adapter understands a class, before it is judged.

What an adapter assumes of a class that it does not know may be wrong, and then it is the adapter
that must be told so and not the optimizer. These checks hold for every Adam, right or wrong:

- a step with a gradient returns parameters of the same form, and moves some;
- a slot that is shown has the moment of Algorithm 1 after the first step;
- an object that is given the state of another goes on as that one does.
"""

from functools import partial

import numpy as np

from ...subject.messages import message_of
from ...subject.subject import SubjectError, Unsupported
from ...vectors.slices import IndexedSlices

# Exact in every format: learning rate, beta1, beta2, epsilon.
_NUMBERS = (0.125, 0.5, 0.75, 2.0**-10)
_PARAM = np.array([[1.0], [-2.0]], np.float32)
_GRADS = (np.array([[0.5], [-3.0]], np.float32), np.array([[-1.0], [0.25]], np.float32))
# Wide enough for any format of moments, and far from another formula.
_CLOSE = 1e-2
# Two runs of the same operations on the same numbers.
_SAME = 1e-6


class Places:
    """Where a class keeps its moments, as far as that is known.

    Fields:
        names: slot -> its place, in the words of the kind.
        load: why no state can be loaded; empty if it can.
        remarks: what the probe found, for people.
    """

    def __init__(self, names, load=""):
        self.names = dict(names)
        self.load = load
        self.remarks = []

    def require_load(self):
        """Raise Unsupported if no state can be loaded."""
        if self.load:
            raise Unsupported(f"a state to start from: {self.load}")

    def forget(self, remark):
        """Show no slots, and load none."""
        self.names.clear()
        self.load = remark
        self.remarks.append(f"{remark}; only its parameters are judged")


def try_out(make, kind, is_guess, sparse=False, **switches):
    """Take a few steps of a class, and return its ``make`` with what is to be said of it.

    Args:
        make: the function that starts a run.
        kind: has its ``arguments`` and ``places``.
        is_guess: whether its convention is one.
        sparse: whether it takes sparse gradients alone.
        switches: that must be on.

    Raises:
        SubjectError: no step could be taken, or it moved nothing.
    """
    probe(partial(make, **switches), kind.places, sparse)
    make.notes = (*kind.arguments.sentences(), *kind.places.remarks)
    make.is_guess = is_guess
    return make


def probe(make, places, sparse=False):
    """Take a few steps, and take out of ``places`` what is not there.

    Args:
        make: the function that starts a run.
        places: of the class; changed.
        sparse: whether it takes sparse gradients alone.

    Raises:
        SubjectError: no step could be taken, or it moved nothing.
    """
    grads = _GRADS
    if sparse:
        grads = tuple(map(_as_slices, _GRADS))
    try:
        optimizer = make([_PARAM.copy()], *_NUMBERS)
        moved = _step(optimizer, grads[0])
    except Exception as error:
        raise SubjectError(
            f"its adapter can take no step with it: {message_of(error)}; `adamref init python` "
            "writes a subject in which you take the step yourself"
        ) from error
    if moved.shape != _PARAM.shape or moved.dtype != _PARAM.dtype:
        form = f"{moved.dtype} of shape {moved.shape}"
        raise SubjectError(
            f"its adapter must get float32 of shape {_PARAM.shape} from a step, got {form}"
        )
    if np.array_equal(moved, _PARAM):
        raise SubjectError(
            "its adapter moves no parameter by a step with it: it may need to be driven in another "
            "way; `adamref init python` writes a subject in which you take the step yourself"
        )
    if not places.names:
        return
    if wrong := _wrong_moment(optimizer):
        places.forget(wrong)
    elif not places.load and not _goes_on(make, optimizer, grads):
        places.load = "an object that was given the state of another went on in another way"


def _as_slices(grad):
    return IndexedSlices(grad, np.arange(len(grad)), grad.shape)


def _step(optimizer, grad):
    [param] = optimizer.step([grad if isinstance(grad, IndexedSlices) else grad.copy()])
    return np.asarray(param).copy()


def _wrong_moment(optimizer):
    """Return what is wrong with the moments after the first step; empty if nothing is."""
    _, beta1, beta2, _ = _NUMBERS
    expected = {"m": (1 - beta1) * _GRADS[0], "v": (1 - beta2) * _GRADS[0] ** 2}
    try:
        shown = optimizer.slots()
    except Exception as error:
        return f"its moments are not where its kind has them ({message_of(error)})"
    for slot, array in expected.items():
        [found] = shown.get(slot, [None])
        if found is None:
            return f"it keeps no {slot} where its kind has it"
        if not _are_close(found, array, _CLOSE):
            return (
                f"what it keeps in the place of {slot} is not {slot} after its first step "
                f"({_number(array)}, got {_number(found)})"
            )
    return ""


def _are_close(found, expected, tolerance):
    found = np.asarray(found)
    return found.shape == expected.shape and np.allclose(found, expected, tolerance, 0)


def _number(array):
    return format(float(np.ravel(array)[0]), ".6g")


def _goes_on(make, optimizer, grads):
    """Return whether another object goes on with a state as this one does.

    The state is that after two steps: whoever loads it may have to take a step first, and what that
    leaves behind could be right after one.
    """
    first, second = grads
    param = _step(optimizer, second)
    slots = {}
    for name, [array] in optimizer.slots().items():
        slots[name] = [np.asarray(array).copy()]
    expected = _step(optimizer, first)
    other = make([np.zeros_like(_PARAM)], *_NUMBERS)
    try:
        other.load([param], slots, [2])
        return _are_close(_step(other, first), expected, _SAME)
    except Exception:
        return False
