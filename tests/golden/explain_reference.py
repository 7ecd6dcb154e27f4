#!/usr/bin/env python3
"""What avqa explain --json says of an AVST run, computed anew with torch in float64 out of
the run's weights and the exported features, from the published formulas.

    explain_reference.py EXPLAINED.json RUN-FOLDER NPY-FOLDER STRIDE
"""
import json
import struct
import sys

import numpy as np
import torch

explained, run, npy, stride = sys.argv[1:5]
stride = int(stride)


def load_weights(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    tensors = {}
    for name, about in header.items():
        if name != "__metadata__":
            begin, end = about["data_offsets"]
            numbers = np.frombuffer(data[begin:end], "<f4").reshape(about["shape"])
            tensors[name] = torch.tensor(numbers, dtype=torch.float64)
    return tensors


w = load_weights(run + "/best.safetensors")
vocabulary = json.load(open(run + "/vocabulary.json"))


def linear(name, x):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def encode(words):
    ids = [vocabulary["words"].index(word) for word in words]
    ids += [0] * (vocabulary["length"] - len(ids))
    lstm = torch.nn.LSTM(512, 512).double()
    lstm.load_state_dict({key[len("question_encoder.lstm."):]: value for key, value in w.items()
                          if key.startswith("question_encoder.lstm.")})
    x = torch.tanh(w["question_encoder.word2vec.weight"][ids])
    _, (h, c) = lstm(x[:, None])
    return linear("question_encoder.fc", torch.tanh(torch.cat([h[0, 0], c[0, 0]])))


def attend(name, query, keys):
    attention = torch.nn.MultiheadAttention(512, 4).double().eval()
    attention.load_state_dict({key[len(name) + 1:]: value for key, value in w.items()
                               if key.startswith(name + ".")})
    out, mean = attention(query[None, None], keys[:, None], keys[:, None])
    return out[0, 0], mean[0, 0]  # torch averages over the heads


def block(x, one, two, norm):
    y = linear(two, torch.relu(linear(one, x)))
    return torch.nn.functional.layer_norm(x + y, (512,), w[norm + ".weight"], w[norm + ".bias"])


def ask(clip, words, n):
    with torch.no_grad():
        rows = np.arange(n) * stride
        sound = torch.tensor(np.load(f"{npy}/vggish/{clip}.npy")[rows], dtype=torch.float64)
        maps = torch.tensor(np.load(f"{npy}/res14/{clip}.npy")[rows], dtype=torch.float64)
        f = linear("fc_a2", torch.relu(linear("fc_a1", sound)))
        v = maps.flatten(2)  # n, 512, 196
        v_hat = torch.nn.functional.normalize(v, dim=1)
        f_hat = torch.nn.functional.normalize(f, dim=1)
        weights = torch.softmax(torch.einsum("ncp,nc->np", v_hat, f_hat), 1)
        local = torch.einsum("np,ncp->nc", weights, v_hat)
        seen = linear("fc_gl", torch.tanh(torch.cat([v.mean(2), local], 1)))
        q = encode(words)
        ov, time_seen = attend("attn_v", q, seen)
        oa, time_heard = attend("attn_a", q, f)
        ov = block(ov, "linear11", "linear12", "norm1")
        oa = block(oa, "linear21", "linear22", "norm2")
        z = linear("fc_fusion", torch.tanh(torch.cat([oa + f.mean(0), ov + seen.mean(0)])))
        logits = linear("fc_ans", torch.tanh(z * q))
        return weights, time_heard, time_seen, torch.softmax(logits, 0)


def words_of(text):
    """Slots are filled already; words that hold spaces do not occur here."""
    words = text.rstrip().split(" ")
    return words[:-1] + [words[-1][:-1]]


worst = 0.0
for question in json.load(open(explained))["questions"]:
    n = len(question["seconds"])
    words = words_of(question["text"])
    weights, heard, seen, probabilities = ask(question["clip"], words, n)
    for ours, theirs in ((question["heard"], heard), (question["seen"], seen)):
        worst = max(worst, np.abs(np.array(ours) - theirs.numpy()).max())
    best = probabilities.argmax().item()
    assert vocabulary["answers"][best] == question["answer"], question
    worst = max(worst, abs(probabilities[best].item() - question["probability"]))
    for second, theirs in zip(question["grounding"]["seconds"], weights):
        worst = max(worst, abs(second["least"] / theirs.min().item() - 1),
                    abs(second["most"] / theirs.max().item() - 1))
        at = second["row"] * question["grounding"]["cols"] + second["col"]
        worst = max(worst, abs(theirs[at].item() / theirs.max().item() - 1))
print(f"largest difference {worst:.2e}")
sys.exit(1 if worst > 5e-6 else 0)
