#!/usr/bin/env bash
# What shards cost: sizes of a 60-row sample, samples read per CPU second beside numpy,
# decoding beside zstd. Needs the preset bench and Debian's numpy:
#   cmake --preset bench && ninja -C build/bench avqa bench_shard_read
#   tests/bench/shard.sh build/bench
set -eu
build=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >make.py <<'PY'
# Maps like those of a ReLU: smooth in space, 60 % zeros.
import numpy as np, os
os.makedirs("feats")
rng = np.random.default_rng(1)
for clip in range(12):
    x = rng.standard_normal((60, 512, 14, 14)).astype(np.float32)
    for axis in 2, 3:
        x = (np.roll(x, 1, axis) + 2 * x + np.roll(x, -1, axis)) / 4
    x -= np.quantile(x[:4], 0.6)
    np.save(f"feats/{clip:08d}.npy", np.maximum(x, 0))
PY
/usr/bin/python3 make.py
{ echo video_id; for i in $(seq 0 11); do printf '%08d\n' "$i"; done; } >videos.csv
echo "raw float32: $(stat -c %s feats/00000000.npy) bytes a sample of 60 rows"
for kept in 'sparse16 -1' 'sparse16 1' 'fp16 -6' 'fp16 -1' 'fp16 1' 'fp32 1'; do
    read -r encoding level <<<"$kept"
    d=$encoding$level
    "$build/bin/avqa" init "$d" -q
    "$build/bin/avqa" -C "$d" import videos videos.csv -q
    start=$(date +%s%N)
    "$build/bin/avqa" -C "$d" import features feats --encoding "$encoding" --level "$level" -q
    took=$(($(date +%s%N) - start))
    shard=$d/shards/000000.tar.zst
    bytes=$(stat -c %s "$shard")
    echo "== $encoding, zstd $level: $((bytes / 12)) bytes a sample; imported at $((12 * 24084608 * 1000 / took)) MB/s of float32 (wall, with SHA-256 and fsync)"
    for as in f4 f2; do echo "   $as: $("$build/tests/bench_shard_read" "$shard" $as)"; done
    [[ $encoding == sparse16 ]] && echo "   f4, plain expansion: $("$build/tests/bench_shard_read" "$shard" f4 plain)"
    "$build/tests/bench_shard_read" "$shard" all | sed 's/^/   all rows, /'
    plain=$(zstd -dc "$shard" | wc -c)
    seconds=$({ TIMEFORMAT=%U; time zstd -dc "$shard" >/dev/null; } 2>&1)
    echo "   zstd -dc: $(echo "$plain / $seconds / 1000000000" | bc -l | head -c 4) GB/s of the tar ($plain bytes)"
done
cat >peers.py <<'PY'
import numpy as np, time, random
random.seed(1)
def sample(load):
    rows = load(random.randrange(12))[::6].copy()
    return rows, [load(random.randrange(12))[random.randrange(60)].copy() for _ in range(10)]
for name, n, load in (
    ("np.load", 20, lambda i: np.load(f"feats/{i:08d}.npy")),
    ("np.load(mmap_mode='r')", 200, lambda i: np.load(f"feats/{i:08d}.npy", mmap_mode="r"))):
    sample(load)
    start = time.process_time()
    for _ in range(n): sample(load)
    print(f"eleven {name}: {n / (time.process_time() - start):.0f} samples / CPU-s")
PY
/usr/bin/python3 peers.py
