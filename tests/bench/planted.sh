#!/usr/bin/env bash
# What models learn of planted scenes (tests/support/planted.h): AVST with and without its
# first stage (avst-1, avst) and the ablations, trained and asked through avqa; accuracies by
# type, differences to what should be worse, and whether AVST looks and listens where the
# answer is. The order should be that of the paper's Table 3. Of any model there is also
#   NAME-shuffled   it, asked about the same clips with their marks of time on other seconds
#   NAME-timeless   one that learns and is asked without marks of time
# to compare with what is to be known of the questions without order (planted ceiling).
#   tests/bench/planted.sh [PROGRAM [PLANTED [SEED...]]]
# PROGRAM and PLANTED: bin/avqa and tests/planted of the preset bench. CLIPS, KINDS, NOISE, CLOCK,
# TURNS, LIGHT, VOLUME, INSERTS, PER_CLIP, SPLIT, TEMPLATES (all, or which) and TEXTS change the
# scenes and what is asked; EPOCHS, RATE, SCHEDULE, WARM_UP, BATCH, STAGE1 (epochs, at
# STAGE1_RATE) and MODELS what is learnt. OUT keeps datasets and runs: what is there is not done
# again. REPORT=no prints nothing.
# Questions have texts of seven or eight words (tests/support/planted_texts.json) unless TEXTS
# names others, as generate --paraphrase takes them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
avqa=${1:-$here/../../build/bench/bin/avqa}
planted=${2:-$here/../../build/bench/tests/planted}
shift $(($# > 2 ? 2 : $#))
[[ $# -gt 0 ]] || set -- 1 2 3
clips=${CLIPS:-2200} kinds=${KINDS:-3} noise=${NOISE:-0.2} clock=${CLOCK:-1} turns=${TURNS:-0.75}
light=${LIGHT:-0.25} volume=${VOLUME:-4} inserts=${INSERTS:-0}
per_clip=${PER_CLIP:-5} split=${SPLIT:-train=12,val=1,test=7} texts=${TEXTS:-$here/../support/planted_texts.json}
templates=${TEMPLATES:-A01 A05 A06 V02 V03 V06 V08 X03 X05 X08 X09 X10 X14 X16 X19}
epochs=${EPOCHS:-10} rate=${RATE:-5e-4} schedule=${SCHEDULE:-step:8:0.1} batch=${BATCH:-16} warm_up=${WARM_UP:-0.25}
stage1=${STAGE1:-10} stage1_rate=${STAGE1_RATE:-5e-4}
models=${MODELS:-q a+q v+q av+q avst avst-1}
command -v jq >/dev/null || { echo "jq is not installed"; exit 77; }
[[ -x $avqa && -x $planted ]] || { echo "there is no $avqa or $planted: build the preset bench"; exit 77; }
if [[ -n ${OUT:-} ]]; then
    mkdir -p "$OUT"
    work=$(cd "$OUT" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
scenes=(clips="$clips" kinds="$kinds" noise="$noise" turns="$turns"
    light="$light" volume="$volume" inserts="$inserts")

# The questions, in a dataset without features.
make() {
    jq --arg ids "$templates" 'if $ids == "all" then . else del(.rules, .witnesses, .published)
        | .templates |= map(select(.id | IN($ids | split(" ")[]))) end' \
        "$here/../../templates/music-avqa.json" >"$work/templates.json"
    jq -n --slurpfile texts "$texts" --slurpfile set "$work/templates.json" \
        '$texts[0] | .texts |= with_entries(select(.key | IN($set[0].templates[].id)))' >"$work/texts.json"
    "$planted" facts "${scenes[@]}" >"$work/facts.jsonl"
    "$avqa" init "$work/questions" -q
    "$avqa" -C "$work/questions" import facts "$work/facts.jsonl" -q
    "$avqa" -C "$work/questions" generate --templates "$work/templates.json" --per-clip "$per_clip" \
        --paraphrase "$work/texts.json" --no-entailments --seed 1 -q
    "$avqa" -C "$work/questions" split --ratios "$split" --seed 1 -q
    "$avqa" -C "$work/questions" export jsonl --split test -o "$work/asked.jsonl" -q
    "$planted" ceiling "$work/templates.json" "$work/asked.jsonl" "${scenes[@]}" >"$work/ceiling.tsv"
}

# set_of MODEL: the dataset it is asked about
set_of() {
    case $1 in
        *-shuffled) echo shuffled ;;
        *-timeless) echo timeless ;;
        *) echo timed ;;
    esac
}

# features NAME OPTIONS...: the questions with features
features() {
    local name=$1
    shift
    [[ -e $work/$name.made ]] && return
    rm -rf "${work:?}/$name"
    cp -r "$work/questions" "$work/$name"
    "$planted" features "$work/$name" "${scenes[@]}" "$@" >"$work/$name.made.part"
    mv "$work/$name.made.part" "$work/$name.made"
}

# learn DATASET NAME OPTIONS...
learn() {
    local name=$2 set=$1
    shift 2
    [[ -e $work/$name.trained ]] && return
    rm -rf "${work:?}/$set/runs/$name"
    /usr/bin/time -f "%U %S" -o "$work/$name.time" "$avqa" -C "$work/$set" train "$@" --name "$name" \
        --batch "$batch" --warm-up "$warm_up" --stride 1 --seconds 6 -j 1 -q
    mv "$work/$name.time" "$work/$name.trained"
}

better() { jq -rs --arg a "$1" --arg b "$2" 'if .[0].overall.accuracy >= .[1].overall.accuracy then $a else $b end' \
    "$work/$1.json" "$work/$2.json"; }

# rival MODEL SEED: the run that it should be better than
rival() {
    case $1 in
        q) ;;
        a+q | v+q) echo "q-seed$2" ;;
        av+q) [[ ! -s $work/a+q-seed$2.json || ! -s $work/v+q-seed$2.json ]] || better "a+q-seed$2" "v+q-seed$2" ;;
        avst) echo "av+q-seed$2" ;;
        avst-1) echo "avst-seed$2" ;;
        *) echo "${1%-*}-seed$2" ;;
    esac
}

