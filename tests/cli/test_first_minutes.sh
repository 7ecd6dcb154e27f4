#!/usr/bin/env bash
# What a newcomer does first: init, import, status, export, audit. Proves that each step
# works with nothing but what the step before said, that a failed step says what to do,
# that the dataset is found from a folder below and with -C, and that what went in comes
# out again.
set -u
. "$(dirname "$0")/../support/cli.sh"
need jq

# Before there is a dataset, every command says how to make one.
for command in status "export jsonl -o x" "audit" "import music-avqa x --split y" "import videos x"; do
    # shellcheck disable=SC2086
    run avqa $command
    expect_exit 1
    expect_stdout_empty
    expect_stderr 'make one with avqa init DIR, or name one with -C DIR'
done
run avqa -C nowhere status
expect_failure status 'nowhere: No such file'

run avqa init music --name 'My "music" 音乐'
expect_ok
expect_stdout 'next: avqa -C music import music-avqa FILE --split NAME, or avqa -C music import facts FILE$'
check "the catalog is the only file" test "$(ls music)" = catalog.sqlite
run avqa init music
expect_failure init 'catalog.sqlite: there is a catalog already'

run avqa -C music status
expect_ok
expect_stdout '^dataset My "music" 音乐$'
expect_stdout '^next: avqa import music-avqa FILE --split NAME, or avqa import videos FILE, or avqa import facts FILE$'
run avqa -C music audit
expect_failure audit 'no questions yet; import some first'
check "an audit of nothing leaves no report" test ! -e music/reports

# A manifest, then the questions.
run avqa -C music import videos "$DEMO/videos.csv"
expect_ok
expect_stdout '^ +40  rows read$'
expect_stdout '^ +45  clips new$'
run avqa -C music status
expect_stdout '^next: avqa import music-avqa FILE --split NAME, avqa fetch, or avqa import facts FILE$'
run avqa -C music import music-avqa "$DEMO/test.json" --split test --dry-run
expect_ok
expect_stdout '^ +240  questions new$'
expect_stdout '^dry run: nothing was kept$'
run avqa -C music status
expect_stdout '^next: avqa import music-avqa FILE --split NAME, avqa fetch, or avqa import facts FILE$'
for split in train val test; do
    run avqa -C music import music-avqa "$DEMO/$split.json" --split $split
    expect_ok
done
expect_stdout '^ +240  rows read$'
expect_stdout '^ +240  questions new$'
expect_stdout '^ +1  of the new ones repeats another row \(kept; see audit\)$'
check "none is both new and not" not grep -q 'said nothing new' out
expect_stdout '^ +4  rows give a second answer to the same question \(kept; see audit\)$'
run avqa -C music import music-avqa "$DEMO/test.json" --split test --json
expect_ok
expect_equal "a second import" '[240,0,0,0,240,0]' \
    "$(jq -c '[.rows, .questions, .clips, .updated, .duplicates, .conflicts]' out)"
run avqa -C music import videos "$DEMO/videos.csv" --json
expect_equal "a second manifest" '[0,0]' "$(jq -c '[.clips, .updated]' out)"

# A pipe serves as well as a file, with or without a byte order mark.
for skip in 1 4; do
    run bash -c "tail -c +$skip '$DEMO/videos.csv' | '$AVQA' -C music import videos /dev/stdin --dry-run --json"
    expect_ok
    expect_equal "rows from a pipe" '[40,0,0]' "$(jq -c '[.rows, .clips, .updated]' out)"
    run bash -c "'$AVQA' -C music import music-avqa <(cat '$DEMO/test.json') --split test --dry-run --json"
    expect_ok
    expect_equal "rows from a pipe" '[240,240]' "$(jq -c '[.rows, .duplicates]' out)"
done

if have sqlite3; then
    for file in test.json videos.csv; do
        expect_equal "the digest of $file in the catalog" "$(sha256sum <"$DEMO/$file" | cut -c 1-64)" \
            "$(sqlite3 music/catalog.sqlite "SELECT DISTINCT sha256 FROM run_input WHERE path LIKE '%/$file'")"
    done
fi

# Found from a folder below, as git does; a name with a space and signs is only a name.
mkdir -p 'music/a b/c?d#e%20'
for below in 'music/a b' 'music/a b/c?d#e%20'; do
    cd "$below" || exit 1
    run avqa status
    cd "$TMP" || exit 1
    expect_ok
    expect_stdout '^  questions +569$'
    expect_stdout '^next: avqa audit$'
