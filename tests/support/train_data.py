"""The dataset of the tests of `avqa train`: 9 clips to learn, 4 to validate with, whose
questions can be told from the words (q) or from picture and sound. Only numbers of the
standard library, so that it needs no numpy. Usage: train_data.py FOLDER"""
import json
import random
import struct
import sys
from pathlib import Path

ROWS, TYPES = 2, [["Audio", "Counting"], ["Visual", "Location"], ["Audio-Visual", "Existential"]]


def npy(path, shape, kind, data):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (kind, shape)
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + data)


def maps(rng, n):
    """Halves, two thirds of them zero, the others between 0.5 and 2."""
    high = rng.randbytes(n).translate(bytes(0 if i < 170 else 0x38 + i % 8 for i in range(256)))
    data = bytearray(2 * n)
    data[1::2] = high
    data[0::2] = bytes(b if h else 0 for b, h in zip(rng.randbytes(n), high))
    return bytes(data)


def questions(rng, clip, first):
    texts = [("How many musical instruments were heard throughout the video?", [], ["one", "two"][clip % 2]),
             ("Where is the <LL> instrument?", [["loudest", "quietest"][clip % 3 > 0]], ["left", "right"][clip % 3 > 0]),
             ("Is there a voiceover?", [], ["yes", "no"][clip % 2])]
    for i, (text, words, answer) in enumerate(texts):
        yield {"video_id": "%08d" % clip, "question_id": first + i, "type": json.dumps(TYPES[i]),
               "question_content": text, "templ_values": json.dumps(words), "question_deleted": 0,
               "anser": answer}


folder, rng = Path(sys.argv[1]), random.Random(5)
for split, clips in (("train", range(1, 10)), ("val", range(20, 24))):
    rows = [q for clip in clips for q in questions(rng, clip, 10 * clip)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{split}.json").write_text(json.dumps(rows, indent=1))
    for clip in clips:
        npy(folder / "res14" / ("%08d.npy" % clip), (ROWS, 512, 14, 14), "<f2", maps(rng, ROWS * 512 * 196))
        sound = [rng.random() + clip % 2 for _ in range(ROWS * 128)]
        npy(folder / "vggish" / ("%08d.npy" % clip), (ROWS, 128), "<f4", struct.pack("<%df" % len(sound), *sound))
