"""FusedAdam: Adam on arrays of the caller on a device, in place, without waiting for it."""

from collections.abc import Sequence
from typing import Any

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...dtypes import KERNEL_STATES
from ...halves.packing import first_kept
from ...halves.storage import Storage
from ..job import kernel_storage, rules_in_place, with_learning_rate
from ..table import GRAD, Extents, Table
from .arrays import describe, fingerprint, library, stream_handle
from .device_array import DeviceArray
from .groups import DeviceStreams, LaunchGroup, group_params
from .host import (
    Stream,
    address,
    check_device,
    device_number,
    download_array,
    is_capturing,
    pinned_like,
    stream_at,
    upload,
    zeros,
)
from .launch import launch, launch_count
from .saving import StorableFusedAdam
from .step_numbers import StepRows


class FusedAdam(StorableFusedAdam):
    """Adam on arrays of a device, in place: every parameter has a dense gradient in every step.

    A step is put on a stream, and nobody waits for it. After `reserve`, a step may be captured in a
    graph.

    Args:
        params: arrays of float32, float64, float16 or bfloat16, C-contiguous: tensors of PyTorch,
            or anything with ``__cuda_array_interface__`` or DLPack. None of them overlaps with
            another. They are stepped in place.
        config: the numbers and switches. Clipping is left to the caller.
        convention: a name of `CONVENTIONS`, or a Convention.
        arithmetic: the formats of the scalars; None is the first that the named convention accepts.
        stream: a stream of PyTorch, CuPy or Numba, or its handle. None is the stream on which the
            library of ``params`` launches at each step, or the default stream.
        storage: how halves are kept, as a `Storage` or its text; None is with moments of float32.

    Attributes:
        params: as given.
        m, v, v_max: device arrays of Numba, which have ``__cuda_array_interface__``; a bfloat16 is
            a uint16 there. ``v_max`` is None without AMSGrad.
        kept: what a storage keeps besides each parameter, as `AdamState.kept`, in such arrays.
        config: with the learning rate of the last step.

    Raises:
        ValueError: the convention is unknown or lacks a feature; a parameter cannot be stepped in
            place.
        RuntimeError: there is no device.
    """

    def __init__(
        self,
        params: Sequence[Any],
        config: AdamConfig | None = None,
        convention: str | Convention = "paper",
        arithmetic: str | Arithmetic | None = None,
        stream: Any = None,
        storage: Storage | str | None = None,
    ) -> None:
        self._config = AdamConfig() if config is None else config
        self.convention, self.arithmetic = rules_in_place(self._config, convention, arithmetic)
        check_device()
        self._params = tuple(params)
        arrays = [_describe_param(f"params[{at}]", param) for at, param in enumerate(self._params)]
        self._owner = library(self._params)
        self._users_stream = stream
        stream = self._stream()
        storages = [kernel_storage(array.dtype, storage) for array in arrays]
        self._streams = _new_streams(arrays, storages, self._config.amsgrad, stream)
        self._extents = Extents(self._streams.by_name(), where=lambda array: array.address)
        self._t = 0
        self._rows = StepRows(
            self._config,
            self.convention,
            self.arithmetic,
            {KERNEL_STATES[array.dtype] for array in arrays},
            stream,
        )
        # Of the gradients of the last step.
        self._fingerprints: list[Any] | None = None
        # Tables for captures: reserved ones, and those that graphs copy from when they are
        # replayed.
        self._reserved: list[list[Table]] = []
        self._captured: list[list[Table]] = []
        # Until the first step, gradients are taken to have the dtypes of their parameters.
        self._groups = self._group([array.dtype for array in arrays], stream)

    # The kernel knows arrays by their addresses, so neither they nor their tuples can be exchanged.
    params = property(lambda self: self._params)
    m = property(lambda self: self._streams.m)
    v = property(lambda self: self._streams.v)
    v_max = property(lambda self: self._streams.v_max)
    kept = property(lambda self: self._streams.kept)
    config = property(lambda self: self._config)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            "FusedAdam must not be copied or pickled, because it steps its arrays in place; "
            "use save()"
        )

    @property
    def t(self) -> int:
        """Steps taken. After `reserve` only the device knows them, and this waits for it."""
        return self._rows.read_t(self._stream()) if self._rows.complete else self._t

    def step(self, grads: Sequence[Any], learning_rate: float | None = None) -> None:
        """Put one step on the stream.

        Args:
            grads: one entry a parameter, on the device: of its shape, in its dtype or the dtype of
                its moments. Not changed.
            learning_rate: of this step and the following ones; None keeps the previous one.

        Raises:
            ValueError: a gradient does not fit; a capture has not been prepared. On error, nothing
                is changed.
        """
        handle = stream_handle(self._owner, self._users_stream)
        stream = stream_at(handle)
        capturing = is_capturing(handle)
        config = with_learning_rate(self._config, learning_rate)
        if capturing:
            self._check_capture(config)
        # Where nothing has changed since the last step, the table on the device is still right. A
        # graph brings its own table each time it is replayed.
        fingerprints = [fingerprint(grad) for grad in grads]
        is_known = None not in fingerprints and fingerprints == self._fingerprints
        if not is_known or capturing or self._captured:
            self._bind(grads, handle, capturing)
            self._fingerprints = fingerprints
        self._rows.prepare(config, self._t + 1, stream)
        # From here on nothing fails. The device counts the step too, because graphs take steps
        # alone.
        self._config = config
        launch_count(stream, self._rows.counter)
        for group in self._groups:
            launch(
                group.kind,
                group.block_count,
                stream,
                address(group.device_table),
                address(group.device_blocks),
                self._rows.rows(group.kind.wide),
                self._rows.counter,
            )
        self._t += 1

    def reserve(self) -> None:
        """Prepare for one capture of `step` in a graph, which may be replayed any number of times.

        The numbers of all steps are put on the device: about 40,000 rows for a beta2 of 0.999,
        which takes a second. Changing the learning rate afterwards takes as long, and changes the
        graph's rate too. The rate must not change in a capture.

        Raises:
            ValueError: the corrections change for too many steps.
        """
        self._rows.fill(self._config, self._t, self._stream())
        self._reserved.append([pinned_like(group.table) for group in self._groups])

    def _stream(self) -> Stream:
        return stream_at(stream_handle(self._owner, self._users_stream))

    def _check_capture(self, config: AdamConfig) -> None:
        """Raise ValueError if a capture would need work that must not happen in it."""
        if not self._reserved:
            raise ValueError(
                "step must be captured once for each reserve(), got "
                f"{len(self._captured) + 1} captures and {len(self._captured)} reserved; "
                "call reserve() before the capture"
            )
        if config is not self._config:
            raise ValueError(
                "learning_rate must not change while a step is captured, from "
                f"{self._config.learning_rate}, got {config.learning_rate}; "
                "step with it before the capture"
            )

    def _bind(self, grads: Sequence[Any], handle: int, capturing: bool) -> None:
        """Take other gradients than in the previous step."""
        if len(grads) != len(self.params):
            raise ValueError(
                f"grads must have one entry a parameter, {len(self.params)}, got {len(grads)}"
            )
        arrays = [
            self._describe_grad(at, describe(f"grads[{at}]", grad, handle))
            for at, grad in enumerate(grads)
        ]
        dtypes = [array.dtype for array in arrays]
        stream = stream_at(handle)
        if self._needs_other_groups(dtypes):
            if capturing:
                raise ValueError(
                    "grads must have the dtypes of the step before a capture, got "
                    f"{', '.join(dtypes)}"
                )
            # Reserved tables are for the old groups.
            self._reserved.clear()
            self._groups = self._group(dtypes, stream)
        tables = [group.table for group in self._groups]
        if capturing:
            # A graph copies from these tables whenever it is replayed, so they must be kept.
            tables = self._reserved.pop()
            self._captured.append(tables)
        for group, table in zip(self._groups, tables, strict=True):
            table[...] = group.table
            table[:, GRAD] = [arrays[at].address for at in group.members]
            upload(group.device_table, table, stream)

    def _describe_grad(self, at: int, grad: DeviceArray) -> DeviceArray:
        """Return ``grad`` if it fits the parameter with number ``at``."""
        param = self._streams.params[at]
        name = f"grads[{at}]"
        if grad.shape != param.shape:
            raise ValueError(
                f"{name} must have the shape of its parameter {param.shape}, got {grad.shape}"
            )
        if grad.dtype not in (param.dtype, KERNEL_STATES[param.dtype]):
            raise ValueError(
                f"{name} must have the dtype of its parameter, {param.dtype}, got {grad.dtype}"
            )
        if not grad.contiguous:
            raise ValueError(
                f"{name} must be C-contiguous, got strides of {grad.strides} bytes; "
                "hand over a copy"
            )
        self._extents.check(name, grad)
        return grad

    def _needs_other_groups(self, dtypes: Sequence[str]) -> bool:
        for group in self._groups:
            for at in group.members:
                if dtypes[at] != group.kind.grad:
                    return True
        return False

    def _group(self, dtypes: Sequence[str], stream: Stream) -> list[LaunchGroup]:
        return group_params(self._streams, dtypes, self._rows, stream)


