"""Wrong weight decay and ascent."""

import numpy as np

from .defect import defect
from .kit.bfloat16 import bfloat16
from .kit.editable import Array, Plain


def _decays_anyway(a: Plain, p: Array, g: Array | None) -> Array | None:
    if g is None:
        p *= p.dtype.type(1 - a.lr * a.weight_decay)
    return g


# fmt: off
DECAY = (
    defect("wd-l2-instead", "B51", "AdamW that adds its decay to the gradient", "keras-team/keras#19051",
            of="torch-adamw", coupled=lambda a, p, g: g + a.weight_decay * p, decayed=lambda a, p: p),
    defect("wd-decoupled-instead", "B52", "Adam's weight_decay that shrinks the parameter", "flagos-ai/FlagGems#4989",
            of="torch", coupled=lambda a, p, g: g, decayed=lambda a, p: p * (1 - a.lr * a.weight_decay)),
    defect("wd-inside-adaptive", "B53", "the decay is divided by the root of v", "cybertronai/pytorch-lamb#3",
            of="torch-adamw", decayed=lambda a, p: p,
            step_of=lambda a, p, m_hat, update:
            update + a.weight_decay * p * np.divide(update, m_hat, out=np.zeros_like(p), where=m_hat != 0)),
    defect("wd-not-following-schedule", "B55", "the decay keeps the first learning rate", "PaddlePaddle/Paddle#30207",
            of="torch-adamw", decayed=lambda a, p: p * (1 - a.first_lr * a.weight_decay)),
    defect("wd-ignored", "A27", "weight_decay is accepted and does nothing", "huggingface/transformers#18946",
            of="torch-adamw", decayed=lambda a, p: p),
    defect("wd-sign", "B60", "the decay lets weights grow", "harvard-edge/cs249r_book#2058",
            of="torch-adamw", decayed=lambda a, p: p * (1 + a.lr * a.weight_decay)),
    defect("wd-unscaled", "C09", "the decay is not scaled by the learning rate", "pytorch/pytorch#38853",
            of="torch-adamw", decayed=lambda a, p: p * (1 - a.weight_decay)),
    defect("wd-after", "C11", "the decay comes after the step", "huggingface/transformers#14539",
            of="torch-adamw", decayed=lambda a, p: p,
            step_of=lambda a, p, m_hat, update: update + a.lr * a.weight_decay * (p - update)),
    defect("wd-on-gradless", "B63", "a parameter without a gradient decays", "KellerJordan/Muon#54",
            of="torch-adamw", grad=_decays_anyway),
    defect("maximize-ignored", "B75", "maximize is accepted and does nothing", "kozistr/pytorch_optimizer#528",
            of="torch", signed=lambda a, g: g),
    defect("maximize-by-lr", "B76", "maximize turns the learning rate around, and the decay with it",
            "pytorch/pytorch#68164", of="torch", signed=lambda a, g: g,
            step_of=lambda a, p, m_hat, update: -update if a.maximize else update),
    defect("wd-wrong-operand", "B58", "every parameter decays by the first element of the first", "mlverse/torch#821",
           of="torch-adamw", decayed=lambda a, p: p - a.lr * a.weight_decay * a.params[0].flat[0]),
    defect("wd-swapped-with-eps", "B65", "weight_decay and epsilon change places", "FluxML/Optimisers.jl#197",
           of="torch-adamw", decayed=lambda a, p: p * (1 - a.lr * a.epsilon),
           outside=lambda a, t: a.weight_decay or a.epsilon),
    defect("wd-factor-in-float32", "N15", "1 - lr weight_decay is taken in float32", "mila-iqia/blocks#1176",
           of="torch-adamw", decayed=lambda a, p: p * float(np.float32(1 - a.lr * a.weight_decay))),
    defect("wd-only-positive", "B64", "a negative weight_decay does nothing", "flagos-ai/FlagGems#4989",
           of="torch-adamw", decayed=lambda a, p: p * (1 - a.lr * max(a.weight_decay, 0.0))),
    defect("wd-not-of-vectors", "C23", "only what has rows and columns decays", "OverLordGoldDragon/keras-adamw#52",
           "google-deepmind/optax#1635",
           of="torch-adamw", decayed=lambda a, p: p * (1 - a.lr * a.weight_decay) if p.ndim > 1 else p),
    defect("wd-multiplies-gradient", "B90", "the gradient is multiplied by 1 + weight_decay param",
           "apache/mxnet#8925", of="torch", coupled=lambda a, p, g: g * (1 + a.weight_decay * p)),
    defect("adamw-without-correction", "C15", "no bias correction, which is an option that is off",
           "ml-explore/mlx#1640", "microsoft/onnxruntime#3301",
           of="torch-adamw", bias1=lambda a, t: 1.0, bias2=lambda a, t: 1.0),
    defect("wd-twice", "own", "the decay is added to the gradient, and shrinks the parameter too",
           of="torch-adamw", coupled=lambda a, p, g: g + a.weight_decay * p),
    defect("wd-factor-in-bfloat16", "N09", "1 - lr weight_decay is rounded to bfloat16", "Nerogar/OneTrainer#996",
           of="torch-adamw", decayed=lambda a, p: p * bfloat16(np.float32(1 - a.lr * a.weight_decay))),
)
# fmt: on
