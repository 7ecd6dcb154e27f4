#!/usr/bin/env python3
"""What avqa eval says, counted without avqa: shares by type, priors, intervals by
drawing videos with numpy, McNemar's test in whole numbers.

    eval_reference.py make SPLIT.json ONE.jsonl OTHER.csv
        writes the answers of two models, right more often about some videos
    eval_reference.py check SPLIT.json TRAIN.json REPORT.json
        compares the report of ONE against OTHER on SPLIT; priors are learnt from TRAIN
"""
import collections
import csv
import json
import math
import random
import sys

import numpy as np

DRAWS = 4000


def rows_of(path):
    rows = json.load(open(path))
    rows = [r for r in rows if not r.get("question_deleted")]
    for number, r in enumerate(rows):
        r["row"] = number + 1
        for key in ("type", "templ_values"):
            if isinstance(r[key], str):
                r[key] = json.loads(r[key].replace("'", '"'))
        r["text"] = " ".join(r["question_content"].replace("\uff1f", "?").split())
    return rows


def answers_of(rows, seed):
    """The answers of a model, as it would say them: some videos are easy."""
    rng = random.Random(seed)
    all_answers = sorted({r["anser"] for r in rows})
    ease = collections.defaultdict(lambda: rng.choice((0.25, 0.75, 0.95)))
    answers = []
    for r in rows:
        right = rng.random() < ease[r["video_id"]]
        answers.append(r["anser"] if right else rng.choice(all_answers))
    return answers


def say(answer, number):
    """The same answer as people's models write it, by the number of the question."""
    spaced = answer.replace("_", " ")
    return (answer, answer, spaced.capitalize() + ".", "the " + spaced, spaced.upper())[number % 5]


def make(split, one, other):
    rows = rows_of(split)
    with open(one, "w") as f:
        for r, answer in zip(rows, answers_of(rows, 1)):
            key = {"row": r["row"]} if r.get("question_id") is None else {}
            line = dict(key, question_id=r.get("question_id"), answer=say(answer, r["row"]))
            f.write(json.dumps(line) + "\n")
    with open(other, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["row", "question_id", "answer"])
        for r, answer in zip(rows, answers_of(rows, 2)):
            id_ = r.get("question_id")
            out.writerow([r["row"] if id_ is None else "", "" if id_ is None else id_, answer])


def prior(train, rows):
    """Whether the commonest answer of each template is right; else of the type, of all."""
    counts = collections.defaultdict(collections.Counter)
    for r in train:
        for key in ((), tuple(r["type"]), r["text"]):
            counts[key][r["anser"]] += 1
    def guess(r):
        for key in (r["text"], tuple(r["type"]), ()):
            if counts[key]:
                most = max(counts[key].values())
                return min(a for a, n in counts[key].items() if n == most)
    return np.array([guess(r) == r["anser"] for r in rows])


def mcnemar(b, c):
    n, k = b + c, min(b, c)
    if n == 0 or 2 * k == n:
        return 1.0
    tail = sum(math.comb(n, i) for i in range(k + 1))
    return min(1.0, 2 * tail / 2 ** n)


def interval(values, videos):
    """Quantiles of the mean when videos are drawn."""
    _, cluster = np.unique(videos, return_inverse=True)
    n = cluster.max() + 1
    sums, counts = np.bincount(cluster, values, n), np.bincount(cluster, minlength=n)
    rng = np.random.default_rng(0)
    means = []
    for _ in range(DRAWS):
        drawn = rng.integers(0, n, n)
        means.append(sums[drawn].sum() / counts[drawn].sum())
    return np.quantile(means, (0.025, 0.975)), np.std(means)


def check(split, train, report):
    rows, learnt, e = rows_of(split), rows_of(train), json.load(open(report))
    truth = [r["anser"] for r in rows]
    one = np.array([a == t for a, t in zip(answers_of(rows, 1), truth)])
    other = np.array([a == t for a, t in zip(answers_of(rows, 2), truth)])
    guessed = prior(learnt, rows)
    videos = np.array([r["video_id"] for r in rows])
    groups = {("overall",): np.ones(len(rows), bool)}
    for i, r in enumerate(rows):
        for key in (("modalities", r["type"][0]), ("types", "/".join(r["type"]))):
            groups.setdefault(key, np.zeros(len(rows), bool))[i] = True
    worst = 0
    for key, mask in groups.items():
        got, pair = e, e["against"]
        for k in key:
            got, pair = got[k], pair[k]
        assert got["total"] == mask.sum(), (key, got)
        assert got["correct"] == one[mask].sum(), (key, got, one[mask].sum())
        assert got["prior"] == guessed[mask].sum(), (key, got, guessed[mask].sum())
        assert abs(got["accuracy"] - one[mask].mean()) < 1e-6, key
        b, c = (one & ~other & mask).sum(), (other & ~one & mask).sum()
        assert (pair["only_this"], pair["only_other"]) == (b, c), (key, pair, b, c)
        assert pair["both"] == (one & other & mask).sum(), key
        p = mcnemar(int(b), int(c))
        assert abs(pair["p"] - p) <= 1e-9 * p, (key, pair["p"], p)
        if len(set(videos[mask])) < 30:
            continue
        for values, found in ((one, got), (one * 1.0 - other, pair)):
            wanted, error = interval((values * 1.0)[mask], videos[mask])
            off = np.abs(np.array(found["ci95"]) - wanted).max() / error
            worst = max(worst, off)
            assert off < 0.25, (key, found["ci95"], wanted, error)
    assert len(e["types"]) == len([k for k in groups if k[0] == "types"])
    print(f"{len(groups)} groups of {len(rows)} questions are as counted; intervals differ "
          f"by at most {worst:.2f} standard errors")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
