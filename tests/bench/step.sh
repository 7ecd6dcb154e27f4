#!/usr/bin/env bash
# Steps of AVST beside torch with the same graph, in turn: samples a second and a CPU
# second, training and evaluation. Ours reads shards of 60-row clips, made on the spot,
# through the loader; torch has everything in memory.
#   tests/bench/step.sh [BUILD [ROUNDS [THREADS [SECONDS]]]]   BUILD: that of the preset bench
# SHARDS=FOLDER keeps the shards for the next time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${1:-$here/../../build/bench}
rounds=${2:-3}
threads=${3:-2}
seconds=${4:-5}
clips=192
python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
shards=${SHARDS:-$work/shards}
program=$build/tests/bench_step
[[ -x $program ]] || { echo "there is no $program: build it with the preset bench"; exit 77; }
"$python" -c 'import torch' 2>/dev/null || { echo "python3-torch is not installed"; exit 77; }
if [[ $(readlink -f /usr/lib/*/libblas.so.3) != *openblas* ]]; then
    echo "torch's matrix products go through the slow reference BLAS: install libopenblas0-pthread"
fi
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # they halve the peer's speed
if [[ ! -e $shards/questions ]]; then
    mkdir -p "$shards"
    "$build/tests/bench_step_shards" "$shards" $clips
    "$python" -B "$here/step_questions.py" "$here/../../templates/music-avqa.json" $clips \
        >"$work/questions"
    mv "$work/questions" "$shards/questions"
fi
for ((i = 0; i < rounds; i++)); do
    "$program" "$threads" "$seconds" "$shards" "$shards/questions" | tee -a "$work/out" |
        grep '^#' >"$work/notes"
    OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads "$python" -B \
        "$here/step_torch.py" "$threads" "$seconds" >>"$work/out"
done
echo "$threads thread(s), best of $rounds rounds: samples a second, a CPU second"
awk -F': ' '/^#/ {next} {split($2, part, " ")
    if (part[1] + 0 > wall[$1]) wall[$1] = part[1]
    if (part[2] + 0 > cpu[$1]) cpu[$1] = part[2]}
    END {for (i = 1; i <= 2; i++) {what = i == 1 ? "train" : "eval"
        printf "    %-6s avqa %7.1f %7.1f   torch %7.1f %7.1f   times %.2f, by CPU %.2f\n", what,
            wall["avqa " what], cpu["avqa " what], wall["torch " what], cpu["torch " what],
            wall["avqa " what] / wall["torch " what], cpu["avqa " what] / cpu["torch " what]}}' \
    "$work/out"
cat "$work/notes"
