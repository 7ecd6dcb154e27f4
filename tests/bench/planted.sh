#!/usr/bin/env bash
# What models learn of planted scenes (tests/support/planted.h): AVST with and without its
# first stage and the ablations, trained and asked through avqa; accuracies by type, each
# row's difference to the one above it, and whether AVST looks and listens where the answer
# is. The order should be that of the paper's Table 3.
#   tests/bench/planted.sh [PROGRAM [PLANTED [SEED...]]]
# PROGRAM and PLANTED: bin/avqa and tests/planted of a release build. CLIPS, EPOCHS, STAGE1,
# NOISE, CLOCK and MODELS change what they say; OUT keeps the datasets and runs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
avqa=${1:-$here/../../build/release/bin/avqa}
planted=${2:-$here/../../build/release/tests/planted}
shift $(($# > 2 ? 2 : $#))
[[ $# -gt 0 ]] || set -- 1
clips=${CLIPS:-2000} epochs=${EPOCHS:-6} stage1=${STAGE1:-15} noise=${NOISE:-0.2} clock=${CLOCK:-1}
models=${MODELS:-q a+q v+q av+q avst avst-1}
command -v jq >/dev/null || { echo "jq is not installed"; exit 77; }
[[ -x $avqa && -x $planted ]] || { echo "there is no $avqa or $planted: build the preset release"; exit 77; }
if [[ -n ${OUT:-} ]]; then
    work=$OUT
    mkdir -p "$work"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
in_d() { "$avqa" -C "$work/d" "$@"; }

make() {
    local what=(clips="$clips" noise="$noise" clock="$clock")
    "$planted" facts "${what[@]}" >"$work/facts.jsonl"
    "$avqa" init "$work/d" -q
    in_d import facts "$work/facts.jsonl" -q
    in_d generate --per-clip 5 --no-entailments --seed 1 -q
    in_d split --ratios train=11,val=1,test=8 --seed 1 -q
    "$planted" features "$work/d" "${what[@]}"
}

# learn NAME MODEL OPTIONS...
learn() {
    local name=$1
    shift
    [[ -e $work/$name.trained ]] && return
    /usr/bin/time -f "%U %S" -o "$work/$name.time" "$avqa" -C "$work/d" train "$@" --name "$name" \
        --stride 1 --seconds 6 -j 1 -q
    mv "$work/$name.time" "$work/$name.trained"
}

cpu() { awk '{s += $1 + $2} END {printf "%.0f", s}' "$@"; }

# ask NAME [AGAINST]
ask() {
    [[ -s $work/$1.json ]] ||
        in_d eval "$1" ${2:+--against "$2"} --json -j 1 -q --dry-run >"$work/$1.json"
}

row() {
    jq -r --arg name "$1" --arg cpu "$2" '
        def p(x): if x == null then "-" else 100 * x * 10 | round / 10 end;
        [$name, p(.overall.accuracy), "\(p(.overall.ci95[0]))-\(p(.overall.ci95[1]))"]
        + [.types | to_entries | sort_by(.key)[] | p(.value.accuracy)]
        + [p(.against.overall.difference), "\(p(.against.overall.ci95[0])) to \(p(.against.overall.ci95[1]))"]
        + [$cpu] | @tsv' "$work/$1.json"
}

[[ -s $work/d/catalog.sqlite ]] || make
for seed; do
    learn_with=(--seed "$seed" --rate 2e-4 --batch 32 --schedule "step:$((epochs * 2 / 3)):0.1" --epochs "$epochs")
    before=
    for model in $models; do
        name=$model-seed$seed
        case $model in
            avst-1)
                learn "grounding-seed$seed" avst --stage grounding --seed "$seed" --rate 1e-4 --batch 32 \
                    --schedule constant --epochs "$stage1"
                learn "$name" avst --init "grounding-seed$seed" "${learn_with[@]}"
                ;;
            *) learn "$name" "$model" "${learn_with[@]}" ;;
        esac
        ask "$name" "$before"
        before=$name
    done
done
echo "model, all with interval; by type; difference to the row above with interval; CPU s to train"
for seed; do
    first=
    for model in $models; do
        name=$model-seed$seed
        [[ -n $first ]] || jq -r '["", "all", "", (.types | keys[]), "difference", "", "CPU s"] | @tsv' "$work/$name.json"
        first=no
        row "$name" "$(cpu "$work/$name.trained")"
    done
done
echo "peaks of attention that hit what they should (docs/eval.md): run, kind, all, interval, chance, above it with interval, peaks"
for seed; do
    for model in $models; do
        jq -r --arg name "$model-seed$seed" '
            def p: 1000 * . | round / 10;
            .grounding // empty | to_entries[] | select(.value.accuracy?)
            | [$name, .key, (.value.accuracy | p), "\(.value.ci95 | map(p) | join("-"))", (.value.chance | p),
               (.value.above | p), "\(.value.above_ci95 | map(p) | join("-"))", .value.total] | @tsv' \
            "$work/$model-seed$seed.json"
    done
done
