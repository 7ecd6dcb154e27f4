#!/usr/bin/env bash
# What a model learns that reads the question alone (q), on the published questions: trained
# on what there is of the training rows, its epoch chosen on the validation rows, asked once
# about the test rows, once for each seed. Prints shares by type, their mean and spread over
# seeds, beside the guesser who knows the template (fit on the same rows) and the paper's row.
#   AVQA=build/release/bin/avqa AVQA_SHARED=DIR tests/bench/learn_q.sh [SEEDS [OPTION...]]
# DIR/data/music-avqa has the annotations; without them nothing is measured (77). SEEDS: how
# many, 5 as a rule; 0 only validates, with seed 1. OPTIONs go to avqa train. OUT names a folder
# to keep: what was stopped there goes on when it is called again with the same options.
# One thread: waiting threads spin on a machine that others use.
set -eu
AVQA=$(readlink -f "${AVQA:?names the program}")
here=$(cd "$(dirname "$0")" && pwd)
data=$(readlink -m "${AVQA_SHARED:-$here/../../../shared}/data/music-avqa")
seeds=${1:-5}
shift $(($# > 0))
for file in train-known val-update test-update; do
    [[ -f $data/$file.json ]] || { echo "skipped: there is no $data/$file.json"; exit 77; }
done
command -v jq >/dev/null || { echo "skipped: jq is not installed"; exit 77; }
if [[ -n ${OUT:-} ]]; then
    mkdir -p "$OUT"
else
    OUT=$(mktemp -d "${TMPDIR:-/tmp}/avqa-bench.XXXXXX")
    trap 'rm -rf "$OUT"' EXIT
fi
cd "$OUT"
if [[ ! -f imported ]]; then
    rm -rf d
    "$AVQA" init d -q
    for split in train:train-known val:val-update test:test-update; do
        "$AVQA" -C d import music-avqa "$data/${split#*:}.json" --split "${split%:*}" -q
    done
    touch imported
fi

# learn SEED OPTION...: the run s-SEED, begun or gone on with. A kill leaves its lines whole.
learn() {
    local name=s-$1 how=(--seed "$1" "${@:2}")
    [[ -f d/runs/$name/state.json ]] && how=(--resume)
    "$AVQA" -C d train q --name "$name" -j1 "${how[@]}"
}
if [[ $seeds -eq 0 ]]; then
    learn 1 "$@"
    exit
fi
for seed in $(seq "$seeds"); do
    [[ -f eval-$seed.json ]] && continue
    learn "$seed" "$@"
    "$AVQA" -C d eval "s-$seed" --split test -j1 --no-figures --json >eval.new
    mv eval.new "eval-$seed.json"
done

# rows FILE: group, questions, right, right of the guesser
rows() {
    jq -r '(.types, .modalities, {all: .overall}) | to_entries[]
        | [.key, .value.total, .value.correct, .value.prior] | @tsv' "$1"
}
for seed in $(seq "$seeds"); do rows "eval-$seed.json"; done | awk -F'\t' '
    BEGIN { # Li et al., CVPR 2022, table 3, the row Q; by type it is not published
        paper["Audio"] = 65.19; paper["Visual"] = 44.42
        paper["Audio-Visual"] = 55.15; paper["all"] = 54.09
    }
    {
        if (!($1 in n)) order[++groups] = $1
        n[$1]++; total[$1] = $2; prior[$1] = 100 * $4 / $2
        x = 100 * $3 / $2; sum[$1] += x; square[$1] += x * x
    }
    END {
        printf "%-26s %9s %8s %7s %7s %7s\n", "", "questions", "q, mean", "spread", "prior", "paper"
        for (i = 1; i <= groups; i++) {
            g = order[i]; mean = sum[g] / n[g]
            spread = n[g] > 1 ? sqrt((v = (square[g] - n[g] * mean * mean) / (n[g] - 1)) > 0 ? v : 0) : 0
            printf "%-26s %9d %8.2f %7.2f %7.2f %7s\n", g, total[g], mean, spread, prior[g], \
                (g in paper) ? sprintf("%.2f", paper[g]) : "-"
        }
    }'
jq -r '"a guesser who knows the whole question, words in the slots too: \(10000 * .prior.slots.correct
    / .prior.slots.total | round / 100)"' eval-1.json
