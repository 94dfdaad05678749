"""The ten lessons, in the order in which they are read, one idea each.

Numbers are chosen so that every result is exact, square roots too: with beta1 = beta2 = 1/2 and the
gradients 6, 6, -1, for example, m_hat is 6, 6, 2 and v_hat is 36, 36, 16.
"""

import numpy as np

from ...vectors.inputs import Call
from ...vectors.slices import Grad, IndexedSlices
from .lesson import Lesson, LessonRun

_E1_TO_E5 = (
    "E1  m = beta1*m + (1 - beta1)*g",
    "E2  v = beta2*v + (1 - beta2)*g^2",
    "E3  m_hat = m/(1 - beta1^t)",
    "E4  v_hat = v/(1 - beta2^t)",
    "E5  param = param - learning_rate*m_hat/(sqrt(v_hat) + epsilon)",
)
_RATE = "    rate = learning_rate*sqrt(1 - beta2^t)/(1 - beta1^t)"
_HALF = "weights={},m=float32,v=float32,operations=float32"


def _numbers(
    learning_rate: float, beta1: float, beta2: float, epsilon: float = 0.0
) -> dict[str, float]:
    return {
        "learning_rate": learning_rate,
        "beta1": beta1,
        "beta2": beta2,
        "epsilon": epsilon,
    }


def _dense(*grads: list[float] | None, dtype: str = "float32") -> Call:
    arrays = [_array(grad, dtype) for grad in grads]
    return Call(arrays, None)


def _array(grad: list[float] | None, dtype: str) -> Grad | None:
    return None if grad is None else np.array(grad, dtype)


def _rows(indices: list[int], values: list[float], rows: int) -> Call:
    """Return a call with slices of one number each."""
    array = np.array(values, "float32").reshape(-1, 1)
    slices = IndexedSlices(array, np.array(indices, np.int64), (rows, 1))
    return Call([slices], None)


