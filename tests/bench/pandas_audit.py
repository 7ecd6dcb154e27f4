"""The peer of the audit bench: the same counts and priors with plain pandas, as somebody
would write them in an afternoon. usage: pandas_audit.py TEST.json"""
import json
import math
import sys

import pandas as pd


def entropy(df, by):
    bits, n = 0.0, len(df)
    for _, g in df.groupby(by) if by else [(None, df)]:
        p = g["anser"].value_counts(normalize=True)
        bits -= len(g) / n * sum(x * math.log2(x) for x in p)
    return bits


def prior(df, by):
    if not by:
        return int(df["anser"].value_counts().max())
    counts = df.groupby(by + ["anser"]).size().reset_index(name="n")
    return int(counts.groupby(by)["n"].max().sum())


df = pd.read_json(sys.argv[1], dtype={"video_id": str})
df["text"] = df["question_content"].str.strip()
df["slots"] = df["templ_values"].map(lambda s: tuple(json.loads(s)))
df["label"] = df["type"].map(lambda s: "/".join(json.loads(s)))
filled = set()
for text, slots in zip(df["text"], df["slots"]):
    for value in slots:
        text = text.replace(text[text.index("<"):text.index(">") + 1], value, 1)
    filled.add(text)
slots = {}
for text, values in zip(df["text"], df["slots"]):
    names = [part.split(">")[0] for part in text.split("<")[1:]]
    for name, value in zip(names, values):
        slots.setdefault(name, {}).setdefault(value, 0)
        slots[name][value] += 1
groups = {"global": [], "type": ["label"], "template": ["text"], "slots": ["text", "slots"]}
per_template = df.groupby("text")["anser"].value_counts(normalize=True)
report = {
    "questions": len(df),
    "clips": int(df["video_id"].nunique()),
    "by_template": df["text"].value_counts().to_dict(),
    "by_type": df["label"].value_counts().to_dict(),
    "by_answer": df["anser"].value_counts().to_dict(),
    "questions_per_clip": df["video_id"].value_counts().value_counts().to_dict(),
    "first_words": df["text"].str.split().str[:4].str.join(" ").value_counts().to_dict(),
    "slots": slots,
    "filled_questions": len(filled),
    "priors": {name: prior(df, by) for name, by in groups.items()},
    "entropy": {name: entropy(df, by) for name, by in groups.items()},
    "dominant": {str(k): v for k, v in per_template[per_template > 0.6].items()},
    "contradictions": int((df.groupby(["video_id", "text", "slots"])["anser"].nunique() > 1).sum()),
}
json.dump(report, sys.stdout)
