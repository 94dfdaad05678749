"""The state of FusedAdam on the host and in a file."""

from pathlib import Path
from typing import Protocol

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...state import AdamState
from ...storage.saved_state import SavedState, open_state_of_one_t, write_saved_state
from ..job import check_no_clipping
from .groups import DeviceStreams
from .host import Stream, download_array, upload_array
from .step_numbers import StepRows


class _FusedMemory(Protocol):
    convention: Convention
    arithmetic: Arithmetic
    _config: AdamConfig
    _t: int
    _streams: DeviceStreams
    _rows: StepRows

    @property
    def t(self) -> int: ...

    def _stream(self) -> Stream: ...

    def _saved_state(self) -> SavedState: ...


class StorableFusedAdam:
    """An Adam on device arrays that can be saved."""

    def save(self: _FusedMemory, path: str | Path | None = None) -> object:
        """Return the complete state on the host; every other Adam of adamref restores it too.

        Waits for the work on the stream.

        Args:
            path: a safetensors file to write it to, whole or not at all; None writes nothing.

        Raises:
            OSError: the file cannot be written. An older file is left unchanged.
        """
        state = self._saved_state()
        if path is not None:
            write_saved_state(path, state)
        return state

    def restore(self: _FusedMemory, saved: object) -> None:
        """Resume from a state that `save` returned or wrote, bit for bit, in the same arrays.

        Steps that are captured in graphs go on from it, too.

        Raises:
            OSError: there is no such file.
            TypeError: ``saved`` is neither a state nor a path.
            CheckpointError: the file is damaged; the state is of another convention or of other
                parameters, or its parameters have taken different numbers of steps.
            ValueError: the config that was saved asks for clipping, or for what the convention
                lacks; after `reserve`, it has other betas. On error, nothing is changed.
        """
        found, t = open_state_of_one_t(saved, self._saved_state())
        # As in the constructor: this Adam would silently go without.
        check_no_clipping(found.config)
        t = self.t if t is None else t
        stream = self._stream()
        self._rows.restart(found.config, t, stream)
        # From here on nothing fails.
        for at, (param, state) in enumerate(zip(found.params, found.states, strict=True)):
            values = {"params": param, **state._asdict()}
            for name, array in self._streams.of_param(at).items():
                value = values[name]
                assert value is not None
                upload_array(array, value, stream)
        self._config = found.config
        self._t = t

    def _saved_state(self: _FusedMemory) -> SavedState:
        stream = self._stream()
        params = []
        states = []
        for at in range(len(self._streams.params)):
            arrays = self._streams.of_param(at)
            host = {name: download_array(array, stream) for name, array in arrays.items()}
            params.append(host["params"])
            others = host.get("v_max"), host.get("kept")
            states.append(AdamState(self.t, host["m"], host["v"], *others))
        return SavedState(
            self._config,
            self.convention,
            self.arithmetic,
            params,
            states,
            storages=self._streams.storages,
        )
