"""Graphs: what is recorded, what a run computes, and what it says where it cannot."""

import copy
import threading
import warnings

import numpy as np
import pytest

from adamref import Variable, gather, keras, schedule, tf1

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tf_keras.optimizers import legacy

v1 = tf.compat.v1


class InNumPy:
    """The names of TensorFlow that the cases below use."""

    Graph = tf1.Graph
    Session = tf1.Session
    Variable = Variable
    AdamOptimizer = tf1.AdamOptimizer
    GraphKeys = tf1.GraphKeys
    gather = staticmethod(gather)
    square = np.square
    reduce_sum = staticmethod(np.sum)
    argmax = staticmethod(np.argmax)
    where = staticmethod(np.where)
    greater = np.greater
    floor = np.floor
    get_collection = staticmethod(lambda key: tf1.get_default_graph().get_collection(key))
    global_variables = staticmethod(tf1.global_variables)


class InTensorFlow:
    Graph = v1.Graph
    Session = v1.Session
    Variable = v1.Variable
    AdamOptimizer = v1.train.AdamOptimizer
    GraphKeys = v1.GraphKeys
    gather = staticmethod(v1.gather)
    square = staticmethod(v1.square)
    reduce_sum = staticmethod(v1.reduce_sum)
    argmax = staticmethod(lambda x: v1.cast(v1.argmax(x), v1.float32))
    where = staticmethod(v1.where)
    greater = staticmethod(v1.greater)
    floor = staticmethod(v1.floor)
    get_collection = staticmethod(v1.get_collection)
    global_variables = staticmethod(v1.global_variables)


def names_of(api):
    with api.Graph().as_default():
        first, second = api.Variable(1.0), api.Variable(2.0)
        w = api.Variable([1.0, 2.0], name="w")
        api.Variable([1.0, 2.0], name="w", trainable=False)
        api.Variable(0.0, name="W")
        loss = api.reduce_sum(api.square(w)) * first + second
        one, other = api.AdamOptimizer(0.1), api.AdamOptimizer(0.1)
        operations = [
            one.minimize(loss),
            one.minimize(loss, var_list=[w]),
            other.minimize(loss),
            other.minimize(loss, name="tune"),
            api.AdamOptimizer(name="Slow").minimize(loss),
        ]
        names = [operation.name for operation in operations]
        names += [operation.name for operation in api.get_collection(api.GraphKeys.TRAIN_OP)]
        for key in (api.GraphKeys.GLOBAL_VARIABLES, api.GraphKeys.TRAINABLE_VARIABLES):
            names += [variable.name.removesuffix(":0") for variable in api.get_collection(key)]
        return names


def test_names_and_collections_are_those_of_tensorflow():
    assert names_of(InNumPy) == names_of(InTensorFlow)


def kinds_of_gradients(api):
    with api.Graph().as_default():
        table = api.Variable(np.ones((4, 2), np.float32), name="table")
        mixed = api.Variable(np.ones((4, 2), np.float32), name="mixed")
        w = api.Variable(np.array([1.0, -2.0], np.float32), name="w")
        chosen = api.Variable(np.array([0.5, 3.0], np.float32), name="chosen")
        condition = api.Variable(np.array([0.5, 3.0], np.float32), name="condition")
        floored = api.Variable(np.float32(2.5), name="floored")
        count = api.Variable(np.int32(3), name="count")
        unread = api.Variable(1.0, name="unread")
        loss = (
            api.reduce_sum(api.gather(table, [1, 1, 3]))
            + api.reduce_sum(api.gather(mixed, [0]))
            + api.reduce_sum(api.square(mixed))
            + api.reduce_sum(api.where(api.greater(condition, 1.0), api.square(w), w))
            + api.argmax(chosen)
        )
        variables = [table, mixed, w, chosen, condition, floored, count, unread]
        pairs = api.AdamOptimizer().compute_gradients(loss, variables)
        assert [variable for _, variable in pairs] == variables
        with api.Session() as session:
            for variable in variables:
                if api is InTensorFlow:
                    session.run(variable.initializer)
            found = {}
            for grad, variable in pairs:
                name = variable.name.removesuffix(":0")
                if grad is None:
                    found[name] = None
                elif hasattr(grad, "indices"):
                    values, indices = session.run([grad.values, grad.indices])
                    found[name] = values.tolist(), indices.tolist()
                else:
                    found[name] = session.run(grad).tolist()
            return found


