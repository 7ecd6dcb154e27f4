"""The peer of bench_step: AVST's published graph in PyTorch, batch 64, 10 seconds, maps
as float32 in memory. step_torch.py THREADS [SECONDS] prints samples a second and a CPU
second, training and evaluation."""
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH, SECONDS, WIDTH = 64, 10, 512


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        def linear(i, o):
            return nn.Linear(i, o)
        self.a1, self.a2 = linear(128, WIDTH), linear(WIDTH, WIDTH)
        self.gl = linear(2 * WIDTH, WIDTH)
        self.m1, self.m2 = linear(2 * WIDTH, 512), linear(512, 256)
        self.m3, self.m4 = linear(256, 128), linear(128, 2)
        self.words, self.lstm = nn.Embedding(93, WIDTH), nn.LSTM(WIDTH, WIDTH)
        self.question = linear(2 * WIDTH, WIDTH)
        self.attend = nn.ModuleList(nn.MultiheadAttention(WIDTH, 4, dropout=.1)
                                    for _ in range(2))
        self.first = nn.ModuleList(linear(WIDTH, WIDTH) for _ in range(2))
        self.second = nn.ModuleList(linear(WIDTH, WIDTH) for _ in range(2))
        self.norm = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(2))
        self.drop = nn.Dropout(.1)
        self.fusion, self.answer = linear(2 * WIDTH, WIDTH), linear(WIDTH, 42)

    def ground(self, f, maps):
        maps = maps.reshape(-1, WIDTH, 196)
        mean = maps.mean(2)
        normed = F.normalize(maps.transpose(1, 2), dim=2)
        scores = torch.matmul(normed, F.normalize(f, dim=1)[:, :, None])[:, :, 0]
        seen = torch.matmul(torch.softmax(scores, 1)[:, None, :], normed)[:, 0]
        return self.gl(torch.tanh(torch.cat([mean, seen], 1)))

    def match(self, f, v):
        x = F.relu(self.m1(torch.cat([f, v], 1)))
        return self.m4(F.relu(self.m3(F.relu(self.m2(x)))))

    def temporal(self, i, query, steps):
        y = self.attend[i](query[None], steps.transpose(0, 1), steps.transpose(0, 1))[0][0]
        x = self.second[i](self.drop(F.relu(self.first[i](y))))
        return self.norm[i](y + self.drop(x)) + steps.mean(1)

    def forward(self, sound, seen, others, words):
        _, (h, c) = self.lstm(torch.tanh(self.words(words)).transpose(0, 1))
        fq = self.question(torch.tanh(torch.cat([h[0], c[0]], 1)))
        f = self.a2(F.relu(self.a1(sound.reshape(-1, 128))))
        v, n = self.ground(f, seen), self.ground(f, others)
        oa = self.temporal(0, fq, f.reshape(BATCH, SECONDS, WIDTH))
        ov = self.temporal(1, fq, v.reshape(BATCH, SECONDS, WIDTH))
        z = self.fusion(torch.tanh(torch.cat([oa, ov], 1))) * fq
        return self.answer(torch.tanh(z)), self.match(f, v), self.match(f, n)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3
    net = Net()
    adam = torch.optim.Adam(net.parameters(), lr=1e-4)
    sound = torch.rand(BATCH, SECONDS, 128)
    seen, others = (F.relu(torch.rand(BATCH, SECONDS, WIDTH, 14, 14) - .6)
                    for _ in range(2))
    words, y = torch.randint(93, (BATCH, 14)), torch.randint(42, (BATCH,))
    own = torch.cat([torch.ones(BATCH * SECONDS), torch.zeros(BATCH * SECONDS)]).long()

    def train():
        adam.zero_grad()
        logits, posi, nega = net(sound, seen, others, words)
        loss = F.cross_entropy(logits, y) + .5 * F.cross_entropy(torch.cat([posi, nega]), own)
        loss.backward()
        adam.step()

    def evaluate():
        with torch.no_grad():
            net(sound, seen, others, words)

    for name, step in (("train", train), ("eval", evaluate)):
        net.train(name == "train")
        step()
        start, start_cpu, n = time.monotonic(), time.process_time(), 0
        while n < 3 or time.monotonic() < start + seconds:
            step()
            n += 1
        print(f"torch {name}: {n * BATCH / (time.monotonic() - start):.1f} "
              f"{n * BATCH / (time.process_time() - start_cpu):.1f}")


main()
