#!/usr/bin/env bash
# Training as typed, on planted scenes (tests/support/planted.h): what sees and hears learns
# more than what only reads the questions, and looks where the sound comes from.
# tests/bench/planted.sh is the long version.
. "$(dirname "$0")/../support/cli.sh"
need jq
[[ -x ${AVQA_PLANTED:-} ]] || skip "AVQA_PLANTED names no program"
scenes=(clips=400 kinds=3 noise=0.1)
number() { jq -r "$2" "$1"; }
above() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a > b)}'; }

# Few kinds of questions, so that few steps are enough: who stands at the side, where it is
# played, whether somebody speaks, who comes in when.
jq 'del(.rules, .witnesses, .published) | .templates |= map(select(.id | IN("V06", "V08", "X10", "X16")))' \
    "$SOURCE/templates/music-avqa.json" >few.json
"$AVQA_PLANTED" facts "${scenes[@]}" >facts.jsonl
run avqa init data -q
run avqa -C data import facts facts.jsonl -q
expect_ok
run avqa -C data generate --templates few.json --seed 1 --no-entailments -q
run avqa -C data split --ratios train=6,val=1,test=3 --seed 1 -q
expect_ok
run "$AVQA_PLANTED" features data "${scenes[@]}"
expect_ok
run avqa shard verify data/shards/planted.tar.zst
expect_ok
run "$AVQA_PLANTED" facts noise=much
expect_exit 1
expect_stderr "'noise=much' is none of"

# Where players take turns, who comes in k-th is any of those who sound: without order the
# best guess is the commonest kind among them. Here jq counts.
jq 'del(.rules, .witnesses, .published) | .templates |= map(select(.id == "X16"))' \
    "$SOURCE/templates/music-avqa.json" >order.json
turns=(clips=300 kinds=3 turns=1)
"$AVQA_PLANTED" facts "${turns[@]}" >turns.jsonl
run avqa init turns -q
run avqa -C turns import facts turns.jsonl -q
run avqa -C turns generate --templates order.json --seed 1 --no-entailments -q
run avqa -C turns export jsonl -o asked.jsonl -q
expect_ok
run "$AVQA_PLANTED" ceiling order.json asked.jsonl "${turns[@]}"
expect_ok
by_hand=$(jq -rn --slurpfile clips turns.jsonl --slurpfile asked asked.jsonl '
    ($clips | map({(.clip): [.instances[] | select(.sounding | length > 0) | .instrument]}) | add) as $who
    | [$asked[] | $who[.video] | (group_by(.) | map(length) | max) / length]
    | "X16 \(length) \(add / length * 1000 | round / 10)"')
expect_equal "what is to be known without order" "$by_hand" "$(awk '$1 == "X16" {print $1, $2, $3 + 0}' out)"
run "$AVQA_PLANTED" ceiling order.json facts.jsonl
expect_exit 1
expect_stderr 'a row is no question about a planted clip'

# The rows of second 0, 2 and 4; one thread, so that the numbers are the same everywhere
# where the processor is.
learn=(--stride 2 --seconds 3 --batch 32 --rate 5e-4 --schedule constant --seed 1 -j 1 -q)
run avqa -C data train q --epochs 3 "${learn[@]}"
expect_ok
run avqa -C data train avst --stage grounding --name grounding --epochs 12 "${learn[@]}" --rate 2e-4
expect_ok
run avqa -C data train avst --init grounding --epochs 4 "${learn[@]}"
expect_ok
avqa -C data eval avst --against q --json --dry-run -j 1 -q >eval
better=$(number eval '.against.overall.ci95[0]')
check "AVST is better than Q by 10 of 100 questions at least ($better)" above "$better" 0.1
check "AVST is better than a guesser" \
    above "$(number eval '.overall.ci95[0]')" "$(number eval '.prior.accuracy + 0.1')"
check "what is seen helps to say who stands there" \
    above "$(number eval '.against.templates.V06.ci95[0]')" 0
check "the peak in space is more often where it sounds than by chance" \
    above "$(number eval '.grounding.sources.above_ci95[0]')" 0.05
finish
