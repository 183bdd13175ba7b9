"""PyTorch: the same network and training step with multiplied masks and its own optimizer."""

from contestant import BATCH, serve


class PyTorch:
    def __init__(self, materials, threads):
        import torch

        self.torch = torch
        self.nn = torch.nn.functional
        torch.set_num_threads(threads)
        # Since release 2 pooling is far faster with channels last; before, convolutions were far slower.
        channels_last = int(torch.__version__.split('.')[0]) >= 2
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.description = f'PyTorch {torch.__version__}{", channels last" if channels_last else ""}'
        self.materials = materials
        self.images = self._in_format(materials.images.transpose(0, 3, 1, 2))
        self.labels = torch.from_numpy(materials.labels)
        layers = materials.layers
        self.weights = {layer: self._weights(layer).requires_grad_() for layer in layers}
        self.biases = {layer: self._biases(layer).requires_grad_() for layer in layers}
        self.masks = {layer: torch.ones_like(weights) for layer, weights in self.weights.items()}
        self.parameters = [*self.weights.values(), *self.biases.values()]
        self.averages = [parameter.detach().clone() for parameter in self.parameters]
        self.optimizer = torch.optim.SGD(self.parameters, lr=materials.list['learningRate'])

    def prepare(self, task):
        self._start(task['sparsity'])
        if task['kind'] == 'step':
            return self._step
        weights = self._masked_weights()
        images = self.images[: task['batch']]

        def infer():
            with self.torch.inference_mode():
                return self._network(images, weights).numpy()

        return infer

    def logits(self, task):
        once = self.prepare({**task, 'batch': BATCH})
        if task['kind'] == 'inference':
            return once()
        once()
        return self._network(self.images, self._masked_weights()).detach().numpy()

    def _start(self, sparsity):
        with self.torch.no_grad():
            for layer in self.materials.layers:
                self.weights[layer].copy_(self._weights(layer))
                self.biases[layer].copy_(self._biases(layer))
                self.masks[layer].copy_(self._own_layout(self.materials.mask(layer, sparsity)))
            for parameter, average in zip(self.parameters, self.averages):
                average.copy_(parameter)

    def _step(self):
        self.optimizer.zero_grad()
        logits = self._network(self.images, self._masked_weights())
        loss = self.nn.cross_entropy(logits, self.labels)
        for layer, weights in self.weights.items():
            decay = self.materials.layers[layer]['weightDecay']
            if decay:
                loss = loss + decay / 2 * weights.square().sum()
        loss.backward()
        self.optimizer.step()
        with self.torch.no_grad():
            for parameter, average in zip(self.parameters, self.averages):
                average.lerp_(parameter, 1 - self.materials.list['averageDecay'])
        return loss.item()

    def _masked_weights(self):
        return {layer: self.weights[layer] * self.masks[layer] for layer in self.weights}

    def _network(self, images, weights):
        def conv(x, layer):
            return self.nn.relu(self.nn.conv2d(x, weights[layer], self.biases[layer], padding=2))

        def pool(x):
            return self.nn.max_pool2d(x, 3, 2, ceil_mode=True)

        def norm(x):
            # Divides alpha by the size.
            return self.nn.local_response_norm(x, 9, alpha=0.001, beta=0.75, k=1.0)

        def dense(x, layer):
            return self.nn.linear(x, weights[layer], self.biases[layer])

        x = norm(pool(conv(images, 'conv1')))
        x = pool(norm(conv(x, 'conv2')))
        x = self.nn.relu(dense(x.flatten(1), 'local3'))
        return dense(self.nn.relu(dense(x, 'local4')), 'softmax_linear')

    def _weights(self, layer):
        return self._own_layout(self.materials.weights(layer))

    def _biases(self, layer):
        return self.torch.from_numpy(self.materials.biases(layer))

    def _own_layout(self, values):
        """HWIO as OIHW, [inputs, outputs] as [outputs, inputs]; inputs of local3 are in the order of channels, rows, columns."""
        if values.ndim == 4:
            return self._in_format(values.transpose(3, 2, 0, 1))
        if len(values) == 6 * 6 * 64:
            values = values.reshape(6, 6, 64, -1).transpose(2, 0, 1, 3).reshape(values.shape)
        return self.torch.from_numpy(values.T.copy())

    def _in_format(self, values):
        return self.torch.from_numpy(values.copy()).contiguous(memory_format=self.format)


serve(PyTorch)
