#!/usr/bin/env bash
# Makes the corpus of fuzz_torch, which would be binary files, and runs PROGRAM on it:
#   fuzz_torch.sh PROGRAM [FOLDER]     FOLDER keeps it, as a start for a fuzzer
# The files that PyTorch wrote for tests/golden; whole, cut and hurt; and zips that lie.
set -eu
source "$(dirname "$0")/corpus.sh"
source=$(cd "$(dirname "$0")/../.." && pwd)
if ! command -v python3 >/dev/null; then
    echo "skipped: python3 is not installed"
    exit 77
fi
python3 - "$source/tests/data/golden/torch_files.json" "$folder" <<'END'
import io, json, os, sys, zipfile

def put(name, data):
    with open(os.path.join(sys.argv[2], name), "wb") as f:
        f.write(data)

def pack(entries, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as z:
        for name, data in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = options.get("compression", zipfile.ZIP_STORED)
            with z.open(info, "w", force_zip64=options.get("zip64", False)) as f:
                f.write(data)
        z.comment = options.get("comment", b"")
    return out.getvalue()

for f in json.load(open(sys.argv[1], encoding="utf-8"))["files"]:
    data = bytes.fromhex(f["hex"])
    name = f["name"][:-3]
    put(name, data)
    for n in range(0, len(data), 97):
        put("%s-cut-%d" % (name, n), data[:n])
        put("%s-hurt-%d" % (name, n), data[:n] + b"\xff" + data[n + 1:])
    if data[:2] != b"PK":
        continue
    src = zipfile.ZipFile(io.BytesIO(data))
    entries = [(i.filename, src.read(i)) for i in src.infolist()]
    put(name + "-zip64", pack(entries, zip64=True))
    put(name + "-comment", pack(entries, comment=b"PK\5\6" * 9))
    put(name + "-packed", pack(entries, compression=zipfile.ZIP_DEFLATED))
    put(name + "-twice", pack(entries + [("x/data.pkl", entries[0][1])]))
    put(name + "-without", pack(entries[:1]))
    put(name + "-longer", pack([(n, d + b"\0") for n, d in entries]))
    put(name + "-empty", pack([(n, b"") for n, d in entries]))
END
"$program" "$folder"