# ask MODEL SEED
ask() {
    local name=$1-seed$2 run set
    [[ -s $work/$name.json ]] && return
    set=$(set_of "$1")
    run=$work/$set/runs/$name
    [[ $set != shuffled ]] || run=$work/timed/runs/${1%-shuffled}-seed$2
    "$avqa" -C "$work/$set" eval "$run" -o "$work/$name.asked" --no-figures -j 1 -q
    cp "$work/$name.asked/eval.json" "$work/$name.json"
}

# compare MODEL SEED: with its rival, by what both said
compare() {
    local name=$1-seed$2 other
    other=$(rival "$1" "$2")
    [[ -n $other && -s $work/$other.json && ! -s $work/$name.against.json ]] || return 0
    "$avqa" -C "$work/questions" eval --predictions "$work/$name.asked/predictions.jsonl" \
        --against "$work/$other.asked/predictions.jsonl" --json -j 1 -q --dry-run |
        jq --arg rival "${other%-seed*}" '.against + {rival: $rival}' >"$work/$name.against.json.part"
    mv "$work/$name.against.json.part" "$work/$name.against.json"
}

[[ -s $work/ceiling.tsv ]] || make
for seed; do
    with=(--seed "$seed" --rate "$rate" --schedule "$schedule" --epochs "$epochs")
    for model in $models; do
        name=$model-seed$seed
        case $model in
            *-shuffled) features shuffled clock="$clock" shuffled=1 ;;
            *-timeless)
                features timeless clock=0
                learn timeless "$name" "${model%-timeless}" "${with[@]}"
                ;;
            avst-1)
                features timed clock="$clock"
                learn timed "grounding-seed$seed" avst --stage grounding --seed "$seed" --rate "$stage1_rate" \
                    --schedule constant --epochs "$stage1"
                learn timed "$name" avst --init "grounding-seed$seed" "${with[@]}"
                ;;
            *)
                features timed clock="$clock"
                learn timed "$name" "$model" "${with[@]}"
                ;;
        esac
        ask "$model" "$seed"
    done
