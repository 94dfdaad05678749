"""The model of the input space: its levels, its pairs, and mistakes that are confined to them."""

import numpy as np
import pytest

from conformance.coverage import classes
from conformance.coverage.exclusions import EXCLUSIONS
from conformance.coverage.life import Life
from conformance.coverage.measure import TOPIC, home, mistaken, reference, shown, shows
from conformance.coverage.model import FEATURES, LEVELS, Level, legal_pairs
from conformance.coverage.score import rows_together
from conformance.coverage.seen import seen
from conformance.trial.run import run
from conformance.vectors.slices import IndexedSlices
from conformance.vectors.switches import allows

RIGHT = reference("paper")
PLAIN = ("learning_rate", "beta1", "beta2", "epsilon")


def level(text):
    return next(level for level in LEVELS if str(level) == text)


def vectors_of(suite):
    return [vector for vector in suite.vectors if vector.topic == TOPIC]


@pytest.mark.parametrize(
    ("of", "value", "name"),
    [
        (classes.beta_class, 0.0, "zero"),
        (classes.beta_class, 0.03, "tiny"),
        (classes.beta_class, 0.75, "dyadic"),
        (classes.beta_class, 0.9, "decimal"),
        (classes.beta_class, 0.98765, "long decimal"),
        (classes.beta_class, 0.999, "near one"),
        (classes.size_class, 1, "one"),
        (classes.size_class, 3, "no block"),
        (classes.size_class, 12, "blocks of 4"),
        (classes.size_class, 63, "next to a block"),
        (classes.size_class, 1025, "next to a block"),
        (classes.size_class, 128, "blocks of 64"),
        (classes.size_class, 2048, "blocks of 1024"),
        (classes.size_class, 2**16 + 1, "beyond 2^16"),
        (classes.t_class, 64, "64"),
        (classes.t_class, 65, "10 to 99"),
        (classes.t_class, 2**31, "from 2^31"),
    ],
)
def test_a_value_has_the_level_that_it_should_have(of, value, name):
    assert of(value) == name


@pytest.mark.parametrize(
    ("rates", "given", "name"),
    [
        ([0.5, 0.5], None, "never changed"),
        ([0.5, 0.25], 0.25, "changes"),
        ([0.5, 0.25, 0.25], None, "changed before"),
        ([0.5, 0.25, 0.25], 0.25, "given again"),
        ([0.5, 0.25, 0.5], 0.5, "changes back"),
        ([0.5, 0.0], 0.0, "changes to zero"),
    ],
)
def test_a_schedule_has_the_level_that_it_should_have(rates, given, name):
    life = Life(numbers={}, switches={}, params=[], rates=rates, given=given)
    assert classes.schedule_class(life) == name


def test_gradients_have_the_level_that_they_should_have():
    def of_rows(*rows):
        return IndexedSlices(np.ones((len(rows), 2)), np.array(rows, np.int64), (4, 2))

    kinds = [None, np.ones(3), of_rows(0, 2), of_rows(1, 1), of_rows(*[1] * 9), of_rows()]
    names = ["missing", "dense", "rows", "repeated rows", "rows repeated often", "no rows"]
    assert [classes.gradient_class(grad) for grad in kinds] == names
    sizes = np.array([0.0, 1e-12, -1.0, 1e20, np.inf])
    assert classes.magnitude_class(sizes).tolist() == [
        *("zero", "tiny", "ordinary", "huge", "not finite")
    ]


def test_every_exclusion_names_levels_of_the_model():
    levels = {feature.name: set(feature.levels) for feature in FEATURES}
    for exclusion in EXCLUSIONS:
        for feature, names in (exclusion.one, exclusion.other):
            assert names <= levels[feature], exclusion


def test_pairs_are_legal_that_a_convention_has_together(suite):
    axes = [listed.axes for listed in suite.conventions.values()]
    legal = set(legal_pairs(axes))
    assert (level("schedule changes"), level("amsgrad v has fallen")) in legal
    # No named convention both clips and maximizes.
    assert (level("maximize on"), level("clipvalue clips")) not in legal
    assert not allows(suite.conventions["jax"].axes, "none")
    assert len(legal) > 5000


def test_a_subject_that_is_seen_returns_the_bits_that_it_returned(suite):
    def nothing(_life, _param, _after):
        return None

    for vector in vectors_of(suite)[::10]:
        subject = reference(home(vector, suite.conventions).name)
        first = run(subject, vector)
        second = run(seen(subject, nothing), vector)
        assert str(first.snapshots) == str(second.snapshots), vector.id
        assert str(first.related) == str(second.related), vector.id


def test_a_mistake_is_confined_to_the_levels_that_it_names():
    subject = mistaken(RIGHT, [level("t 2"), level("dimensions 1"), level("magnitude zero")])
    params = [np.zeros(2), np.zeros((1, 2))]
    numbers = dict.fromkeys(PLAIN, 0.5).values()
    wrong = subject.make(params, *numbers)
    right = RIGHT.make(params, *numbers)
    grads = [np.array([0.0, 1.0]), np.array([[0.0, 1.0]])]
    for call in range(1, 4):
        expected = right.step(grads)
        got = wrong.step(grads)
        # From the second call on, one element is one step of the size of the learning rate off.
        expected[0][0] += 0.5 * (call >= 2)
        assert str(got) == str(expected), call


def test_every_level_stands_in_some_vector(suite):
    stands = set()
    for vector in vectors_of(suite):
        rows = rows_together(vector, suite.conventions)
        stands.update(LEVELS[number] for row in rows for number in row)
    assert stands == set(LEVELS)


def test_right_adams_show_nothing_and_mistakes_do(suite):
    everywhere = (Level("dtype", "float32"), level("amsgrad v is the largest"))
    found = set()
    for vector in vectors_of(suite):
        listed = home(vector, suite.conventions)
        assert not shows(reference(listed.name), vector, listed), vector.id
        if not found and "amsgrad" in vector.features:
            found = shown(vector, [everywhere], suite.conventions)
    assert found == {everywhere}
