#!/usr/bin/env python3
"""Makes tests/data/golden/ops_reference.json: what PyTorch (float64) gives for the
cases of tests/support/op_cases.h and op_cases_more.h, forwards and backwards, and what its optimisers,
schedules and clipping do. Debian's python3-torch 1.13:

    python3 tests/golden/ops_reference.py > tests/data/golden/ops_reference.json
"""
import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def unit(j, k):
    x = (k * 2654435761 + j * 40503 + 12345) % 2**32
    x ^= x >> 15
    x = x * 2246822519 % 2**32
    x ^= x >> 13
    return x / 2**32


def stream(j, *shape):
    n = math.prod(shape)
    return torch.tensor([2 * unit(j, k) - 1 for k in range(n)]).reshape(shape)


def lstm(x, w_ih, w_hh, b_ih, b_hh):
    h = c = torch.zeros(x.shape[1], w_hh.shape[1])
    states = []
    for step in x:  # torch.lstm_cell: the published layer's cell, with its c of all steps
        h, c = torch.lstm_cell(step, (h, c), w_ih, w_hh, b_ih, b_hh)
        states.append(torch.cat([h, c], 1))
    return torch.stack(states)


def lstm_tree(x, w_ih, w_hh, b_ih, b_hh):
    states = []
    for step, before in zip(x, (None, 0, 0, 0, 2, 1, 2)):
        zero = torch.zeros(1, w_hh.shape[1])
        state = (zero, zero) if before is None else states[before]
        states.append(torch.lstm_cell(step[None], state, w_ih, w_hh, b_ih, b_hh))
    return torch.cat([torch.cat(state, 1) for state in states])


def attention(q, k, in_w, in_b, out_w, out_b):
    pad = torch.tensor([[False, False, False], [False, False, True]])
    y, _ = F.multi_head_attention_forward(
        q.transpose(0, 1), k.transpose(0, 1), k.transpose(0, 1), 8, 2, in_w, in_b,
        None, None, False, 0.0, out_w, out_b, key_padding_mask=pad)
    return y.transpose(0, 1)


def attention_one(q, x, in_w, in_b, out_w, out_b):
    return F.multi_head_attention_forward(
        q[None], x.transpose(0, 1), x.transpose(0, 1), 8, 2, in_w, in_b,
        None, None, False, 0.0, out_w, out_b)[0][0]


def ground(f):
    maps = torch.tensor([max(unit(50, k) - 0.5, 0) for k in range(4 * 16 * 9)])
    maps = maps.reshape(4, 16, 9)
    f = f.repeat(2, 1)
    normed = F.normalize(maps.transpose(1, 2), dim=2)
    weights = torch.softmax((normed @ F.normalize(f, dim=1)[:, :, None])[:, :, 0], 1)
    return torch.cat([maps.mean(2), (weights[:, :, None] * normed).sum(1)], 1)


def gru(x, *weights):
    """One direction or, with eight weights, both (torch.nn.GRU)."""
    both = len(weights) == 8
    h = torch.zeros(1 + both, x.shape[1], weights[1].shape[1])
    return torch._VF.gru(x, h, weights, True, 1, 0.0, True, both, False)[0]


