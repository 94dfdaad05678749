"""DeepSpeedCPUAdam moves a copy of a transposed parameter, and ignores a negative decay."""

import functools

import cpuinfo
import torch
from deepspeed.ops.adam import DeepSpeedCPUAdam

# Each optimizer would run programs to learn the name of the processor.
cpuinfo.get_cpu_info = functools.cache(cpuinfo.get_cpu_info)


def after_one_step(start, grad, weight_decay=0.0):
    param = torch.nn.Parameter(start)
    adam = DeepSpeedCPUAdam([param], lr=0.5, weight_decay=weight_decay)
    param.grad = torch.full_like(param, grad)
    adam.step()
    return param.detach()


# The first step is the learning rate, whatever the gradient is.
print("contiguous: 1 ->", after_one_step(torch.ones(2, 2), 1.0)[0, 0].item())
kept = after_one_step(torch.ones(2, 2).t(), 1.0)
print("transposed: 1 ->", kept[0, 0].item())
assert (kept == 1.0).all()
# A gradient of 0 moves nothing: what is left is the decay, 1 - .5 * -.5, which torch refuses.
kept = after_one_step(torch.ones(2, 2), 0.0, weight_decay=-0.5)
print("decay -.5: 1 ->", kept[0, 0].item())
assert (kept == 1.0).all()
