"""Checkpoints of TensorFlow: the real classes and ours go on from each other's files exactly."""

import builtins
import warnings

import numpy as np
import pytest

from adamref import Variable, keras, tf1
from adamref.storage.checkpoint import CheckpointError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    import tf_keras
    from tf_keras.optimizers import legacy

v1 = tf.compat.v1
START = np.array([[1.0, -2.0], [3.0, 0.5]], np.float32)
GRADS = [np.array([[0.5, -1.0], [2.0, 0.25]], np.float32) * scale for scale in (1, -0.5, 3, 2, 0.1)]


def numbers_of(optimizer, variable):
    """All numbers of our optimizer and its variable, as bytes."""
    return [one.numpy().tobytes() for one in [variable, *optimizer.variables()]]


def in_session(graph, saver, path, *run):
    with v1.Session(graph=graph) as session:
        saver.restore(session, str(path))
        return [session.run(one) for one in run]


def test_a_file_of_a_saver_is_read_and_written_exactly(tmp_path):
    graph = v1.Graph()
    with graph.as_default():
        w = v1.Variable(START, name="w")
        step = v1.Variable(0, name="global_step", trainable=False)
        grad = v1.placeholder(v1.float32, START.shape)
        real = v1.train.AdamOptimizer(0.1)
        train = real.apply_gradients([(grad, w)], step)
        saver = v1.train.Saver()
        memory = [
            w,
            step,
            real.get_slot(w, "m"),
            real.get_slot(w, "v"),
            *real._get_beta_accumulators(),
        ]
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            for value in GRADS[:3]:
                session.run(train, {grad: value})
            path = saver.save(session, str(tmp_path / "real"), 3)
            due = session.run(memory)
    own, ours, count = tf1.AdamOptimizer(0.1), Variable(np.zeros_like(START)), Variable(9)
    own.read_checkpoint(path, {"w": ours, "global_step": count})
    found = [ours, count, own.get_slot(ours, "m"), own.get_slot(ours, "v")]
    found += own._get_beta_accumulators()
    assert [one.numpy().tobytes() for one in found] == [one.tobytes() for one in due]
    # There and back.
    own.write_checkpoint(tmp_path / "ours", {"w": ours, "global_step": count})
    again = in_session(graph, saver, tmp_path / "ours", *memory)
    assert [one.tobytes() for one in again] == [one.tobytes() for one in due]
    own.apply_gradients([(GRADS[3], ours)], count)
    own.write_checkpoint(tmp_path / "ours", {"w": ours, "global_step": count})
    value, taken = in_session(graph, saver, tmp_path / "ours", w, step)
    assert np.array_equal(value, ours.numpy())
    assert taken == 4


@pytest.mark.parametrize("amsgrad", [False, True])
def test_a_file_of_objects_is_read_and_written_exactly_by_keras(amsgrad, tmp_path):
    real, theirs = legacy.Adam(0.1, amsgrad=amsgrad), tf.Variable(START)
    for value in GRADS[:3]:
        real.apply_gradients([(tf.constant(value), theirs)])
    inner = tf.train.Checkpoint(w=theirs)
    path = tf.train.Checkpoint(optimizer=real, model=inner).save(str(tmp_path / "real"))
    own, ours = keras.Adam(0.1, amsgrad=amsgrad), Variable(np.zeros_like(START), name="w")
    own.read_checkpoint(path, {"model/w": ours})
    for weight, real_weight in zip([ours, *own.weights], [theirs, *real.weights], strict=True):
        assert weight.numpy().tobytes() == real_weight.numpy().tobytes()
    own.apply_gradients([(GRADS[3], ours)])
    own.write_checkpoint(tmp_path / "ours", {"model/w": ours})
    fresh, twin = legacy.Adam(0.1, amsgrad=amsgrad), tf.Variable(np.zeros_like(START))
    root = tf.train.Checkpoint(optimizer=fresh, model=tf.train.Checkpoint(w=twin))
    root.read(str(tmp_path / "ours")).assert_existing_objects_matched()
    fresh._create_all_weights([twin])
    slots = own.get_slot_names()
    found = [ours, own.iterations, *(own.get_slot(ours, slot) for slot in slots)]
    again = [twin, fresh.iterations, *(fresh.get_slot(twin, slot) for slot in slots)]
    for weight, real_weight in zip(found, again, strict=True):
        assert weight.numpy().tobytes() == real_weight.numpy().tobytes()


