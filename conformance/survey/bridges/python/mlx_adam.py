"""mlx.optimizers.Adam and AdamW on MLX's processor backend, with and without bias correction."""

import mlx.core as mx
import mlx.optimizers as optimizers
import numpy as np

mx.set_default_device(mx.cpu)


class Optimizer:
    def __init__(self, kind, params, learning_rate, beta1, beta2, epsilon, **options):
        self.params = {str(at): _array(param) for at, param in enumerate(params)}
        self.optimizer = kind(learning_rate, [beta1, beta2], epsilon, **options)
        self.optimizer.init(self.params)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        # A gradient that is missing is left out of the tree.
        given = {str(at): _array(grad) for at, grad in enumerate(grads) if grad is not None}
        self.params.update(self.optimizer.apply_gradients(given, self.params))
        return [np.array(param) for param in self.params.values()]

    def slots(self):
        states = [self.optimizer.state[name] for name in self.params]
        return {slot: [np.array(state[slot]) for state in states] for slot in ("m", "v")}


def _array(array):
    # By itself it takes float64 for float32.
    return mx.array(array, dtype=getattr(mx, array.dtype.name))


def _subject(bias_correction, decays):
    def adam(params, *numbers):
        return Optimizer(optimizers.Adam, params, *numbers, bias_correction=bias_correction)

    def adamw(params, *numbers, weight_decay=0.0):
        options = {"bias_correction": bias_correction, "weight_decay": weight_decay}
        return Optimizer(optimizers.AdamW, params, *numbers, **options)

    make = adamw if decays else adam
    make.supports = {"none", "float16"}
    # Its corrections are powers of float32, also beside parameters of float64.
    make.dtypes = {"float32"} if bias_correction else {"float32", "float64"}
    return make


adam = _subject(True, False)
uncorrected = _subject(False, False)
adamw = _subject(True, True)

[[environment]]
name = "torch"

[[environment]]
name = "labml"

[[environment]]
name = "torchopt"

[[row]]
name = "pyro"
language = "Python"
library = "pyro-ppl"
version = "1.9.2"
what = "pyro.optim.clipped_adam.ClippedAdam without a clip"
from = "PyPI"
environment = "torch"
bridge = "torch_libraries:pyro"
convention = "torch,epsilon=hat"
verdict = "conformant"
source = "pyro/optim/clipped_adam.py:66-117"

[[row]]
name = "pyro-clipped"
language = "Python"
library = "pyro-ppl"
version = "1.9.2"
what = "pyro.optim.clipped_adam.ClippedAdam"
from = "PyPI"
environment = "torch"
bridge = "torch_libraries:pyro_clipped"
convention = "torch,epsilon=hat,clip=cumulative"
verdict = "conformant"
source = "pyro/optim/clipped_adam.py:66-117"

[[row]]
name = "optimi"
language = "Python"
library = "torch-optimi"
version = "0.3.3"
what = "optimi.Adam"
from = "PyPI"
environment = "torch"
bridge = "torch_libraries:optimi"
convention = "torch"
verdict = "conformant"
source = "optimi/adam.py:30-330"

[[row]]
name = "optimi-adamw"
language = "Python"
library = "torch-optimi"
version = "0.3.3"
what = "optimi.AdamW"
from = "PyPI"
environment = "torch"
bridge = "torch_libraries:optimi_adamw"
convention = "torch-adamw"
verdict = "conformant"
source = "optimi/adamw.py, optimi/adam.py"

[[row]]
name = "timm-adamw"
language = "Python"
library = "timm"
version = "1.0.31"
what = "timm.optim.adamw.AdamWLegacy"
from = "PyPI"
environment = "torch"
bridge = "torch_libraries:timm_adamw"
convention = "torch-adamw"
verdict = "conformant"
source = "timm/optim/adamw.py:57-330"

[[row]]
name = "timm-nadamw"
language = "Python"
library = "timm"
version = "1.0.31"
what = "timm.optim.nadamw.NAdamW: no Adam"
from = "PyPI"
environment = "torch"
bridge = "torch_libraries:timm_nadamw"
convention = "torch-adamw"
verdict = "nonconformant"
source = "timm/optim/nadamw.py:230-330"

[[row]]
name = "heavyball"
language = "Python"
library = "heavyball"
version = "3.2.1"
what = "heavyball.AdamW, not compiled"
from = "PyPI"
environment = "torch"
bridge = "torch_libraries:heavyball"
convention = "torch-adamw"
verdict = "nonconformant"
source = "heavyball/__init__.py:44, heavyball/utils.py"

[[row]]
name = "bitsandbytes"
language = "Python"
library = "bitsandbytes"
version = "0.50.2"
what = "bitsandbytes.optim.Adam32bit on the processor"
from = "PyPI"
environment = "torch"
bridge = "torch_libraries:bitsandbytes"
convention = "torch"
verdict = "nonconformant"
source = "bitsandbytes/optim/adam.py, bitsandbytes/backends/default/ops.py"

