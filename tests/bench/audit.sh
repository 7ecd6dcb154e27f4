#!/usr/bin/env bash
# Import and audit of a real annotation file beside the same counts and priors in plain
# pandas: whole processes, CPU seconds, medians, ratios.
#   tests/bench/audit.sh [PROGRAM [FILE [RUNS]]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../support/bench.sh"
avqa=${1:-$here/../../build/demo/bin/avqa}
file=${2:-$here/../../../shared/data/music-avqa/test-update.json}
runs=${3:-11}
python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ -f $file ]] || { echo "there is no $file"; exit 77; }
"$python" -c 'import pandas' 2>/dev/null || { echo "python3-pandas is not installed"; exit 77; }

# CPU seconds of the commands given one by one, summed, as a line of $work/NAME.
cpu() {
    local name=$1 command sum=0 TIMEFORMAT='%3U %3S'
    shift
    for command in "$@"; do
        # shellcheck disable=SC2086
        { time $command >/dev/null 2>&1; } 2>"$work/time"
        sum=$(awk -v s="$sum" '{print s + $1 + $2}' "$work/time")
    done
    echo "$sum" >>"$work/$name"
}

import="$avqa -C $work/d import music-avqa $file --split test -q"
audit="$avqa -C $work/d audit --split test --json --no-solver" # pandas has none either
for ((i = 0; i < runs; i++)); do # in turn, so that a busy moment hits all alike
    rm -rf "$work/d" && "$avqa" init "$work/d" -q
    cpu counts "$import" "$audit --dry-run"
    rm -rf "$work/d" && "$avqa" init "$work/d" -q
    cpu report "$import" "$audit"
    cpu start "$avqa --version"
    cpu pandas "$python $here/pandas_audit.py $file"
done
awk -v c="$(median "$work/counts")" -v r="$(median "$work/report")" -v p="$(median "$work/pandas")" \
    -v s="$(median "$work/start")" 'BEGIN {
    printf "avqa import + audit (counts, priors, every check)  %.3f CPU s\n", c
    printf "avqa import + audit with report and figures        %.3f CPU s\n", r
    printf "  of which starting the program twice              %.3f CPU s\n", 2 * s
    printf "pandas, the same counts and priors                 %.3f CPU s\n", p
    printf "pandas / avqa                                      %.1f (with report %.1f)\n", p / c, p / r }'
