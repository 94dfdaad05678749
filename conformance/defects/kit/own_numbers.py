"""Numbers of a parameter group, in an Adam in pieces."""

from typing import Any

from .records import Hyperparameters, Step


# Any is an EditableAdam, which imports this.
def use_numbers_of_group(adam: Any, step: Step) -> Step:
    """Set the numbers of the formulas to those of a parameter, and return its step."""
    own = adam.pieces.own_numbers(adam, step)
    four = {name: own[name] for name in Hyperparameters._fields if name in own}
    numbers = adam.pieces.numbers(adam.given._replace(**four))
    adam.beta1 = numbers.beta1
    adam.beta2 = numbers.beta2
    adam.epsilon = numbers.epsilon
    adam.weight_decay = own.get("weight_decay", adam.given_decay)
    # A learning rate that is passed later is for those who have none of their own.
    if "learning_rate" in own:
        step = step._replace(learning_rate=numbers.learning_rate)
    return step