done
run avqa init 'music/a b/c?d#e%20'
expect_ok
run avqa -C 'music/a b/c?d#e%20' status --json
expect_equal "the nearest dataset" 0 "$(jq .counts.questions out)"
expect_equal "its name" '"c?d#e%20"' "$(jq .dataset out)"
ln -s music link
run avqa -C link/ status --json
expect_equal "through a link" 569 "$(jq .counts.questions out)"

# What went in comes out: the published rows as values, then our own two forms.
for split in train val test; do
    run avqa -C music export music-avqa --split $split -o $split.json
    expect_ok
    expect_stdout "^$split.json: [0-9]+ questions$"
    check "$split comes out as it went in" cmp <(jq -c '.[] | to_entries' "$DEMO/$split.json") \
        <(jq -c '.[] | to_entries' $split.json)
done
run avqa -C music export jsonl --split test -o test.jsonl --json
expect_ok
expect_equal "rows" '{"rows":240}' "$(jq -c . out)"
expect_equal "lines" 240 "$(wc -l <test.jsonl)"
expect_equal "keys of a line" 'answer modality question question_id row slots split template text type video' \
    "$(sed -n 2p test.jsonl | jq -r 'keys | join(" ")')"
run avqa -C music export csv -o all.csv -q
expect_ok
expect_stdout_empty
expect_equal "lines of all splits and a header" 570 "$(wc -l <all.csv)"
expect_equal "the header" split,row,question_id,video,sound,template,modality,type,question,slots,answer \
    "$(head -n 1 all.csv)"
run avqa -C music export csv --split tset -o x.csv
expect_failure export "no split is called 'tset'" train val test
check "no file of a failed export" test -z "$(find . -name 'x.csv*')"
run avqa -C music export jsonl -o nowhere/x.jsonl
expect_failure export 'nowhere/x.jsonl: cannot write: No such file'
run avqa -C music export jsonl -o music
expect_failure export '^avqa export: music is there already'
sha256sum all.csv >kept
run avqa -C music export jsonl --split test -o all.csv
expect_failure export '^avqa export: all.csv is there already; remove it first, or give another name with -o$'
check "it is as it was" sha256sum -c --quiet kept
touch ./-
run avqa -C music export csv -o -
expect_ok
expect_same out all.csv
rm ./-
check "no temporary files" test -z "$(find . -name '*.tmp')"

# The audit: the report lands in the dataset, and status knows of it.
run avqa -C music audit --split test --against val
expect_ok
expect_stdout '^240 questions about 123 videos'
expect_stdout "^report: .*/music/reports/test-against-val/report.html$"
check "the report is where it was said" test -s "$(sed -n 's/^report: //p' out)"
run avqa -C music status
expect_stdout '^findings of the last audit$'
expect_stdout '^next: open the report of the last audit$'
run avqa -C music audit --split test --against val --json -o report
expect_ok
expect_equal "stdout and report.json" "$(jq -S . report/report.json)" "$(jq -S . out)"
expect_equal "questions and videos" '[240,123]' "$(jq -c '[.counts.questions, .counts.clips]' out)"

# What changes nothing is no command, and leaves the audit its findings.
run avqa -C music status --json
jq -c '[.counts.commands, .last_audit]' out >known
check "there are findings" jq -e '.[1].error > 0' known
nothing() { # CODE COMMAND...: after which all is as it was
    local code=$1
    shift
    run avqa -C music "$@" -q
    expect_exit "$code"
    run avqa -C music status --json
    expect_equal "$* changes nothing" "$(cat known)" "$(jq -c '[.counts.commands, .last_audit]' out)"
}
mkdir empty
nothing 0 import music-avqa "$DEMO/test.json" --split test
nothing 0 import videos "$DEMO/videos.csv"
nothing 0 import media empty
nothing 1 import media nowhere
nothing 0 import features empty
nothing 0 segment
changes() { # WHAT COMMAND...: in a copy
    local what=$1
    shift
    rm -rf copy && cp -r music copy
    run avqa -C copy "$@" -q
    expect_ok
    run avqa -C copy status --json
    expect_equal "$what is a change" {} "$(jq -c .last_audit out)"
}
clip=$(jq -r '.[0].video_id' "$DEMO/test.json")
jq -nc --arg clip "$clip" '{clip: $clip, duration: 60, instances: []}' >one.jsonl
changes "a clip's first facts" import facts one.jsonl
jq '.[0].type = "[\"Audio\", \"Location\"]"' "$DEMO/test.json" >typed.json
changes "a row's other type" import music-avqa typed.json --split test
nothing 1 compose overlay -n 1
run avqa -C music import music-avqa "$DEMO/test.json" --split test --replace -q
run avqa -C music status --json
expect_equal "what was replaced is not audited" {} "$(jq -c .last_audit out)"
finish
