"""Hooks: methods of TensorFlow's optimizers that a subclass overrides."""

# What TensorFlow calls for each variable, on tensors and in graphs.
_KERNELS = (
    "_apply_dense",
    "_apply_sparse",
    "_apply_sparse_duplicate_indices",
    "_resource_apply_dense",
    "_resource_apply_sparse",
    "_resource_apply_sparse_duplicate_indices",
    "_resource_scatter_add",
)


class HookedOptimizer:
    """An optimizer that refuses a subclass with hooks that nothing would call."""

    def __init_subclass__(cls, **arguments: object) -> None:
        super().__init_subclass__(**arguments)
        for name in _KERNELS:
            if name in vars(cls):
                raise TypeError(
                    f"{cls.__name__} must not define {name}, which nothing calls: the step is that "
                    "of Adam; change gradients before apply_gradients instead"
                )
