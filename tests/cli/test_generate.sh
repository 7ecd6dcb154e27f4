#!/usr/bin/env bash
# avqa generate as typed: questions in other words, what is wrong with a file of
# paraphrases, a second generation beside one that was moved, and that the same comes out
# for any number of workers.
set -u
. "$(dirname "$0")/../support/cli.sh"
need jq

awk -v n=200 -f "$SOURCE/tests/bench/facts.awk" >facts.jsonl
avqa init d -q && avqa -C d import facts facts.jsonl -q || exit 1

# ---- in other words
cat >other.json <<'END'
{"schema": 1, "texts": {
  "A06": ["Can a <Object> be heard?", "Does a <Object> sound?"],
  "X16": ["Of all instruments, which one enters as the <TH> one?"]}}
END
if python3 -c 'import jsonschema' 2>/dev/null; then
    check "the file follows the schema" python3 -c '
import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
        other.json "$SOURCE/schema/paraphrases.schema.json"
else
    note "the schema: python3 has no jsonschema"
fi
run avqa -C d generate -q
expect_ok
avqa -C d export jsonl -o plain.jsonl -q
run avqa -C d generate -j 1 --paraphrase other.json -q
expect_ok
avqa -C d export jsonl -o other.jsonl -q
run avqa -C d generate -j 2 --paraphrase other.json -q
avqa -C d export jsonl -o again.jsonl -q
expect_same other.jsonl again.jsonl
run avqa -C d generate --paraphrase other.json --seed 5 -q
avqa -C d export jsonl -o seed.jsonl -q
expect_equal "texts of A06" "Can a <Object> be heard? Does a <Object> sound?" \
    "$(jq -r 'select(.template == "A06").text' other.jsonl | sort -u | xargs)"
check "another seed draws other texts" not cmp -s other.jsonl seed.jsonl
expect_equal "texts of X16" "Of all instruments, which one enters as the <TH> one?" \
    "$(jq -r 'select(.template == "X16").text' other.jsonl | sort -u)"
expect_equal "a question in other words" "Of all instruments, which one enters as the" \
    "$(jq -r 'select(.template == "X16").question' other.jsonl | cut -d' ' -f1-8 | sort -u)"
expect_equal "nothing but texts changes" \
    "$(jq -c 'del(.text, .question)' plain.jsonl | sha256sum)" \
    "$(jq -c 'del(.text, .question)' other.jsonl | sha256sum)"
run avqa -C d audit --dry-run --fail-on error --json
expect_ok
expect_equal "an audit finds no error" 0 \
    "$(jq '[.findings[] | select(.severity == "error")] | length' out)"

# ---- which program answered, and what else was refused
expect_equal "the version of X10's program, made with sha256sum" \
    "$(printf 'avqa-program 1\nvoiceover\nanswer 4 "yes" "no"\nmargins 0.10000000000000001 500000 0.050000000000000003\n' |
        sha256sum | cut -c1-16)" "$(jq -r 'select(.template == "X10").program' plain.jsonl | sort -u)"
expect_equal "one version a template" \
    "$(jq -r .template plain.jsonl | sort -u | wc -l)" \
    "$(jq -r '.template + .program' plain.jsonl | sort -u | wc -l)"
expect_equal "a template without slots has no neighbours" '{}' \
    "$(jq -c 'select(.template == "X10").neighbours' plain.jsonl | sort -u)"

# ---- files that are refused, with nothing changed
refused() { # JSON PATTERN
    echo "$1" >bad.json
    run avqa -C d generate --paraphrase bad.json
    expect_failure generate "bad.json: $2"
}
refused '{"schema": 1, "texts": {"Z99": ["x"]}}' "'music-avqa' has no template 'Z99'"
refused '{"schema": 1, "texts": {"A06": ["Is a <Object> heard?", "Is it heard?"]}}' \
    'template A06: text 2: the text has 0 markers for 1 slots'
refused '{"schema": 1, "texts": {"A06": ["<Object> or <Object>?"]}}' \
    'template A06: text 1: the text has 2 markers for 1 slots'
refused '{"schema": 1, "texts": {"V05": ["What is beside the <Object> on the <LR>?"]}}' \
    'template V05: text 1: marker 1 of the text is <Object>, slot 1 is LR'
refused '{"schema": 1, "texts": {"A06": ["Is there a <Object> in the entire video?"]}}' \
    'template A06: text 1: this is the text of template V04'
refused '{"schema": 1, "texts": {"A06": [""]}}' 'template A06: text 1: is no text, or empty'
refused '{"schema": 1, "texts": {"A06": []}}' 'template A06: needs a list of 1 to 1000 texts'
refused '{"schema": 1, "texts": {"X10": ["a"], "X10": ["b"]}}' 'template X10: stands twice'
refused '{"schema": 1, "text": {}, "texts": {}}' "there is no key 'text'; there are: schema description texts"
refused '{"schema": 3}' "'schema' must be 1"
refused '[' ''
run avqa -C d generate --paraphrase nowhere.json
expect_failure generate 'nowhere.json'
avqa -C d export jsonl -o - >still.jsonl
expect_same seed.jsonl still.jsonl

# ---- a generation that was shared out
run avqa -C d generate -q
run avqa -C d split --ratios train=8,test=2 -q
expect_ok
avqa -C d export jsonl -o split.jsonl -q
run avqa -C d generate
expect_failure generate 'have been moved to (train, test|test, train); --replace deletes all'
run avqa -C d generate --split train
expect_failure generate 'have been moved to'
avqa -C d export jsonl -o - >still.jsonl
expect_same split.jsonl still.jsonl
run avqa -C d generate --replace -q
expect_ok
avqa -C d export jsonl -o replaced.jsonl -q
expect_same plain.jsonl replaced.jsonl
run avqa -C d generate --split second --seed 9 -q
expect_ok
run avqa -C d generate --split second --seed 9 -q
expect_ok

