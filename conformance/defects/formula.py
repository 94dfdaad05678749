"""Wrong moments, bias corrections, denominators and maxima."""

from typing import Any

import numpy as np

from .defect import defect
from .kit.editable import Array, Plain


def _noting_gradient(a: Plain, m: Array, g: Array) -> Any:
    a.noted = g
    return a.beta1 * m + (1 - a.beta1) * g


def _looking_ahead(a: Plain, m_hat: Array, v_hat: Array, t: int) -> Any:
    ahead = a.beta1 * m_hat + (1 - a.beta1) * a.noted / np.float64(a.p.bias1(a, t))
    return a.lr * ahead.astype(m_hat.dtype) / a.p.denominator(a, v_hat, t)


def _overwriting(a: Plain, v_max: Array, v: Array) -> tuple[Array, Array]:
    a.noted = np.maximum(v_max, v)
    return a.noted, a.noted


# fmt: off
FORMULA = (
    defect("bias-none", "B01", "no bias correction", "nerfstudio-project/gsplat#604", "ml-explore/mlx#1640",
            bias1=lambda a, t: 1.0, bias2=lambda a, t: 1.0),
    defect("bias-m-missing", "B02", "only v is corrected", "online-ml/river#185",
            bias1=lambda a, t: 1.0),
    defect("bias-v-missing", "B03", "only m is corrected", "kozistr/pytorch_optimizer#159",
            bias2=lambda a, t: 1.0),
    defect("bias-no-power", "B04", "the exponent t is dropped", "eriklindernoren/ML-From-Scratch#35",
            bias1=lambda a, t: 1 - a.beta1, bias2=lambda a, t: 1 - a.beta2),
    defect("bias-power-outside", "B06", "(1 - beta)^t instead of 1 - beta^t", "PennyLaneAI/pennylane#1928",
            bias1=lambda a, t: (1 - a.beta1) ** t, bias2=lambda a, t: (1 - a.beta2) ** t),
    defect("bias-multiply", "B07", "multiplies by 1 - beta^t", "karpathy/convnetjs#70",
            bias1=lambda a, t: 1 / (1 - a.beta1**t), bias2=lambda a, t: 1 / (1 - a.beta2**t)),
    defect("bias-inplace", "B08", "the corrected moments are stored", "frgfm/holocron#1",
            keep=lambda a, old, m, v, t: (m / (1 - a.beta1**t), v / (1 - a.beta2**t))),
    defect("bias-applied-twice", "B10", "corrects the moments and the learning rate", "PennyLaneAI/pennylane#1928",
            update=lambda a, m_hat, v_hat, t:
            a.lr * np.sqrt(1 - a.beta2**t) / (1 - a.beta1**t) * m_hat / a.p.denominator(a, v_hat, t)),
    defect("t-zero-start", "B12", "the first step has t = 0", "deeplearning4j/nd4j#1227",
            t=lambda a, i: a.calls - 1),
    defect("t-plus-one", "B13", "the first step has t = 2", "cs231n#179",
            t=lambda a, i: a.calls + 1),
    defect("t-frozen-at-1", "B19", "t never advances", "allenai/OLMo-core#317",
            t=lambda a, i: 1),
    defect("m-missing-1-b1", "B29", "m = beta1 m + g",
            first=lambda a, m, g: a.beta1 * m + g),
    defect("v-missing-1-b2", "B30", "v = beta2 v + g^2", "fastai/fastbook#342",
            second=lambda a, v, g: a.beta2 * v + g * g),
    defect("v-drops-gsq", "B31", "v = beta2 v + (1 - beta2): the gradient is lost",
            second=lambda a, v, g: a.beta2 * v + (1 - a.beta2)),
    defect("v-uses-abs", "B32", "v is made of |g|",
            second=lambda a, v, g: a.beta2 * v + (1 - a.beta2) * np.abs(g)),
    defect("betas-swapped", "B35", "beta1 is used for v and beta2 for m", "FluxML/Optimisers.jl#197",
            first=lambda a, m, g: a.beta2 * m + (1 - a.beta2) * g,
            second=lambda a, v, g: a.beta1 * v + (1 - a.beta1) * (g * g)),
    defect("beta1-inverted", "B36", "beta1 is read as 1 - beta1", "mila-iqia/blocks#1159",
            first=lambda a, m, g: (1 - a.beta1) * m + a.beta1 * g, bias1=lambda a, t: 1 - (1 - a.beta1) ** t),
    defect("moments-never-stored", "B38", "each step starts from zero moments", "raskr/rust-autograd#16",
            keep=lambda a, old, m, v, t: (0 * m, 0 * v)),
    defect("v-reset-every-call", "B39", "v starts from zero at each step", "explosion/thinc",
            keep=lambda a, old, m, v, t: (m, 0 * v)),
    defect("denominator-multiplies", "B42", "multiplies by the root of v", "oracle/tribuo#401",
            update=lambda a, m_hat, v_hat, t: a.lr * m_hat * a.p.denominator(a, v_hat, t)),
    defect("root-missing", "own", "divides by v instead of its root",
            denominator=lambda a, v_hat, t: v_hat + a.epsilon),
    defect("eps-subtracted", "B44", "sqrt(v_hat) - epsilon", "tensorflow/tensorflow#61411",
            outside=lambda a, t: -a.epsilon),
    defect("eps-ignored", "B45", "epsilon never arrives", "deeplearning4j/deeplearning4j#2705",
            denominator=lambda a, v_hat, t: np.sqrt(v_hat) + v_hat.dtype.type(1e-37)),
    defect("update-sign", "B46", "adds the step", "libfann/fann#159",
            step_of=lambda a, p, m_hat, update: -update),
    defect("ams-max-not-stored", "B69", "AMSGrad's maximum is used but not remembered", "pytorch/pytorch#78807",
            maximum=lambda a, v_max, v: (v_max, np.maximum(v_max, v))),
    defect("ams-flag-ignored", "B70", "amsgrad is accepted and does nothing", "ooples/AiDotNet#1350",
            maximum=lambda a, v_max, v: (np.maximum(v_max, v), v)),
    defect("ams-v-uncorrected", "B71", "with AMSGrad v is not corrected", "ooples/AiDotNet#1526",
            bias2=lambda a, t: 1.0 if a.amsgrad else 1 - a.beta2**t),
    defect("ams-max-decays", "own", "AMSGrad's maximum decays with v",
            maximum=lambda a, v_max, v: (np.maximum(a.beta2 * v_max, v), np.maximum(a.beta2 * v_max, v))),
    defect("eps-hat", "C01", "epsilon outside the bias correction, under the name of Algorithm 1",
            "tensorflow/tensorflow#9047",
            outside=lambda a, t: a.epsilon / np.sqrt(1 - a.beta2**t)),
    defect("eps-in-sqrt", "C02", "epsilon under the root", "FluxML/Flux.jl#448",
            denominator=lambda a, v_hat, t: np.sqrt(v_hat + a.epsilon)),
    defect("eps-times-bias", "C05", "epsilon scaled the wrong way", "PaddlePaddle/Paddle#28325",
            outside=lambda a, t: a.epsilon * np.sqrt(1 - a.beta2**t)),
    defect("root-over-quotient", "own", "sqrt((1 - beta2^t) / (1 - beta1^t)), as a docstring once had it",
            "tensorflow/tensorflow",
            bias1=lambda a, t: np.sqrt(1 - a.beta1**t)),
    defect("betas-default", "B50", "the betas given are ignored", "PaddlePaddle/Paddle#43013",
            first=lambda a, m, g: 0.9 * m + 0.1 * g, bias1=lambda a, t: 1 - 0.9**t),
    defect("eps-root-extra", "C04", "a second epsilon under the root", "google-deepmind/optax#1754",
           inside=lambda a, t: a.epsilon),
    defect("eps-default", "C14", "the epsilon given is ignored for the library's own", "FluxML/Optimisers.jl#151",
           outside=lambda a, t: 1e-7),
    defect("eps-in-stored-v", "C21", "epsilon is added to the v that is remembered",
           "juntang-zhuang/Adabelief-Optimizer#32",
           keep=lambda a, old, m, v, t: (m, v + a.epsilon)),
    defect("bias-betas-swapped", "B35", "m is corrected with beta2 and v with beta1",
           bias1=lambda a, t: 1 - a.beta2**t, bias2=lambda a, t: 1 - a.beta1**t),
    defect("bias2-lags", "own", "v is corrected with the t before, but for the first step",
           bias2=lambda a, t: 1 - a.beta2 ** max(t - 1, 1)),
    defect("beta1-decays", "C24", "beta1 shrinks from step to step, as in AdamNC", "mila-iqia/blocks#1144",
           first=lambda a, m, g: a.beta1 * 0.99**a.calls * m + (1 - a.beta1 * 0.99**a.calls) * g),
    defect("ams-max-of-corrected", "C07", "AMSGrad's maximum is taken of v_hat", "google-deepmind/optax#1389",
           maximum=lambda a, v_max, v: (
               largest := np.maximum(v_max, v / (1 - a.beta2**a.calls)), largest * (1 - a.beta2**a.calls))),
    defect("ams-no-bias-correction", "C08", "with AMSGrad nothing is corrected", "online-ml/river#185",
           bias1=lambda a, t: 1.0 if a.amsgrad else 1 - a.beta1**t,
           bias2=lambda a, t: 1.0 if a.amsgrad else 1 - a.beta2**t),
    defect("bias-v-with-beta1", "own", "v is corrected with beta1",
           bias2=lambda a, t: 1 - a.beta1**t),
    defect("rate-without-root", "own", "the learning rate is corrected by 1 - beta2^t, not by its root",
           update=lambda a, m_hat, v_hat, t: a.lr * m_hat * (1 - a.beta2**t) / (
               np.sqrt(v_hat * (1 - a.beta2**t)) + a.epsilon)),
    defect("correction-dropped", "own", "nothing is corrected from the fifth step on",
           bias1=lambda a, t: 1 - a.beta1**t if t < 5 else 1.0,
           bias2=lambda a, t: 1 - a.beta2**t if t < 5 else 1.0),
    defect("rate-over-root-of-t", "own", "the learning rate is divided by the root of t",
           step_of=lambda a, p, m_hat, update: update / np.sqrt(p.dtype.type(a.now))),
    defect("eps-as-floor", "own", "the larger of root and epsilon, not their sum",
           denominator=lambda a, v_hat, t: np.maximum(np.sqrt(v_hat), v_hat.dtype.type(a.epsilon))),
    defect("looks-ahead", "own", "the step is of beta1 m + (1 - beta1) g, as in Nesterov's momentum",
           "https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/kernels/training_ops.cc",
           first=_noting_gradient, update=_looking_ahead),
    defect("ams-v-overwritten", "own", "AMSGrad's maximum takes the place of v for good",
           maximum=_overwriting,
           keep=lambda a, old, m, v, t: (m, a.noted if a.amsgrad else v)),
    defect("ams-max-of-tensor", "own", "AMSGrad's maximum is that of all elements",
           maximum=lambda a, v_max, v: (
               largest := np.full_like(v, np.maximum(v_max, v).max(initial=0)), largest)),
    defect("epsilon-zero-as-given", "own", "an epsilon of 0 is not replaced by the default, where it should be",
           of="tfkeras",
           numbers=lambda lr, b1, b2, epsilon: (*(float(np.float32(x)) for x in (lr, b1, b2)), epsilon)),
)
# fmt: on
