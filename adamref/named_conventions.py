"""The conventions and arithmetics that have names, each with where it is written down."""

from dataclasses import replace
from typing import NamedTuple

from .convention import Arithmetic, Convention

# code of an arithmetic that is in use -> its users. A vector with decimal hyperparameters has an
# answer for each.
ARITHMETICS: dict[str, str] = {
    "ddddd": "torch, scikit-learn, autograd, optax with jax_enable_x64",
    "sssss": "TensorFlow 1; burn, ggml, llm.c, bitsandbytes, DeepSpeed on CPUs",
    "sdssT": "tf-keras legacy",
    "sddsT": "Keras 3 on TensorFlow, tf-keras 2.11 and later; MLX, tinygrad in float32",
    "sddTT": "Keras 3 on JAX",
    "dddTT": "optax without jax_enable_x64, jax.example_libraries",
    "dddss": "torch capturable and differentiable; tfjs",
    "ssssd": "apex, onnxruntime",
    "sssdd": "MXNet, thinc",
    "TTTTT": "Optimisers.jl, ensmallen, Paddle, torch fused on CUDA",
}


class NamedConvention(NamedTuple):
    """A convention with a name.

    Fields:
        convention: its values on the axes.
        arithmetics: the codes that it accepts, the usual one first.
        source: the paper or the implementation that defines it.
    """

    convention: Convention
    arithmetics: tuple[str, ...]
    source: str


# Three families, of which the named conventions change a few values.
_TORCH = Convention(
    step_scope="parameter",
    all_none="no_op",
    weight_decay="l2",
    sparse="unsupported",
    maximize="before_l2",
    complex="components",
)
_TFKERAS = Convention(epsilon="hat", all_none="error", clip="cumulative", epsilon_zero="default")
_OPTAX = Convention(
    epsilon="both",
    none_gradient="error",
    all_none="error",
    amsgrad="max_corrected",
    sparse="unsupported",
    complex="modulus",
)
_ENTRIES: dict[str, NamedConvention] = {
    # The paper.
    "paper": NamedConvention(
        Convention(),
        ("ddddd",),
        "Kingma & Ba, arXiv:1412.6980v9, Algorithm 1; "
        "AMSGrad: Reddi et al., ICLR 2018, with Adam's bias correction",
    ),
    "paper-hat": NamedConvention(
        Convention(epsilon="hat"),
        ("ddddd",),
        "Kingma & Ba, arXiv:1412.6980v9, the formula just before section 2.1",
    ),
    # TensorFlow and Keras.
    "tf1": NamedConvention(
        Convention(epsilon="hat", all_none="error", amsgrad="unsupported"),
        ("sssss",),
        "tf.train.AdamOptimizer, TensorFlow 1.x, November 2017; "
        "lives on as tf.compat.v1.train.AdamOptimizer",
    ),
    "tfkeras": NamedConvention(
        _TFKERAS,
        ("sdssT",),
        "tf.keras.optimizers.Adam, TensorFlow 2.x before 2.11; "
        "lives on as tf_keras.optimizers.legacy.Adam",
    ),
    "tfa-lazy": NamedConvention(
        replace(_TFKERAS, amsgrad="unsupported", sparse="lazy_global_t"),
        ("sdssT",),
        "tfa.optimizers.LazyAdam of TensorFlow Addons, with tf.keras before TensorFlow 2.11",
    ),
    "tfkeras-2.11": NamedConvention(
        Convention(
            epsilon="hat",
            all_none="error",
            weight_decay="decoupled",
            clip="first",
            clip_order="norm_global_value",
        ),
        ("sddsT",),
        "tf.keras.optimizers.Adam, TensorFlow 2.11 to 2.15; lives on as tf_keras.optimizers.Adam",
    ),
    "keras3": NamedConvention(
        Convention(epsilon="hat", all_none="error", weight_decay="decoupled", clip="exclusive"),
        ("sddsT", "sddTT"),
        "keras.optimizers.Adam, Keras 3; sddsT on TensorFlow, sddTT on JAX",
    ),
    # PyTorch.
    "torch": NamedConvention(_TORCH, ("ddddd",), "torch.optim.Adam, PyTorch 1.3 and later"),
    "torch-capturable": NamedConvention(
        _TORCH,
        ("dddss",),
        "torch.optim.Adam with capturable or differentiable, where t and what comes of it are "
        "tensors of float32",
    ),
    "torch-sparse": NamedConvention(
        replace(
            _TORCH,
            epsilon="hat",
            amsgrad="unsupported",
            weight_decay="unsupported",
            sparse="lazy_tensor_t",
            complex="unsupported",
        ),
        ("ddddd",),
        "torch.optim.SparseAdam",
    ),
    "torch-adamw": NamedConvention(
        replace(_TORCH, weight_decay="decoupled"), ("ddddd",), "torch.optim.AdamW"
    ),
    # JAX and scikit-learn, which demand a gradient for every parameter.
    "optax": NamedConvention(
        _OPTAX,
        ("ddddd", "dddTT"),
        "optax.adam and optax.amsgrad, optax 0.2; ddddd with jax_enable_x64 and dddTT without",
    ),
    "optax-adamw": NamedConvention(
        replace(_OPTAX, amsgrad="unsupported", weight_decay="decoupled"),
        ("ddddd", "dddTT"),
        "optax.adamw, optax 0.2: the decay is added to the update, "
        "of the parameter before the step",
    ),
    "jax": NamedConvention(
        Convention(
            none_gradient="error", all_none="error", amsgrad="unsupported", sparse="unsupported"
        ),
        ("dddTT",),
        "jax.example_libraries.optimizers.adam",
    ),
    "sklearn": NamedConvention(
        Convention(
            epsilon="hat",
            none_gradient="error",
            all_none="error",
            amsgrad="unsupported",
            sparse="unsupported",
        ),
        ("ddddd",),
        "scikit-learn, sklearn/neural_network/_stochastic_optimizers.py, AdamOptimizer",
    ),
}

# Each convention knows its name, so that errors can show it.
CONVENTIONS: dict[str, NamedConvention] = {
    name: entry._replace(convention=entry.convention.with_name(name))
    for name, entry in _ENTRIES.items()
}


def look_up(
    convention: str | Convention, arithmetic: str | Arithmetic | None = None
) -> tuple[Convention, Arithmetic]:
    """Return the convention and the arithmetic that are given as objects or by name and code.

    Without an arithmetic, a named convention has the first that it accepts, and a custom one has
    binary64.

    Raises:
        ValueError: no convention has that name, or the code is not five letters out of d, s, T.
        TypeError: ``arithmetic`` is neither an Arithmetic nor a code.
    """
    if isinstance(arithmetic, str):
        arithmetic = Arithmetic.parse(arithmetic)
    if not isinstance(arithmetic, Arithmetic | None):
        raise TypeError(f"arithmetic must be an Arithmetic or its code, got {arithmetic!r}")
    if isinstance(convention, Convention):
        return convention, arithmetic or Arithmetic.parse("ddddd")
    if convention not in CONVENTIONS:
        raise ValueError(f"convention must be one of {', '.join(CONVENTIONS)}, got {convention!r}")
    named = CONVENTIONS[convention]
    return named.convention, arithmetic or Arithmetic.parse(named.arithmetics[0])
