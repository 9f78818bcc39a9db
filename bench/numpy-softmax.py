# Softmax of a .npy of float32 rows into another, as NumPy users write it.
#   python3 bench/numpy-softmax.py in.npy out.npy           the whole file at once
#   python3 bench/numpy-softmax.py in.npy out.npy parts     parts that stay in the cache, memory-mapped
import sys
import numpy as np


def softmax(x, out=None):
    e = x - x.max(axis=1, keepdims=True)
    np.exp(e, out=e)
    return np.divide(e, e.sum(axis=1, keepdims=True), out=out)


if len(sys.argv) == 3:
    np.save(sys.argv[2], softmax(np.load(sys.argv[1])))
else:
    x = np.load(sys.argv[1], mmap_mode="r")
    y = np.lib.format.open_memmap(sys.argv[2], mode="w+", dtype=np.float32, shape=x.shape)
    rows = max(1, (1 << 18) // x.shape[1])
    for i in range(0, len(x), rows):
        softmax(x[i : i + rows], y[i : i + rows])
