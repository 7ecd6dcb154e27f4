#!/usr/bin/env bash
# avqa import facts and avqa export facts as typed: what they print, how they exit, and
# that an export imported elsewhere exports the same bytes.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0
demo=$AVQA_SOURCE/tests/data/facts-demo.jsonl
expect() { # WHAT EXPECTED GOT
    [[ $2 == "$3" ]] && return
    printf '%s: expected\n%s\ngot\n%s\n' "$1" "$2" "$3"
    bad=1
}
"$AVQA" init -q "$dir/a" && "$AVQA" init -q "$dir/b" || exit 1
expect "counters" \
    '{"rows": 12, "questions": 0, "clips": 12, "updated": 0, "duplicates": 0, "conflicts": 0, "rejected": []}' \
    "$("$AVQA" -C "$dir/a" import facts --json "$demo" | tr -s ' \n' ' ' | sed 's/{ /{/;s/ }/}/;s/ $//')"
expect "export" "$dir/a.jsonl: 12 clips" "$("$AVQA" -C "$dir/a" export facts -o "$dir/a.jsonl")"
"$AVQA" -C "$dir/b" import facts -q "$dir/a.jsonl"
"$AVQA" -C "$dir/b" export facts -q -o "$dir/b.jsonl"
cmp "$dir/a.jsonl" "$dir/b.jsonl" || bad=1

printf '{"clip":"n"}\n{"clip":"m","instances":[{"id":"p","sounding":[[5,4]]}]}\n' >"$dir/bad.jsonl"
message=$("$AVQA" -C "$dir/a" import facts "$dir/bad.jsonl" 2>&1 >"$dir/stdout")
expect "exit after a bad row" 1 $?
expect "message" "avqa import facts: $dir/bad.jsonl: row 2: instances[0].sounding: [5, 4] ends before it begins (nothing was imported)" "$message"
expect "stdout after a bad row" "" "$(cat "$dir/stdout")"
"$AVQA" -C "$dir/a" export facts --split test -o "$dir/c.jsonl" 2>"$dir/stderr"
expect "exit with --split" 2 $?
[[ ! -e $dir/c.jsonl ]] || bad=1
echo '[]' >"$dir/none.json"
expect "a file without facts" "there were no facts to import" "$("$AVQA" -C "$dir/a" import facts "$dir/none.json")"
expect "words the templates lack" "avqa import facts: warning: the templates 'music-avqa' have no word for 2 instruments: barking dog, car horn
avqa import facts: warning: the templates 'music-avqa' have no word for 1 scene: street" \
    "$("$AVQA" -C "$dir/a" import facts "$demo" 2>&1 >/dev/null)"
name=$(head -1 "$demo" | sed 's/.*"clip": *"\([^"]*\)".*/\1/')
printf '{"clip":"%s"}\n{"clip":"%s"}\n{"clip":"%sy"}\n' "$name" "${name}x" "$name" >"$dir/typo.jsonl"
expect "clips that nobody knew" "avqa import facts: warning: 2 clips were not in the dataset before (the first is '${name}x'): is the name right?" \
    "$("$AVQA" -C "$dir/a" import facts --dry-run "$dir/typo.jsonl" 2>&1 >"$dir/stdout")"
expect "their number" "         2  clips were not in the dataset before" "$(grep before "$dir/stdout")"
expect "the same as JSON" "\"first_new\": \"${name}x\"" "$("$AVQA" -C "$dir/a" import facts --json -q "$dir/typo.jsonl" | grep -o '"first_new": "[^"]*"')"
expect "they are known now" "" "$("$AVQA" -C "$dir/a" import facts "$dir/typo.jsonl" 2>&1 | grep "dataset before")"
expect "what comes after facts" "next: avqa generate" "$("$AVQA" -C "$dir/b" status | grep ^next)"
echo '{}' >"$dir/bad.json"
message=$("$AVQA" -C "$dir/b" generate --templates "$dir/bad.json" 2>&1)
expect "exit with templates that are none" 1 $?
expect "the file is named" "avqa generate: $dir/bad.json: 'schema' must be 1" "$message"
"$AVQA" -C "$dir/b" generate -q --templates "$AVQA_SOURCE/templates/music-avqa.json" || bad=1
"$AVQA" -C "$dir/b" generate -q --templates "$AVQA_SOURCE/templates/music-avqa.json" || bad=1
message=$("$AVQA" -C "$dir/b" generate --templates "$AVQA_SOURCE/templates/street.json" 2>&1)
expect "exit with other templates" 1 $?
expect "both are named" "avqa generate: this dataset has the templates 'music-avqa' already; $AVQA_SOURCE/templates/street.json ('street') is another file and needs a dataset of its own" "$message"
"$AVQA" -C "$dir/a" import facts 2>/dev/null
expect "exit without a file" 2 $?
exit $bad