def test_gradients_are_tensors_slices_of_tensors_or_none_as_in_tensorflow():
    assert kinds_of_gradients(InNumPy) == kinds_of_gradients(InTensorFlow)


def test_nothing_is_computed_before_it_is_run():
    called = []
    with tf1.Graph(), np.errstate(all="raise"):
        x = Variable(0.0, name="x")
        quotient = 1 / x

        def rate():
            called.append(None)
            return 0.5

        step = tf1.AdamOptimizer(rate).minimize(x + 1)
    # As TensorFlow, which makes a tensor of it there.
    assert len(called) == 1
    with pytest.raises(ArithmeticError) as raised, np.errstate(all="raise"):
        quotient.eval()
    assert raised.value.__notes__ == ["in the Tensor 'divide'"]
    assert x.numpy() == 0
    step.run()
    assert (x.numpy(), len(called)) == (pytest.approx(-0.5), 1)


def test_a_run_reads_everything_before_it_changes_anything():
    with tf1.Graph():
        x = Variable(3.0, name="x")
        y = Variable(1.0, name="y")
        loss = (x - y) ** 2
        first = tf1.AdamOptimizer(0.5).minimize(loss, var_list=[x])
        second = tf1.AdamOptimizer(0.5).minimize(-loss + 1, var_list=[y])
        moved = y.assign_add(x)
    values = tf1.Session().run({"loss": loss, "steps": (first, [second])})
    # The gradient of the second step is that before the first one.
    assert values == {"loss": 4, "steps": (None, [None])}
    assert (x.numpy(), y.numpy()) == pytest.approx((2.5, 0.5))
    assert tf1.Session().run([moved, x, y]) == pytest.approx([3.0, 2.5, 0.5])
    assert moved.eval() == pytest.approx(5.5)
    assert y.eval() == pytest.approx(5.5)


def test_an_assignment_is_done_when_it_is_run_and_a_variable_begins_with_its_value():
    with tf1.Graph():
        x = Variable([1.0, 2.0], name="x")
        added = tf1.placeholder(np.float32, [2])
        operations = [x.assign(2 * x), x.assign_add(added), x.assign_sub([1.0, 1.0])]
        initialize = tf1.global_variables_initializer()
        kept = x.value()
    feed = {added: [10, 20]}
    results = [operation.eval(feed).tolist() for operation in operations]
    assert results == [[2, 4], [12, 24], [11, 23]]
    assert kept.eval().tolist() == [11, 23]
    initialize.run()
    assert x.numpy().tolist() == [1, 2]
    # Outside of the block too, as in TensorFlow.
    assert x.assign([5.0, 6.0]).eval().tolist() == [5, 6]


def test_the_rate_may_be_a_tensor_and_the_initializer_forgets_the_moments():
    with tf1.Graph():
        x = Variable(np.float32(4), name="x")
        step = Variable(0, name="step", trainable=False)
        epsilon = tf1.placeholder("float32")
        optimizer = tf1.AdamOptimizer(0.5 / (1 + step), epsilon=epsilon)
        train = optimizer.minimize(x**2, global_step=step)
        initialize = tf1.global_variables_initializer()
    rates = []

    def rate():
        return rates[-1]

    eager = tf1.AdamOptimizer(rate, epsilon=0.25)
    alone = Variable(np.float32(4))
    due = []
    for taken in range(4):
        rates.append(0.5 / (1 + taken))
        eager.minimize(lambda: alone**2)
        due.append(alone.numpy())
    for _ in range(2):
        found = []
        for _ in range(4):
            train.run({epsilon: 0.25})
            found.append(x.numpy())
        np.testing.assert_allclose(found, due, rtol=1e-6)
        assert step.numpy() == 4
        initialize.run()
        assert not any(slot.numpy() for slot in (step, optimizer.get_slot(x, "m")))


