"""Adams with the properties of real ones, each written anew as a subject.

Each class overrides what makes it special. `SAID` has, for each, a pattern of the sentence that
`check` must say.
"""

import numpy as np

from conformance import Unsupported


class Plain:
    """Algorithm 1, with a t for each parameter, a schedule, and moments that can be seen."""

    convention = "paper"

    def __init__(self, params, learning_rate, beta1, beta2, epsilon, weight_decay=0.0):
        self.rate = learning_rate
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.weight_decay = weight_decay
        self.params = [param.copy() for param in params]
        self.m = [0 * param for param in params]
        self.v = [0 * param for param in params]
        self.t = [0 for _ in params]

    def slots(self):
        return {"m": [m.copy() for m in self.m], "v": [v.copy() for v in self.v]}

    def step(self, grads, learning_rate=None):
        self.rate = self.rate if learning_rate is None else learning_rate
        for place, grad in enumerate(grads):
            if grad is not None:
                self.t[place] += 1
                self.update(place, self.decay(place, grad))
        return [param.copy() for param in self.params]

    def decay(self, place, grad):
        return grad

    def update(self, place, grad):
        self.move(place, grad)
        m_hat = self.m[place] / self.correction1(place)
        self.take(place, self.rate * m_hat / self.denominator(place))

    def take(self, place, step):
        param = self.params[place]
        self.params[place] = np.asarray(param - step, param.dtype)

    def move(self, place, grad):
        self.m[place] = self.beta1 * self.m[place] + (1 - self.beta1) * grad
        self.v[place] = self.beta2 * self.v[place] + (1 - self.beta2) * grad * grad

    def correction1(self, place):
        return 1 - self.beta1 ** self.t[place]

    def correction2(self, place):
        return 1 - self.beta2 ** self.t[place]

    def denominator(self, place):
        return np.sqrt(self.v[place] / self.correction2(place)) + self.epsilon


class Four(Plain):
    """The same, with Adam's four numbers alone."""

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        super().__init__(params, learning_rate, beta1, beta2, epsilon)


class HalfAlone(Four):
    supports = frozenset({"float16"})

    def __init__(self, params, *numbers):
        if any(param.dtype != np.float16 for param in params):
            raise Unsupported("float16 alone")
        super().__init__(params, *numbers)


class RefusesZeroRate(Four):
    def __init__(self, params, learning_rate, *numbers):
        if learning_rate <= 0:
            raise ValueError(f"learning_rate must be above 0, got {learning_rate}")
        super().__init__(params, learning_rate, *numbers)


class RefusesScalarsWithHat(Four):
    """Two causes: it refuses arrays without axes, and its epsilon is epsilon-hat."""

    def __init__(self, params, *numbers):
        if any(param.ndim == 0 for param in params):
            raise ValueError("parameters must have an axis")
        super().__init__(params, *numbers)

    def denominator(self, place):
        return (np.sqrt(self.v[place]) + self.epsilon) / np.sqrt(self.correction2(place))


class Widens(Four):
    def take(self, place, step):
        self.params[place] = self.params[place].astype(np.float64) - step


class ShowsCorrected(Four):
    def slots(self):
        shown = super().slots()
        for place, t in enumerate(self.t):
            if t:
                shown["m"][place] /= self.correction1(place)
                shown["v"][place] /= self.correction2(place)
        return shown


class RateWithCorrection(Four):
    """Epsilon under the root, and the corrections in the rate."""

    def update(self, place, grad):
        self.move(place, grad)
        rate = self.rate * np.sqrt(self.correction2(place)) / self.correction1(place)
        self.take(place, rate * self.m[place] / np.sqrt(self.v[place] + self.epsilon))


class ConstantUnderRoot(Four):
    def denominator(self, place):
        return np.sqrt(self.v[place] / self.correction2(place) + 1e-7) + self.epsilon


