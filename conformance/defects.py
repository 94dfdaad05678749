"""Wrong Adams: Algorithm 1, or torch's Adam or AdamW, with one line changed, as somebody once shipped it.

The suite must reject them all. They measure it, and they are exercises: read `what`, guess which vector finds it, run
`adamref check conformance.defects:bias_none`.
"""

from typing import NamedTuple

import numpy as np

from .plain import ADAMW, TORCH, Array, Part, Plain


class Defect(NamedTuple):
    """One wrong Adam.

    Fields:
        name: as it is called in reports; what: the mistake in a sentence.
        entry: its number among real defects: B bug, C another convention, A contract, N numerics; `own` is ours.
        links: where somebody had it.
        make: the subject; its attribute `convention` says what it pretends to be.
    """

    name: str
    entry: str
    what: str
    links: tuple[str, ...]
    make: type[Plain]


def _defect(name: str, entry: str, what: str, *links: str, of: str = "paper", **parts: Part) -> Defect:
    right = Plain.parts | {"paper": {}, "torch": TORCH, "torch-adamw": ADAMW}[of]
    members = {"parts": right | parts, "supports": {"none"}, "convention": of, "decays": of != "paper"}
    return Defect(name, entry, what, links, type(name.replace("-", "_"), (Plain,), members))