def test_a_graph_may_be_deeper_than_the_stack_of_python():
    with tf1.Graph():
        x = Variable(1.0, name="x")
        loss = x
        for _ in range(3000):
            loss = loss + 0.5
        train = tf1.AdamOptimizer(0.25).minimize(loss)
    assert tf1.Session().run([loss, train]) == [1501, None]
    assert x.numpy() == pytest.approx(0.75)


def test_placeholders_convert_and_check_what_they_are_fed():
    with tf1.Graph():
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        doubled = x * 2
    assert doubled.eval({x: [[1, 2]]}).dtype == np.float32
    # Any Tensor may be fed.
    assert (doubled + 1).eval({doubled: 4}) == 5
    for wrong in ([1.0, 2.0], [[1.0]]):
        with pytest.raises(ValueError, match="Cannot feed value of shape .* for Tensor 'x'"):
            doubled.eval({x: wrong})
    with pytest.raises(ValueError, match="You must feed a value for placeholder tensor 'x'"):
        doubled.eval()
    with pytest.raises(TypeError, match="feed_dict must have Tensors as its keys, got 'x'"):
        doubled.eval({"x": 3})
    with pytest.raises(TypeError, match="fetches must be Tensors, operations and Variables, got"):
        tf1.Session().run([doubled, "Adam"])
    with pytest.raises(RuntimeError, match="placeholder must be called in a graph"):
        tf1.placeholder(np.float32)
    with pytest.raises(RuntimeError, match="a graph must be open, got none"):
        tf1.trainable_variables()


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda x: bool(x * 2 > 1), "a truth only when it is run.*np.where for an if"),
        (lambda x: float(x * 2), "only when it is run"),
        (lambda x: (x * 2).shape, "only when it is run"),
        (lambda x: list(x * 2), "only when it is run"),
        (lambda x: np.array([x, 1.0]), "a graph must not turn a value into a plain array"),
        (lambda x: float(x), "a graph must not turn a value into a plain array"),
        (lambda x: np.add(x, 1, out=np.zeros(())), "a graph must not write into an array, .*add"),
        (lambda x: np.copyto(np.zeros(()), x), "must not write into an array, got np.copyto"),
        (lambda x: tf1.AdamOptimizer(beta1=x * 0.5), "beta1 must be a number or a function"),
    ],
)
def test_what_has_no_value_yet_says_so(use, message):
    with tf1.Graph():
        x = Variable(1.0, name="x")
        with pytest.raises((TypeError, ValueError), match=message):
            use(x)


def test_what_is_recorded_keeps_the_numbers_of_its_arrays():
    constant = np.ones(2, np.float32)
    with tf1.Graph():
        total = np.sum(Variable(constant) * constant) + 0
    constant[:] = 9
    assert total.eval() == 2


def test_the_errors_of_a_step_in_a_graph_come_when_it_is_written():
    with tf1.Graph():
        x = Variable(1.0, name="x")
        optimizer = tf1.AdamOptimizer()
        for nothing in (Variable(2.0, trainable=False) * 2, np.floor(x), 3.0):
            with pytest.raises(ValueError, match="No gradients provided for any variable"):
                optimizer.minimize(nothing)
        with pytest.raises(TypeError, match="grads_and_vars must be pairs"):
            optimizer.apply_gradients([3])
        fails = optimizer.apply_gradients([(np.ones(2, np.float32), x)])
    with pytest.raises(ValueError, match=r"the gradient of x must have its shape \(\)"):
        fails.run()
    assert x.numpy() == 1
    assert optimizer.get_slot(x, "m").numpy() == 0


