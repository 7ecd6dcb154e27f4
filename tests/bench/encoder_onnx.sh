#!/usr/bin/env bash
# The encoders' networks beside ONNX Runtime (npm's onnxruntime-node), in turn, on 1 and 2
# threads; the ONNX files are exported by torch, and their outputs compared with torch's.
#   tests/bench/encoder_onnx.sh MODULES [PROGRAM [ROUNDS [SECONDS]]]
# MODULES: the node_modules that `npm install --ignore-scripts onnxruntime-node` made;
# PROGRAM: bench_encoder of the preset bench.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
modules=$(readlink -f "${1:?names the folder node_modules that has onnxruntime-node}")
program=$(readlink -m "${2:-$here/../../build/bench/tests/bench_encoder}")
rounds=${3:-3} seconds=${4:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ -x $program ]] || { echo "there is no $program: build it with the preset bench"; exit 77; }
[[ -d $modules/onnxruntime-node ]] || { echo "there is no onnxruntime-node in $modules"; exit 77; }
/usr/bin/python3 -B "$here/encoder_onnx.py" "$work" 2>/dev/null ||
    { echo "python3-torch and python3-torchvision are not installed"; exit 77; }
for threads in 1 2; do
    for ((i = 0; i < rounds; i++)); do
        "$program" "$threads" "$seconds"
        node "$here/encoder_onnx.js" "$modules" "$work" "$threads" "$seconds"
    done >"$work/$threads"
    echo "$threads thread(s), best of $rounds rounds: a second, a CPU second"
    awk -F': f32 ' '{split($2, part, " "); key = $1
        if (part[1] > wall[key]) wall[key] = part[1]
        if (part[2] > cpu[key]) cpu[key] = part[2]}
        END {for (key in wall) printf "    %-28s %7.1f %7.1f\n", key, wall[key], cpu[key]}' "$work/$threads" | sort
    sed -n 's/^\(onnxruntime.*\): .*(\(off.*\))/    \1: \2/p' "$work/$threads" | sort -u
done
