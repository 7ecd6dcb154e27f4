#!/usr/bin/env bash
# An audit with all rules beside only reading the same files with Python's JSON parser:
# whole processes, CPU seconds, medians.
#   tests/bench/rules.sh PROGRAM RUNS FILE...
set -eu
avqa=$1 runs=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$avqa" init "$work/d" -q
for file in "$@"; do
    "$avqa" -C "$work/d" import music-avqa "$file" --split "$(basename "$file" .json)" -q
done
run() {
    local name=$1
    shift
    /usr/bin/time -f "%U %S" -a -o "$work/$name" "$@" >/dev/null
}
median() { awk '{print $1 + $2}' "$work/$1" | sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
for ((i = 0; i < runs; i++)); do
    run audit "$avqa" -C "$work/d" audit --json --dry-run --no-solver -j 1
    run json python3 -c 'import json, sys
for name in sys.argv[1:]:
    json.load(open(name))' "$@"
done
awk -v a="$(median audit)" -v j="$(median json)" 'BEGIN {
    printf "audit, all rules   %.2f CPU s\njson.load          %.2f CPU s\nratio              %.2f\n", a, j, a / j }'
