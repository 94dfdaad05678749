"""Convention and Arithmetic: where real Adams differ, as data.

A convention is the algorithm in exact arithmetic. An arithmetic is the format of each number that
all elements share. The two never mix: two Adams of one convention and different arithmetic are the
same algorithm, a few units in the last place apart. An example: `tf1` puts epsilon outside a root
that is not corrected (epsilon `hat`), with every number in binary32 (arithmetic `sssss`).
"""

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Literal, get_args


@dataclass(frozen=True, kw_only=True, slots=True)
class Convention:
    """A point on the axes where Adams differ mathematically or in their contract.

    Axes:
        epsilon: `hat` sqrt(v) + eps, with the correction folded into the learning rate (the paper,
            before section 2.1); `outside` sqrt(v_hat) + eps (Algorithm 1); `inside`
            sqrt(v_hat + eps); `both` sqrt(v_hat + eps_root) + eps.
        bias_correction: the moments that are corrected.
        step_scope: one t for the `optimizer`, which counts calls, or one for each `parameter`,
            which counts its gradients.
        none_gradient: a parameter without a gradient is skipped; `skip_but_count` advances its t
            all the same.
        all_none: a call in which no parameter has a gradient.
        amsgrad: the maximum is taken over v (`max_raw`) or over v_hat (`max_corrected`).
        amsgrad_bias_correction: as `bias_correction`, when AMSGrad is on.
        weight_decay: `l2` adds to the gradient, `decoupled` shrinks the parameter.
        decay_when: decoupled: before or after the step of Adam.
        decay_scale: decoupled: times the learning rate, 1, or the bias-corrected learning rate.
        clip: several clips at once: `cumulative`, the `first` one set, or an error (`exclusive`).
        clip_order: the order in which they are applied, or looked for.
        clip_law: norms: x c / max(n, c), or with torch's 1e-6: x min(1, c / (n + 1e-6)).
        clip_when: before or after L2 is added.
        clip_duplicates: before or after the duplicate rows of a sparse gradient are summed.
        sparse: a sparse gradient moves all rows, as the dense gradient with the same numbers would,
            or only its own rows (`lazy`), corrected by the t of the optimizer, of each row, or of
            the parameter (`tensor`).
        duplicates: repeated rows of a sparse gradient are summed; v takes the square of the sum, or
            the sum of the squares.
        empty_sparse: a sparse gradient without rows is a step, or `ignored`: a missing gradient.
        epsilon_zero: epsilon 0 is used as given, or replaced by the library's default.
        maximize: the gradient is negated before L2 is added.
        complex: of a complex parameter each component is a number by itself, or v is the average of
            the squared `modulus`, one number for both components. `adamref.Adam` takes real ones.

    Attributes:
        name: the name that errors show. It is no axis: conventions that differ in it are equal.

    Raises:
        ValueError: an axis has a value that is not listed, or two axes have values that exclude
            each other.

    Source: the implementations' own source text; each named convention states its own.
    """

    # The equations E3 to E5.
    epsilon: Literal["hat", "outside", "inside", "both"] = "outside"
    bias_correction: Literal["both", "none", "first", "second"] = "both"
    # Counting of steps, and missing gradients.
    step_scope: Literal["optimizer", "parameter"] = "optimizer"
    none_gradient: Literal["skip", "skip_but_count", "error"] = "skip"
    all_none: Literal["error", "no_op", "count"] = "count"
    # AMSGrad, and weight decay.
    amsgrad: Literal["max_raw", "max_corrected", "unsupported"] = "max_raw"
    amsgrad_bias_correction: Literal["both", "none", "first", "second"] = "both"
    weight_decay: Literal["l2", "decoupled", "unsupported"] = "unsupported"
    decay_when: Literal["before", "after"] = "before"
    decay_scale: Literal["lr", "one", "lr_t"] = "lr"
    # Clipping, in an order because several limits may be set.
    clip: Literal["cumulative", "first", "exclusive", "unsupported"] = "unsupported"
    clip_order: Literal["value_norm_global", "norm_value_global", "norm_global_value"] = (
        "value_norm_global"
    )
    clip_law: Literal["exact", "plus_1e-6"] = "exact"
    clip_when: Literal["before_l2", "after_l2"] = "before_l2"
    clip_duplicates: Literal["before_sum", "after_sum"] = "before_sum"
    # Gradients of only some rows.
    sparse: Literal[
        "dense_equivalent", "lazy_global_t", "lazy_row_t", "lazy_tensor_t", "unsupported"
    ] = "dense_equivalent"
    duplicates: Literal["sum_then_square", "sum_of_squares"] = "sum_then_square"
    empty_sparse: Literal["counts", "ignored"] = "counts"
    # Meaning of two numbers and switches of the config.
    epsilon_zero: Literal["as_given", "default"] = "as_given"
    maximize: Literal["before_l2", "unsupported"] = "unsupported"
    # Parameters of complex numbers.
    complex: Literal["components", "modulus", "unsupported"] = "unsupported"
    # Not an argument, because `replace` would give a changed convention the name of the old one.
    name: str = field(init=False, compare=False, repr=False, default="custom")

    def with_name(self, name: str) -> "Convention":
        """Return the same convention under a name, which errors show."""
        convention = replace(self)
        # The only way to set a field of a frozen class that is not an argument.
        object.__setattr__(convention, "name", name)
        return convention

    def __post_init__(self) -> None:
        for axis, values in AXES.items():
            value = getattr(self, axis)
            if value not in values:
                raise ValueError(f"{axis} must be one of {', '.join(values)}, got {value!r}")
        # Two values exclude each other where one of them leaves the other without a meaning.
        if self.epsilon == "hat" and self.amsgrad == "max_corrected":
            raise ValueError(
                "amsgrad must not be 'max_corrected' with epsilon 'hat', which has no corrected v; "
                "got both"
            )
        scope = "optimizer" if self.sparse == "lazy_global_t" else "parameter"
        if self.sparse.startswith("lazy") and self.step_scope != scope:
            raise ValueError(
                f"step_scope must be {scope!r} with sparse {self.sparse!r}, got {self.step_scope!r}"
            )
        for axis, value in (("clip_duplicates", "after_sum"), ("weight_decay", "l2")):
            if self.duplicates == "sum_of_squares" and getattr(self, axis) == value:
                raise ValueError(
                    f"{axis} must not be {value!r} with duplicates 'sum_of_squares', got both"
                )


