"""dynet.AdamTrainer, for program.py; a gradient is that of a sum of products."""

import dynet as dy


class Adam:
    library = "dynet"
    version = "2.1.2"
    dtypes = ["float32"]
    supports = []

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.collection = dy.ParameterCollection()
        self.shapes = [param.shape for param in params]
        self.params = []
        for param in params:
            if not param.size:
                raise NotImplementedError("a parameter without elements: it has none")
            made = self.collection.add_parameters((param.size,))
            made.set_value(param.reshape(-1))
            self.params.append(made)
        self.trainer = dy.AdamTrainer(self.collection, learning_rate, beta1, beta2, epsilon)
        # It clips by a norm of 5 if nobody says otherwise.
        self.trainer.set_clip_threshold(-1)

    def step(self, grads):
        dy.renew_cg()
        products = []
        for param, grad in zip(self.params, grads):
            products.append(dy.dot_product(param, dy.inputTensor(grad.reshape(-1))))
        loss = dy.esum(products)
        loss.forward()
        loss.backward()
        self.trainer.update()
        pairs = zip(self.params, self.shapes)
        return [param.as_array().astype("float32").reshape(shape) for param, shape in pairs]

    def slots(self):
        return {}