done

[[ ${REPORT:-} != no ]] || exit 0
seeds=("$@")
# each SUFFIX JQ-PROGRAM: over the files of each model, all seeds in one list
each() {
    local model seed
    for model in $models; do
        [[ -e $work/$model-seed${seeds[0]}$1 ]] || continue
        for seed in "${seeds[@]}"; do cat "$work/$model-seed$seed$1"; done |
            jq -rs --arg name "$model" 'def p: if . == null then "-" else 1000 * . | round / 10 end;
                def ci: if . == null then "-" else map(p) | join(" to ") end;
                def mean: add / length;
                def sd: if length < 2 then null
                    else mean as $m | (map((. - $m) * (. - $m)) | add / (length - 1)) | sqrt end;
                def by_key: map(to_entries[]) | group_by(.key);
                '"$2"
    done
}
for seed; do
    for model in $models; do compare "$model" "$seed"; done
done
echo "questions: $(jq -s length "$work/asked.jsonl") asked; seeds: ${seeds[*]}"
echo "model; right, mean; deviation over seeds; each seed with its interval"
each .json '[$name, (map(.overall.accuracy) | (mean | p), (sd | p)),
    (.[] | "\(.overall.accuracy | p) (\(.overall.ci95 | ci))")] | @tsv'
each .json '[$name, "guesser of the template", (.[0].prior.accuracy | p)] | @tsv' | head -1
echo "model; against; difference with interval, each seed"
each .against.json '[$name] + map("\(.rival) \(.overall.difference | p) (\(.overall.ci95 | ci))") | @tsv'
echo "by type: mean, deviation over seeds"
each .json '$name, (map(.types) | by_key[]
    | "\t\(.[0].key) \(map(.value.accuracy) | mean | p) \(map(.value.accuracy) | sd | p)")'
echo "by type: difference with interval, each seed"
each .against.json '"\($name) - \(map(.rival) | unique | join(", "))", (map(.types) | by_key[]
    | "\t\(.[0].key) \(map("\(.value.difference | p) (\(.value.ci95 | ci))") | join(", "))")'
echo "by template: mean"
each .json '[$name] + [map(.templates) | by_key[] | "\(.[0].key) \(map(.value.accuracy) | mean | p)"] | join(" ")'
echo "temporal questions: template, how many, what is to be known without order"
awk '$1 ~ /^X1[6-9]$/ {print; n += $2; s += $2 * $3}
    END {if (n) printf "all\t%d\t%.1f\n", n, s / n}' "$work/ceiling.tsv"
each .json '[$name] + map(.types["Audio-Visual/Temporal"] // empty
    | "\(.accuracy | p) (\(.ci95 | ci))") | join(" ")'
echo "peaks of attention (docs/eval.md): run, kind, all, interval, chance, above it with interval, peaks"
each .json '(.[].grounding // empty) | to_entries[] | select(.value.accuracy?)
    | [$name, .key, (.value.accuracy | p), (.value.ci95 | ci), (.value.chance | p),
       (.value.above | p), (.value.above_ci95 | ci), .value.total] | @tsv'
echo "a peak in time that is always at one second: hits at second 0, 1, ...; at any"
jq -rs '[.[] | .evidence.times as $t | [range(6) | . as $k | any($t[]; .[0] < $k + 1 and .[1] > $k)]
        | select(any and (all | not)) | map(if . then 1 else 0 end)] | transpose
    | map(100 * add / length | round) | [.[], (add / length | round)] | join(" ")' "$work/asked.jsonl"
echo "CPU s to train:$(cd "$work" && for f in *.trained; do awk -v n="${f%.trained}" '{printf " %s %.0f;", n, $1 + $2}' "$f"; done)"
