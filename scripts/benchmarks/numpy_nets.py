"""Nets in NumPy, written out by hand as one does without a framework: every layer a forward and a backward."""

import numpy as np
from measure import measure

EPS = 1e-5
MOMENTUM = 0.1


class Linear:
    """x @ w, with a bias unless told otherwise."""

    def __init__(self, rng, inputs, outputs, dtype=np.float32, bias=True):
        self.w = rng.standard_normal((inputs, outputs)).astype(dtype) * dtype((2 / inputs) ** 0.5)
        self.b = np.zeros(outputs, dtype) if bias else None

    def forward(self, x):
        self.x = x
        y = x @ self.w
        if self.b is not None:
            y += self.b
        return y

    def backward(self, dy, is_first=False):
        gradients = [self.x.T @ dy]
        if self.b is not None:
            gradients.append(dy.sum(0))
        self.gradients = gradients
        return None if is_first else dy @ self.w.T

    def parameters(self):
        return [self.w] if self.b is None else [self.w, self.b]


class BatchNorm:
    """Normalises units over the batch, then scales and shifts; keeps running statistics."""

    def __init__(self, units, dtype=np.float32):
        self.gamma, self.beta = np.ones(units, dtype), np.zeros(units, dtype)
        self.mean, self.variance = np.zeros(units, dtype), np.ones(units, dtype)

    def forward(self, x):
        n = len(x)
        mean = x.mean(0)
        distance = x - mean
        variance = np.einsum("ij,ij->j", distance, distance) / n
        self.inverse = 1 / np.sqrt(variance + EPS)
        distance *= self.inverse
        self.normal = distance
        self.mean += MOMENTUM * (mean - self.mean)
        self.variance += MOMENTUM * (variance * (n / (n - 1)) - self.variance)
        y = self.normal * self.gamma
        y += self.beta
        return y

    def backward(self, dy):
        n = len(dy)
        beta, gamma = dy.sum(0), np.einsum("ij,ij->j", dy, self.normal)
        self.gradients = [gamma, beta]
        dx = self.normal * (-gamma / n)
        dx += dy
        dx -= beta / n
        dx *= self.gamma * self.inverse
        return dx

    def parameters(self):
        return [self.gamma, self.beta]


class ReLU:
    def forward(self, x):
        self.y = np.maximum(x, 0, out=x)
        return self.y

    def backward(self, dy):
        dy *= self.y > 0
        return dy

    def parameters(self):
        return []


class Sigmoid:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, dy):
        return dy * (self.y * (1 - self.y))

    def parameters(self):
        return []


def forward(layers, x):
    for layer in layers:
        x = layer.forward(x)
    return x


def backward(layers, dy, needs_input=True):
    for layer in reversed(layers):
        if layer is layers[0] and not needs_input:
            layer.backward(dy, is_first=True)
        else:
            dy = layer.backward(dy)


def relu_batchnorm(dtype):
    """W1: forward and backward from an upstream gradient."""

    def workload(name):
        rng = np.random.default_rng(1)
        layers = []
        for _ in range(20):
            layers += [Linear(rng, 100, 100, dtype, bias=False), ReLU(), BatchNorm(100, dtype)]
        x, upstream = (rng.standard_normal((1000, 100)).astype(dtype) for _ in range(2))

        def run(_):
            forward(layers, x)
            backward(layers, upstream)

        measure(name, 1, run)

    return workload


def training_step(inputs, width, depth, activation, batch, momentum):
    """Forward, cross-entropy, backward and a step of SGD."""

    def workload(name):
        rng = np.random.default_rng(1)
        layers, units = [], inputs
        for _ in range(depth):
            layers += [Linear(rng, units, width), BatchNorm(width), activation()]
            units = width
        layers.append(Linear(rng, width, 10))
        x, classes = rng.standard_normal((batch, inputs)).astype(np.float32), rng.integers(0, 10, batch)
        rows = np.arange(batch)
        learned = [layer for layer in layers if layer.parameters()]
        velocities = [[np.zeros_like(p) for p in layer.parameters()] for layer in learned]

        def run(_):
            logits = forward(layers, x)
            logits -= logits.max(1, keepdims=True)
            gradient = np.exp(logits)
            gradient /= gradient.sum(1, keepdims=True)
            np.log(gradient[rows, classes]).mean()
            gradient[rows, classes] -= 1
            gradient /= batch
            backward(layers, gradient, needs_input=False)
            for layer, speeds in zip(learned, velocities):
                for parameter, change, speed in zip(layer.parameters(), layer.gradients, speeds):
                    if momentum:
                        speed *= momentum
                        speed += change
                        change = speed
                    parameter -= np.float32(0.01) * change

        measure(name, 1, run)

    return workload


def batch_norm(samples, units):
    """W4: batch normalisation alone."""

    def workload(name):
        rng = np.random.default_rng(1)
        layer = BatchNorm(units)
        x, upstream = (rng.standard_normal((samples, units)).astype(np.float32) for _ in range(2))

        def run(_):
            layer.forward(x)
            layer.backward(upstream)

        measure(name, 1, run)

    return workload


workloads = {
    "relu_batchnorm_f32": relu_batchnorm(np.float32),
    "relu_batchnorm_f64": relu_batchnorm(np.float64),
    "sigmoid_step": training_step(784, 100, 3, Sigmoid, 60, 0),
    "deep_step": training_step(512, 512, 50, ReLU, 256, 0.9),
    "norm_small": batch_norm(256, 512),
    "norm_large": batch_norm(4096, 1024),
}
