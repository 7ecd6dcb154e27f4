#!/usr/bin/env bash
# The encoders' networks beside torch (eval, no_grad; plain, jit and channels_last, the
# best one counts), in turn, on 1 and 2 threads.
#   tests/bench/encoder.sh [PROGRAM [ROUNDS]]     PROGRAM: bench_encoder of a Release build
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-$here/../../build/release/tests/bench_encoder}
rounds=${2:-3}
python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ -x $program ]] || { echo "there is no $program: build it with the preset release"; exit 77; }
"$python" -c 'import torch, torchvision' 2>/dev/null ||
    { echo "python3-torch and python3-torchvision are not installed"; exit 77; }
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # they halve the peer's speed
for threads in 1 2; do
    for ((i = 0; i < rounds; i++)); do
        "$program" "$threads" 4 >>"$work/$threads"
        OMP_NUM_THREADS=$threads "$python" -B "$here/../golden/encoder_reference.py" \
            bench "$threads" >>"$work/$threads"
    done
    echo "$threads thread(s), a second, best of $rounds rounds:"
    awk -F': ' '{split($2, part, " "); key = $1 " " part[1]
        if (part[2] > best[key]) best[key] = part[2]}
        END {for (key in best) printf "    %-40s %7.1f\n", key, best[key]}' "$work/$threads" | sort
    awk -F': ' '{split($2, part, " "); net = $1 ~ /resnet18/ ? "resnet18" : "vggish"
        who = $1 ~ /^avqa/ ? "avqa" : "torch"
        if (part[2] > best[net, who]) best[net, who] = part[2]}
        END {for (i = 1; i <= 2; i++) {net = i == 1 ? "resnet18" : "vggish"
            printf "    %s: %.2f times the best of torch\n", net, best[net, "avqa"] / best[net, "torch"]}}' "$work/$threads"
done
