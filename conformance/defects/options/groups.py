"""Wrong parameter groups, which have numbers of their own."""

from ...truth.reference import CONVENTIONS
from ..counting import advance_in_the_call, note_loaded
from ..defect import Defect, wrong
from ..kit.clipping import clip_of
from ..kit.editable import EditableAdam
from ..kit.paper import own_numbers
from ..kit.records import Grads, Step


@wrong(
    "own_numbers",
    entry="B50",
    what="the numbers of parameter groups are ignored",
    links=["PaddlePaddle/Paddle#43013", "pytorch/pytorch#141884"],
)
def groups_ignored(adam: EditableAdam, step: Step) -> dict[str, float]:
    return {}


@wrong("own_numbers", what="the numbers of the last group hold for all parameters")
def groups_share_last(adam: EditableAdam, step: Step) -> dict[str, float]:
    last = adam.groups[-1]
    return {name: number for name, number in last.items() if name != "params"}


@wrong("own_numbers", what="groups come in the order in which parameters were given")
def groups_in_order_of_parameters(adam: EditableAdam, step: Step) -> dict[str, float]:
    # Right: as `params` of the groups says. Here the first group gets the first parameters.
    first = 0
    for group in adam.groups:
        first += len(group["params"])
        if step.parameter < first:
            return {name: number for name, number in group.items() if name != "params"}
    return {}


def _without(adam: EditableAdam, step: Step, *names: str) -> dict[str, float]:
    own = own_numbers(adam, step)
    return {name: number for name, number in own.items() if name not in names}


@wrong("own_numbers", what="the learning rate of a group is ignored")
def groups_without_rate(adam: EditableAdam, step: Step) -> dict[str, float]:
    return _without(adam, step, "learning_rate")


@wrong(
    "own_numbers",
    entry="B50",
    what="the betas of a group are ignored",
    links=["PaddlePaddle/Paddle#63616"],
)
def groups_without_betas(adam: EditableAdam, step: Step) -> dict[str, float]:
    return _without(adam, step, "beta1", "beta2")


@wrong("own_numbers", what="the epsilon of a group is ignored")
def groups_without_epsilon(adam: EditableAdam, step: Step) -> dict[str, float]:
    return _without(adam, step, "epsilon")


@wrong("own_numbers", what="the weight decay of a group is ignored", convention="torch-adamw")
def groups_without_decay(adam: EditableAdam, step: Step) -> dict[str, float]:
    return _without(adam, step, "weight_decay")


@wrong("own_numbers", what="a weight decay of 0 in a group is taken for none", convention="torch")
def groups_decay_zero_is_unset(adam: EditableAdam, step: Step) -> dict[str, float]:
    # Right: a group without a weight decay has that of the optimizer, a group with 0 has none.
    return {name: number for name, number in own_numbers(adam, step).items() if number}


@wrong("own_numbers", what="what a group does not set is as the library has it, and not as given")
def groups_with_usual_numbers(adam: EditableAdam, step: Step) -> dict[str, float]:
    own = own_numbers(adam, step)
    return {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, **own} if own else own


@wrong("late_numbers", what="a group that is added later has the numbers of the optimizer")
def late_group_without_numbers(adam: EditableAdam, numbers: dict[str, float]) -> dict[str, float]:
    return {}


# Key of `EditableAdam.memory`.
_RATES = "learning rate of each t"


@wrong(
    "own_numbers",
    entry="B49",
    what="the step size of the first parameter is cached for all groups, by t alone",
    links=["lessw2020/Ranger-Deep-Learning-Optimizer#9"],
)
def groups_share_step_size(adam: EditableAdam, step: Step) -> dict[str, float]:
    own = own_numbers(adam, step)
    rates = adam.memory.setdefault(_RATES, {})
    rate = rates.setdefault(adam.state.calls, own.get("learning_rate", step.learning_rate))
    return {**own, "learning_rate": rate}


_NEW_RATE = "whether a learning rate was passed"


def _note_new_rate(adam: EditableAdam, learning_rate: float) -> float:
    adam.memory[_NEW_RATE] = True
    return learning_rate


def _own_until_new_rate(adam: EditableAdam, step: Step) -> dict[str, float]:
    if adam.memory.get(_NEW_RATE):
        return _without(adam, step, "learning_rate")
    return own_numbers(adam, step)


groups_take_new_rate = Defect(
    name="groups-take-new-rate",
    what="a learning rate that is passed to a step replaces that of every group",
    pieces={"schedule": _note_new_rate, "own_numbers": _own_until_new_rate},
)


def _group_of(adam: EditableAdam, parameter: int) -> int:
    """Return the number of the group of a parameter, from 1; 0 for a parameter in no group."""
    for number, group in enumerate(adam.groups, 1):
        if parameter in group["params"]:
            return number
    return 0


def _for_each_group(adam: EditableAdam, step: Step) -> int:
    before = _group_of(adam, step.parameter)
    return advance_in_the_call(adam, 1 + len(adam.groups), before)


t_per_group = Defect(
    name="t-per-group",
    what="t advances once for each parameter group",
    pieces={"load": note_loaded, "step_number": _for_each_group},
)


@wrong(
    "clip",
    what="the global norm is that of each parameter group",
    links=["pytorch/pytorch#106916", "marin-community/marin#6160"],
    convention="keras3",
)
def global_norm_of_group(adam: EditableAdam, grads: Grads) -> Grads:
    clip = clip_of(CONVENTIONS["keras3"].convention)
    clipped = list(grads)
    for group in range(1 + len(adam.groups)):
        places = [place for place in range(len(grads)) if _group_of(adam, place) == group]
        together = clip(adam, [grads[place] for place in places])
        for place, grad in zip(places, together, strict=True):
            clipped[place] = grad
    return clipped