def _new_streams(
    params: list[DeviceArray], storages: list[Storage], amsgrad: bool, stream: Stream
) -> DeviceStreams:
    """Return the parameters with their states before the first step."""

    def new_zeros(name: str) -> tuple[Any, ...]:
        arrays: list[Any] = []
        for param, storage in zip(params, storages, strict=True):
            dtype = getattr(storage.formats(param.dtype), name)
            arrays.append(None if dtype is None else zeros(param.shape, dtype, stream))
        return tuple(arrays)

    v_max = new_zeros("v") if amsgrad else None
    kept = new_zeros("kept")
    for param, storage, array in zip(params, storages, kept, strict=True):
        if storage.weights == "master":
            host = first_kept("master", download_array(param, stream))
            assert host is not None
            upload(array, host, stream)
    return DeviceStreams(params, storages, new_zeros("m"), new_zeros("v"), v_max, kept)


def _describe_param(name: str, param: Any) -> DeviceArray:
    """Return the description of a parameter that can be stepped in place."""
    array = describe(name, param)
    if array.dtype not in KERNEL_STATES:
        raise ValueError(f"{name} must be float16, bfloat16, float32 or float64, got {array.dtype}")
    if not array.contiguous or not array.writeable:
        rule = "be writeable" if array.contiguous else "be C-contiguous"
        raise ValueError(
            f"{name} must {rule} to be stepped in place, got one that is not; "
            "adamref.Adam steps a copy"
        )
    if array.device not in (None, device_number()):
        raise ValueError(
            f"{name} must lie on the current device, {device_number()}, got device {array.device}"
        )
    return array
