"""keras.Adam before the judge."""

from pathlib import Path
from tempfile import TemporaryDirectory

from adamref import Variable
from adamref.keras import Adam
from conformance import check

SLOTS = {"m": "m", "v": "v", "v_max": "vhat"}


class Subject:
    """The optimizer as the judge wants it."""

    def __init__(
        self, params, *numbers, amsgrad=False, clipvalue=None, clipnorm=None, global_clipnorm=None
    ):
        limits = {"clipvalue": clipvalue, "clipnorm": clipnorm, "global_clipnorm": global_clipnorm}
        self.variables = [Variable(param, name=f"v{at}") for at, param in enumerate(params)]
        self.optimizer = Adam(*numbers, amsgrad=amsgrad, **limits)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        self.optimizer.apply_gradients(zip(grads, self.variables, strict=True))
        return [variable.numpy() for variable in self.variables]

    def slots(self):
        names = [name for name in SLOTS if name != "v_max" or self.optimizer.amsgrad]
        slots = {}
        for name in names:
            slots[name] = [self.slot(variable, name) for variable in self.variables]
        return slots

    def slot(self, variable, name):
        try:
            return self.optimizer.get_slot(variable, SLOTS[name]).numpy()
        except KeyError:  # no gradient yet
            return None

    def load(self, params, slots, t):
        self.optimizer.iterations.assign(t[0])
        for at, variable in enumerate(self.variables):
            variable.assign(params[at])
            for name, arrays in slots.items():
                self.optimizer.add_slot(variable, SLOTS[name]).assign(arrays[at])

    def save(self):
        with TemporaryDirectory() as folder:
            self.optimizer.save(path := Path(folder) / "adam", self.variables)
            return path.read_bytes()

    def restore(self, saved):
        with TemporaryDirectory() as folder:
            (path := Path(folder) / "adam").write_bytes(saved)
            self.optimizer.restore(path, self.variables)


Subject.supports = {"none", "sparse", "float16", "readonly", "indices_int32", "mixed_dtypes"}
Subject.refuses = {"dtype", "count", "index"}
# `step` sets a new rate before it applies, and `load` assigns one array after the other.
LACKING = {
    *("groups", "gradient_accumulation_steps", "grad_dtype", "loss_scale"),
    *("refuse_shape", "refuse_load_shape", "refuse_load_count", "bfloat16", "float16"),
}


def test_the_judge_finds_it_conformant_to_tf_keras(recwarn):
    report = check(Subject, convention="tfkeras", level="core")
    assert report.conformant, str(report)
    assert all(LACKING & set(one.vector.features) for one in report.unsupported)
    assert any("stay as they are" in str(warning.message) for warning in recwarn)
