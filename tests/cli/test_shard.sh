#!/usr/bin/env bash
# avqa import features and avqa shard as typed, and what others read of a shard: GNU tar,
# bsdtar, zstd, Python (zstandard, tarfile, numpy) by the code of docs/shards.md,
# webdataset. The features and all numbers to compare with are made by numpy.
. "$(dirname "$0")/../support/cli.sh"
need sqlite3 jq
python=
for p in python3 /usr/bin/python3; do
    "$p" -c 'import numpy' 2>/dev/null && { python=$p; break; }
done
[[ -n $python ]] || skip "there is no Python with numpy"

# ---- features as they are published, with every kind of number
cat >make.py <<'PY'
import numpy as np, os
rng = np.random.default_rng(5)
os.makedirs("feats/res18_14x14"); os.makedirs("feats/vggish")
for name, rows in ("00000001", 6), ("00000002", 3), ("00000003_flip", 2):
    maps = rng.standard_normal((rows, 512, 14, 14)).astype(np.float32)
    maps[maps < 0.25] = 0
    np.save(f"feats/res18_14x14/{name}.npy", maps)
    np.save(f"feats/vggish/{name}.npy", rng.standard_normal((rows, 128)).astype(np.float32))
hard = np.load("feats/res18_14x14/00000001.npy")
edge = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan, 65504, 65519.99, 65520, 1e30, -1e30,
    2**-14, 2**-15, 2**-24, 2**-25, 1.0000001 * 2**-25, -(2**-25), 1e-30, -1e-30, 1.5 * 2**-24,
    2.5 * 2**-24, 6.097e-5, 6.1e-5, 2049, 2051, 1 + 2**-11, 1 + 3 * 2**-11], np.float32)
bits = rng.integers(0, 2**32, 200000, dtype=np.uint32).view(np.float32)
bits[np.isnan(bits)] = np.nan
halves = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
ties = np.nextafter(halves[np.isfinite(halves)], np.float32(np.inf))
values = np.concatenate([edge, bits, halves[~np.isnan(halves)], ties])
hard.reshape(-1)[:values.size] = values
hard[4] = 0
np.save("feats/res18_14x14/00000001.npy", hard)
np.save("feats/vggish/unknown.npy", np.zeros((2, 128), np.float32))
np.save("feats/vggish/00000002_x.npy", np.zeros((2, 129), np.float32))
np.save("feats/vggish/fortran.npy", np.asfortranarray(np.ones((2, 128), np.float32)))
open("feats/vggish/00000009.npy", "wb").write(open("feats/vggish/00000002.npy", "rb").read()[:-4])
open("feats/vggish/page.npy", "w").write("<!DOCTYPE html>")
open("feats/notes.txt", "w").write("x")
PY
"$python" make.py || exit 1
cat >same.py <<'PY'
# same.py A B [float16]: equal bit for bit, B rounded by numpy first
import numpy as np, sys, warnings
warnings.simplefilter("ignore")
a, b = np.load(sys.argv[1]), np.load(sys.argv[2])
if len(sys.argv) > 3:
    b = b.astype(np.float16)
    if a.dtype == np.float32: b = b.astype(np.float32)
if len(sys.argv) > 4: b = eval("b[" + sys.argv[4] + "]")
sys.exit(not (a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()))
PY
same() { "$python" same.py "$@"; }

run avqa init data -q
printf 'video_id\n00000001\n00000002\n00000003_flip\n00000009\n' >videos.csv
run avqa -C data import videos videos.csv -q
expect_ok

run avqa -C data import features feats --dry-run --json
expect_equal "clips of a dry run" 3 "$(number .clips)"
expect_equal "shards after a dry run" 0 "$(ask 'SELECT count(*) FROM shard')"
run avqa -C data import features feats --json --shard-size 0.1
expect_exit 3
expect_equal counts "11 3 22 3 5 1" "$(number '"\(.files) \(.clips) \(.rows) \(.shards) \(.failed) \(.ignored)"')"
expect_equal failures "00000002_x other-shape,00000009 not-whole,fortran not-npy,page not-npy,unknown no-clip" \
    "$(number '[.failures[] | (.file | split("/")[-1] | split(".")[0]) + " " + .reason] | sort | join(",")')"
expect_equal "shards in the catalog" "shards/000000.tar.zst 1 sparse16,shards/000001.tar.zst 1 sparse16,shards/000002.tar.zst 1 sparse16" \
    "$(ask "SELECT group_concat(path || ' ' || samples || ' ' || encoding) FROM shard ORDER BY id")"
