"""Shipped subjects: their names, functions, conventions, and the libraries that they need."""

from typing import NamedTuple


class Shipped(NamedTuple):
    """A shipped subject. Its module is imported only when it is named or checked.

    Fields:
        target: the module and the function in it.
        distribution: the package that must be installed.
        what: a few words for people.
        alone: it is checked only if it is named, because it needs a device, or a process in which
            nobody has imported its library.
    """

    target: str
    convention: str
    distribution: str
    what: str
    alone: bool = False


# Not written out, because the package may run under another name: see adamref_conformance.py.
ADAPTERS = f"{__name__.partition('.')[0]}.subjects"

# The conventions besides the paper's under which our own reference is a subject.
_CONVENTIONS = (
    "paper-hat",
    "tf1",
    "tfkeras",
    "tfa-lazy",
    "tfkeras-2.11",
    "keras3",
    "torch",
    "torch-capturable",
    "torch-adamw",
    "torch-sparse",
    "optax",
    "optax-adamw",
    "jax",
    "sklearn",
)


# Our own backends that are subjects with each storage of half precision.
_HALF_BACKENDS = (
    ("adamref", "adamref", "our NumPy reference"),
    ("adamref-cpu", "numba", "our kernels for processors"),
)
_STORAGES = {
    "master": "float32 weights",
    "split": "weights in two halves",
    "compensated": "what rounding lost",
    "narrow": "rounded moments",
}


def _reference(convention: str) -> str:
    return f"{ADAPTERS}.adamref_adam:adamref_{convention.replace('-', '_').replace('.', '_')}"


SHIPPED: dict[str, Shipped] = {
    # Our own backends, first under the paper's convention.
    "adamref": Shipped(
        f"{ADAPTERS}.adamref_adam:adamref", "paper", "adamref", "our NumPy reference"
    ),
    "adamref-cpu": Shipped(
        f"{ADAPTERS}.adamref_adam:adamref_cpu",
        "paper",
        "numba",
        "our kernels for processors, by Numba",
    ),
    "adamref-cuda": Shipped(
        f"{ADAPTERS}.adamref_adam:adamref_cuda",
        "paper",
        "numba-cuda",
        "our CUDA kernels",
        alone=True,
    ),
    **{
        f"adamref-{name}": Shipped(_reference(name), name, "adamref", "our NumPy reference")
        for name in _CONVENTIONS
    },
    **{
        f"{name}-{storage}": Shipped(
            f"{ADAPTERS}.adamref_adam:{name.replace('-', '_')}_{storage}",
            "paper",
            distribution,
            f"{what}, half precision: {about}",
        )
        for name, distribution, what in _HALF_BACKENDS
        for storage, about in _STORAGES.items()
    },
    # PyTorch: each of its implementations has rounding, and bugs, of its own.
    "torch": Shipped(
        f"{ADAPTERS}.torch_adam:single", "torch", "torch", "torch.optim.Adam, one tensor at a time"
    ),
    "torch-foreach": Shipped(
        f"{ADAPTERS}.torch_adam:foreach", "torch", "torch", "torch.optim.Adam(foreach=True)"
    ),
    "torch-fused": Shipped(
        f"{ADAPTERS}.torch_adam:fused",
        "torch",
        "torch",
        "torch.optim.Adam(fused=True), on the CPU",
    ),
    "torch-differentiable": Shipped(
        f"{ADAPTERS}.torch_adam:differentiable",
        "torch-capturable",
        "torch",
        "torch.optim.Adam(differentiable=True), float32",
    ),
    "torch-adamw": Shipped(
        f"{ADAPTERS}.torch_adam:adamw", "torch-adamw", "torch", "torch.optim.AdamW"
    ),
    "torch-adamw-foreach": Shipped(
        f"{ADAPTERS}.torch_adam:adamw_foreach",
        "torch-adamw",
        "torch",
        "torch.optim.AdamW(foreach=True)",
    ),
    "torch-adamw-fused": Shipped(
        f"{ADAPTERS}.torch_adam:adamw_fused",
        "torch-adamw",
        "torch",
        "torch.optim.AdamW(fused=True), on the CPU",
    ),
    "torch-sparse": Shipped(
        f"{ADAPTERS}.torch_adam:sparse", "torch-sparse", "torch", "torch.optim.SparseAdam"
    ),
    # TensorFlow and Keras, from the oldest to the newest Adam.
    "tf1": Shipped(
        f"{ADAPTERS}.tf1_adam:make", "tf1", "tensorflow", "tf.compat.v1.train.AdamOptimizer"
    ),
    "tfkeras": Shipped(
        f"{ADAPTERS}.tfkeras_adam:make", "tfkeras", "tf-keras", "tf_keras.optimizers.legacy.Adam"
    ),
    "tfkeras-2.11": Shipped(
        f"{ADAPTERS}.tfkeras_2_11_adam:make",
        "tfkeras-2.11",
        "tf-keras",
        "tf_keras.optimizers.Adam",
    ),
    "keras3": Shipped(
        f"{ADAPTERS}.keras3_adam:on_tensorflow",
        "keras3",
        "keras",
        "keras.optimizers.Adam, on TensorFlow",
    ),
    # A process can load Keras with one backend only.
    "keras3-torch": Shipped(
        f"{ADAPTERS}.keras3_adam:on_torch", "keras3", "keras", "Keras 3 on torch", alone=True
    ),
    "keras3-jax": Shipped(
        f"{ADAPTERS}.keras3_adam:on_jax", "keras3", "keras", "Keras 3 on JAX", alone=True
    ),
    # JAX: float64 exists only where x64 is on.
    "optax": Shipped(
        f"{ADAPTERS}.optax_adam:single",
        "optax",
        "optax",
        "optax.adam and amsgrad, jax_enable_x64 off",
    ),
    "optax-x64": Shipped(
        f"{ADAPTERS}.optax_adam:double",
        "optax",
        "optax",
        "optax.adam and amsgrad, jax_enable_x64 on",
    ),
    # Parameters of half precision, and m in float32.
    "optax-mu-float32": Shipped(
        f"{ADAPTERS}.optax_adam:wide_m",
        "optax",
        "optax",
        "half precision: optax.adam(mu_dtype=float32)",
    ),
    "optax-adamw": Shipped(
        f"{ADAPTERS}.optax_adam:adamw_single", "optax-adamw", "optax", "optax.adamw, x64 off"
    ),
    "optax-adamw-x64": Shipped(
        f"{ADAPTERS}.optax_adam:adamw_double", "optax-adamw", "optax", "optax.adamw, x64 on"
    ),
    "jax": Shipped(
        f"{ADAPTERS}.jax_adam:single",
        "jax",
        "jax",
        "jax.example_libraries adam, jax_enable_x64 off",
    ),
    "jax-x64": Shipped(
        f"{ADAPTERS}.jax_adam:double",
        "jax",
        "jax",
        "jax.example_libraries adam, jax_enable_x64 on",
    ),
    # Pure NumPy.
    "sklearn": Shipped(
        f"{ADAPTERS}.sklearn_adam:make", "sklearn", "scikit-learn", "scikit-learn's AdamOptimizer"
    ),
    "autograd": Shipped(
        f"{ADAPTERS}.autograd_adam:make", "paper", "autograd", "autograd.misc.optimizers.adam"
    ),
}
