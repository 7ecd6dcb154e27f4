#!/usr/bin/env bash
# The encoders' networks beside torch (eval, no_grad; plain, jit and channels_last, the
# best one counts), in turn, on 1 and 2 threads.
#   tests/bench/encoder.sh [PROGRAM [ROUNDS]]     PROGRAM: bench_encoder of the preset bench
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-$here/../../build/bench/tests/bench_encoder}
rounds=${2:-3}
python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ -x $program ]] || { echo "there is no $program: build it with the preset bench"; exit 77; }
"$python" -c 'import torch, torchvision' 2>/dev/null ||
    { echo "python3-torch and python3-torchvision are not installed"; exit 77; }
if [[ $(readlink -f /usr/lib/*/libblas.so.3) != *openblas* ]]; then
    echo "torch's matrix products go through the slow reference BLAS: install libopenblas0-pthread"
fi
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # they halve the peer's speed
for threads in 1 2; do
    for ((i = 0; i < rounds; i++)); do
        "$program" "$threads" 2 >>"$work/$threads"
        OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads "$python" -B "$here/../golden/encoder_reference.py" \
            bench "$threads" 2 >>"$work/$threads"
    done
    echo "$threads thread(s), best of $rounds rounds: a second, a CPU second"
    awk -F': ' '{split($2, part, " "); key = $1 " " part[1]
        if (part[2] > wall[key]) wall[key] = part[2]
        if (part[3] > cpu[key]) cpu[key] = part[3]}
        END {for (key in wall) printf "    %-40s %7.1f %7.1f\n", key, wall[key], cpu[key]}' \
        "$work/$threads" | sort
    awk -F': ' '{split($2, part, " "); key = ($1 ~ /resnet18/ ? "resnet18" : "vggish") ($1 ~ /^avqa/ ? "" : " torch")
        if (part[2] > wall[key]) wall[key] = part[2]
        if (part[3] > cpu[key]) cpu[key] = part[3]}
        END {for (i = 1; i <= 2; i++) {net = i == 1 ? "resnet18" : "vggish"
            printf "    %s / the best of torch: %.2f, by CPU %.2f\n", net,
                wall[net] / wall[net " torch"], cpu[net] / cpu[net " torch"]}}' "$work/$threads"
done
