"""Questions for bench_step: templates of MUSIC-AVQA, each as likely as the others, filled
at random, as numbers of words. step_questions.py TEMPLATES CLIPS > FILE; a row is a clip,
an answer and 14 words."""
import json
import random
import sys

LENGTH, PER_CLIP = 14, 4


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        data = json.load(f)
    domains = {name: d["values"] for name, d in data["domains"].items()}
    slots = {s: domains[v["domain"] if isinstance(v, dict) else v]
             for s, v in data["slots"].items()}
    n_clips = int(sys.argv[2])
    draw, numbers = random.Random(1), {"<pad>": 0}
    for i in range(n_clips * PER_CLIP):
        template = draw.choice(data["templates"])
        words, fills = [], iter(template["slots"])
        for word in template["text"].rstrip()[:-1].split(" "):
            words.append(draw.choice(slots[next(fills)]) if "<" in word else word)
        words += ["<pad>"] * (LENGTH - len(words))
        ids = [numbers.setdefault(w, len(numbers)) for w in words]
        print(i % n_clips, draw.randrange(42), *ids)


main()
