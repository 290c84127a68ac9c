# Writes datasets.txt: what Python and NumPy make of the generated sets and of the digits, one array a line, `name: numbers`.
# Run: python3 Tests/LuaAPITests/Fixtures/datasets.py > Tests/LuaAPITests/Fixtures/datasets.txt
# Random numbers come from Philox 4x32-10 as published, uniform numbers from its upper 53 bits, and normal ones from the
# inverse distribution function of the standard library (AS 241 as well).
import gzip
import statistics
import numpy as np

MASK = 0xFFFFFFFF
quantile = statistics.NormalDist().inv_cdf


def block(counter, key):
    x = [counter & MASK, counter >> 32, 0, 0]
    k = [key & MASK, key >> 32]
    for _ in range(10):
        a, b = x[0] * 0xD2511F53, x[2] * 0xCD9E8D57
        x = [(b >> 32) ^ x[1] ^ k[0], b & MASK, (a >> 32) ^ x[3] ^ k[1], a & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return x[0] | x[1] << 32, x[2] | x[3] << 32


class Stream:
    def __init__(self, seed):
        # the samples of a seed begin at a block of their own
        self.seed, self.counter = seed, 1 << 62

    def bits(self, count):
        words = [w for i in range((count + 1) // 2) for w in block(self.counter + i, self.seed)]
        self.counter += (count + 1) // 2
        return words[:count]

    def uniform(self, *shape):
        return np.array([(w >> 11) * 2.0**-53 for w in self.bits(int(np.prod(shape)))]).reshape(shape)

    def normal(self, *shape):
        odd = [(2 * (w >> 12) + 1) * 2.0**-53 for w in self.bits(int(np.prod(shape)))]
        return np.array([quantile(u) for u in odd]).reshape(shape)


def write(name, array):
    print(f"{name}: " + " ".join(repr(float(v)) for v in np.asarray(array, np.float64).ravel()))


def moons(samples):
    outer, inner = (samples + 1) // 2, samples // 2
    result = np.zeros((samples, 2))
    t = np.linspace(0, np.pi, outer)
    result[0::2] = np.stack([np.cos(t), np.sin(t)], 1)
    t = np.linspace(0, np.pi, inner)
    result[1::2] = np.stack([1 - np.cos(t), 1 - np.sin(t) - 0.5], 1)
    return result


def spirals(samples, classes, turns):
    result = np.zeros((samples, 2))
    for c in range(classes):
        m = len(range(c, samples, classes))
        r = np.arange(1, m + 1) / m
        z = r * np.exp(2j * np.pi * (turns * r + c / classes))
        result[c::classes] = np.stack([z.real, z.imag], 1)
    return result


def digits(part):
    folder = "Sources/CData/data/digits/"
    images = gzip.open(f"{folder}{part}-images-idx3-ubyte.gz").read()
    labels = gzip.open(f"{folder}{part}-labels-idx1-ubyte.gz").read()
    targets = np.frombuffer(labels[8:], np.uint8)
    return np.frombuffer(images[16:], np.uint8).reshape(len(targets), -1) / 16, targets + 1


print("python3 Tests/LuaAPITests/Fixtures/datasets.py > Tests/LuaAPITests/Fixtures/datasets.txt")
write("moons", moons(9))
write("moons noisy", moons(8) + 0.3 * Stream(5).normal(8, 2))
write("spirals", spirals(10, 3, 1.5))
write("spirals noisy", spirals(12, 2, -2.25) + 0.1 * Stream(6).normal(12, 2))
stream = Stream(7)
centers = -10 + 20 * stream.uniform(3, 5)
write("blobs centers", centers)
write("blobs", centers[np.arange(11) % 3] + 0.5 * stream.normal(11, 5))
stream = Stream(8)
x = stream.normal(6, 4)
w = stream.normal(2, 4) / np.sqrt(4)
write("normal inputs", x)
write("normal weights", w)
write("normal targets", x @ w.T + 0.25 * stream.normal(6, 2))
train, _ = digits("train")
test, labels = digits("t10k")
std = train.std(0)
std[std == 0] = 1
write("digits mean", train.mean(0))
write("digits std", std)
write("digits test", ((test - train.mean(0)) / std)[:5])
write("digits labels", labels[:20])
