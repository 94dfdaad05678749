"""paddle.optimizer.AdamW multiplies float64 parameters by a decay that was a float32."""

import paddle

paddle.set_device("cpu")
param = paddle.to_tensor([1.0], dtype="float64", stop_gradient=False)
adam = paddle.optimizer.AdamW(0.5, parameters=[param], weight_decay=0.1)
param.grad = paddle.to_tensor([0.0], dtype="float64")
adam.step()
print(f"1 - 0.5 * 0.1 gives {param.item():.17}")
assert 1e-10 < abs(param.item() - 0.95) < 1e-8