def test_a_file_of_objects_is_read_by_tf1_too(tmp_path):
    real, theirs = v1.train.AdamOptimizer(0.1), tf.Variable(START)
    for value in GRADS[:3]:
        real.apply_gradients([(tf.constant(value), theirs)])
    path = tf.train.Checkpoint(adam=real, w=theirs).write(str(tmp_path / "real"))
    own, ours = tf1.AdamOptimizer(0.1), Variable(np.zeros_like(START), name="w")
    own.read_checkpoint(path, {"w": ours}, optimizer="adam")
    twin = Variable(np.zeros_like(START), name="w")
    other = tf1.AdamOptimizer(0.1)
    other.take_state_of(real, [(twin, theirs)])
    assert numbers_of(own, ours) == numbers_of(other, twin)


def test_the_weights_of_a_model_are_read(tmp_path):
    model = tf_keras.Sequential([tf_keras.layers.Dense(2, input_shape=(2,))])
    model.compile(legacy.Adam(0.1), "mse")
    model.fit(START, START, verbose=0)
    model.save_weights(tmp_path / "weights")
    kernel, bias = Variable(START), Variable(np.zeros(2))
    own = keras.Adam(0.1)
    layer = "layer_with_weights-0"
    own.read_checkpoint(
        tmp_path / "weights",
        {f"{layer}/kernel": kernel, f"{layer}/bias": Variable(np.zeros(2, "f"))},
    )
    assert np.array_equal(kernel.numpy(), model.layers[0].kernel.numpy())
    assert own.iterations.numpy() == 1
    with pytest.raises(CheckpointError, match="bias must be of float64 in shape .* got float32"):
        own.read_checkpoint(tmp_path / "weights", {f"{layer}/bias": bias})


def written_by_a_real_one(folder):
    real, theirs = legacy.Adam(0.1), tf.Variable(START)
    real.apply_gradients([(tf.constant(GRADS[0]), theirs)])
    return tf.train.Checkpoint(optimizer=real, w=theirs).write(str(folder / "real"))


