# Softmax of a .npy of float32 rows into another, in parts that stay in the cache: what NumPy users write.
#   python3 bench/numpy-softmax.py in.npy out.npy
import sys
import numpy as np

x = np.load(sys.argv[1], mmap_mode="r")
rows = max(1, (1 << 18) // x.shape[1])
out = np.lib.format.open_memmap(sys.argv[2], mode="w+", dtype=np.float32, shape=x.shape)
for i in range(0, len(x), rows):
    e = x[i : i + rows] - x[i : i + rows].max(axis=1, keepdims=True)
    np.exp(e, out=e)
    np.divide(e, e.sum(axis=1, keepdims=True), out=out[i : i + rows])