def lstm_packed(x, *weights):
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, [4, 1, 3], enforce_sorted=False)
    h = torch.zeros(2, 3, weights[1].shape[1])
    y = torch._VF.lstm(packed.data, packed.batch_sizes, (h, h), weights, True, 1, 0.0,
                       True, True)[0]
    packed = torch.nn.utils.rnn.PackedSequence(
        y, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
    return torch.nn.utils.rnn.pad_packed_sequence(packed)[0]


def batch_norm(x, gain, bias):
    return F.batch_norm(x, None, None, gain, bias, True)


def batch_norm_known(x, gain, bias):
    return F.batch_norm(x, torch.tensor([.1, -.2, .3]), torch.tensor([.5, 2, 1]), gain,
                        bias, False)


def running():
    """Two steps of training from mean 0 and variance 1."""
    x, mean, variance = stream(1, 4, 3, 5, 5), torch.zeros(3), torch.ones(3)
    for step in (1, 2):
        F.batch_norm(step * x, mean, variance, None, None, True, 0.1)
    return {"mean": mean.tolist(), "variance": variance.tolist()}


PAD = torch.tensor([[0, 0, 1, 0], [0, 1, 1, 0]], dtype=torch.bool)[:, :, None]
SHARES = torch.tensor([[.5, .5, 0, 0, 0], [0, 0, 1, 0, 0], [.25, 0, .25, .25, .25]])
WANTED = torch.tensor([[1, 0, 1, 1, .25], [0, 0, 1, 0, 0], [1, 1, .75, 0, 1]])


def layer(rows, n_in, width, suffix=""):
    shapes = {"w_ih": (rows, n_in), "w_hh": (rows, width), "b_ih": (rows,), "b_hh": (rows,)}
    return {name + suffix: shape for name, shape in shapes.items()}


CASES = {
    "linear": ({"x": (3, 5), "w": (4, 5), "b": (4,)}, F.linear),
    "linear_relu": ({"x": (3, 5), "w": (4, 5), "b": (4,)},
                    lambda *p: F.relu(F.linear(*p))),
    "linear_tanh": ({"x": (2, 3, 5), "w": (4, 5)}, lambda *p: torch.tanh(F.linear(*p))),
    "embedding": ({"table": (7, 4)},
                  lambda t: F.embedding(torch.tensor([3, 0, 3, 6, 1]), t)),
    "tanh": ({"x": (5, 7)}, torch.tanh),
    "relu": ({"x": (5, 7)}, torch.relu),
    "sigmoid": ({"x": (5, 7)}, torch.sigmoid),
    "arithmetic": ({"a": (4, 5), "b": (4, 5)}, lambda a, b: ((a + b) * b * .75)[1:3]),
    "join": ({"a": (2, 3), "b": (6, 4)},
             lambda a, b: torch.cat([a.repeat(3, 1), b], 1)),
    "mean_steps": ({"x": (6, 4)}, lambda x: x.reshape(2, 3, 4).mean(1)),
    "softmax": ({"x": (3, 6)}, lambda x: torch.softmax(x, 1)),
    "layer_norm": ({"x": (4, 8), "gain": (8,), "bias": (8,)},
                   lambda x, g, b: F.layer_norm(x, (8,), g, b)),
    "lstm": ({"x": (5, 3, 4), "w_ih": (24, 4), "w_hh": (24, 6), "b_ih": (24,),
              "b_hh": (24,)}, lstm),
    "lstm_tree": ({"x": (7, 4), "w_ih": (24, 4), "w_hh": (24, 6), "b_ih": (24,),
                   "b_hh": (24,)}, lstm_tree),
    "attention": ({"q": (2, 2, 8), "k": (2, 3, 8), "in_w": (24, 8), "in_b": (24,),
                   "out_w": (8, 8), "out_b": (8,)}, attention),
    "attention_one": ({"q": (2, 8), "x": (2, 3, 8), "in_w": (24, 8), "in_b": (24,),
                       "out_w": (8, 8), "out_b": (8,)}, attention_one),
    "linear_onto": ({"a": (2, 3), "x": (6, 4), "w": (5, 7), "b": (5,)},
                    lambda a, x, w, b: F.relu(
                        F.linear(torch.cat([a.repeat(3, 1), x], 1), w, b))),
    "cross_entropy": ({"x": (3, 5)},
                      lambda x: F.cross_entropy(x, torch.tensor([2, 0, 4]))),
    "cross_entropy_unknown": ({"x": (3, 5)}, lambda x: F.cross_entropy(
        x, torch.tensor([2, -1, 4]), ignore_index=-1)),
    "cross_entropy_soft": ({"x": (3, 5)}, lambda x: F.cross_entropy(x, SHARES)),
    "binary": ({"x": (3, 5)},
               lambda x: F.binary_cross_entropy_with_logits(x, WANTED)),
    "ground": ({"f": (2, 16)}, ground),
    "gru": ({"x": (5, 3, 4), **layer(18, 4, 6)}, gru),
    "gru_both": ({"x": (4, 3, 4), **layer(15, 4, 5), **layer(15, 4, 5, "_back")}, gru),
    "lstm_packed": ({"x": (4, 3, 4), **layer(20, 4, 5), **layer(20, 4, 5, "_back")},
                    lstm_packed),
    "slice": ({"x": (3, 4, 5)}, lambda x: x[:, 1:3]),
    "concat": ({"a": (2, 1, 3), "b": (2, 2, 3), "c": (2, 3, 3)},
               lambda *p: torch.cat(p, 1)),
    "swap": ({"x": (2, 3, 4, 5)}, lambda x: x.transpose(3, 1).transpose(0, 1)),
    "softmax_along": ({"x": (2, 4, 3)}, lambda x: torch.softmax(
        torch.softmax(x, 0).masked_fill(PAD, -math.inf), 1)),
    "unit_rows": ({"x": (4, 5)}, lambda x: F.normalize(x, dim=-1)),
    "cosine": ({"a": (2, 3, 5), "b": (2, 3, 5)},
               lambda a, b: F.cosine_similarity(a, b, -1)),
    "batch_norm": ({"x": (4, 3, 5, 5), "gain": (3,), "bias": (3,)}, batch_norm),
    "batch_norm_rows": ({"x": (6, 3), "gain": (3,), "bias": (3,)}, batch_norm),
    "batch_norm_known": ({"x": (4, 3, 5), "gain": (3,), "bias": (3,)},
                         batch_norm_known),
    "conv_steps": ({"x": (2, 4, 9), "w": (6, 2, 3), "b": (6,)},
                   lambda x, w, b: F.conv1d(x, w, b, 2, 2, 2, 2)),
    "conv": ({"x": (2, 3, 6, 5), "w": (4, 3, 3, 2), "b": (4,)},
             lambda x, w, b: F.conv2d(x, w, b, (2, 1), (1, 0))),
    "conv_dilated": ({"x": (1, 2, 7, 7), "w": (3, 2, 3, 3)},
                     lambda x, w: F.conv2d(x, w, None, 1, (2, 3), (2, 3))),
    "conv_depthwise": ({"x": (2, 8, 7), "w": (8, 1, 3), "b": (8,)},
                       lambda x, w, b: F.conv1d(x, w, b, 1, 1, 1, 8)),
    "max_pool": ({"x": (2, 2, 5, 6)}, lambda x: F.max_pool2d(x, (3, 2), 2, 1)),
    "max_pool_steps": ({"x": (2, 3, 7)}, lambda x: F.max_pool1d(x, 3, 2)),
    "mean_pool": ({"x": (2, 2, 5, 6)}, lambda x: F.avg_pool2d(x, (3, 2), (2, 1), 1)),
    "adaptive_mean_pool": ({"x": (2, 2, 7, 5)},
                           lambda x: F.adaptive_avg_pool2d(x, (3, 2))),
    "adaptive_mean_pool_steps": ({"x": (2, 3, 7)},
                                 lambda x: F.adaptive_avg_pool1d(x, 4)),
}


def run_case(shapes, function):
    params = {name: stream(i + 1, *shape).requires_grad_()
              for i, (name, shape) in enumerate(shapes.items())}
    y = function(*params.values())
    (y.flatten() * stream(99, y.numel())).sum().backward()
    return {"value": y.detach().flatten().tolist(),
            "grads": {name: p.grad.flatten().tolist() for name, p in params.items()}}


def run_optimiser(make):
    """Three steps; the gradient of step s is stream(10 + s)."""
    p = torch.nn.Parameter(stream(1, 11))
    optimiser = make([p])
    for step in range(3):
        p.grad = stream(10 + step, 11)
        optimiser.step()
    return p.detach().tolist()


def run_schedule(make, n):
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    schedule = make(optimiser)
    rates = []
    for _ in range(n):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    return rates


def clip(limit):
    params = [torch.nn.Parameter(torch.zeros(5)), torch.nn.Parameter(torch.zeros(3))]
    for i, p in enumerate(params):
        p.grad = stream(20 + i, len(p))
    norm = torch.nn.utils.clip_grad_norm_(params, limit)
    return {"norm": float(norm), "grads": [x for p in params for x in p.grad.tolist()]}


O = torch.optim
S = torch.optim.lr_scheduler
print(json.dumps({
    "how": __doc__.split(":")[0].strip(),
    "ops": {name: run_case(*case) for name, case in CASES.items()},
    "running": running(),
    "optimisers": {
        "sgd": run_optimiser(lambda p: O.SGD(p, lr=.1)),
        "sgd_momentum": run_optimiser(
            lambda p: O.SGD(p, lr=.1, momentum=.9, weight_decay=.01)),
        "adam": run_optimiser(lambda p: O.Adam(p, lr=.1)),
        "adam_decay": run_optimiser(lambda p: O.Adam(p, lr=.1, weight_decay=.2)),
        "adamw": run_optimiser(lambda p: O.AdamW(p, lr=.1, weight_decay=.2,
                                                 betas=(.8, .98), eps=1e-3)),
    },
    "schedules": {
        "step": run_schedule(lambda o: S.StepLR(o, 8, .1), 25),
        "cosine": run_schedule(lambda o: S.CosineAnnealingLR(o, 20), 21),
        "warm_up": run_schedule(
            lambda o: S.LambdaLR(o, lambda t: min(t / 4, 1) * .5 ** max((t - 4) // 3, 0)),
            15),
    },
    "clip": {"0.5": clip(.5), "100": clip(100)},
}, indent=None, separators=(",", ":")))