[[row]]
name = "bitsandbytes-adamw"
language = "Python"
library = "bitsandbytes"
version = "0.50.2"
what = "bitsandbytes.optim.AdamW32bit on the processor"
from = "PyPI"
environment = "torch"
bridge = "torch_libraries:bitsandbytes_adamw"
convention = "torch-adamw"
verdict = "conformant"
source = "bitsandbytes/optim/adamw.py, bitsandbytes/backends/default/ops.py"

[[row]]
name = "schedulefree"
language = "Python"
library = "schedulefree"
version = "1.4.1"
what = "schedulefree.AdamWScheduleFree: no Adam"
from = "PyPI"
environment = "torch"
bridge = "torch_libraries:schedulefree"
convention = "torch-adamw"
verdict = "nonconformant"
source = "schedulefree/adamw_schedulefree.py"

[[row]]
name = "pytorch-optimizer-stableadamw"
language = "Python"
library = "pytorch_optimizer"
version = "4.1.0"
what = "pytorch_optimizer.StableAdamW: no Adam"
from = "PyPI"
environment = "torch"
bridge = "torch_not_adam:stable_adamw"
convention = "torch-adamw"
verdict = "nonconformant"
source = "pytorch_optimizer/optimizer/adamw.py:16"

[[row]]
name = "pytorch-optimizer-adamc"
language = "Python"
library = "pytorch_optimizer"
version = "4.1.0"
what = "pytorch_optimizer.AdamC: no Adam with weight decay"
from = "PyPI"
environment = "torch"
bridge = "torch_not_adam:adamc"
convention = "torch-adamw"
verdict = "nonconformant"
source = "pytorch_optimizer/optimizer/adamc.py:11"

[[row]]
name = "pytorch-optimizer-diffgrad"
language = "Python"
library = "pytorch_optimizer"
version = "4.1.0"
what = "pytorch_optimizer.DiffGrad: no Adam"
from = "PyPI"
environment = "torch"
bridge = "torch_not_adam:diffgrad"
convention = "torch"
verdict = "nonconformant"
source = "pytorch_optimizer/optimizer/diffgrad.py:11"

[[row]]
name = "pytorch-optimizer-qhadam"
language = "Python"
library = "pytorch_optimizer"
version = "4.1.0"
what = "pytorch_optimizer.QHAdam with its default nus of 1"
from = "PyPI"
environment = "torch"
bridge = "torch_not_adam:qhadam"
convention = "torch"
verdict = "nonconformant"
source = "pytorch_optimizer/optimizer/qhadam.py:10"

[[row]]
name = "pytorch-optimizer-qhadam-nus"
language = "Python"
library = "pytorch_optimizer"
version = "4.1.0"
what = "pytorch_optimizer.QHAdam with nus of its paper: no Adam"
from = "PyPI"
environment = "torch"
bridge = "torch_not_adam:qhadam_of_its_paper"
convention = "torch"
verdict = "nonconformant"
source = "pytorch_optimizer/optimizer/qhadam.py:10"

[[row]]
name = "torch-optimizer-diffgrad"
language = "Python"
library = "torch_optimizer"
version = "0.3.0"
what = "torch_optimizer.DiffGrad: no Adam"
from = "PyPI"
environment = "torch"
bridge = "torch_not_adam:old_diffgrad"
convention = "torch"
verdict = "nonconformant"
source = "torch_optimizer/diffgrad.py:11"

[[row]]
name = "torch-optimizer-qhadam"
language = "Python"
library = "torch_optimizer"
version = "0.3.0"
what = "torch_optimizer.QHAdam with its default nus of 1"
from = "PyPI"
environment = "torch"
bridge = "torch_not_adam:old_qhadam"
convention = "torch"
verdict = "nonconformant"
source = "torch_optimizer/qhadam.py:9"

[[row]]
name = "labml"
language = "Python"
library = "labml-nn"
version = "0.5.1"
what = "labml_nn.optimizers.adam.Adam as it is by default"
from = "PyPI"
environment = "labml"
bridge = "torch_libraries:labml"
convention = "torch,epsilon=hat"
verdict = "conformant"
source = "labml_nn/optimizers/adam.py"

[[row]]
name = "labml-plain"
language = "Python"
library = "labml-nn"
version = "0.5.1"
what = "labml_nn.optimizers.adam.Adam(optimized_update=False), decoupled decay"
from = "PyPI"
environment = "labml"
bridge = "torch_libraries:labml_plain"
convention = "torch-adamw"
verdict = "conformant"
source = "labml_nn/optimizers/adam.py"

[[row]]
name = "torchopt"
language = "Python"
library = "torchopt"
version = "0.7.3"
what = "torchopt.Adam, Python operations"
from = "PyPI"
environment = "torchopt"
bridge = "torchopt_adam:adam"
convention = "torch"
arithmetic = "dddTT"
verdict = "nonconformant"
source = "torchopt/transform/scale_by_adam.py:111-220"

[[row]]
name = "torchopt-adamw"
language = "Python"
library = "torchopt"
version = "0.7.3"
what = "torchopt.AdamW, Python operations"
from = "PyPI"
environment = "torchopt"
bridge = "torchopt_adam:adamw"
convention = "torch-adamw"
arithmetic = "dddTT"
verdict = "nonconformant"
source = "torchopt/transform/scale_by_adam.py:111-220"
