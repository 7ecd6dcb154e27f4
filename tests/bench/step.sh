#!/usr/bin/env bash
# A step of AVST beside torch with the same graph, in turn, everything in memory: samples
# a second and a CPU second, training and evaluation.
#   tests/bench/step.sh [PROGRAM [ROUNDS [THREADS]]]   PROGRAM: bench_step of a Release build
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-$here/../../build/release/tests/bench_step}
rounds=${2:-3}
threads=${3:-2}
python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ -x $program ]] || { echo "there is no $program: build it with the preset release"; exit 77; }
"$python" -c 'import torch' 2>/dev/null || { echo "python3-torch is not installed"; exit 77; }
if [[ $(readlink -f /usr/lib/*/libblas.so.3) != *openblas* ]]; then
    echo "torch's matrix products go through the slow reference BLAS: install libopenblas0-pthread"
fi
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # they halve the peer's speed
for ((i = 0; i < rounds; i++)); do
    "$program" "$threads" 5 | tee -a "$work/out" | grep '^#' >"$work/notes"
    OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads "$python" -B \
        "$here/step_torch.py" "$threads" 5 >>"$work/out"
done
echo "$threads thread(s), best of $rounds rounds: samples a second, a CPU second"
awk -F': ' '/^#/ {next} {split($2, part, " ")
    if (part[1] > wall[$1]) wall[$1] = part[1]
    if (part[2] > cpu[$1]) cpu[$1] = part[2]}
    END {for (i = 1; i <= 2; i++) {what = i == 1 ? "train" : "eval"
        printf "    %-6s avqa %7.1f %7.1f   torch %7.1f %7.1f   times %.2f, by CPU %.2f\n", what,
            wall["avqa " what], cpu["avqa " what], wall["torch " what], cpu["torch " what],
            wall["avqa " what] / wall["torch " what], cpu["avqa " what] / cpu["torch " what]}}' \
    "$work/out"
cat "$work/notes"
