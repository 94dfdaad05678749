"""DeepSpeedCPUAdam reads a transposed gradient as if it were not, and a decay below 0 is lost."""

import functools

import cpuinfo
import torch
from deepspeed.ops.adam import DeepSpeedCPUAdam

# Each optimizer would run programs to learn the name of the processor.
cpuinfo.get_cpu_info = functools.cache(cpuinfo.get_cpu_info)


def after_one_step(grad, weight_decay=0.0):
    param = torch.nn.Parameter(torch.ones(2, 2))
    adam = DeepSpeedCPUAdam([param], lr=0.5, eps=1.0, weight_decay=weight_decay)
    param.grad = grad
    adam.step()
    return param.detach()


grad = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).t()
right = after_one_step(grad.contiguous())
wrong = after_one_step(grad)
print("contiguous", right.tolist(), "transposed", wrong.tolist())
assert right[0, 1] != wrong[0, 1]
# A gradient of 0 moves nothing: what is left is the decay, 1 - .5 * -.5, which torch refuses.
kept = after_one_step(torch.zeros(2, 2), weight_decay=-0.5)
print("decay -.5: 1 ->", kept[0, 0].item())
assert kept[0, 0] == 1.0
