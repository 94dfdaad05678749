"""bitsandbytes' Adam32bit ignores amsgrad, and its weight_decay is AdamW's."""

import bitsandbytes
import torch


def after(kind, grads, **options):
    param = torch.nn.Parameter(torch.ones(1))
    adam = kind([param], lr=0.1, betas=(0.9, 0.9), **options)
    for grad in grads:
        param.grad = torch.full((1,), grad)
        adam.step()
    return param.item()


spike = [1.0, *(20 * (1e-3,))]
theirs = bitsandbytes.optim.Adam32bit
print("amsgrad:", after(torch.optim.Adam, spike, amsgrad=True), "in torch")
print("        ", after(theirs, spike, amsgrad=True), "here, and without it", after(theirs, spike))
assert after(theirs, spike, amsgrad=True) == after(theirs, spike)
print("decay:  ", after(torch.optim.Adam, [0.0], weight_decay=0.5), "torch.optim.Adam")
print("        ", after(torch.optim.AdamW, [0.0], weight_decay=0.5), "torch.optim.AdamW")
print("        ", after(theirs, [0.0], weight_decay=0.5), "here")
assert after(theirs, [0.0], weight_decay=0.5) == after(torch.optim.AdamW, [0.0], weight_decay=0.5)
