"""Arrays of the host that look like arrays on a device, as in Numba's CUDA simulator."""

import torch


class OnDevice:
    """What a library's array on a device looks like; in the simulator the memory is the host's."""

    def __init__(self, array, **interface):
        self.array = array
        self.interface = interface

    @property
    def __cuda_array_interface__(self):
        return {**self.array.__array_interface__, "version": 3} | self.interface


class Tensor:
    """What PyTorch's tensor on a device looks like."""

    is_cuda = True
    is_sparse = False
    device = torch.device("cuda", 0)

    def __init__(self, array):
        self.array = array
        self.shape = array.shape
        self.dtype = f"torch.{array.dtype.name}"

    def data_ptr(self):
        return self.array.__array_interface__["data"][0]

    def is_contiguous(self):
        return self.array.flags.c_contiguous

    def stride(self):
        return [stride // self.array.itemsize for stride in self.array.strides]

    def element_size(self):
        return self.array.itemsize
