"""torch.optim.Adam and AdamW in their three forms, the differentiable Adam, and SparseAdam."""

import torch

from .kinds.torch_optimizer import subject

single = subject(torch.optim.Adam, foreach=False)
foreach = subject(torch.optim.Adam, foreach=True)
fused = subject(torch.optim.Adam, fused=True)
differentiable = subject(torch.optim.Adam, differentiable=True)
adamw = subject(torch.optim.AdamW, foreach=False)
adamw_foreach = subject(torch.optim.AdamW, foreach=True)
adamw_fused = subject(torch.optim.AdamW, fused=True)
sparse = subject(torch.optim.SparseAdam)

# The first step of any optimizer imports a good part of torch, which is not the subject's time.
single([torch.zeros(1).numpy()], 0.0, 0.0, 0.0, 1.0).step([torch.zeros(1).numpy()])
