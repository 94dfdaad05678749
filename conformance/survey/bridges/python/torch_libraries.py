"""Optimizers of torch's kind; each library is imported by its own function."""

from functools import cache

from torch_kind import Hidden, Maximum, Optimizer

from conformance import Unsupported

# A declaration ends with its object.
_KEPT = []


def pyro(params, *numbers, weight_decay=0.0):
    from pyro.optim.clipped_adam import ClippedAdam

    options = {"weight_decay": weight_decay, "clip_norm": float("inf")}
    return Optimizer(ClippedAdam, params, *numbers, **options)


def pyro_clipped(params, *numbers, weight_decay=0.0, clipvalue=float("inf")):
    from pyro.optim.clipped_adam import ClippedAdam

    options = {"weight_decay": weight_decay, "clip_norm": clipvalue}
    return Optimizer(ClippedAdam, params, *numbers, **options)


def optimi(params, *numbers, weight_decay=0.0):
    from optimi import Adam

    # Its state holds corrected moments.
    options = {"weight_decay": weight_decay, "triton": False, "foreach": False}
    return Hidden(Adam, params, *numbers, **options)


def optimi_adamw(params, *numbers, weight_decay=0.0):
    from optimi import AdamW

    options = {"weight_decay": weight_decay, "triton": False, "foreach": False}
    return Hidden(AdamW, params, *numbers, **options)


def _torchvision():
    """Import what timm imports for its models; on PyPI it is built for GPUs alone."""
    import torch

    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        declared = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            declared.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(declared)


def timm_adamw(params, *numbers, weight_decay=0.0, amsgrad=False, maximize=False):
    _torchvision()
    from timm.optim.adamw import AdamWLegacy

    kind = Maximum if amsgrad else Optimizer
    options = {"weight_decay": weight_decay, "maximize": maximize}
    return kind(AdamWLegacy, params, *numbers, amsgrad=amsgrad, **options)


def timm_nadamw(params, *numbers, weight_decay=0.0, maximize=False):
    _torchvision()
    from timm.optim.nadamw import NAdamW

    options = {"weight_decay": weight_decay, "maximize": maximize}
    return Optimizer(NAdamW, params, *numbers, **options)


def heavyball(params, *numbers, weight_decay=0.0):
    import heavyball
    import heavyball.utils

    # Compiled, it would take minutes for each vector.
    heavyball.utils.compile_mode = None
    options = {"weight_decay": weight_decay, "compile_step": False}
    return Hidden(heavyball.AdamW, params, *numbers, **options)


def bitsandbytes(params, *numbers, weight_decay=0.0, amsgrad=False):
    from bitsandbytes.optim import Adam32bit

    return States(Adam32bit, params, *numbers, weight_decay=weight_decay, amsgrad=amsgrad)


def bitsandbytes_adamw(params, *numbers, weight_decay=0.0):
    from bitsandbytes.optim import AdamW32bit

    return States(AdamW32bit, params, *numbers, weight_decay=weight_decay)


class States(Optimizer):
    names = {"m": "state1", "v": "state2"}


@cache
def _deepspeed_kind():
    import cpuinfo
    from deepspeed.ops.adam import DeepSpeedCPUAdam

    # Each optimizer would run programs to learn the name of the processor.
    cpuinfo.get_cpu_info = cache(cpuinfo.get_cpu_info)
    return DeepSpeedCPUAdam


def deepspeed(params, *numbers, weight_decay=0.0):
    options = {"weight_decay": weight_decay, "adamw_mode": False}
    return Optimizer(_deepspeed_kind(), params, *numbers, **options)


def deepspeed_adamw(params, *numbers, weight_decay=0.0):
    return Optimizer(_deepspeed_kind(), params, *numbers, weight_decay=weight_decay)


def schedulefree(params, *numbers, weight_decay=0.0):
    from schedulefree import AdamWScheduleFree

    made = Hidden(AdamWScheduleFree, params, *numbers, weight_decay=weight_decay, foreach=False)
    made.optimizer.train()
    return made


def _labml_decay(weight_decay, **options):
    from labml_nn.optimizers import WeightDecay

    if weight_decay < 0:
        raise Unsupported("a weight decay below 0: it refuses it")
    return WeightDecay(weight_decay, **options)


def labml(params, *numbers, weight_decay=0.0):
    from labml_nn.optimizers.adam import Adam

    decay = _labml_decay(weight_decay, weight_decouple=False)
    return Optimizer(Adam, params, *numbers, weight_decay=decay)


def labml_plain(params, *numbers, weight_decay=0.0):
    from labml_nn.optimizers.adam import Adam

    decay = _labml_decay(weight_decay, weight_decouple=True)
    return Optimizer(Adam, params, *numbers, weight_decay=decay, optimized_update=False)


# DeepSpeed's kernel reads memory as float32; bitsandbytes keeps float32 states.
deepspeed.dtypes = deepspeed_adamw.dtypes = {"float32"}
bitsandbytes.dtypes = bitsandbytes_adamw.dtypes = {"float32"}
_MAKES = (pyro, pyro_clipped, optimi, optimi_adamw, timm_adamw, timm_nadamw, heavyball)
_MAKES += (bitsandbytes, bitsandbytes_adamw, deepspeed, deepspeed_adamw, schedulefree)
for _make in (*_MAKES, labml, labml_plain):
    _make.supports = {"none"}