expect_equal "hash of a shard" "$(sha256sum data/shards/000001.tar.zst | cut -d' ' -f1)" "$(ask "SELECT sha256 FROM shard WHERE path LIKE '%1.tar.zst'")"
expect_equal "features" "00000001 resnet18 6,00000001 vggish 6,00000002 resnet18 3,00000002 vggish 3,00000003_flip resnet18 2,00000003_flip vggish 2" \
    "$(ask "SELECT group_concat(x) FROM (SELECT picture || ' ' || encoder || ' ' || n_rows AS x FROM feature JOIN clip ON clip.id = clip_id ORDER BY 1)")"
expect_equal "hash of a file" "$(sha256sum feats/vggish/00000002.npy | cut -d' ' -f1)" \
    "$(ask "SELECT json_extract(provenance, '\$.file_sha256') FROM feature JOIN clip ON clip.id = clip_id WHERE picture = '00000002' AND encoder = 'vggish'")"
run avqa -C data status
expect_stdout 'import features +1 +no-clip'
cp -r data/shards first
run avqa -C data import features feats --json
expect_equal "a second run" "6 0 0" "$(number '"\(.unchanged) \(.clips) \(.shards)"')"

# ---- a shard that is gone or was cut off since
cp -r data lost
rm lost/shards/000001.tar.zst
truncate -s -1 lost/shards/000002.tar.zst
run avqa -C lost import features feats --json
expect_stderr 'shards/000001.tar.zst is gone or changed'
expect_equal "imported again" "2 2 1" "$(number '"\(.unchanged) \(.clips) \(.shards)"')"
expect_equal "shards known after it" "shards/000000.tar.zst,shards/000003.tar.zst" \
    "$(sqlite3 lost/catalog.sqlite "SELECT group_concat(path) FROM (SELECT path FROM shard ORDER BY path)")"
run avqa -C lost import features feats --json
expect_equal "and whole" "6 0 0" "$(number '"\(.unchanged) \(.clips) \(.shards)"')"

