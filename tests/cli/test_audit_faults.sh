#!/usr/bin/env bash
# Memory that runs out in the middle of an audit: where it comes to an end, its report has
# every question whole, in the findings, on the page and in the tables; else it says so.
set -u
. "$(dirname "$0")/../support/cli.sh"
need jq
can_fail || skip "memory that runs out: not under the sanitizers"
# Forty clips, each with a question that is answered yes and no.
for i in {1..40}; do
    for answer in yes no; do
        printf '{"video_id": "v%s", "question_id": %s, "type": "[\\"Audio\\", \\"Counting\\"]", "question_content": "Is the <Object> in the video always playing?", "templ_values": "[\\"erhu\\"]", "question_deleted": 0, "anser": "%s"}\n' "$i" "$i" "$answer"
    done
done >rows.jsonl
avqa init set -q && avqa -C set import music-avqa rows.jsonl --split test -q
check "they are imported" test "$(avqa -C set status --json | jq .counts.questions)" = 80
# failing KIND N: an audit into the folder short
failing() {
    run_failing "$1" "$2" "$AVQA" -C set audit --split test -o "$TMP/short" -q -j1 --no-figures --fail-on never
}
failing FAIL_NOTHING 0
expect_exit 0
mv short whole
expect_equal "contradictions" 40 "$(jq '[.findings[] | select(.check == "C00")] | length' whole/report.json)"
read -r _ allocations <counts
check "allocations are counted" test "$allocations" -gt 1000
for ((nth = 1000; nth <= allocations; nth += 61)); do
    rm -rf short
    failing FAIL_ALLOC "$nth"
    case $got in
    0) check "allocation $nth, done without" diff -rq whole short ;;
    1) check "allocation $nth: one line says so" test "$(wc -l <err)" -eq 1 ;;
    134) ;; # of something small
    *) check "allocation $nth: exit $got" false ;;
    esac
done 2>/dev/null
finish
