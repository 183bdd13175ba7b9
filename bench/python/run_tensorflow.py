"""TensorFlow: a compiled training step with multiplied masks, as contrib/model_pruning's CIFAR-10 computes it, and the frozen graph."""

import os

from contestant import BATCH, serve


class TensorFlow:
    def __init__(self, materials, threads):
        os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
        os.environ.setdefault('CUDA_VISIBLE_DEVICES', '-1')
        import tensorflow

        global tf
        tf = tensorflow
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        self.description = f'TensorFlow {tf.__version__}'
        self.materials = materials
        self.functions = {}
        layers = materials.layers
        self.images = tf.constant(materials.images)
        self.labels = tf.constant(materials.labels, tf.int32)
        self.weights = {layer: tf.Variable(materials.weights(layer)) for layer in layers}
        self.biases = {layer: tf.Variable(materials.biases(layer)) for layer in layers}
        self.masks = {layer: tf.Variable(materials.mask(layer, 0), trainable=False) for layer in layers}
        self.variables = [*self.weights.values(), *self.biases.values()]
        self.averages = [tf.Variable(variable, trainable=False) for variable in self.variables]
        self.step = tf.function(self._step)

    def prepare(self, task):
        if task['kind'] == 'inference':
            function = self._frozen(task['sparsity'])
            images = tf.constant(self.materials.images[: task['batch']])
            return lambda: function(images)[0].numpy()
        self._start(task['sparsity'])
        return lambda: self.step(self.images, self.labels).numpy()

    def logits(self, task):
        if task['kind'] == 'inference':
            return self.prepare({**task, 'batch': BATCH})()
        self.prepare(task)()
        return self._network(self.images).numpy()

    def _start(self, sparsity):
        for layer in self.materials.layers:
            self.weights[layer].assign(self.materials.weights(layer))
            self.biases[layer].assign(self.materials.biases(layer))
            self.masks[layer].assign(self.materials.mask(layer, sparsity))
        for variable, average in zip(self.variables, self.averages):
            average.assign(variable)

    def _network(self, images):
        masked = {layer: self.weights[layer] * self.masks[layer] for layer in self.weights}

        def conv(x, layer):
            products = tf.nn.conv2d(x, masked[layer], 1, 'SAME')
            return tf.nn.relu(tf.nn.bias_add(products, self.biases[layer]))

        def pool(x):
            return tf.nn.max_pool2d(x, 3, 2, 'SAME')

        def norm(x):
            return tf.nn.local_response_normalization(x, 4, bias=1.0, alpha=0.001 / 9, beta=0.75)

        def dense(x, layer):
            return tf.matmul(x, masked[layer]) + self.biases[layer]

        x = norm(pool(conv(images, 'conv1')))
        x = pool(norm(conv(x, 'conv2')))
        x = tf.nn.relu(dense(tf.reshape(x, [BATCH, -1]), 'local3'))
        return dense(tf.nn.relu(dense(x, 'local4')), 'softmax_linear')

    def _step(self, images, labels):
        with tf.GradientTape() as tape:
            logits = self._network(images)
            losses = [tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))]
            for layer, weights in self.weights.items():
                decay = self.materials.layers[layer]['weightDecay']
                if decay:
                    losses.append(decay * tf.nn.l2_loss(weights))
            loss = tf.add_n(losses)
        rate = self.materials.list['learningRate']
        share = 1 - self.materials.list['averageDecay']
        gradients = tape.gradient(loss, self.variables)
        for variable, gradient, average in zip(self.variables, gradients, self.averages):
            variable.assign_sub(rate * gradient)
            average.assign_sub((average - variable) * share)
        return loss

    def _frozen(self, sparsity):
        if sparsity not in self.functions:
            graph = tf.compat.v1.GraphDef.FromString(self.materials.frozen_graph(sparsity))
            whole = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph, name=''), [])
            output = 'softmax_linear/softmax_linear_2:0'
            self.functions[sparsity] = whole.prune('images:0', [output])
        return self.functions[sparsity]


serve(TensorFlow)
