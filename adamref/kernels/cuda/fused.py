"""FusedAdam: Adam on arrays of the caller that lie on a device, in place, without ever waiting for it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ..job import fused_rules
from ..table import GRAD, Extents, Table
from .arrays import DeviceArray, device_array, fingerprint, library, stream_handle
from .host import (
    Stream,
    address,
    check_device,
    device_number,
    is_capturing,
    pinned,
    stream_at,
    upload,
    zeros,
)
from .kernel import Kind, blocks
from .launch import count, launch
from .step_numbers import Rows

STATES = {"float16": "float32", "bfloat16": "float32", "float32": "float32", "float64": "float64"}


class _Group(NamedTuple):
    """Parameters of one kind, which are one launch.

    Fields:
        kind: what is launched. at: which parameters they are.
        table: addresses, on the host. device_table, device_blocks, length: what the kernel reads, and how many blocks.
    """

    kind: Kind
    at: list[int]
    table: Table
    device_table: Any
    device_blocks: Any
    length: int


class FusedAdam:
    """Adam on arrays of a device, in place: every parameter has a dense gradient in every step.

    A step is put on a stream and does not wait for it. A step may be captured in a graph after `reserve`.

    Args:
        params: arrays of float32, float64, float16 or bfloat16, C-contiguous, none overlapping with another: tensors of
            PyTorch, or anything with ``__cuda_array_interface__`` or DLPack. They are stepped where they are.
        config: the numbers and switches. Clipping is the caller's.
        convention: a name of `CONVENTIONS`, or a Convention.
        arithmetic: the formats of the scalars; None is the first that the named convention accepts.
        stream: a stream of PyTorch, CuPy or Numba, or its handle; None is the one that the library of ``params``
            launches on at each step, or the default stream.

    Attributes:
        params: as given. m, v, v_max: device arrays of Numba, which have ``__cuda_array_interface__``; moments of
            halves are float32; ``v_max`` is None without AMSGrad.

    Raises:
        ValueError: the convention is unknown or lacks a feature; a parameter cannot be stepped in place.
        RuntimeError: there is no device.
    """

    def __init__(
        self,
        params: Sequence[Any],
        config: AdamConfig | None = None,
        convention: str | Convention = "paper",
        arithmetic: str | Arithmetic | None = None,
        stream: Any = None,
    ) -> None:
        self._config = config or AdamConfig()
        self.convention, self.arithmetic = fused_rules(self.config, convention, arithmetic)
        check_device()
        self._params = tuple(params)
        self._arrays = [
            _checked_param(f"params[{at}]", param) for at, param in enumerate(self.params)
        ]
        self._owner, self._given = library(self.params), stream
        stream = self._stream()
        wide = [STATES[param.dtype] for param in self._arrays]
        self._m, self._v, *rest = (
            tuple(
                zeros(param.shape, dtype, stream)
                for param, dtype in zip(self._arrays, wide, strict=True)
            )
            for _ in ("m v v_max" if self.config.amsgrad else "m v").split()
        )
        self._v_max = rest[0] if rest else None
        self._extents = self._owned()
        self._rows = Rows(self.config, self.convention, self.arithmetic, set(wide), stream)
        self._taken = 0
        self._fingerprints: list[Any] | None = None
        self._spare: list[list[Table]] = []
        self._captured: list[list[Table]] = []
        self._groups = self._grouped([param.dtype for param in self._arrays], stream)

    # What the kernel knows by its address must not be exchanged: neither the arrays nor the tuples of them.
    params = property(lambda self: self._params)
    m = property(lambda self: self._m)
    v = property(lambda self: self._v)
    v_max = property(lambda self: self._v_max)
    config = property(lambda self: self._config)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            "FusedAdam must not be copied or pickled, for it steps its arrays where they are"
        )

    @property
    def t(self) -> int:
        """Steps taken. After `reserve` only the device knows them, and this waits for it."""
        return self._rows.counted(self._stream()) if self._rows.complete else self._taken

    def step(self, grads: Sequence[Any], learning_rate: float | None = None) -> None:
        """Put one step on the stream.

        Args:
            grads: one entry a parameter: of its shape, in its dtype or that of its moments, on the device. Not changed.
            learning_rate: of this step and the following ones; None is the one before.

        Raises:
            ValueError: a gradient does not fit; a capture has not been prepared. Nothing has changed then.
        """
        handle = stream_handle(self._owner, self._given)
        stream, capturing = stream_at(handle), is_capturing(handle)
        config = self.config
        if learning_rate is not None and learning_rate != config.learning_rate:
            config = replace(config, learning_rate=learning_rate)
        if capturing:
            self._check_capture(config)
        fingerprints = [fingerprint(grad) for grad in grads]
        # A graph brings its own table each time it is replayed.
        if (
            None in fingerprints
            or fingerprints != self._fingerprints
            or capturing
            or self._captured
        ):
            self._bind(grads, handle, capturing)
            self._fingerprints = fingerprints
        self._rows.prepare(config, self._taken + 1, stream)
        self._config = config
        count(stream, self._rows.counter)
        for group in self._groups:
            where = address(group.device_table), address(group.device_blocks)
            launch(
                group.kind,
                group.length,
                stream,
                *where,
                self._rows.rows(group.kind.state),
                self._rows.counter,
            )
        self._taken += 1

    def reserve(self) -> None:
        """Prepare for one capture of `step` in a graph, which may then be replayed any number of times.

        All numbers of all steps are put on the device: about 40,000 rows for a beta2 of 0.999, which takes a second. A
        learning rate that changes afterwards takes as long, changes the graph's too, and must not change in a capture.

        Raises:
            ValueError: the corrections change for too many steps.
        """
        self._rows.fill(self.config, self._taken, self._stream())
        self._spare.append([pinned(group.table) for group in self._groups])

    def _owned(self) -> Extents:
        """The memory that is written to."""
        state = {"m": self.m, "v": self.v, "v_max": self.v_max or []}
        owned = [(f"params[{at}]", param) for at, param in enumerate(self._arrays)]
        for name, arrays in state.items():
            found = (
                DeviceArray(address(array), array.dtype.name, tuple(array.shape))
                for array in arrays
            )
            owned += [(f"{name}[{at}]", array) for at, array in enumerate(found)]
        return Extents(owned, where=lambda array: array.address)

    def _stream(self) -> Stream:
        return stream_at(stream_handle(self._owner, self._given))

    def _check_capture(self, config: AdamConfig) -> None:
        if not self._spare:
            raise ValueError(
                f"step must be captured once for each reserve(), got {len(self._captured) + 1} captures and "
                f"{len(self._captured)} reserved; call reserve() before the capture"
            )
        if config is not self.config:
            raise ValueError(
                f"learning_rate must not change while a step is captured, from {self.config.learning_rate}, got "
                f"{config.learning_rate}; step with it before the capture"
            )

    def _bind(self, grads: Sequence[Any], handle: int, capturing: bool) -> None:
        """Take other gradients than in the step before."""
        if len(grads) != len(self.params):
            raise ValueError(
                f"grads must have one entry a parameter, {len(self.params)}, got {len(grads)}"
            )
        found = [
            self._checked_grad(at, device_array(f"grads[{at}]", g, handle))
            for at, g in enumerate(grads)
        ]
        stream, dtypes = stream_at(handle), [grad.dtype for grad in found]
        if any(group.kind.grad != dtypes[at] for group in self._groups for at in group.at):
            if capturing:
                raise ValueError(
                    f"grads must have the dtypes of the step before a capture, got {', '.join(dtypes)}"
                )
            self._spare.clear()
            self._groups = self._grouped(dtypes, stream)
        hosts = self._spare.pop() if capturing else [group.table for group in self._groups]
        for group, host in zip(self._groups, hosts, strict=True):
            host[...] = group.table
            host[:, GRAD] = [found[at].address for at in group.at]
            upload(group.device_table, host, stream)
        if capturing:  # the graph copies from them whenever it is replayed
            self._captured.append(hosts)

    def _checked_grad(self, at: int, grad: DeviceArray) -> DeviceArray:
        param, name = self._arrays[at], f"grads[{at}]"
        if grad.shape != param.shape:
            raise ValueError(
                f"{name} must have the shape of its parameter {param.shape}, got {grad.shape}"
            )
        if grad.dtype not in (param.dtype, STATES[param.dtype]):
            raise ValueError(
                f"{name} must have the dtype of its parameter, {param.dtype}, got {grad.dtype}"
            )
        if not grad.contiguous:
            raise ValueError(
                f"{name} must be C-contiguous, got strides of {grad.strides} bytes; hand over a copy"
            )
        self._extents.check(name, grad)
        return grad

    def _grouped(self, dtypes: Sequence[str], stream: Stream) -> list[_Group]:
        """The parameters by kind, for gradients of these dtypes."""
        kinds: dict[Kind, list[int]] = defaultdict(list)
        for at, (param, grad) in enumerate(zip(self._arrays, dtypes, strict=True)):
            kinds[Kind(param.dtype, grad, STATES[param.dtype], self.config.amsgrad, False)].append(
                at
            )
        return [self._group(kind, members, stream) for kind, members in kinds.items()]

    def _group(self, kind: Kind, members: list[int], stream: Stream) -> _Group:
        table = np.zeros((len(members), 7), np.int64)
        for row, at in zip(table, members, strict=True):
            v_max = None if self.v_max is None else self.v_max[at]
            row[:] = [
                self._arrays[at].address,
                0,
                *map(address, (self.m[at], self.v[at], v_max)),
                0,
                0,
            ]
        rows = blocks(np.array([self._arrays[at].size for at in members]))
        device_table, device_blocks = (
            zeros(table.shape, "int64", stream),
            zeros((len(rows) + 2, 3), "int64", stream),
        )
        upload(device_table, table, stream)
        if len(rows):
            upload(device_blocks[: len(rows)], rows, stream)
        # What a kernel needs at its first launch must not happen in a capture: here it steps, and counts, nothing.
        nothing = address(device_blocks) + 24 * len(rows)
        launch(
            kind,
            1,
            stream,
            address(device_table),
            nothing,
            self._rows.rows(kind.state),
            self._rows.counter,
        )
        count(stream, nothing + 24)
        return _Group(kind, members, table, device_table, device_blocks, len(rows))


def _checked_param(name: str, param: Any) -> DeviceArray:
    found = device_array(name, param)
    if found.dtype not in STATES:
        raise ValueError(f"{name} must be float16, bfloat16, float32 or float64, got {found.dtype}")
    if not found.contiguous or not found.writeable:
        rule = "be writeable" if found.contiguous else "be C-contiguous"
        raise ValueError(
            f"{name} must {rule} to be stepped in place, got one that is not; adamref.Adam steps a copy"
        )
    if found.device not in (None, device_number()):
        raise ValueError(
            f"{name} must lie on the current device, {device_number()}, got device {found.device}"
        )
    return found
