"""The subjects that ship: name, where its function is, its convention, and the library that it needs."""

from typing import NamedTuple


class Shipped(NamedTuple):
    """A shipped subject. Its module is imported only when it is named or checked."""

    target: str
    convention: str
    distribution: str
    what: str


_HERE = "conformance.subjects"

SHIPPED: dict[str, Shipped] = {
    **{
        name: Shipped(f"{_HERE}.adamref_numpy:{name.replace('-', '_')}", convention, "adamref", "our NumPy reference")
        for name, convention in (
            ("adamref", "paper"),
            ("adamref-paper-hat", "paper-hat"),
            ("adamref-tf1", "tf1"),
            ("adamref-tfkeras", "tfkeras"),
            ("adamref-torch", "torch"),
            ("adamref-optax", "optax"),
        )
    },
    "torch": Shipped(f"{_HERE}.torch_adam:single", "torch", "torch", "torch.optim.Adam, one tensor at a time"),
    "torch-foreach": Shipped(f"{_HERE}.torch_adam:foreach", "torch", "torch", "torch.optim.Adam(foreach=True)"),
    "torch-fused": Shipped(f"{_HERE}.torch_adam:fused", "torch", "torch", "torch.optim.Adam(fused=True), on the CPU"),
    "tf1": Shipped(f"{_HERE}.tf1_adam:make", "tf1", "tensorflow", "tf.compat.v1.train.AdamOptimizer"),
    "tfkeras": Shipped(f"{_HERE}.tfkeras_adam:make", "tfkeras", "tf-keras", "tf_keras.optimizers.legacy.Adam"),
    "tfkeras-2.11": Shipped(
        f"{_HERE}.keras_adam:tf_keras_make", "tfkeras-2.11", "tf-keras", "tf_keras.optimizers.Adam"
    ),
    "keras3": Shipped(f"{_HERE}.keras_adam:keras3_make", "keras3", "keras", "keras.optimizers.Adam, on TensorFlow"),
    "optax": Shipped(f"{_HERE}.optax_adam:single", "optax", "optax", "optax.adam and amsgrad, jax_enable_x64 off"),
    "optax-x64": Shipped(f"{_HERE}.optax_adam:double", "optax", "optax", "optax.adam and amsgrad, jax_enable_x64 on"),
    "jax": Shipped(f"{_HERE}.jax_adam:single", "jax", "jax", "jax.example_libraries adam, jax_enable_x64 off"),
    "jax-x64": Shipped(f"{_HERE}.jax_adam:double", "jax", "jax", "jax.example_libraries adam, jax_enable_x64 on"),
    "sklearn": Shipped(f"{_HERE}.sklearn_adam:make", "sklearn", "scikit-learn", "scikit-learn's AdamOptimizer"),
    "autograd": Shipped(f"{_HERE}.autograd_adam:make", "paper", "autograd", "autograd.misc.optimizers.adam"),
}
