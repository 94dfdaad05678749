"""Convention and Arithmetic: where real Adams differ, as data.

A convention is what an Adam computes in exact arithmetic; an arithmetic is to which formats it rounds the
numbers that are the same for all elements. The two never mix: two Adams of one convention and different
arithmetic are the same algorithm, some units in the last place apart.
"""

from dataclasses import dataclass, fields
from typing import Literal, get_args


@dataclass(frozen=True, kw_only=True, slots=True)
class Convention:
    """A point on the axes where Adams differ mathematically or in their contract.

    Axes:
        epsilon: `hat` sqrt(v) + eps, the correction folded into the learning rate (the paper, before section 2.1);
            `outside` sqrt(v_hat) + eps (Algorithm 1); `inside` sqrt(v_hat + eps); `both` sqrt(v_hat + eps_root) + eps.
        bias_correction: which moments are corrected.
        step_scope: one t for the `optimizer`, which counts calls, or one a `parameter`, which counts its gradients.
        none_gradient: a parameter without a gradient is skipped; `skip_but_count` advances its t all the same.
        all_none: a call in which no parameter has a gradient.
        amsgrad: the maximum is taken over v (`max_raw`) or over v_hat (`max_corrected`).
        amsgrad_bias_correction: as `bias_correction`, when AMSGrad is on.
        weight_decay: `l2` adds to the gradient, `decoupled` shrinks the parameter.
        decay_when: decoupled: before or after the step of Adam.
        decay_scale: decoupled: times the learning rate, 1, or the bias-corrected learning rate.
        clip: several clips at once: `cumulative`, the `first` one set, or an error (`exclusive`).
        clip_order: in which order they are applied, or looked for.
        clip_law: norms: x c / max(n, c), or with torch's 1e-6: x min(1, c / (n + 1e-6)).
        clip_when: before or after L2 is added.
        clip_duplicates: before or after the duplicate rows of a sparse gradient are summed.
        sparse: a sparse gradient moves all rows, as the dense one with the same numbers would, or its own alone
            (`lazy`), corrected by the t of the optimizer, of each row, or of the parameter (`tensor`).
        duplicates: repeated rows of a sparse gradient are summed; v takes the square of the sum, or the squares' sum.
        empty_sparse: a sparse gradient without rows is a step, or `ignored`: no gradient at all.
        epsilon_zero: epsilon 0 is used as given, or replaced by the library's default.
        maximize: the gradient is negated before L2 is added.

    Raises:
        ValueError: an axis has a value that is not listed, or two axes have values that exclude each other.

    Source: the implementations' own source text; each named convention states its own.
    """

    epsilon: Literal["hat", "outside", "inside", "both"] = "outside"
    bias_correction: Literal["both", "none", "first", "second"] = "both"
    step_scope: Literal["optimizer", "parameter"] = "optimizer"
    none_gradient: Literal["skip", "skip_but_count", "error"] = "skip"
    all_none: Literal["error", "no_op", "count"] = "count"
    amsgrad: Literal["max_raw", "max_corrected", "unsupported"] = "max_raw"
    amsgrad_bias_correction: Literal["both", "none", "first", "second"] = "both"
    weight_decay: Literal["l2", "decoupled", "unsupported"] = "unsupported"
    decay_when: Literal["before", "after"] = "before"
    decay_scale: Literal["lr", "one", "lr_t"] = "lr"
    clip: Literal["cumulative", "first", "exclusive", "unsupported"] = "unsupported"
    clip_order: Literal["value_norm_global", "norm_value_global", "norm_global_value"] = (
        "value_norm_global"
    )
    clip_law: Literal["exact", "plus_1e-6"] = "exact"
    clip_when: Literal["before_l2", "after_l2"] = "before_l2"
    clip_duplicates: Literal["before_sum", "after_sum"] = "before_sum"
    sparse: Literal[
        "dense_equivalent", "lazy_global_t", "lazy_row_t", "lazy_tensor_t", "unsupported"
    ] = "dense_equivalent"
    duplicates: Literal["sum_then_square", "sum_of_squares"] = "sum_then_square"
    empty_sparse: Literal["counts", "ignored"] = "counts"
    epsilon_zero: Literal["as_given", "default"] = "as_given"
    maximize: Literal["before_l2", "unsupported"] = "unsupported"

    def __post_init__(self) -> None:
        for axis, values in AXES.items():
            value = getattr(self, axis)
            if value not in values:
                raise ValueError(f"{axis} must be one of {', '.join(values)}, got {value!r}")
        if self.epsilon == "hat" and self.amsgrad == "max_corrected":
            raise ValueError(
                "amsgrad must not be 'max_corrected' with epsilon 'hat', which has no corrected v; got both"
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


AXES: dict[str, tuple[str, ...]] = {axis.name: get_args(axis.type) for axis in fields(Convention)}

# What `epsilon_zero = default` puts in the place of 0: Keras' backend epsilon.
DEFAULT_EPSILON = 1e-7


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """To which format each scalar is rounded: `d` binary64, `s` binary32, `T` the parameter's.

    Args:
        code: five letters: of the learning rate and weight decay; of epsilon; of the beta in beta m + (1 - beta) g; of
            the beta that is raised to the power t; and of the operations that lead to beta^t and 1 - beta^t.

    Raises:
        ValueError: the code is not five letters out of d, s, T.

    A number is rounded to its format once and used exactly from there.
    """

    code: str

    def __post_init__(self) -> None:
        if len(self.code) != 5 or set(self.code) - set("dsT"):
            raise ValueError(f"code must be five letters out of d, s, T, got {self.code!r}")

    def resolve(self, dtype: str) -> str:
        """The code for parameters of ``dtype``, with T replaced where it is s or d; a float16 T stays."""
        return self.code.replace("T", {"float32": "s", "float64": "d"}.get(dtype, "T"))
