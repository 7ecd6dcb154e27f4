#!/usr/bin/env bash
# avqa import jsonl as typed: an export that is imported elsewhere and exported again is the
# same file, also of questions in other words; and what is wrong with a row.
set -u
. "$(dirname "$0")/../support/cli.sh"
need jq

awk -v n=100 -f "$SOURCE/tests/bench/facts.awk" >facts.jsonl
cat >other.json <<'END'
{"schema": 1, "texts": {"A06": ["Can a <Object> be heard?"], "X10": ["Does somebody speak?"]}}
END
avqa init a -q && avqa -C a import facts facts.jsonl -q || exit 1
run avqa -C a generate --paraphrase other.json -q
expect_ok
run avqa -C a split --ratios train=1,test=1 -q
avqa -C a export jsonl -o a.jsonl -q
check "there is something in other words" grep -q 'Does somebody speak?' a.jsonl
for key in evidence entails program neighbours; do
    check "some rows have $key" test "$(jq -s "map(select(.$key)) | length" a.jsonl)" -gt 10
done

# ---- there and back
avqa init b -q
run avqa -C b import jsonl a.jsonl --json
expect_ok
expect_equal "all are new" "$(wc -l <a.jsonl)" "$(jq .questions out)"
expect_equal "clips" 100 "$(jq .clips out)"
avqa -C b export jsonl -o b.jsonl -q
expect_same a.jsonl b.jsonl
run avqa -C b import jsonl a.jsonl --json
expect_equal "nothing new" "0 $(wc -l <a.jsonl)" "$(jq -r '"\(.questions) \(.duplicates)"' out)"
avqa -C b export jsonl -o again.jsonl -q
expect_same a.jsonl again.jsonl
run avqa -C b audit --dry-run --fail-on error --json
expect_ok
run avqa -C b import facts facts.jsonl -q
run avqa -C b audit --dry-run --json
expect_equal "every answer is derived again" "$(wc -l <a.jsonl) 0" \
    "$(jq -r '.consistency.facts | "\(.checkable) \(.violations)"' out)"
run avqa -C b generate --split train
expect_failure generate 'has imported questions'

# ---- the published form, whose rows name a template only where the text does not
avqa -C a export music-avqa --split train -o a.json -q
expect_equal "rows with a template beside them" \
    "$(jq -s '[.[] | select(.split == "train" and (.template == "A06" or .template == "X10"))] | length' a.jsonl)" \
    "$(jq '[.[] | select(.template)] | length' a.json)"
avqa init c -q
run avqa -C c import music-avqa a.json --split train -q
expect_ok
avqa -C c export music-avqa --split train -o c.json -q
expect_same a.json c.json
avqa -C c export jsonl -o c.jsonl -q
expect_equal "templates by the key" "$(jq -c 'select(.split == "train") | [.video, .template, .text]' a.jsonl | sort | sha256sum)" \
    "$(jq -c '[.video, .template, .text]' c.jsonl | sort | sha256sum)"

# ---- what is refused, with nothing changed
head -2 a.jsonl >two.jsonl
refused() { # JQ-CHANGE PATTERN
    { sed -n 1p two.jsonl; sed -n 2p two.jsonl | jq -c "$1"; } >bad.jsonl
    run avqa -C b import jsonl bad.jsonl
    expect_failure 'import jsonl' "bad.jsonl: row 2: $2"
}
refused '.template = "Z99"' "'music-avqa' has no template 'Z99'"
refused '.type = "Other"' 'template [A-Z0-9]+ is .*, not .*/Other'
refused '.slots += ["x"]' "'slots' has [0-9] values, template [A-Z0-9]+ has [0-9]"
refused '.slots = [1]' "'slots' holds a number"
refused '.text = "<Nothing>?"' 'the text has 1 markers|marker 1 of the text is <Nothing>'
refused '.answer = ""' "'answer' is missing, empty or no string"
refused 'del(.split)' "'split' is missing"
refused '.split = "a/b"' "a split cannot be called 'a/b'"
refused '.video = "a b"' "'video' has a space"
refused '.row = 0' "'row' is not a number from 1"
refused '.question_id = "x"' "'question_id' is a string"
refused '.evidence = []' "'evidence' is a list"
refused '.entails = {}' "'entails' is an object"
refused '.neighbours = 5' "'neighbours' is a number, not an object"
refused '.program = 5' "'program' is a number, not a string"
refused '.progam = "x"' "there is no key 'progam'"
avqa -C b export jsonl -o still.jsonl -q
expect_same a.jsonl still.jsonl
finish