# ---- a run that was killed between the shard's name and its row, and one in the middle
run avqa init again -q
cp -r data/catalog.sqlite again/
sqlite3 again/catalog.sqlite 'DELETE FROM feature; DELETE FROM shard;'
mkdir again/shards
echo half >again/shards/000000.tar.zst.999999999.tmp
echo orphan >again/shards/000000.tar.zst
run avqa -C again import features feats --shard-size 0.1 -q
expect_exit 3
check "the same bytes as the undisturbed run" diff -r first again/shards
sqlite3 again/catalog.sqlite 'DELETE FROM feature; DELETE FROM shard;'
rm -r again/shards
for ms in 0.02 0.05 0.08 0.12 0.17 0.23 0.3; do
    { timeout -s KILL $ms "$AVQA" -C again import features feats --shard-size 0.1 -q; } >/dev/null 2>&1
    for f in again/shards/*.zst; do
        [[ -e $f ]] && check "whole after a kill: $f" avqa shard verify "$f"
    done
done
run avqa -C again import features feats --shard-size 0.1 -q
check "the same bytes after kills" diff -r first again/shards
expect_equal "features after kills" 6 "$(sqlite3 again/catalog.sqlite 'SELECT count(*) FROM feature')"

# ---- looking into one
run avqa init whole -q
run avqa -C whole import videos videos.csv -q
run avqa -C whole import features feats -q
S=whole/shards/000000.tar.zst
run avqa shard ls $S
expect_ok
expect_stdout '3 samples, 28 frames'
expect_stdout '00000001 +vggish +6x128 +fp32 +in the head'
expect_stdout 'res14 +6x512x14x14 +sparse16 +.* [kM]B +[0-9.]+ %'
run avqa shard ls $S --json
expect_equal "shape" "[6,512,14,14]" "$(jq -c '.shards[0].samples[0].arrays[1].shape' out)"
run avqa shard verify $S
expect_ok
expect_stdout 'good, 3 samples'
run avqa shard cat $S 00000001
expect_equal "provenance" "imported music-avqa" "$(number '.provenance.res14 | .origin + " " + .preset')"
run avqa shard cat $S 00000001 --array res14 -o a.npy
expect_ok
check "sparse maps are numpy's rounding" same a.npy feats/res18_14x14/00000001.npy float16
for there in a.npy .; do
    run avqa shard cat $S 00000002 --array vggish -o $there
    expect_failure 'shard cat' "^avqa shard cat: $there is there already; remove it first, or give another name with -o$"
done
check "it is as it was" same a.npy feats/res18_14x14/00000001.npy float16
run avqa shard cat $S 00000001 -o /dev/null
expect_ok
run avqa shard cat $S 00000001 --array res14 --as-stored
check "as float16" same out feats/res18_14x14/00000001.npy float16
run avqa shard cat $S 00000001 --array res14 --rows 2..5
check "rows" same out feats/res18_14x14/00000001.npy float16 2:5
run avqa shard cat $S 00000002 --array vggish --rows 1
expect_ok
"$AVQA" shard cat $S 00000002 --array vggish >b.npy
check "sound, to stdout" same b.npy feats/vggish/00000002.npy
run avqa shard cat $S 00000002 --array res14 --rows 2..4
expect_failure 'shard cat' 'there are 3 rows, not 2..4'
run avqa shard cat $S 00000002 --array res14 --rows x
expect_failure 'shard cat' "'x' is no range of rows"
run avqa shard cat $S nobody
expect_failure 'shard cat' "$S: has no sample 'nobody'"
run avqa shard cat $S 00000002 --array maps
expect_failure 'shard cat' 'it has: vggish, res14'
run avqa shard ls nowhere.tar.zst
expect_failure 'shard ls' 'nowhere.tar.zst: cannot open'
run avqa shard ls whole/shards
expect_failure 'shard ls' 'whole/shards: is a folder; name its shards \(whole/shards/\*\.tar\.zst\)'
run avqa shard cat --help
expect_stdout 'SHARD KEY$'
for encoding in fp16 fp32 sparse16; do
    run avqa shard convert $S --encoding $encoding -o $encoding.tar.zst
    expect_ok
    run avqa shard verify $encoding.tar.zst
    expect_exit 0
    run avqa shard cat $encoding.tar.zst 00000001 --array res14
    check "$encoding" same out feats/res18_14x14/00000001.npy float16
done
expect_same $S sparse16.tar.zst
sha256sum $S fp16.tar.zst >kept
for there in $S fp16.tar.zst .; do
    run avqa shard convert $S --encoding fp32 -o $there
    expect_failure 'shard convert' 'is there already'
done
check "nothing was overwritten" sha256sum -c kept
run avqa shard convert $S
expect_exit 2
expect_stderr 'give the new shard'
run avqa shard export $S --npy npy --tar tars
expect_ok
check "published layout" same npy/res14/00000003_flip.npy feats/res18_14x14/00000003_flip.npy float16
check "published layout, sound" same npy/vggish/00000003_flip.npy feats/vggish/00000003_flip.npy
run avqa shard export $S
expect_exit 2
expect_stderr 'give --tar FOLDER'
run avqa shard cat $S 00000001 --rows 1
expect_exit 2
expect_stderr '--rows needs --array'
mkdir twin && cp $S twin/
run avqa shard export $S twin/$(basename $S) --tar twins
expect_failure 'shard export' 'twins/.*[.]tar: would be written twice, the second time for twin/'
run avqa shard export $S twin/$(basename $S) --npy twins
expect_failure 'shard export' 'twins/.*[.]npy: would be written twice, the second time for twin/'
find npy tars -type f -exec sha256sum {} + >exported
run avqa shard export $S --npy npy --tar new
expect_failure 'shard export' 'npy/.*[.]npy is there already; remove it first, or export into another folder'
check "nor anything else written" test ! -e new
run avqa shard export $S --tar tars
expect_failure 'shard export' 'tars/.*[.]tar is there already'
check "nothing was replaced" sha256sum -c --quiet exported

# A clip whose name is no key comes back, whether by its name or by what the export calls it.
printf 'video_id\nduo+1\n' >duo.csv
mkdir -p duo/vggish && cp feats/vggish/00000002.npy duo/vggish/duo+1.npy
for from in duo duo.npy; do
    rm -rf duo.data && avqa init duo.data -q
    avqa -C duo.data import videos duo.csv -q
    run avqa -C duo.data import features $from
    expect_ok
    run avqa shard cat duo.data/shards/*.zst duo+1 --array vggish -o duo.$from.npy
    expect_ok
    check "the same of $from" cmp duo.$from.npy feats/vggish/00000002.npy
    avqa shard export duo.data/shards/*.zst --npy duo.npy$from -q
    [[ $from = duo ]] && mv duo.npyduo duo.npy
done
run avqa shard cat duo.data/shards/*.zst duo+2
expect_failure 'shard cat' "has no sample 'duo[+]2'"
printf 'video_id\nduo%%2B1\n' >literal.csv # a clip that is called as a key is
avqa -C duo.data import videos literal.csv -q
run avqa -C duo.data import features duo.npy
expect_ok
expect_equal "whose name it is" 'duo%2B1,duo+1' "$(sqlite3 duo.data/catalog.sqlite \
    "SELECT group_concat(picture) FROM (SELECT picture FROM feature JOIN clip c ON c.id = clip_id ORDER BY 1)")"
check "exported by the key" test -s duo.npy/vggish/duo%2B1.npy

head -c 100000 $S >cut.tar.zst
run avqa shard verify $S cut.tar.zst
expect_exit 3
expect_stdout 'cut.tar.zst: BAD'
run avqa shard verify cut.tar.zst --json
expect_exit 1
expect_equal "problems" 1 "$(number '.shards[0].n_problems')"

# ---- over the network
if [[ -n ${AVQA_FAULT_SERVER:-} ]]; then
    coproc "$AVQA_FAULT_SERVER" 1
    read -r port <&"${COPROC[0]}"
    run avqa shard ls "http://127.0.0.1:$port/f/x.bin?size=3000000"
    expect_failure 'shard ls' "http://127.0.0.1:$port/f/x.bin" 'no shard, or it was cut off'
    run avqa shard ls "http://127.0.0.1:$port/f/x.bin?size=3000000&norange=1"
    expect_failure 'shard ls' 'does not answer ranges'
fi

cat >serve.py <<'PY'
# Serves the files here, with ranges; notes each request and its bytes in served.
import http.server, os, re
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args): pass
    def do_GET(self):
        data = open(self.path[1:], "rb").read()
        a, b = re.match(r"bytes=(\d*)-(\d*)$", self.headers["Range"]).groups()
        first = int(a) if a else max(0, len(data) - int(b))
        last = min(int(b), len(data) - 1) if a and b else len(data) - 1
        open("served", "a").write(f"{last - first + 1}\n")
        self.send_response(206)
        self.send_header("ETag", f'"{os.stat(self.path[1:]).st_mtime_ns}"')
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self.wfile.write(data[first:last + 1])
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
"$python" serve.py >port &
server=$!
for _ in $(seq 100); do [[ -s port ]] && break; sleep 0.05; done
url=http://127.0.0.1:$(cat port)
run avqa shard cat "$url/fp32.tar.zst" 00000001 --array res14 --rows 0..2
expect_ok
check "two rows over http" same out feats/res18_14x14/00000001.npy float16 0:2
expect_equal "requests: the end, and the two rows" 2 "$(wc -l <served)"
check "most of it stayed there" test "$(awk '{n += $1} END {print n}' served)" -lt "$(stat -c %s fp32.tar.zst)"
run avqa shard verify "$url/fp32.tar.zst" "$url/fp16.tar.zst"
expect_ok
run avqa shard ls "$url/cut.tar.zst"
expect_failure 'shard ls' "$url/cut.tar.zst: it does not end with a seek table"
kill $server

# ---- other readers
{ for k in 00000001 00000002 00000003_flip; do for m in json vggish.npy res14_mask.npy res14_nz.npy; do echo $k.$m; done; done; echo __index__; } >names
have zstd && { check "zstd -t" zstd -tq $S; check "GNU tar lists it" diff names <(tar --zstd -tf $S); } || note "zstd is not installed"
have zstd && check "GNU tar finds nothing odd" test -z "$(tar --zstd -tvf $S 2>&1 | grep -v '^-rw-r--r-- 0/0 .* 1970-01-01 00:00 ')"
if have bsdtar; then
    check "bsdtar lists it" diff names <(bsdtar -tf $S)
else note "bsdtar is not installed"; fi
check "GNU tar lists the plain tar" test "$(tar -tf tars/000000.tar | wc -l)" -eq 9
if "$python" -c 'import zstandard' 2>/dev/null; then
    sed -n '/^```python$/,/^```$/p' "$SOURCE/docs/shards.md" | grep -v '^```' >reader.py
    cat >use.py <<'PY'
import sys, warnings
warnings.simplefilter("ignore")
exec(open("reader.py").read())
n = 0
for key, sample in samples(sys.argv[1]):
    wanted = np.load(f"feats/res18_14x14/{key}.npy").astype(np.float16)
    got = maps(sample) if "res14_mask.npy" in sample else sample["res14.npy"]
    assert got.shape == wanted.shape, key
    assert got.astype(np.float16).tobytes() == wanted.tobytes(), key
    assert sample["vggish.npy"].tobytes() == np.load(f"feats/vggish/{key}.npy").tobytes()
    offsets = sample["json"]["arrays"]["res14"].get("offsets")
    if offsets: assert offsets[-1] == len(sample["res14_nz.npy"])
    n += 1
assert n == 3, n
PY
    for f in $S fp16.tar.zst fp32.tar.zst; do check "the Python of docs/shards.md reads $f" "$python" use.py $f; done
else note "Python has no zstandard"; fi
if "$python" -c 'import webdataset' 2>/dev/null; then
    cat >web.py <<'PY'
import webdataset as wds, numpy as np
n = 0
for s in wds.WebDataset("tars/000000.tar", shardshuffle=False).decode():
    assert s["res14.npy"].dtype == np.float16 and s["json"]["clip"] == s["__key__"]
    assert s["vggish.npy"].tobytes() == np.load(f"feats/vggish/{s['__key__']}.npy").tobytes()
    n += 1
assert n == 3
PY
    check "webdataset reads the plain tar" "$python" web.py
else note "webdataset is not installed"; fi
finish