def test_a_graph_is_open_in_one_thread_and_the_innermost_counts():
    seen = []
    outer, inner = tf1.Graph(), tf1.Graph()
    with outer:
        with inner.as_default(), tf1.Session(graph=outer):
            assert tf1.get_default_graph() is outer
        thread = threading.Thread(target=lambda: seen.append(type(Variable(2.0) * 2)))
        thread.start()
        thread.join()
        x = Variable(1.0)
    assert seen == [np.float32]
    assert (outer.get_collection("variables"), inner.get_collection("variables")) == ([x], [])
    # A Variable belongs to its graph outside of the block too.
    assert (x * 2).eval() == 2
    assert (x * 2).graph is outer


def test_a_tensor_of_another_graph_is_refused():
    with tf1.Graph():
        doubled = Variable(1.0) * 2
        loss = doubled * doubled
    with tf1.Graph():
        x = Variable(1.0)
        for mix in (lambda: x + doubled, lambda: x.assign(doubled)):
            with pytest.raises(ValueError, match="<Tensor 'multiply'> must be from the same graph"):
                mix()
        for of_another in (
            lambda: tf1.AdamOptimizer().minimize(loss, var_list=[x]),
            lambda: tf1.AdamOptimizer().apply_gradients([(doubled, x)]),
        ):
            with pytest.raises(ValueError, match="must be from the same graph"):
                of_another()


def test_losses_that_are_computed_are_so_inside_a_graph_too():
    with tf1.Graph():
        x = Variable(1.0, name="x")
        optimizer = keras.Adam(0.5)
        step = optimizer.minimize(lambda: x**2, [x])
        more = optimizer.apply_gradients([(np.float32(1.0), x)], name="more")
    assert x.numpy() == 1
    assert step.eval() == 1
    assert (x.numpy(), step.name) == (pytest.approx(0.5, abs=1e-5), "Adam")
    assert more.name == "more"


def test_variables_belong_to_the_graph_that_they_are_made_in_and_to_no_other():
    outside = Variable(3.0, name="outside")
    with tf1.Graph() as graph:
        x = Variable(2.0, name="x")
        for wrong in (
            lambda: x + outside,
            lambda: tf1.AdamOptimizer().minimize(lambda: outside**2),
            lambda: tf1.AdamOptimizer().minimize(x**2, outside),
            lambda: tf1.AdamOptimizer().apply_gradients([(np.float32(1), outside)]),
            lambda: keras.Adam().apply_gradients([(np.float32(1), outside)]),
        ):
            with pytest.raises(ValueError, match="'outside' .* must be from the same graph.* none"):
                wrong()
    # Outside of the block its expressions are recorded all the same, and not constants in it.
    penalty = 0.5 * x**2
    changed = x.assign(5.0)
    with graph:
        (pair,) = tf1.AdamOptimizer().compute_gradients(x * 3 + penalty)
    assert pair[0].eval() == 5
    assert x.numpy() == 2
    assert changed.eval() == 5
    assert pair[0].eval() == 8
    for ask in (lambda: bool(x), lambda: not x, lambda: float(x)):
        with pytest.raises(TypeError, match="a graph must not"):
            ask()


def test_a_graph_that_is_opened_in_a_run_leaves_it_as_it_was():
    class Opening(tf1.Optimizer):
        def _apply_dense(self, grad, var):
            with graph:
                assert isinstance(var * 2, tf1.Tensor)
            # Computed, as everything in a step.
            var.assign_sub(grad * 2)

    with tf1.Graph() as graph:
        x = Variable(3.0)
        step = Opening(False, "Opening").minimize(x * 0.5)
    step.run()
    assert x.numpy() == 2


