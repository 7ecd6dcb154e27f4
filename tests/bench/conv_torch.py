#!/usr/bin/env python3
"""The convolutions of conv.c in torch, one thread: CPU milliseconds forwards, back to
the input and back to the weights, the least of some rounds."""
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch

torch.set_num_threads(1)
CASES = [("3x3 64-64 56x56 n16", 16, 64, 64, 1, (56, 56), (3, 3), 1, (1, 1)),
         ("3x3 512-512 14x14 n16", 16, 512, 512, 1, (14, 14), (3, 3), 1, (1, 1)),
         ("7x7/2 3-64 224x224 n8", 8, 3, 64, 1, (224, 224), (7, 7), 2, (3, 3)),
         ("3x3 1-16 60x128 n64", 64, 1, 16, 1, (60, 128), (3, 3), 1, (1, 1)),
         ("1x1 256-512 14x14 n16", 16, 256, 512, 1, (14, 14), (1, 1), 1, (0, 0)),
         ("k3 512-512 14 n64", 64, 512, 512, 1, (1, 14), (1, 3), 1, (0, 1)),
         ("k7 depthwise 512 14 n64", 64, 512, 512, 512, (1, 14), (1, 7), 1, (0, 3)),
         ("3x3 depthwise 64 56x56 n16", 16, 64, 64, 64, (56, 56), (3, 3), 1, (1, 1))]
for name, n, n_in, n_out, groups, side, kernel, stride, pad in CASES:
    x = torch.rand(n, n_in, *side) - .5
    w = torch.rand(n_out, n_in // groups, *kernel) - .5
    conv = lambda: torch.conv2d(x, w, None, stride, pad, 1, groups)
    back = lambda mask: torch.ops.aten.convolution_backward(
        y, x, w, [0], [stride] * 2, list(pad), [1, 1], False, [0, 0], groups, mask)
    y = conv()
    best = [1e9] * 3
    for _ in range(7):
        for k, run in enumerate((conv, lambda: back([True, False, False]),
                                 lambda: back([False, True, False]))):
            start = time.process_time()
            run()
            best[k] = min(best[k], 1e3 * (time.process_time() - start))
    print(f"torch {name:27s}" + "".join(f" {b:8.2f}" for b in best), flush=True)