# axis -> its values. The name is the only field that takes no part in comparison.
AXES: dict[str, tuple[str, ...]] = {
    axis.name: get_args(axis.type) for axis in fields(Convention) if axis.compare
}

# The epsilon that replaces 0 with `epsilon_zero = default`: Keras' backend epsilon.
DEFAULT_EPSILON = 1e-7


class Format(StrEnum):
    """The format that a number of the arithmetic is rounded to."""

    BINARY64 = "d"
    BINARY32 = "s"
    PARAMETER = "T"


@dataclass(frozen=True, kw_only=True, slots=True)
class Arithmetic:
    """The format that each scalar of a step is rounded to.

    A number is rounded to its format once and used exactly from there.

    Args:
        learning_rate: format of the learning rate and of the weight decay.
        epsilon: format of epsilon and of epsilon_root.
        moment_beta: format of the beta in beta m + (1 - beta) g.
        power_beta: format of the beta that is raised to the power t.
        correction: format of the operations that lead to beta^t and 1 - beta^t.

    Raises:
        ValueError: a format is none of the three letters.

    Files and the command line write the five as letters in this order, its code: ``sdssT``.
    """

    learning_rate: Format
    epsilon: Format
    moment_beta: Format
    power_beta: Format
    correction: Format

    def __post_init__(self) -> None:
        for number in fields(self):
            letter = getattr(self, number.name)
            # Any other value would be taken for T.
            if letter not in list(Format):
                raise ValueError(f"{number.name} must be one of d, s, T, got {letter!r}")

    @classmethod
    def parse(cls, code: str) -> "Arithmetic":
        """Return the arithmetic with this code.

        Raises:
            ValueError: the code is not five letters out of d, s, T.
        """
        names = [number.name for number in fields(cls)]
        if len(code) != len(names) or set(code) - set(Format):
            raise ValueError(
                f"arithmetic must be five letters out of d, s, T, one each for {', '.join(names)}; "
                f"got {code!r}. An example is 'ddddd'."
            )
        return cls(**dict(zip(names, map(Format, code), strict=True)))

    @property
    def code(self) -> str:
        """The five letters."""
        return "".join(getattr(self, number.name) for number in fields(self))

    def __str__(self) -> str:
        return self.code

    def for_dtype(self, dtype: str) -> "Arithmetic":
        """Return the arithmetic for parameters of ``dtype``: binary32 or binary64 replaces T.

        T stays for dtypes of half precision, which have no letter.
        """
        letters = {"float32": Format.BINARY32, "float64": Format.BINARY64}
        if dtype not in letters:
            return self
        return self.parse(self.code.replace(Format.PARAMETER, letters[dtype]))