def test_a_computed_loss_of_a_variable_of_a_graph_is_refused():
    with tf1.Graph():
        x = Variable([3.0, 1.0], name="x")
    for minimize in (
        lambda: tf1.AdamOptimizer().minimize(lambda: np.sum(x**2)),
        lambda: tf1.AdamOptimizer().minimize(lambda: np.sum(gather(x, [0]))),
        lambda: keras.Adam().minimize(lambda: np.sum(x**2), [x]),
    ):
        with pytest.raises(ValueError, match="x must not be in a loss that is computed, because"):
            minimize()
    # What is ready is recorded too, as in TensorFlow.
    step = tf1.AdamOptimizer(0.5).apply_gradients([(np.float32([1, -1]), x)])
    assert x.numpy().tolist() == [3, 1]
    step.run()
    np.testing.assert_allclose(x.numpy(), [2.5, 1.5], rtol=1e-6)


def test_a_session_runs_what_is_of_its_graph_until_it_is_closed():
    with tf1.Graph() as first:
        x = Variable(1.0)
        doubled, moved = x * 2, x.assign_add(1.0)
    with tf1.Graph() as second, tf1.Session() as session:
        assert session.graph is second
        for fetch in (x, doubled, moved):
            with pytest.raises(ValueError, match="must be from the same graph"):
                session.run(fetch)
    with tf1.Session(graph=first) as session:
        assert session.run([doubled, moved]) == [2, 2]
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session"):
        session.run(doubled)
    for wrong in ((first,), ("", 3)):
        with pytest.raises(TypeError, match="graph must be a Graph"):
            tf1.Session(*wrong)


def test_a_loss_of_integers_has_no_gradients():
    with tf1.Graph():
        x = Variable(2.0, name="x")
        for loss in ((x * 2).astype(np.int32), np.mean(np.astype(x * 10, np.int64)) / 3):
            with pytest.raises(ValueError, match="No gradients provided for any variable"):
                tf1.AdamOptimizer().minimize(loss)
        # This comes out only when it is run.
        late = tf1.AdamOptimizer().minimize(np.sum(x, dtype=np.int32))
    with pytest.raises((ValueError, TypeError)):
        late.run()
    assert x.numpy() == 2


def test_slices_are_scaled_fetched_and_put_back():
    with tf1.Graph():
        table = Variable(np.ones((4, 2), np.float32), name="table")
        optimizer = tf1.AdamOptimizer(0.5, epsilon=0.5)
        scale = tf1.placeholder(np.float32, [])
        ((slices, _),) = optimizer.compute_gradients(np.sum(gather(table, [1, 1, 3]) ** 2))
        step = optimizer.apply_gradients([(scale * (slices * 0.5) / 2, table)])
    found = tf1.Session().run({"slices": slices})["slices"]
    assert found.values.tolist() == [[2, 2]] * 3
    assert (found.indices.tolist(), found.dense_shape) == ([1, 1, 3], (4, 2))
    alone = Variable(np.ones((4, 2), np.float32))
    tf1.AdamOptimizer(0.5, epsilon=0.5).apply_gradients([(found * 0.75, alone)])
    step.run({scale: 3})
    assert np.array_equal(table.numpy(), alone.numpy())
    for wrong in (lambda: found * np.ones((3, 1)), lambda: np.ones(3) * found):
        with pytest.raises(TypeError, match="slices must be multiplied or divided by a number"):
            wrong()
    with pytest.raises(TypeError, match="slices must not be added"):
        found + found


def test_sums_are_collected_in_place_and_a_variable_is_a_rate():
    with tf1.Graph():
        x = Variable(2.0, name="x")
        rate = Variable(0.5, name="rate", trainable=False)
        total = 0
        for part in (x**2, x, 3.0):
            total += part
        total *= 2
        total -= 1
        total /= 2
        train = tf1.AdamOptimizer(rate).minimize(total)
    assert total.eval() == 8.5
    train.run()
    assert x.numpy() == pytest.approx(1.5)
    rate.assign(0.0).eval()
    train.run()
    assert x.numpy() == pytest.approx(1.5)


