"""Questions to a subject: each finding follows from its runs and from what is known."""

import pytest

from adamref import Adam, AdamConfig
from conformance import Unsupported
from conformance.identity.asking import ask
from conformance.identity.knowledge import Finding, Knowledge
from conformance.identity.questions import PARENTS, QUESTIONS
from conformance.identity.topics import Topic, runs_by_topic, topic_of
from conformance.on_demand.solver import Solver
from conformance.subject.subject import from_make
from conformance.trial.run import run
from conformance.vectors.slices import IndexedSlices
from tests.support.subjects import FOUR

BY_TOPIC = {question.about: question for question in QUESTIONS}


def make(params, *numbers):
    return Adam(params, AdamConfig(**dict(zip(FOUR, numbers, strict=True))), "torch-sparse")


class SparseOnly:
    """An Adam for embeddings, which takes no dense gradient."""

    def __init__(self, params, *numbers):
        self.adam = make(params, *numbers)

    def step(self, grads):
        if not all(isinstance(grad, IndexedSlices) for grad in grads if grad is not None):
            raise Unsupported("dense gradients: it refuses them")
        return self.adam.step(grads)


@pytest.fixture
def knowledge(suite):
    return Knowledge(assumed=dict(suite.conventions["paper"].axes))


def runs_of(make, suite):
    make.supports = {"none", "sparse"}
    small = [
        vector
        for vector in suite.vectors
        if vector.dtype == "float32" and topic_of(vector) in (Topic.PLAIN, Topic.SPARSE)
    ]
    return runs_by_topic([run(from_make(make), vector) for vector in small])


def test_a_question_leaves_what_was_known_before_as_it_was(knowledge, suite):
    runs = runs_of(make, suite)[Topic.PLAIN]
    finding = ask(BY_TOPIC[Topic.PLAIN], runs, knowledge, Solver())
    assert finding.values == {"epsilon": "hat", "bias_correction": "both"}
    assert knowledge.values == {}
    assert finding == ask(BY_TOPIC[Topic.PLAIN], runs, knowledge, Solver())


def test_a_question_without_plain_runs_is_joined_to_the_one_about_sparse_gradients(
    knowledge, suite
):
    runs = runs_of(SparseOnly, suite)
    plain = BY_TOPIC[Topic.PLAIN]
    finding = ask(plain, runs[Topic.PLAIN], knowledge, Solver())
    assert finding.postponed
    known = knowledge.with_finding(plain, finding)
    assert known.postponed == (plain,)
    later = ask(BY_TOPIC[Topic.SPARSE], runs[Topic.SPARSE], known, Solver())
    assert later.values["epsilon"] == "hat"
    assert later.values["sparse"] == "lazy_tensor_t"


def test_a_decision_replaces_the_reason_why_an_axis_was_undecided(knowledge):
    question = BY_TOPIC[Topic.PLAIN]
    unsure = knowledge.with_finding(question, Finding(undecided={"epsilon": "no run"}))
    sure = unsure.with_finding(question, Finding(values={"epsilon": "hat"}))
    assert (unsure.undecided, sure.undecided) == ({"epsilon": "no run"}, {})
    assert sure.axes["epsilon"] == "hat"


def test_every_axis_is_decided_by_some_question(suite):
    asked = {axis for question in QUESTIONS for axis in question.axes}
    # No vector is about the order of clipping and L2 alone.
    assert asked == set(suite.axes) - {"clip_when"}
    assert set(PARENTS) < set(suite.axes)