def _bfloat16(x: float) -> float:
    bits = np.float32(x).view(np.uint32)
    return float(
        ((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(0xFFFF0000)).view(np.float32)
    )


def _half_ahead(a: Plain, m_hat: Array, v_hat: Array, t: int) -> Array:
    ahead = np.arange(m_hat.size).reshape(m_hat.shape) > m_hat.size // 2
    ratio = np.where(ahead, (1 - a.beta1**t) / (1 - a.beta1 ** (t + 1)), 1.0).astype(m_hat.dtype)
    return a.lr * (m_hat * ratio) / (np.sqrt(v_hat) + a.epsilon)


def _decays_anyway(a: Plain, p: Array, g: Array | None) -> Array | None:
    if g is None:
        p *= p.dtype.type(1 - a.lr * a.weight_decay)
    return g


def _tail(old: Array, new: Array, width: int) -> Array:
    """The last elements that do not fill a register stay as they were."""
    kept = new.ravel().copy()
    whole = new.size - new.size % width
    kept[whole:] = old.ravel()[whole:]
    return kept.reshape(new.shape)


_GSPLAT, _CONVNET = "nerfstudio-project/gsplat#604", "karpathy/convnetjs#70"

# fmt: off
DEFECTS = (
    _defect("no-update", "A35", "step returns without doing anything", "cool-japan/scirs#98",
            moved=lambda a, i, old, new: old),
    _defect("bias-none", "B01", "no bias correction", _GSPLAT, "ml-explore/mlx#1640",
            bias1=lambda a, t: 1.0, bias2=lambda a, t: 1.0),
    _defect("bias-m-missing", "B02", "only v is corrected", "online-ml/river#185",
            bias1=lambda a, t: 1.0),
    _defect("bias-v-missing", "B03", "only m is corrected", "kozistr/pytorch_optimizer#159",
            bias2=lambda a, t: 1.0),
    _defect("bias-no-power", "B04", "the exponent t is dropped", "eriklindernoren/ML-From-Scratch#35",
            bias1=lambda a, t: 1 - a.beta1, bias2=lambda a, t: 1 - a.beta2),
    _defect("bias-power-outside", "B06", "(1 - beta)^t instead of 1 - beta^t", "PennyLaneAI/pennylane#1928",
            bias1=lambda a, t: (1 - a.beta1) ** t, bias2=lambda a, t: (1 - a.beta2) ** t),
    _defect("bias-multiply", "B07", "multiplies by 1 - beta^t", _CONVNET,
            bias1=lambda a, t: 1 / (1 - a.beta1**t), bias2=lambda a, t: 1 / (1 - a.beta2**t)),
    _defect("bias-inplace", "B08", "the corrected moments are stored", "frgfm/holocron#1",
            keep=lambda a, old, m, v, t: (m / (1 - a.beta1**t), v / (1 - a.beta2**t))),
    _defect("bias-applied-twice", "B10", "corrects the moments and the learning rate", "PennyLaneAI/pennylane#1928",
            update=lambda a, m_hat, v_hat, t:
            a.lr * np.sqrt(1 - a.beta2**t) / (1 - a.beta1**t) * m_hat / (np.sqrt(v_hat) + a.epsilon)),
    _defect("t-zero-start", "B12", "the first step has t = 0", "deeplearning4j/nd4j#1227",
            t=lambda a, i: a.calls - 1),
    _defect("t-plus-one", "B13", "the first step has t = 2", "cs231n#179",
            t=lambda a, i: a.calls + 1),
    _defect("t-per-parameter", "B15", "t advances inside the loop over parameters", "clab/dynet#77",
            t=lambda a, i: a.count * (a.calls - 1) + i + 1),
    _defect("t-frozen-at-1", "B19", "t never advances", "allenai/OLMo-core#317",
            t=lambda a, i: 1),
    _defect("t-own-gradients", "C10", "each parameter counts its own gradients, where t is shared",
            "InfiniTensor/InfiniTrain#235",
            t=lambda a, i: a.gradients[i]),
    _defect("betapow-race", "B23", "half of the elements see the next t", "PaddlePaddle/Paddle#62251",
            update=_half_ahead),
    _defect("m-missing-1-b1", "B29", "m = beta1 m + g",
            first=lambda a, m, g: a.beta1 * m + g),
    _defect("v-missing-1-b2", "B30", "v = beta2 v + g^2", "fastai/fastbook#342",
            second=lambda a, v, g: a.beta2 * v + g * g),
    _defect("v-drops-gsq", "B31", "v = beta2 v + (1 - beta2): the gradient is lost",
            second=lambda a, v, g: a.beta2 * v + (1 - a.beta2)),
    _defect("v-uses-abs", "B32", "v is made of |g|",
            second=lambda a, v, g: a.beta2 * v + (1 - a.beta2) * np.abs(g)),
    _defect("betas-swapped", "B35", "beta1 is used for v and beta2 for m", "FluxML/Optimisers.jl#197",
            first=lambda a, m, g: a.beta2 * m + (1 - a.beta2) * g,
            second=lambda a, v, g: a.beta1 * v + (1 - a.beta1) * (g * g)),
    _defect("beta1-inverted", "B36", "beta1 is read as 1 - beta1", "mila-iqia/blocks#1159",
            first=lambda a, m, g: (1 - a.beta1) * m + a.beta1 * g, bias1=lambda a, t: 1 - (1 - a.beta1) ** t),
    _defect("moments-never-stored", "B38", "each step starts from zero moments", "raskr/rust-autograd#16",
            keep=lambda a, old, m, v, t: (0 * m, 0 * v)),
    _defect("v-reset-every-call", "B39", "v starts from zero at each step", "explosion/thinc",
            keep=lambda a, old, m, v, t: (m, 0 * v)),
    _defect("denominator-multiplies", "B42", "multiplies by the root of v", "oracle/tribuo#401",
            update=lambda a, m_hat, v_hat, t: a.lr * m_hat * (np.sqrt(v_hat) + a.epsilon)),
    _defect("root-missing", "own", "divides by v instead of its root",
            update=lambda a, m_hat, v_hat, t: a.lr * m_hat / (v_hat + a.epsilon)),
    _defect("eps-subtracted", "B44", "sqrt(v_hat) - epsilon", "tensorflow/tensorflow#61411",
            update=lambda a, m_hat, v_hat, t: a.lr * m_hat / (np.sqrt(v_hat) - a.epsilon)),
    _defect("eps-ignored", "B45", "epsilon never arrives", "deeplearning4j/deeplearning4j#2705",
            update=lambda a, m_hat, v_hat, t: a.lr * m_hat / (np.sqrt(v_hat) + v_hat.dtype.type(1e-37))),
    _defect("update-sign", "B46", "adds the step", "libfann/fann#159",
            update=lambda a, m_hat, v_hat, t: -a.lr * m_hat / (np.sqrt(v_hat) + a.epsilon)),
    _defect("rate-changes-in-loop", "B48", "the learning rate decays inside the loop over parameters",
            "gbaydin/hypergradient-descent#9",
            rate=lambda a, i: a.lr * 0.999**i),
    _defect("ams-max-not-stored", "B69", "AMSGrad's maximum is used but not remembered", "pytorch/pytorch#78807",
            maximum=lambda a, v_max, v: (v_max, np.maximum(v_max, v))),
    _defect("ams-flag-ignored", "B70", "amsgrad is accepted and does nothing", "ooples/AiDotNet#1350",
            maximum=lambda a, v_max, v: (np.maximum(v_max, v), v)),
    _defect("ams-v-uncorrected", "B71", "with AMSGrad v is not corrected", "ooples/AiDotNet#1526",
            bias2=lambda a, t: 1.0 if a.amsgrad else 1 - a.beta2**t),
    _defect("ams-max-decays", "own", "AMSGrad's maximum decays with v",
            maximum=lambda a, v_max, v: (np.maximum(a.beta2 * v_max, v), np.maximum(a.beta2 * v_max, v))),
    _defect("empty-swallows-others", "B80", "an empty parameter keeps the one before it from moving",
            "pytorch/pytorch#100701",
            moved=lambda a, i, old, new: old if i + 1 < a.count and a.params[i + 1].size == 0 else new),
    _defect("simd-tail", "B82", "the elements of a last, partial register stay", "deepspeedai/DeepSpeed#3109",
            moved=lambda a, i, old, new: _tail(old, new, 4) if new.size > 4 else new),
    _defect("scalar-unchanged", "B83", "a scalar parameter is never updated", "cool-japan/scirs#98",
            moved=lambda a, i, old, new: old if old.ndim == 0 else new),
    _defect("schedule-ignored", "B88", "the learning rate of the first step is baked in", "pytorch/pytorch#185382",
            scheduled=lambda a, rate: a.lr),
    _defect("eps-hat", "C01", "epsilon outside the bias correction, under the name of Algorithm 1",
            "tensorflow/tensorflow#9047",
            update=lambda a, m_hat, v_hat, t:
            a.lr * m_hat / (np.sqrt(v_hat) + a.epsilon / np.sqrt(1 - a.beta2**t))),
    _defect("eps-in-sqrt", "C02", "epsilon under the root", "FluxML/Flux.jl#448",
            update=lambda a, m_hat, v_hat, t: a.lr * m_hat / np.sqrt(v_hat + a.epsilon)),
    _defect("eps-times-bias", "C05", "epsilon scaled the wrong way", "PaddlePaddle/Paddle#28325",
            update=lambda a, m_hat, v_hat, t:
            a.lr * m_hat / (np.sqrt(v_hat) + a.epsilon * np.sqrt(1 - a.beta2**t))),
    _defect("none-as-zero", "C13", "a missing gradient is taken for zero", "pytorch/pytorch#150610",
            grad=lambda a, p, g: 0 * p if g is None else g),
    _defect("root-over-quotient", "own", "sqrt((1 - beta2^t) / (1 - beta1^t)), as a docstring once had it",
            "tensorflow/tensorflow",
            bias1=lambda a, t: np.sqrt(1 - a.beta1**t)),
    _defect("betas-default", "B50", "the betas given are ignored", "PaddlePaddle/Paddle#43013",
            first=lambda a, m, g: 0.9 * m + 0.1 * g, bias1=lambda a, t: 1 - 0.9**t),
    _defect("t-not-loaded", "A11", "t starts again at 0 after loading", "scikit-learn/scikit-learn#6091",
            loaded=lambda a, slots, t: (slots, [0 for _ in t])),
    _defect("moments-not-loaded", "A12", "the moments start again at 0 after loading", "OpenNMT/OpenNMT-py#38",
            loaded=lambda a, slots, t: ({name: [0 * x for x in xs] for name, xs in slots.items()}, t)),
    _defect("betas-bfloat16", "N07", "the betas are rounded to bfloat16", "tenstorrent/tt-metal#55935",
            first=lambda a, m, g: _bfloat16(a.beta1) * m + (1 - _bfloat16(a.beta1)) * g),
    _defect("rest-in-float32", "C17", "1 - beta2 is taken in float32", "pytorch/pytorch#153649",
            second=lambda a, v, g: a.beta2 * v + float(np.float32(1) - np.float32(a.beta2)) * (g * g)),
    _defect("float32-inside", "N18", "float64 parameters are updated in float32", "tensorflow/tensorflow#761",
            update=lambda a, m_hat, v_hat, t: (a.lr * m_hat / (np.sqrt(v_hat) + a.epsilon)).astype(np.float32)),
    _defect("half-precision-state", "N19", "the moments are kept in float16", "NVIDIA/apex#1623",
            keep=lambda a, old, m, v, t: (m.astype(np.float16), v.astype(np.float16))),
    _defect("wd-l2-instead", "B51", "AdamW that adds its decay to the gradient", "keras-team/keras#19051",
            of="torch-adamw", coupled=lambda a, p, g: g + a.weight_decay * p, decayed=lambda a, p: p),
    _defect("wd-decoupled-instead", "B52", "Adam's weight_decay that shrinks the parameter", "flagos-ai/FlagGems#4989",
            of="torch", coupled=lambda a, p, g: g, decayed=lambda a, p: p * (1 - a.lr * a.weight_decay)),
    _defect("wd-inside-adaptive", "B53", "the decay is divided by the root of v", "cybertronai/pytorch-lamb#3",
            of="torch-adamw", decayed=lambda a, p: p,
            step_of=lambda a, p, m_hat, update:
            update + a.weight_decay * p * np.divide(update, m_hat, out=np.zeros_like(p), where=m_hat != 0)),
    _defect("wd-not-following-schedule", "B55", "the decay keeps the first learning rate", "PaddlePaddle/Paddle#30207",
            of="torch-adamw", decayed=lambda a, p: p * (1 - a.first_lr * a.weight_decay)),
    _defect("wd-ignored", "A27", "weight_decay is accepted and does nothing", "huggingface/transformers#18946",
            of="torch-adamw", decayed=lambda a, p: p),
    _defect("wd-sign", "B60", "the decay lets weights grow", "harvard-edge/cs249r_book#2058",
            of="torch-adamw", decayed=lambda a, p: p * (1 + a.lr * a.weight_decay)),
    _defect("wd-unscaled", "C09", "the decay is not scaled by the learning rate", "pytorch/pytorch#38853",
            of="torch-adamw", decayed=lambda a, p: p * (1 - a.weight_decay)),
    _defect("wd-after", "C11", "the decay comes after the step", "huggingface/transformers#14539",
            of="torch-adamw", decayed=lambda a, p: p,
            step_of=lambda a, p, m_hat, update: update + a.lr * a.weight_decay * (p - update)),
    _defect("wd-on-gradless", "B63", "a parameter without a gradient decays", "KellerJordan/Muon#54",
            of="torch-adamw", grad=_decays_anyway),
    _defect("maximize-ignored", "B75", "maximize is accepted and does nothing", "kozistr/pytorch_optimizer#528",
            of="torch", signed=lambda a, g: g),
    _defect("maximize-by-lr", "B76", "maximize turns the learning rate around, and the decay with it",
            "pytorch/pytorch#68164", of="torch", signed=lambda a, g: g,
            update=lambda a, m_hat, v_hat, t:
            (-1 if a.maximize else 1) * a.lr * m_hat / (np.sqrt(v_hat) + a.epsilon)),
)
# fmt: on


def __getattr__(name: str) -> type[Plain]:
    """A wrong Adam as a subject: ``conformance.defects:bias_none``."""
    for defect in DEFECTS:
        if defect.make.__name__ == name:
            return defect.make
    raise AttributeError(f"conformance.defects has no {name!r}; `adamref list defects` shows what it has")