def test_a_placeholder_has_its_dtype_and_shape_before_it_is_fed():
    with tf1.Graph():
        x = tf1.placeholder(np.float32, (None, 3), name="x")
        assert (x.shape, x.dtype, x.ndim) == ((None, 3), np.dtype(np.float32), 2)
        rows = np.reshape(x, (np.shape(x)[0], -1, 1))
        for ask, way_out in (
            (lambda: (x * 2).shape, r"np.shape\(tensor\)"),
            (lambda: (x * 2).dtype, "np.astype"),
            (lambda: len(x * 2), r"np.shape\(tensor\)\[0\]"),
            (lambda: np.save("never", x), "must not write a file, got np.save"),
        ):
            with pytest.raises(TypeError, match=way_out):
                ask()
        for wrong in ((None, [2]), ([None, 3],), ("no dtype",)):
            with pytest.raises(TypeError, match="dtype must be a dtype"):
                tf1.placeholder(*wrong)
        for shape in ([-1, 3], ["a"]):
            with pytest.raises(ValueError, match="shape must be of None or integers"):
                tf1.placeholder(np.float32, shape)
    assert rows.eval({x: np.ones((2, 3))}).shape == (2, 3, 1)
    with pytest.raises(TypeError, match="feed_dict must be a dictionary"):
        rows.eval([(x, 1)])


LOADS = {
    "restore": lambda own, w, folder: own.restore(folder / "adam", [w]),
    "read_checkpoint": lambda own, w, folder: own.read_checkpoint(folder / "tf", {"w": w}),
}


@pytest.mark.parametrize("kind", [tf1.AdamOptimizer, keras.Adam])
@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("when", ["before", "after", "outside"])
def test_the_initializer_begins_anew_whatever_was_loaded(kind, load, when, tmp_path):
    w = Variable(3.0, name="w")
    eager = kind(0.1)
    for _ in range(2):
        eager.apply_gradients([(np.float32(1), w)])
    eager.save(tmp_path / "adam", [w])
    eager.write_checkpoint(tmp_path / "tf", {"w": w})
    with tf1.Graph() as graph:
        own, x = kind(0.1), Variable(3.0, name="w")
        if when == "before":
            LOADS[load](own, x, tmp_path)
        step = own.apply_gradients([(np.float32(1), x)])
        if when == "after":
            LOADS[load](own, x, tmp_path)
    if when == "outside":
        LOADS[load](own, x, tmp_path)
    eager.apply_gradients([(np.float32(1), w)])
    step.run()
    assert x.numpy() == w.numpy()
    with graph:
        initialize = tf1.global_variables_initializer()
    initialize.run()
    fresh, alone = kind(0.1), Variable(3.0, name="w")
    for _ in range(2):
        fresh.apply_gradients([(np.float32(1), alone)])
        step.run()
        assert x.numpy() == alone.numpy()
    assert own.get_slot(x, "v").graph is graph


@pytest.mark.parametrize("kind", [tf1.AdamOptimizer, keras.Adam])
def test_an_optimizer_belongs_to_one_graph_or_to_none(kind):
    own = kind(0.1)
    with tf1.Graph():
        x = Variable(3.0)
        own.apply_gradients([(np.float32(1), x)])
    alone = Variable(3.0)
    with pytest.raises(ValueError, match="must have the Variables of one graph, or of none"):
        own.apply_gradients([(np.float32(1), alone)])
    with tf1.Graph():
        y = Variable(3.0)
        with pytest.raises(ValueError, match="must have the Variables of one graph, or of none"):
            own.apply_gradients([(np.float32(1), y)])
    with pytest.raises(TypeError, match="must be copied together with its Variables, which belong"):
        copy.deepcopy(own)
    # The errors have changed nothing.
    assert (x.numpy(), alone.numpy(), y.numpy()) == (3, 3, 3)
    variable, copied = copy.deepcopy([x, own])
    copied.apply_gradients([(np.float32(1), variable)])
    assert variable.numpy() == pytest.approx(2.9)
    # Slots of an eager Variable are eager in any block.
    other = kind(0.1)
    with tf1.Graph() as graph:
        getattr(other, "build", None) or other.create_slots([alone])
        if kind is keras.Adam:
            other.build([alone])
        assert not graph.get_collection("variables")


