#!/usr/bin/env bash
# Near duplicates among N sources (100,000) with made-up fingerprints of 60 pictures and 450
# items of sound each, every hundredth of a split a copy of one in the other: seconds and
# memory of the whole audit, beside one of the same rows without fingerprints.
#   AVQA=build/release/bin/avqa tests/bench/near.sh [N]
set -eu
AVQA=${AVQA:?names the program}
n=${1:-100000}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
awk -v n="$n" 'BEGIN { for (i = 1; i <= n; i++) printf "{\"video_id\": \"%08d\", \"question_id\": %d, " \
    "\"type\": \"[\\\"Audio-Visual\\\", \\\"Existential\\\"]\", \"question_content\": \"Is there a voiceover?\", " \
    "\"templ_values\": \"[]\", \"question_deleted\": 0, \"anser\": \"no\"}\n", i, i }' >"$dir/all.jsonl"
awk 'NR % 2' "$dir/all.jsonl" >"$dir/a.jsonl"
awk 'NR % 2 == 0' "$dir/all.jsonl" >"$dir/b.jsonl"
"$AVQA" init -q "$dir/set"
"$AVQA" -C "$dir/set" import music-avqa "$dir/a.jsonl" --split train -q
"$AVQA" -C "$dir/set" import music-avqa "$dir/b.jsonl" --split test -q
measure() { /usr/bin/time -f "%U + %S s CPU, %e s, %M KB" "$AVQA" -C "$dir/set" audit --json --dry-run "$@" >"$dir/report.json"; }
echo "without fingerprints:"
measure
sqlite3 "$dir/set/catalog.sqlite" "
INSERT INTO source(name, sha256) SELECT picture, picture FROM clip ORDER BY id;
UPDATE clip SET source_id = (SELECT id FROM source WHERE name = picture);
INSERT INTO measure SELECT id, sha256, 'ok', '', 60000000, 60000000, '', '', hex(randomblob(480)), hex(randomblob(1800)) FROM source;
UPDATE measure SET picture_print = (SELECT picture_print FROM measure m WHERE m.source_id = measure.source_id + $((n / 2))),
    sound_print = (SELECT sound_print FROM measure m WHERE m.source_id = measure.source_id + $((n / 2)))
    WHERE source_id % 100 = 1 AND source_id <= $((n / 2));"
echo "with fingerprints of $n sources:"
measure
jq -c .duplicates.media "$dir/report.json"
