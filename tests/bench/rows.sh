#!/usr/bin/env bash
# Import and audit of generated rows: time and memory by number of rows.
#   tests/bench/rows.sh [PROGRAM [ROWS...]]      default: 100,000, 1,000,000, 10,000,000
set -eu
here=$(cd "$(dirname "$0")" && pwd)
avqa=${1:-$here/../../build/demo/bin/avqa}
shift || true
[[ $# -gt 0 ]] || set -- 100000 1000000 10000000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for n in "$@"; do
    awk -v n="$n" -f "$here/rows.awk" >"$work/rows.json"
    "$avqa" init "$work/$n" -q
    for command in "import music-avqa $work/rows.json --split test" "audit --dry-run"; do
        # shellcheck disable=SC2086
        /usr/bin/time -f "%U %S %M %e" -o "$work/time" "$avqa" -C "$work/$n" $command -q
        awk -v n="$n" -v what="${command%% *}" '{printf "%-6s %10d rows: %7.2f CPU s, %7.2f wall s, %6.2f us/row, %7.1f MB\n",
            what, n, $1 + $2, $4, ($1 + $2) * 1e6 / n, $3 / 1024}' "$work/time"
    done
    rm -rf "${work:?}/$n" "$work/rows.json"
done
