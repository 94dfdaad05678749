"""torchopt.Adam corrects float64 moments by powers of float32."""

import torch
import torchopt

param = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
adam = torchopt.Adam([param], lr=0.5, eps=0.0)
param.grad = torch.ones(1, dtype=torch.float64)
adam.step()
# The first step is the learning rate, whatever the gradient is.
print(f"1 - 0.5 gives {param.item():.17}")
assert 1e-8 < abs(param.item() - 0.5) < 1e-5