class OneBehind(Four):
    """The corrections are those of the step before; the first step has none."""

    def update(self, place, grad):
        self.move(place, grad)
        t = self.t[place] - 1
        rate = self.rate
        if t:
            rate *= np.sqrt(1 - self.beta2**t) / (1 - self.beta1**t)
        self.take(place, rate * self.m[place] / (np.sqrt(self.v[place]) + self.epsilon))


class EpsilonOrDefault(Four):
    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        super().__init__(params, learning_rate, beta1, beta2, epsilon or 1e-8)


class Uncorrected(Four):
    def correction1(self, place):
        return 1.0

    def correction2(self, place):
        return 1.0


class SingleScalars(Plain):
    """Scalars of binary32, and a decay that is taken only if it is positive: two causes."""

    convention = "torch-adamw"
    supports = frozenset({"none"})

    def __init__(self, params, learning_rate, beta1, beta2, epsilon, weight_decay=0.0):
        numbers = map(np.float32, (learning_rate, beta1, beta2, epsilon, weight_decay))
        super().__init__(params, *numbers)

    def correction1(self, place):
        return np.float32(1) - self.beta1 ** np.float32(self.t[place])

    def correction2(self, place):
        return np.float32(1) - self.beta2 ** np.float32(self.t[place])

    def decay(self, place, grad):
        if self.weight_decay > 0:
            self.take(place, self.rate * self.weight_decay * self.params[place])
        return grad


class AbsoluteWithoutFirst(Four):
    """Two mistakes: m is not corrected, and v is made of |g|."""

    def correction1(self, place):
        return 1.0

    def move(self, place, grad):
        v = self.v[place]
        super().move(place, grad)
        self.v[place] = self.beta2 * v + (1 - self.beta2) * abs(grad)


class OneCount(Plain):
    """AdamW with one t for all parameters, which counts calls."""

    convention = "torch-adamw"
    supports = frozenset({"none"})

    def step(self, grads, learning_rate=None):
        self.t = [t + (grad is None) for t, grad in zip(self.t, grads, strict=True)]
        return super().step(grads, learning_rate)

    def decay(self, place, grad):
        self.take(place, self.rate * self.weight_decay * self.params[place])
        return grad


class HatWithL2(RefusesScalarsWithHat):
    """L2, and epsilon-hat."""

    convention = "torch"
    supports = frozenset({"none"})

    def __init__(self, params, *numbers, weight_decay=0.0):
        Plain.__init__(self, params, *numbers, weight_decay=weight_decay)

    def decay(self, place, grad):
        return np.asarray(grad + self.weight_decay * self.params[place], grad.dtype)


class LooksAhead(Four):
    """NAdam without its schedule of momentum."""

    def update(self, place, grad):
        self.move(place, grad)
        t = self.t[place]
        ahead = self.beta1 * self.m[place] / (1 - self.beta1 ** (t + 1))
        ahead = ahead + (1 - self.beta1) * grad / (1 - self.beta1**t)
        self.take(place, self.rate * ahead / self.denominator(place))


class TwiceAsFar(Four):
    def __init__(self, params, learning_rate, *numbers):
        super().__init__(params, 2 * learning_rate, *numbers)


class Reciprocal(Four):
    def denominator(self, place):
        with np.errstate(divide="ignore"):
            return 1 / (1 / np.sqrt(self.v[place] / self.correction2(place)) + self.epsilon)


class Powers(Four):
    """It divides by beta^t, and not by 1 - beta^t."""

    def correction1(self, place):
        return self.beta1 ** self.t[place]

    def correction2(self, place):
        return self.beta2 ** self.t[place]


class SquareOfMean(Four):
    def move(self, place, grad):
        v = self.v[place]
        super().move(place, grad)
        self.v[place] = self.beta2 * v + (1 - self.beta2) * self.m[place] ** 2


class ThirdElement(Four):
    """The third element of each parameter never moves."""

    def take(self, place, step):
        before = self.params[place]
        super().take(place, step)
        self.params[place].reshape(-1)[2:3] = before.reshape(-1)[2:3]