@pytest.mark.parametrize(
    ("make", "call", "error", "message"),
    [
        (keras.Adam, lambda own, path, w: own.read_checkpoint(f"{path}-no", {"w": w}),
         FileNotFoundError, "path must be a checkpoint of TensorFlow, got .*-no"),
        (keras.Adam, lambda own, path, w: own.read_checkpoint(path, {"v": w}),
         CheckpointError, "must have v, got optimizer/beta_1, .*, w"),
        (keras.Adam, lambda own, path, w: own.read_checkpoint(path, {"w": w}, "adam"),
         CheckpointError, "must have slots of the variables for the optimizer adam, got none"),
        (lambda: keras.Adam(amsgrad=True), lambda own, path, w: own.read_checkpoint(path, {"w": w}),
         CheckpointError, "must have the slots m, v, vhat of w, got only m, v"),
        (keras.Adam, lambda own, path, _: own.read_checkpoint(path, {"w": 3}),
         ValueError, "variables must be a list of Variables, got 3"),
        (tf1.AdamOptimizer, lambda own, path, w: own.read_checkpoint(path, {"w": w}),
         CheckpointError, "must have optimizer/beta1_power.*; optimizer is the path of its object"),
        (tf1.AdamOptimizer, lambda own, path, w: own.write_checkpoint(path, {"w": w}),
         ValueError, "write_checkpoint needs slots, got none"),
        (keras.Adam, lambda own, path, w: own.write_checkpoint(path, {"w": w}),
         ValueError, "write_checkpoint needs slots, got none; build makes them"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_or_written_changes_nothing(make, call, error, message, tmp_path):
    path = written_by_a_real_one(tmp_path)
    own, ours = make(), Variable(np.ones_like(START), name="w")
    with pytest.raises(error, match=message):
        call(own, path, ours)
    assert np.array_equal(ours.numpy(), np.ones_like(START))
    assert not own.get_slot_names()


def test_a_damaged_file_is_no_checkpoint(tmp_path):
    path = written_by_a_real_one(tmp_path)
    ours = Variable(np.ones_like(START), name="w")
    data = tmp_path / "real.data-00000-of-00001"
    data.write_bytes(bytes(len(data.read_bytes())))
    with pytest.raises(CheckpointError, match="cannot be read"):
        keras.Adam().read_checkpoint(path, {"w": ours})
    (tmp_path / "real.index").write_bytes(b"no index at all")
    with pytest.raises(CheckpointError, match="cannot be read"):
        tf1.AdamOptimizer().read_checkpoint(path, {"w": ours})
    assert np.array_equal(ours.numpy(), np.ones_like(START))


def test_without_tensorflow_the_error_says_what_to_install(monkeypatch):
    real_import = builtins.__import__

    def without(name, *rest):
        if name == "tensorflow":
            raise ImportError("No module named 'tensorflow'")
        return real_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="python -m pip install tensorflow"):
        keras.Adam().read_checkpoint("any", {"w": Variable(1.0)})


def test_a_file_is_written_where_tensorflow_records_a_graph(tmp_path):
    own, ours = tf1.AdamOptimizer(0.1), Variable(START, name="w")
    own.apply_gradients([(GRADS[0], ours)])
    with v1.Graph().as_default():
        own.write_checkpoint(tmp_path / "ours", {"w": ours})
        with pytest.raises(RuntimeError, match="must be written where TensorFlow runs eagerly"):
            keras.Adam().write_checkpoint(tmp_path / "no", {"w": ours})
        again, twin = tf1.AdamOptimizer(0.1), Variable(np.zeros_like(START), name="w")
        again.read_checkpoint(tmp_path / "ours", {"w": twin})
    assert numbers_of(again, twin) == numbers_of(own, ours)


def test_moments_under_another_name_are_not_lost_silently(tmp_path):
    own, ours = tf1.AdamOptimizer(0.1, name="Mine"), Variable(START, name="w")
    own.apply_gradients([(GRADS[0], ours)])
    own.write_checkpoint(tmp_path / "ours", {"w": ours})
    with pytest.raises(CheckpointError, match="for the optimizer Adam, got none among w/Mine, w/M"):
        tf1.AdamOptimizer(0.1).read_checkpoint(tmp_path / "ours", {"w": ours})
    path = written_by_a_real_one(tmp_path)
    with pytest.raises(CheckpointError, match="for the optimizer other, got none among"):
        keras.Adam().read_checkpoint(path, {"w": ours}, "other")
    tf1.AdamOptimizer(0.1, name="Mine").read_checkpoint(tmp_path / "ours", {"w": ours})


def test_variables_of_one_name_have_slots_by_their_names_in_the_file(tmp_path):
    own, pair = tf1.AdamOptimizer(0.1), [Variable(START), Variable(2 * START)]
    own.apply_gradients([(GRADS[0], pair[0]), (GRADS[1], pair[1])])
    own.write_checkpoint(tmp_path / "ours", dict(zip("ab", pair, strict=True)))
    names = [name for name, _ in tf.train.list_variables(str(tmp_path / "ours"))]
    slots = ["a/Adam", "a/Adam_1", "b/Adam", "b/Adam_1"]
    assert names == ["a", *slots[:2], "b", *slots[2:], "beta1_power", "beta2_power"]
    # Into the same ones, which have slots already, and into new ones.
    other, twins = tf1.AdamOptimizer(0.1), [Variable(START), Variable(START)]
    for optimizer, variables in ((own, pair), (other, twins)):
        optimizer.read_checkpoint(tmp_path / "ours", dict(zip("ab", variables, strict=True)))
    for one, twin in zip(pair, twins, strict=True):
        for slot in ("m", "v"):
            mine, theirs = own.get_slot(one, slot), other.get_slot(twin, slot)
            assert mine.numpy().tobytes() == theirs.numpy().tobytes()


def saver_of_two_optimizers(path):
    """Write a file of two optimizers of one variable; return what belongs to the second."""
    with v1.Graph().as_default():
        w = v1.get_variable("w", initializer=START)
        optimizers = [v1.train.AdamOptimizer(rate) for rate in (0.1, 0.2)]
        steps = [one.apply_gradients([(v1.constant(GRADS[0]), w)]) for one in optimizers]
        saver = v1.train.Saver()
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            session.run(steps[0])
            session.run(steps)
            second = optimizers[1]
            memory = [w, second.get_slot(w, "m"), second.get_slot(w, "v")]
            values = session.run([*memory, *second._get_beta_accumulators()])
            return saver.save(session, str(path)), values


def test_of_several_optimizers_in_a_file_each_gets_its_own_state(tmp_path):
    path, due = saver_of_two_optimizers(tmp_path / "two")
    ours = Variable(np.zeros_like(START), name="w")
    with pytest.raises(CheckpointError, match="must have the state of one optimizer, got beta1_p"):
        tf1.AdamOptimizer(0.2).read_checkpoint(path, {"w": ours})
    with pytest.raises(CheckpointError, match="of one optimizer, got w/Adam and w/Adam_2, w/Adam"):
        tf1.AdamOptimizer(0.2).read_checkpoint(path, {"w": ours}, beta1_power="beta1_power_1")
    assert not ours.numpy().any()
    # In a graph of the same names it is known which is which.
    with tf1.Graph():
        w = Variable(START, name="w")
        first, second = tf1.AdamOptimizer(0.1), tf1.AdamOptimizer(0.2)
        for optimizer in (first, second):
            optimizer.apply_gradients([(GRADS[0], w)])
    second.read_checkpoint(path, {"w": w})
    found = [w, second.get_slot(w, "m"), second.get_slot(w, "v"), *second._get_beta_accumulators()]
    assert [one.numpy().tobytes() for one in found] == [one.tobytes() for one in due]


def test_a_scope_is_named_with_beta1_power(tmp_path):
    with v1.Graph().as_default(), v1.variable_scope("training"):
        w = v1.get_variable("w", initializer=START)
        step = v1.train.AdamOptimizer(0.1).apply_gradients([(v1.constant(GRADS[0]), w)])
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            session.run(step)
            path = v1.train.Saver().save(session, str(tmp_path / "scope"))
            due = session.run(w)
    own, ours = tf1.AdamOptimizer(0.1), Variable(np.zeros_like(START), name="w")
    names = [name for name, _ in tf.train.list_variables(path)]
    own.read_checkpoint(path, {"training/w": ours}, beta1_power="training/beta1_power")
    assert np.array_equal(ours.numpy(), due)
    assert own.get_slot(ours, "m").numpy().any(), names


def test_arguments_that_are_no_files_optimizers_or_variables_are_named(tmp_path):
    path = written_by_a_real_one(tmp_path)
    ours, theirs = Variable(START), tf.Variable(START)
    with v1.Graph().as_default():
        in_graph = v1.Variable(START, use_resource=False)
    for own in (keras.Adam(), tf1.AdamOptimizer()):
        for wrong in ([ours], {}, None):
            with pytest.raises(TypeError, match="variables must be a dictionary of Variables"):
                own.read_checkpoint(path, wrong)
        for wrong in (None, "x", []):
            with pytest.raises(TypeError, match="real must be a tf"):
                own.take_state_of(wrong, [(ours, theirs)])
            with pytest.raises(TypeError, match="real must be a tf"):
                own.give_state_to(wrong, [(ours, theirs)])
        with pytest.raises(TypeError, match="variables of TensorFlow must be of its eager mode"):
            own.take_state_of(legacy.Adam(), [(ours, in_graph)])
    with pytest.raises(TypeError, match="real must be a tf.keras.optimizers.legacy.Adam, got"):
        keras.Adam().take_state_of(v1.train.AdamOptimizer(), [(ours, theirs)])


def test_names_that_would_hide_each_other_are_refused(tmp_path):
    own, ours = tf1.AdamOptimizer(0.1), Variable(START, name="w")
    own.apply_gradients([(GRADS[0], ours)])
    other = Variable(9.0)
    for name in ("w/Adam", "w/Adam_1", "beta1_power", "beta2_power"):
        with pytest.raises(ValueError, match=rf"names in a file must differ.*'{name}'.* twice"):
            own.write_checkpoint(tmp_path / "ours", {"w": ours, name: other})
    assert not list(tmp_path.iterdir())
    own.write_checkpoint(tmp_path / "ours", {"w": ours})
    for optimizer in (own, keras.Adam()):
        with pytest.raises(ValueError, match="variables must differ, got one twice"):
            optimizer.read_checkpoint(tmp_path / "ours", {"w": ours, "v": ours})
    with pytest.raises(ValueError, match="beta1_power must be a name with that word in it"):
        own.read_checkpoint(tmp_path / "ours", {"w": ours}, beta1_power="beta2_power")


def test_a_variable_that_is_not_trained_has_its_value_alone(tmp_path):
    own, ours, frozen = keras.Adam(0.1), Variable(START, name="w"), Variable(9.0, trainable=False)
    own.apply_gradients([(GRADS[0], ours)])
    own.write_checkpoint(tmp_path / "ours", {"w": ours, "frozen": frozen})
    names = [name for name, _ in tf.train.list_variables(str(tmp_path / "ours"))]
    assert not any("frozen/.OPTIMIZER_SLOT" in name for name in names)
    twin, other = Variable(0 * START), Variable(0.0)
    again = keras.Adam(0.1)
    again.read_checkpoint(tmp_path / "ours", {"w": twin, "frozen": other})
    assert other.numpy() == 9
    assert numbers_of(again, twin) == numbers_of(own, ours)
