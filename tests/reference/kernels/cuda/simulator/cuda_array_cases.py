"""Arrays on a device, their streams, and what is refused; `test_simulator` runs these cases."""

import ctypes
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from adamref import AdamConfig
from adamref.kernels.cuda import FusedAdam, dlpack
from adamref.kernels.cuda import arrays as cuda_arrays
from adamref.kernels.cuda import fused as cuda_fused
from adamref.kernels.cuda import host as cuda_host
from tests.reference.kernels.cuda.simulator.cuda_cases import assert_same, reference
from tests.support.device_arrays import OnDevice, Tensor
from tests.support.kernels import STORAGES, draw

PARAM = np.ones((3, 4), np.float32)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (
            PARAM,
            "params[0] must lie on a CUDA device, got ndarray of the host; adamref.Adam(b",
        ),
        (
            torch.ones(3),
            "params[0] must lie on a CUDA device, got a tensor on cpu; adamref.Adam(b",
        ),
        (
            OnDevice(PARAM.astype(np.int32)),
            "params[0] must be float16, bfloat16, float32 or float64, got int32",
        ),
        (
            OnDevice(PARAM.astype(">f4")),
            "params[0] must be float16, bfloat16, float32 or float64, got >f4",
        ),
        (
            OnDevice(PARAM.T),
            "params[0] must be C-contiguous to be stepped in place, got one that is not; adam",
        ),
        (
            OnDevice(PARAM, data=(64, True)),
            "params[0] must be writeable to be stepped in place, got one that is not; adamref",
        ),
    ],
)
def test_a_parameter_that_cannot_be_stepped_in_place_is_refused(array, message):
    with pytest.raises(ValueError, match="^params") as caught:
        FusedAdam([array])
    assert str(caught.value).startswith(message)


def test_parameters_that_overlap_are_refused():
    with pytest.raises(
        ValueError, match=r"must not overlap, got params\[0\] and params\[1\] that do"
    ):
        FusedAdam([OnDevice(PARAM[:2]), OnDevice(PARAM[1:])])


def test_clipping_is_refused():
    with pytest.raises(ValueError, match=r"^clipnorm must be None here, got 2.0; use adamref.Adam"):
        FusedAdam([OnDevice(PARAM)], AdamConfig(clipnorm=2.0), "tfkeras")


@pytest.mark.parametrize(
    ("grads", "message"),
    [
        ([], "grads must have one entry a parameter, 2, got 0"),
        (
            [PARAM, None],
            "grads[1] must lie on a CUDA device, got NoneType of the host; adamref.Adam",
        ),
        ([PARAM, PARAM.T], "grads[1] must have the shape of its parameter (3, 4), got (4, 3)"),
        (
            [PARAM, np.ones((3, 4))],
            "grads[1] must have the dtype of its parameter, float32, got float64",
        ),
        (
            [PARAM, np.ones((4, 3), np.float32).T],
            "grads[1] must be C-contiguous, got strides of (4, 12) bytes; hand",
        ),
        ([PARAM, "own"], "grads[1] must not overlap with what is stepped; hand over a copy of it"),
    ],
)
def test_a_gradient_that_does_not_fit_is_refused_and_nothing_changes(grads, message):
    params = [PARAM.copy(), PARAM.copy()]
    fused = FusedAdam([OnDevice(param) for param in params])
    given = []
    for grad in grads:
        array = params[0] if isinstance(grad, str) else grad
        given.append(None if array is None else OnDevice(array))
    with pytest.raises(ValueError, match="^grads") as caught:
        fused.step(given)
    assert str(caught.value).startswith(message)
    assert fused.t == 0
    assert all((param == 1).all() for param in params)
    assert not any(moment.copy_to_host().any() for moment in fused.m + fused.v)


def test_a_parameter_on_another_device_is_refused():
    array = Tensor(PARAM)
    array.device = torch.device("cuda", 1)
    with pytest.raises(
        ValueError, match=r"^params\[0\] must lie on the current device, 0, got device 1"
    ):
        FusedAdam([array])


class Packed:
    """An array with nothing but DLPack, which starts 6 bytes after the data of its capsule."""

    def __init__(self, tensor):
        self.tensor = tensor
        self.streams = []

    def __dlpack_device__(self):
        return 2, 0  # a CUDA device

    def __dlpack__(self, stream):
        self.streams.append(stream)
        capsule = self.tensor.__dlpack__()
        get = ctypes.pythonapi.PyCapsule_GetPointer
        get.restype = ctypes.c_void_p
        get.argtypes = (ctypes.py_object, ctypes.c_char_p)
        described = dlpack.CapsuleTensor.from_address(get(capsule, b"dltensor"))
        described.data = described.data - 6
        described.byte_offset = 6
        return capsule


def test_arrays_come_by_dlpack_too():
    rng = np.random.default_rng(10)
    param, grad = (draw(rng, 37, STORAGES["bfloat16"]) for _ in range(2))
    tensors = [
        Packed(torch.from_numpy(array.view(np.int16)).view(torch.bfloat16))
        for array in (param, grad)
    ]
    adam = reference([param], AdamConfig(), "paper")
    fused = FusedAdam(tensors[:1], stream=96)
    fused.step(tensors[1:])
    adam.step([grad])
    assert_same(adam, [param], fused)
    assert tensors[1].streams == [96]


def test_each_step_is_put_on_the_stream_that_the_owner_of_the_parameters_uses_then(monkeypatch):
    class Library:
        current = 0

        def current_stream(self):
            self.current += 32
            return SimpleNamespace(cuda_stream=self.current)

    seen = []
    monkeypatch.setattr(torch.cuda, "current_stream", Library().current_stream)
    monkeypatch.setattr(cuda_fused, "library", lambda arrays: "torch")
    monkeypatch.setattr(
        cuda_fused, "stream_at", lambda handle: seen.append(handle) or cuda_host.stream_at(handle)
    )
    fused = FusedAdam([Tensor(PARAM.copy())])
    seen.clear()
    for _ in range(2):
        fused.step([Tensor(PARAM)])
    assert sorted(set(seen)) == [64, 96]


def test_arrays_of_cupy_are_stepped_on_the_stream_that_cupy_uses_then(monkeypatch):
    stream = SimpleNamespace(ptr=48)
    cupy = SimpleNamespace(cuda=SimpleNamespace(get_current_stream=lambda: stream))
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    array = type("ndarray", (OnDevice,), {"__module__": "cupy._core.core"})(PARAM)
    assert cuda_arrays.stream_handle(cuda_arrays.library([array]), None) == 48
    assert cuda_arrays.stream_handle(cuda_arrays.library([OnDevice(PARAM)]), None) == 0


@pytest.mark.parametrize("given", [64, SimpleNamespace(cuda_stream=64), SimpleNamespace(ptr=64)])
def test_a_stream_that_is_given_goes_before_the_one_that_a_library_uses(given):
    assert cuda_arrays.stream_handle("torch", given) == 64


def test_an_unknown_stream_is_refused():
    with pytest.raises(
        ValueError,
        match=r"^stream must be a stream of PyTorch, CuPy or Numba, or its handle, got 'x'",
    ):
        FusedAdam([OnDevice(PARAM)], stream="x")
