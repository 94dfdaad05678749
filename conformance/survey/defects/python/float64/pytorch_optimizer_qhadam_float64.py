"""pytorch_optimizer.QHAdam weighs its float64 averages by numbers of float32."""

import torch
from pytorch_optimizer import QHAdam

param = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
adam = QHAdam([param], lr=1.0, betas=(0.9, 0.0), nus=(1.0, 1.0), eps=0.0)
for grad in (2.0, 1.0):
    param.grad = torch.full((1,), grad, dtype=torch.float64)
    adam.step()
# The average of 2 and 1 is (.9 * 2 + 1) / (.9 + 1); v is the square of the last gradient.
right = -(1 + 2.8 / 1.9)
print(f"{param.item():.17}, and not {right:.17}")
assert 1e-10 < abs(param.item() - right) < 1e-5
