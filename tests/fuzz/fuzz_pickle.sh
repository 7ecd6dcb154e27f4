#!/usr/bin/env bash
# Makes the corpus of fuzz_pickle, which would be binary files, and runs PROGRAM on it:
#   fuzz_pickle.sh PROGRAM [FOLDER]     FOLDER keeps it, as a start for a fuzzer
# The pickles that PyTorch wrote for tests/golden; pickles that run commands; bombs.
set -eu
source "$(dirname "$0")/corpus.sh"
source=$(cd "$(dirname "$0")/../.." && pwd)
if ! command -v python3 >/dev/null; then
    echo "skipped: python3 is not installed"
    exit 77
fi
python3 - "$source/tests/data/golden/torch_files.json" "$folder" <<'END'
import collections, io, json, os, pickle, sys, zipfile

def put(name, data):
    with open(os.path.join(sys.argv[2], name), "wb") as f:
        f.write(data)

for f in json.load(open(sys.argv[1], encoding="utf-8"))["files"]:
    data = bytes.fromhex(f["hex"])
    if data[:2] == b"PK":
        src = zipfile.ZipFile(io.BytesIO(data))
        data = src.read([n for n in src.namelist() if n.endswith("data.pkl")][0])
    else:
        data = data[15:]
    put(f["name"], data)
    for n in range(1, len(data), 61):
        put("%s-cut-%d" % (f["name"], n), data[:n])
        put("%s-hurt-%d" % (f["name"], n), data[:n] + b"\xff" + data[n + 1:])

class Evil:
    def __reduce__(self):
        return os.system, ("true",)

loop = []
loop.append(loop)
doubled = ()
for i in range(30):
    doubled = (doubled, doubled)
things = {"evil": Evil(), "loop": loop, "doubled": doubled, "long": 1 << 4000, "int": -1 << 62, "bytes": b"x",
          "set": {1, 2}, "dict": {1: {"a": (1.5, None, True)}}, "ordered": collections.OrderedDict(a=1),
          "text": "\u00e9\ud800", "complex": 1j, "type": int}
for name, thing in things.items():
    for protocol in range(6):
        try:
            put("%s-%d" % (name, protocol), pickle.dumps(thing, protocol))
        except (pickle.PicklingError, UnicodeError):
            pass
put("deep", b"(" * 5000)
put("deep-tuples", b")" + b"\x85" * 5000 + b".")
put("far", b"Nr\xff\xff\xff\x7f.")
put("long4", b"\x8b\xff\xff\xff\x7f")
put("copies", b"ccollections\nOrderedDict\nq\1]q\2" + b"NN\x86a" * 99 + b"h\1h\2\x85R" * 99 + b".")
END
"$program" "$folder"
