"""Optimizers that are named after Adam, or made from it, and compute something else."""

from torch_kind import Hidden


def stable_adamw(params, *numbers, weight_decay=0.0):
    from pytorch_optimizer import StableAdamW

    return Hidden(StableAdamW, params, *numbers, weight_decay=weight_decay)


def adamc(params, *numbers, weight_decay=0.0, maximize=False):
    from pytorch_optimizer import AdamC

    return Hidden(AdamC, params, *numbers, weight_decay=weight_decay, maximize=maximize)


def diffgrad(params, *numbers):
    from pytorch_optimizer import DiffGrad

    return Hidden(DiffGrad, params, *numbers)


def old_diffgrad(params, *numbers):
    from torch_optimizer import DiffGrad

    return Hidden(DiffGrad, params, *numbers)


def qhadam(params, *numbers):
    from pytorch_optimizer import QHAdam

    return Hidden(QHAdam, params, *numbers)


def qhadam_of_its_paper(params, *numbers):
    from pytorch_optimizer import QHAdam

    return Hidden(QHAdam, params, *numbers, nus=(0.7, 1.0))


def old_qhadam(params, *numbers):
    from torch_optimizer import QHAdam

    return Hidden(QHAdam, params, *numbers)
