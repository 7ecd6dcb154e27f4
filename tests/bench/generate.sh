#!/usr/bin/env bash
# Questions out of the facts of generated clips, on one core: CPU time by number of clips,
# medians, and questions a second.
#   tests/bench/generate.sh [PROGRAM [RUNS [CLIPS...]]]      default: 5 runs of 10,000
# OPTIONS=--no-entailments leaves out what gives what away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
avqa=${1:-$here/../../build/demo/bin/avqa}
runs=${2:-5}
shift $(($# > 2 ? 2 : $#))
[[ $# -gt 0 ]] || set -- 10000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for n in "$@"; do
    awk -v n="$n" -f "$here/facts.awk" >"$work/facts.jsonl"
    "$avqa" init "$work/empty" -q
    "$avqa" -C "$work/empty" import facts "$work/facts.jsonl" -q
    : >"$work/times"
    for ((i = 0; i < runs; i++)); do
        cp -r "$work/empty" "$work/full"
        /usr/bin/time -f "%U %S %M" -a -o "$work/times" \
            "$avqa" -C "$work/full" generate -j 1 ${OPTIONS:-} >"$work/report"
        rm -rf "$work/full"
    done
    sort -n "$work/times" | awk -v n="$n" -v report="$work/report" '
        {cpu[NR] = $1 + $2; kb[NR] = $3}
        END {
            getline line < report # "49140 questions about 10000 clips"
            split(line, words, " ")
            questions = words[1]
            t = cpu[int((NR + 1) / 2)]
            printf "%8d clips: %8d questions, %6.2f CPU s, %7.0f questions/s, %6.1f us/clip, %6.1f MB\n",
                n, questions, t, questions / t, t * 1e6 / n, kb[int((NR + 1) / 2)] / 1024
        }'
    rm -rf "$work/empty" "$work/facts.jsonl"
done