LESSONS = (
    Lesson(
        name="exponential-average",
        idea="m and v are averages that forget: each step keeps the share beta of the old average "
        "and takes the share 1 - beta of what is new. m averages gradients and knows their sign; "
        "v averages their squares and knows their size.",
        formula=_E1_TO_E5,
        numbers=_numbers(1.0, 0.5, 0.5),
        params=[[10.0]],
        calls=[_dense([6.0]), _dense([6.0]), _dense([-1.0])],
        runs=[
            LessonRun(
                says="Steps of size 1 while all gradients agree, and a smaller one after "
                "the sign has changed."
            )
        ],
    ),
    Lesson(
        name="bias-correction",
        idea="The averages start at 0 and are too small at first: after t equal gradients g, m is "
        "(1 - beta1^t)*g. E3 and E4 divide by just that factor, with the t of the step: 1 "
        "in the first one, 2 in the second.",
        formula=_E1_TO_E5[2:4],
        numbers=_numbers(0.75, 0.5, 0.5),
        params=[[1.0]],
        calls=[_dense([5.0]), _dense([-1.0])],
        runs=[
            LessonRun(
                says="At t = 1 m is half of the gradient and m_hat the gradient; at t = 2 "
                "the divisor is 0.75."
            )
        ],
    ),
    Lesson(
        name="epsilon",
        idea="epsilon is added to the root and keeps 0/0 away. It makes the step smaller where the "
        "gradient is not much larger than epsilon; the step does not depend on the size of "
        "gradients where it is.",
        formula=_E1_TO_E5[4:],
        numbers=_numbers(1.0, 0.5, 0.75, 1.0),
        params=[[4.0, 4.0, 4.0, 4.0]],
        calls=[_dense([0.0, 1.0, 3.0, -7.0])],
        runs=[
            LessonRun(
                says="Gradients of 0, 1, 3 and -7 times epsilon move a parameter by 0, 1/2, "
                "3/4 and -7/8 of the learning rate."
            )
        ],
    ),
    Lesson(
        name="epsilon-hat",
        idea="Many libraries correct the learning rate and not the moments, and then epsilon is "
        "added to the root of v, which is too small in the first steps. So epsilon counts for more "
        "there: it is epsilon/sqrt(1 - beta2^t) in the terms of E5.",
        formula=(
            _E1_TO_E5[4],
            _RATE,
            "    param = param - rate*m/(sqrt(v) + epsilon)",
        ),
        numbers=_numbers(0.75, 0.5, 0.75, 1.0),
        params=[[4.0]],
        calls=[_dense([2.0])],
        runs=[
            LessonRun(says="Algorithm 1 of the paper moves the parameter by 0.5."),
            LessonRun(
                says="With epsilon-hat, the same numbers move it by 0.375.",
                convention="paper-hat",
            ),
        ],
    ),
    Lesson(
        name="amsgrad",
        idea="AMSGrad, which is not in the paper of Adam but in arXiv:1904.09237, remembers the "
        "largest v so far, and E4 takes it in the place of v. It never becomes smaller, so that "
        "steps stay small after one large gradient.",
        formula=(
            "    v_max = max(v_max, v)",
            "E4  v_hat = v_max/(1 - beta2^t)",
        ),
        numbers=_numbers(2.25, 0.5, 0.5625),
        switches={"amsgrad": True},
        params=[[8.0]],
        calls=[_dense([15.0]), _dense([0.0])],
        runs=[
            LessonRun(
                says="In the second step v falls and v_max stays: the root is 12. Without "
                "AMSGrad it would be 9, and the step 1.25 in place of 0.9375."
            )
        ],
    ),
    Lesson(
        name="weight-decay",
        idea="L2 adds weight_decay*param to the gradient, which is then divided by its own size as "
        "any other gradient. Decoupled decay takes its share of the parameter directly, so that a "
        "parameter twice as large loses twice as much.",
        formula=(
            "    L2: g = g + weight_decay*param",
            "    decoupled: param = (1 - learning_rate*weight_decay)*param",
        ),
        numbers=_numbers(0.5, 0.5, 0.75),
        switches={"weight_decay": 0.25},
        params=[[4.0, 8.0]],
        calls=[_dense([1.0, 1.0])],
        runs=[
            LessonRun(
                says="L2, as in torch.optim.Adam: both elements move by 0.5, as without decay. The "
                "paper has no decay, and torch also counts t for each parameter.",
                convention="torch",
            ),
            LessonRun(
                says="Decoupled, as in torch.optim.AdamW: they lose 0.5 and 1 besides.",
                convention="torch-adamw",
            ),
        ],
    ),
    Lesson(
        name="sparse-rows",
        idea="The gradient of an embedding table names only some rows; that of all others is 0. A "
        "dense-equivalent Adam moves those too, because their m is not 0 yet; a lazy one leaves "
        "parameter and moments of such a row alone.",
        formula=_E1_TO_E5,
        numbers=_numbers(2.25, 0.5, 0.5625),
        params=[[[8.0], [8.0]]],
        calls=[_rows([1, 0], [15.0, 15.0], 2), _rows([0], [15.0], 2)],
        runs=[
            LessonRun(says="Dense-equivalent: row 1 moves in the second step, by 1.25."),
            LessonRun(
                says="Lazy: row 1 stays, and so do its moments.",
                changes={"sparse": "lazy_global_t"},
            ),
        ],
    ),
    Lesson(
        name="duplicates",
        idea="A row may be named twice in one gradient, as a word that occurs twice in a sentence. "
        "Its slices must be summed before they are squared: (3 + 4)^2 is 49, and 3^2 + 4^2 is 25.",
        formula=(
            "    g = the sum of the slices of the row",
            "E2  v = beta2*v + (1 - beta2)*g^2",
        ),
        numbers=_numbers(1.25, 0.5, 0.75),
        params=[[[2.0], [2.0]]],
        calls=[_rows([0, 1, 0], [3.0, -2.0, 4.0], 2)],
        runs=[
            LessonRun(says="Summed, then squared: both rows move by the learning rate."),
            LessonRun(
                says="The squares are summed: row 0 moves by 1.75.",
                changes={"duplicates": "sum_of_squares"},
            ),
        ],
    ),
    Lesson(
        name="missing-gradient",
        idea="None is no gradient of 0: parameter and moments stay as they are. By the paper t "
        "counts the calls of step, also one without any gradient, so that the next gradient of "
        "this parameter is corrected with t = 3.",
        formula=_E1_TO_E5,
        numbers=_numbers(1.0, 0.5, 0.75),
        params=[[8.0], [8.0]],
        calls=[_dense([4.0], [4.0]), _dense([4.0], None), _dense([4.0], [5.0])],
        runs=[
            LessonRun(
                says="Parameter 1 has no gradient in the second step. torch counts the gradients "
                "of each parameter: it would correct with t = 2, and do nothing in a call without "
                "any gradient. TensorFlow and Keras refuse such a call."
            )
        ],
    ),
    Lesson(
        name="half-precision",
        idea="bfloat16 has 8 binary digits: from 256 on, only even numbers. A step of 0.75 is lost "
        "each time if the next one starts from the rounded parameter, and adds up if a float32 "
        "weight, the master, is kept beside it.",
        formula=("    param = bfloat16(weight)",),
        numbers=_numbers(0.75, 0.5, 0.75),
        dtype="bfloat16",
        params=[[256.0]],
        calls=[_dense([-1.0], dtype="bfloat16"), _dense([-1.0], dtype="bfloat16")],
        runs=[
            LessonRun(
                says="Without a master the parameter never moves.",
                storage=_HALF.format("rounded"),
            ),
            LessonRun(
                says="With a master it moves in the second step.",
                storage=_HALF.format("master"),
            ),
        ],
    ),
)