class FromThreeHundred(Four):
    def correction2(self, place):
        return 1.0 if self.t[place] >= 300 else super().correction2(place)


class Bfloat16Moments(Four):
    """Moments have the digits of bfloat16 before they are used."""

    def move(self, place, grad):
        super().move(place, grad)
        for moments in (self.m, self.v):
            fraction, exponent = np.frexp(moments[place])
            rounded = np.ldexp(np.rint(fraction * 256) / 256, exponent)
            moments[place] = np.asarray(rounded, grad.dtype)


class SkipsZeroRate(Four):
    def step(self, grads, learning_rate=None):
        rate = self.rate if learning_rate is None else learning_rate
        if rate == 0:
            self.rate = rate
            return [param.copy() for param in self.params]
        return super().step(grads, learning_rate)


# What `check` says of each, in the vectors of float32 and float64.
SAID = {
    RefusesZeroRate: r"what it returns is right, but \d+ vectors end with 'ValueError: "
    r"learning_rate must be above 0, .*\(every vector with learning_rate zero, and no other\)",
    RefusesScalarsWithHat: r"\d+ vectors end with 'ValueError: parameters must have an axis .*"
    r"\(every vector with dimensions 0, and no other\); besides, it adds epsilon to the root of v "
    "before the correction .* these are the numbers of convention paper-hat",
    Widens: r"what it returns is right, but \d+ vectors end with 'step 1 must return parameter 0 "
    r"as float32, got float64; .*\(every vector with dtype float32, and no other\); "
    "a dtype that is not kept can be declared, as make.dtypes = ",
    ShowsCorrected: r"its parameters are right in every vector; slots\(\) returns m_hat and v_hat",
    RateWithCorrection: r"in E5 the step is learning_rate \* m_hat / sqrt\(v_hat \+ epsilon / "
    r"\(1 - beta2\^t\)\) \(and not",
    ConstantUnderRoot: r"in E5 the step is .* / \(sqrt\(v_hat \+ 1e-7\) \+ epsilon\) \(and not",
    OneBehind: r"in E5 the step is .* with t - 1 for t \(and not",
    EpsilonOrDefault: r"in E5 the step is .*\(epsilon or 1e-8\)",
    Uncorrected: "its mistake is bias-none: .* paper with bias_correction = none",
    SingleScalars: "it is torch-adamw with arithmetic sssss .*, and its mistake is "
    "wd-only-positive: ",
    AbsoluteWithoutFirst: "it is paper with bias_correction = second, and its mistake is "
    "v-uses-abs: ",
    OneCount: "it has one t for all parameters.*; it counts a call without any gradient.*; these "
    "are the numbers of torch-adamw with step_scope = optimizer and all_none = count",
    HatWithL2: "it adds epsilon to the root of v before .* numbers of torch with epsilon = hat",
    LooksAhead: r"in E5 the step is .*\(beta1 \* m / \(1 - beta1\^\(t \+ 1\)\) \+ ",
    TwiceAsFar: r"in E5 the step is 2 \* learning_rate .*where the learning rate never changes",
    Reciprocal: r"in E5 the step is .*\(1 / \(1 / sqrt\(v_hat\) \+ epsilon\)\)",
    Powers: r"in E5 the step is .*m / beta1\^t / \(sqrt\(v / beta2\^t\) \+ epsilon\)",
    SquareOfMean: r"in E2 v = beta2 \* v \+ \(1 - beta2\) \* m \* m \(and not ",
    ThirdElement: "no known .*; the first wrong element is always element 2 of a parameter",
    FromThreeHundred: "no known .*; nothing that was compared is wrong before t = 300",
    Bfloat16Moments: "no known .*; every m that it returns in float32 is a bfloat16 number, and "
    "every v that it returns in float32 is a bfloat16 number",
    SkipsZeroRate: "no known .*; what fails: every vector with learning_rate zero, and no other",
}
