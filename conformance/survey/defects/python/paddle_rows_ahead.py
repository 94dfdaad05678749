"""paddle.optimizer.Adam with a sparse gradient takes its first step with t = 2."""

import paddle


def after_one_step(sparse):
    table = paddle.to_tensor([[1.0], [2.0]], dtype="float64", stop_gradient=False)
    adam = paddle.optimizer.Adam(0.1, parameters=[table], lazy_mode=True)
    rows = paddle.nn.functional.embedding(paddle.to_tensor([1]), table, sparse=sparse)
    rows.sum().backward()
    adam.step()
    return table[1, 0].item()


paddle.set_device("cpu")
dense = after_one_step(sparse=False)
sparse = after_one_step(sparse=True)
# The corrections of t = 2 on the moments of t = 1: sqrt(1 - .999^2) / (1 - .9^2) * .1 / sqrt(.001)
ratio = (2 - sparse) / (2 - dense)
print(f"dense 2 -> {dense}, sparse 2 -> {sparse}: the step is {ratio:.6f} of it")
assert abs(ratio - 0.744137) < 1e-5