def test_the_steps_of_a_schedule_begin_anew_with_the_initializer():
    seen = []

    def rate(step):
        seen.append(int(step))
        return 0.1

    with tf1.Graph():
        x = Variable(3.0)
        step = tf1.AdamOptimizer(rate).minimize(x**2)
        initialize = tf1.global_variables_initializer()
    for _ in range(2):
        initialize.run()
        step.run()
        step.run()
    assert seen == [0, 1, 0, 1]


def test_a_schedule_of_a_step_of_the_graph_is_a_tensor():
    with tf1.Graph():
        x, count = Variable(3.0), Variable(0, trainable=False)
        rate = schedule.ExponentialDecay(0.1, 1, 0.5)(count)
        train = tf1.AdamOptimizer(rate).minimize(x, count)
        cosine = schedule.CosineDecay(0.5, 10)(count)
    assert repr(rate) == "<Tensor 'ExponentialDecay'>"
    found = []
    for _ in range(3):
        found.append(float(rate.eval()))
        train.run()
    assert found == pytest.approx([0.1, 0.05, 0.025])
    assert cosine.eval() == schedule.CosineDecay(0.5, 10)(3)
    assert x.numpy() == pytest.approx(3 - sum(found))


@pytest.mark.parametrize(
    "write",
    [
        lambda x, to: np.clip(x, 0, 2, to),
        lambda x, to: np.add(x, 1, to),
        lambda x, to: np.add.at(to, [0, 0], x[:2]),
        lambda x, to: np.cumsum(x, 0, None, to),
        lambda x, to: np.sum(x, 0, None, to[0]),
        lambda x, to: np.mean(x, 0, None, out=to[0]),
        lambda x, to: np.take(x, [0, 1, 2], 0, to),
        lambda x, to: np.dot(x, x, to),
    ],
)
def test_no_result_is_written_into_an_array(write):
    with tf1.Graph():
        x = Variable([1.0, 2.0, 3.0])
        with pytest.raises(TypeError, match="a graph must not write into an array"):
            write(x, np.zeros(3, np.float32))


def test_no_count_of_a_step_is_lost_without_locks():
    with tf1.Graph():
        x, count = Variable(3.0), Variable(0, trainable=False)
        train = tf1.AdamOptimizer(1e-3).minimize(x**2, count)
    threads = [threading.Thread(target=lambda: [train.run() for _ in range(100)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count.numpy() == 400


@pytest.mark.parametrize("kind", [tf1.AdamOptimizer, keras.Adam])
def test_states_of_variables_of_several_graphs_change_nothing(kind, tmp_path):
    pair = [Variable(1.0, name=name) for name in "ab"]
    eager = kind(0.25)
    eager.apply_gradients([(np.float32(1), variable) for variable in pair])
    eager.save(tmp_path / "adam", pair)
    eager.write_checkpoint(tmp_path / "tf", dict(zip("ab", pair, strict=True)))
    alone = Variable(9.0, name="a")
    with tf1.Graph():
        foreign = Variable(9.0, name="b")
    real = v1.train.AdamOptimizer() if kind is tf1.AdamOptimizer else legacy.Adam()
    theirs = [tf.Variable(1.0) for _ in range(2)]
    eager.give_state_to(real, list(zip(pair, theirs, strict=True)))
    mixed = [alone, foreign]
    make_slots = "create_slots" if kind is tf1.AdamOptimizer else "build"
    for load in (
        lambda own: own.restore(tmp_path / "adam", mixed),
        lambda own: own.read_checkpoint(tmp_path / "tf", dict(zip("ab", mixed, strict=True))),
        lambda own: own.take_state_of(real, list(zip(mixed, theirs, strict=True))),
        lambda own: getattr(own, make_slots)(mixed),
    ):
        own = kind(0.5)
        with pytest.raises(ValueError, match="must have the Variables of one graph, or of none"):
            load(own)
        assert (alone.numpy(), foreign.numpy()) == (9, 9)
        assert own.get_slot_names() == []
        assert own.variables() == []