# ---- balance that is not to be had, and why
run avqa -C d generate --max-share 0.3 --json
expect_ok
expect_equal "two answers cannot each have less than half" "too few different answers" \
    "$(jq -r '.templates[] | select(.template == "A01").unbalanced' out)"
avqa init few -q && avqa -C few import facts "$SOURCE/tests/data/facts-demo.jsonl" -q
run avqa -C few generate --json
expect_ok
expect_equal "what stands in the way of places that are needed" \
    'no clip allows it, mostly since what it speaks of is not there; loudness_db is missing in 3 clips' \
    "$(jq -r '.templates[] | select(.template == "X01").unbalanced' out)"
why() { jq -r --arg t "$1" '.templates[] | select(.template == $t).unbalanced | sub(";.*"; "")' out; }
expect_equal "what could be asked of clips that were asked other things" \
    'too few questions: 6 of 10 clips were asked other templates (--per-clip)' "$(why A06)"
expect_equal "one of them" 'too few questions: 1 of 2 clips was asked other templates (--per-clip)' "$(why X04)"
expect_equal "of what no clip was asked" 'the clips that allow it were asked other templates (--per-clip)' "$(why X10)"
run avqa -C few generate --per-clip 33 --json
expect_equal "with room for all templates no clip is asked others instead" 0 "$(grep -c per-clip out)"
expect_equal "one clip gives one answer" 'too few clips allow it' "$(why X18)"

# ---- facts that are missing are named; how often is counted here by jq
head -50 facts.jsonl | jq -c '.instances |= map(.loudness_db = null)' >quiet.jsonl
avqa init quiet -q && avqa -C quiet import facts quiet.jsonl -q
run avqa -C quiet generate
expect_ok
expect_stdout '^A01 +0 +0  -  no clip allows it, mostly since [a-z ]+; loudness_db is missing in [0-9]+ clips$'
run avqa -C quiet generate --json
expect_equal "clips in which nobody knows how loud they are" \
    "$(jq -c 'select(any(.instances[]; .sounding != []))' quiet.jsonl | wc -l)" \
    "$(jq '.templates[] | select(.template == "A01").missing.loudness_db' out)"
expect_equal "what does not ask for it does not miss it" '{}' \
    "$(jq -c '.templates[] | select(.template == "A02").missing' out)"

# ---- margins: onsets 1 s apart, rhythm 20 %, and silent for 6 and 1 of 100 s
cat >close.jsonl <<'END'
{"clip": "close", "duration": 100, "instances": [{"id": "a", "instrument": "drum", "visible": true, "x": 0.1, "rhythmicity": 0.8, "sounding": [[0, 94]]}, {"id": "b", "instrument": "erhu", "visible": true, "x": 0.9, "rhythmicity": 1.0, "sounding": [[1, 100]]}]}
END
avqa init close -q && avqa -C close import facts close.jsonl -q
made() { # TEMPLATE WHAT OPTIONS...
    avqa -C close generate --dry-run --json "${@:3}" |
        jq -c --arg t "$1" --arg w "$2" '.templates[] | select(.template == $t)[$w]'
}
expect_equal "rhythm 20 % apart" 1 "$(made A02 clips)"
expect_equal "a margin of 25 %" 0 "$(made A02 clips --margin 0.25)"
expect_equal "a margin of 15 %" 1 "$(made A02 clips --margin 0.15)"
expect_equal "onsets 1 s apart" 1 "$(made X16 clips)"
expect_equal "a margin of 1 s" 0 "$(made X16 clips --onset-margin 1)"
expect_equal "6 % of silence are too close to 5 %" '{"yes":1}' "$(made X09 before)"
expect_equal "always is all but 2 %" '{"yes":1,"no":1}' "$(made X09 before --always 0.02)"
avqa -C close generate -q && avqa -C close export jsonl -o usual.jsonl -q
avqa -C close generate --margin 0.15 -q && avqa -C close export jsonl -o wide.jsonl -q
expect_equal "versions that both margins have" "" \
    "$(comm -12 <(jq -r .program usual.jsonl | sort -u) <(jq -r .program wide.jsonl | sort -u))"
expect_equal "questions" "5 5" "$(echo $(wc -l <usual.jsonl) $(wc -l <wide.jsonl))"
run avqa -C d generate --margin 1
expect_exit 2
run avqa -C d generate --max-ratio 1 --json
expect_equal "as often as the rarest" 1 "$(jq -r '[.templates[].ratio] | max' out)"
run avqa -C d generate --min-entropy 0.97 --json
expect_ok
expect_equal "spread evenly" true \
    "$(jq '[.templates[] | select((.after | length) > 1).entropy] | (length > 20) and (min >= 0.97)' out)"
run avqa -C d generate --per-clip 1 --json
expect_equal "templates that nobody chose have a reason" "" \
    "$(jq -r '.templates[] | select(.chosen == 0 and .unbalanced == null).template' out)"
# What the catalog cannot say any more is not left out in silence.
if have sqlite3; then
    sqlite3 d/catalog.sqlite "UPDATE question SET evidence = '{' WHERE id = (SELECT max(id) FROM question)"
    run avqa -C d export jsonl -o damaged.jsonl -q
    expect_failure export "the catalog is damaged: evidence"
    check "no file" test ! -e damaged.jsonl
fi
finish
