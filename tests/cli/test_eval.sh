#!/usr/bin/env bash
# avqa eval on predictions: the table, what goes into it and what is left beside it,
# number by number beside a count by Python; files, options and errors.
source "$(dirname "$0")/../support/cli.sh"
need jq
make_demo set
# eval ARGUMENTS... in the demo
evaluate() { run avqa -C set eval "$@"; }

# Everything right, said in the published words.
jq -c '.[] | {question_id, answer: .anser}' "$DEMO/test.json" | grep -v null >right.jsonl
n=$(jq length "$DEMO/test.json")
without=$(jq '[.[] | select(.question_id == null)] | length' "$DEMO/test.json")

# ---- the object that others rely on
evaluate --predictions right.jsonl --json --draws 200
expect_ok
cp out report.json
expect_equal "questions" "$n" "$(jq .overall.total report.json)"
expect_equal "right" "$((n - without))" "$(jq .overall.correct report.json)"
expect_equal "without an id" "$without" "$(jq .predictions.without_id report.json)"
expect_equal "missing" "$without" "$(jq .predictions.missing report.json)"
expect_equal "keys" "accuracy ci95 correct prior total videos" "$(jq -r '.overall | keys | join(" ")' report.json)"
expect_equal "split" test "$(jq -r .split report.json)"
expect_equal "the guesser learnt from" train "$(jq -r .prior.fit report.json)"
expect_equal "types come to all" "$n" "$(jq '[.types[].total] | add' report.json)"
expect_equal "modalities come to all" "$n" "$(jq '[.modalities[].total] | add' report.json)"
expect_equal "templates come to all" "$n" "$(jq '[.templates[].total] | add' report.json)"
expect_equal "answers come to all" "$n" "$(jq '[.answers[].total] | add' report.json)"
evaluate --predictions right.jsonl --json --draws 200 -j1
expect_equal "the same with one thread" "$(cat report.json)" "$(cat out)"
evaluate --predictions right.jsonl --json --draws 200 --seed 5
check "another seed gives other intervals" not cmp -s out report.json
evaluate --predictions right.jsonl --json --draws 200 --answered-only
expect_equal "all of those answered" "1 $((n - without))" "$(jq -r '"\(.overall.accuracy) \(.overall.total)"' out)"

# ---- the table
evaluate --predictions right.jsonl --draws 200 -v
expect_ok
check "80 columns" test "$(wc -L <out)" -le 80
expect_stdout '^ all questions +[0-9.]+ +[0-9.]+ to [0-9.]+ +[0-9,]+ of [0-9,]+ +[0-9.]+$'
expect_stdout "in 'train'"
expect_stdout '^ interval: 200 draws of whole videos; empty where there are fewer than 5\.$'
expect_stdout '^   Existential '
expect_stdout '^ X10 '
evaluate --predictions right.jsonl -q
expect_stdout_empty
head -n 1 right.jsonl >one.jsonl
evaluate --predictions one.jsonl --draws 200
expect_stdout '^ one.jsonl: 1 prediction$'
expect_stdout '^ +1 answer as it stands in the vocabulary$'
expect_stdout '^ +[0-9]+ questions without a prediction; counted as wrong$'
evaluate --predictions right.jsonl --draws 200 --json
expect_equal "which rows have no interval" true \
    "$(jq '.intervals.min_videos as $min | all(.templates[]; (.ci95 == null) == (.videos < $min))' out)"

# ---- free text, by rules; nothing with --exact
cat >said.jsonl <<'END'
{"question_id": 31021, "answer": "Yes, there is an acoustic guitar."}
{"question_id": 31033, "answer": "A Piano!"}
{"question_id": 31050, "answer": "there is no voiceover"}
{"question_id": 31053, "answer": "1"}
{"question_id": 1, "answer": "yes"}
END
evaluate --predictions said.jsonl --json --draws 200
expect_ok
expect_equal "read" "4 0 2 2 1" "$(jq -r '"\(.overall.correct) " + (.predictions | "\(.exact) \(.worded) \(.found) \(.not_in_split)")' out)"
evaluate --predictions said.jsonl --json --draws 200 --exact
expect_equal "not read" "0 4" "$(jq -r '"\(.overall.correct) \(.predictions.nothing)"' out)"
printf '{"schema": 1, "answers": {"yes": ["oui"]}}' >rules.json
printf 'question_id,answer\n31021,Oui\n' >oui.csv
evaluate --predictions oui.csv --json --draws 200 --rules rules.json
expect_equal "with other rules" 1 "$(jq .overall.correct out)"

# ---- files
evaluate --predictions said.jsonl --against right.jsonl --draws 200 -o result
expect_ok
expect_stdout '^ against right.jsonl, on the [0-9,]+ questions'
check "80 columns" test "$(wc -L <out)" -le 80
expect_equal "files" "eval.json figures/confusion.pdf figures/confusion.svg figures/table.pdf figures/table.svg predictions.jsonl tables/against.csv tables/answers.csv tables/confusion.csv tables/templates.csv tables/types.csv" \
    "$(cd result && find . -type f | sed 's/..//' | sort | paste -sd' ')"
evaluate --predictions said.jsonl --against right.jsonl --draws 200 --json
expect_equal "eval.json" "$(jq -cS . out)" "$(jq -cS . result/eval.json)"
expect_equal "a line for each question" "$n" "$(wc -l <result/predictions.jsonl)"
expect_equal "what was said and read" '["Yes, there is an acoustic guitar.","found","yes",true]' \
    "$(jq -c 'select(.question_id == 31021) | [.said, .read, .answer, .correct]' result/predictions.jsonl)"
have xmllint && check "figures are XML" xmllint --noout result/figures/table.svg result/figures/confusion.svg
# Our own predictions, read again, are as good.
evaluate --predictions result/predictions.jsonl --json --draws 200
expect_equal "read again" "$(jq -c '[.overall, .types]' result/eval.json)" "$(jq -c '[.overall, .types]' out)"
expect_equal "all of them found" 0 "$(jq '.predictions | .not_in_split + .missing + .duplicates' out)"
evaluate --predictions said.jsonl --draws 200 -o result --no-figures
check "what belonged to the other evaluation is gone" not test -e result/tables/against.csv -o -e result/figures/table.svg
evaluate --predictions said.jsonl --draws 200 -o dry --dry-run
expect_ok
check "a dry run writes nothing" not test -e dry

# ---- what is not ours stays
mkdir mine && printf '{"mine": 1}\n' >mine/eval.json
mkdir scattered && printf x >scattered/.hidden
for folder in mine scattered; do
    cp -r "$folder" before
    evaluate --predictions said.jsonl -o "$folder"
    expect_failure eval "$folder is not empty"
    check "$folder is as it was" diff -r before "$folder"
    rm -rf before
done
evaluate --predictions said.jsonl -o .
expect_failure eval 'folder of its own'
evaluate --predictions said.jsonl -o said.jsonl
expect_failure eval 'said.jsonl is no folder'
cp -r result before
ln -s result/predictions.jsonl linked.jsonl
for input in "--predictions result/predictions.jsonl" "--predictions linked.jsonl" \
    "--predictions said.jsonl --against result/predictions.jsonl"; do
    # shellcheck disable=SC2086
    evaluate $input -o result
    expect_failure eval 'jsonl is read and would be written'
    check "$input: nothing was touched" diff -r before result
done
mkdir io && cp said.jsonl io/predictions.jsonl
evaluate --predictions io/predictions.jsonl -o io
expect_failure eval 'is read and would be written'
check "the input is whole" cmp -s said.jsonl io/predictions.jsonl
mkdir empty
evaluate --predictions said.jsonl --draws 200 -o empty --no-figures -q
expect_ok
rm -rf before
for folder in mine scattered; do
    evaluate --predictions said.jsonl -o "$folder" --dry-run
    expect_failure eval "$folder is not empty"
done
evaluate --predictions result/predictions.jsonl -o result --dry-run
expect_failure eval 'is read and would be written'

# ---- what a failure, or a kill, leaves
evaluate --predictions said.jsonl --draws 200 -o result -q
expect_ok
cp -r result before
(ulimit -f 1; trap '' XFSZ; exec "$AVQA" -C set eval --predictions right.jsonl --draws 200 -o result) >out 2>err
got=$? ran="eval with small files"
expect_failure eval 'predictions.jsonl.*(too large|full)'
check "an earlier evaluation stays as it was" diff -r before result
mkdir -p left/.avqa-eval/tables && echo '{' >left/.avqa-eval/eval.json.7.tmp
evaluate --predictions said.jsonl --draws 200 -o left -q
expect_ok
check "a folder that only has what a kill left is empty" diff -r before left
mkdir result/.avqa-eval && mv result/eval.json result/tables result/.avqa-eval && echo mine >result/notes
evaluate --predictions said.jsonl --draws 200 -o result -q
expect_ok
check "one that was killed while files were moved is known" diff <(cd before && find . -type f -exec cksum {} + | sort) \
    <(cd result && find . -type f ! -name notes -exec cksum {} + | sort)
check "what is not ours stays" test -f result/notes
cp -r result torn && mkdir torn/.avqa-eval && cp -r before/eval.json before/tables torn/.avqa-eval && echo old >torn/predictions.jsonl
(ulimit -f 1; trap '' XFSZ; exec "$AVQA" -C set eval --predictions right.jsonl --draws 200 -o torn) >out 2>err
got=$? ran="eval with small files, of a folder that a kill left"
expect_failure eval 'predictions.jsonl.*(too large|full)'
check "of one that was killed before that, nothing is mixed with what was there" test ! -e torn/predictions.jsonl
mkdir -p mine/.avqa-eval
evaluate --predictions said.jsonl -o mine
expect_failure eval 'mine is not empty'
for i in $(seq 12); do
    "$AVQA" -C set eval --predictions right.jsonl --draws 200 -o killed -q 2>err & pid=$!
    sleep "0.$(printf %02d $((i * 6)))"
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    got=137 ran="eval, killed after ${i}x0.06 s"
    check "where there is a report, all is there" test ! -e killed/eval.json -o -e killed/predictions.jsonl -a -e killed/figures/confusion.pdf
    run avqa -C set eval --predictions right.jsonl -o killed --dry-run --draws 200 -q
    expect_ok
done
evaluate --predictions said.jsonl --draws 200 -o killed -q
expect_ok
check "in the end all is as if nothing had been" diff -r before killed
rm -rf before

# ---- by number of instruments
[[ -f "$SOURCE/tests/data/facts-demo.jsonl" ]] && {
    avqa init "$TMP/facts" -q
    avqa -C "$TMP/facts" import facts "$SOURCE/tests/data/facts-demo.jsonl" -q
    avqa -C "$TMP/facts" generate --split test -q
    avqa -C "$TMP/facts" export jsonl -o "$TMP/all.jsonl" -q
    jq -c '{row, answer}' "$TMP/all.jsonl" >"$TMP/all-answers.jsonl"
    run avqa -C "$TMP/facts" eval --predictions "$TMP/all-answers.jsonl" --json --draws 200
    expect_ok
    expect_equal "all right" 1 "$(jq .overall.accuracy out)"
    expect_equal "instruments of the clips" \
        "$(jq -sc '[.[] | select(.instances) | {(.clip): (.instances | length)}] | add' "$SOURCE/tests/data/facts-demo.jsonl" |
            jq -r --slurpfile q "$TMP/all.jsonl" '. as $n | $q | map($n[.video] // empty) | group_by(.) | map("\(.[0]):\(length)") | join(" ")')" \
        "$(jq -r '.instances | to_entries | sort_by(.key | tonumber) | map("\(.key):\(.value.total)") | join(" ")' out)"
}

# ---- errors
evaluate
expect_exit 2
expect_stderr 'whose answers'
evaluate some-run --predictions right.jsonl
expect_exit 2
expect_stderr 'exclude each other'
evaluate --predictions nowhere.jsonl
expect_failure eval nowhere.jsonl
evaluate --predictions right.jsonl --split tset
expect_failure eval "tset"
evaluate --predictions right.jsonl --prior tarin
expect_failure eval "tarin"
evaluate --predictions right.jsonl --rules right.jsonl
expect_failure eval 'right.jsonl'
printf 'question_id,answer\n31021,yes\n31050,the one, or maybe two\n' >unquoted.csv
evaluate --predictions unquoted.csv
expect_failure eval 'unquoted.csv: line 3: it has 3 cells and the first line 2.*quotes'
printf 'question_id,answer\n31021,yes\n31050,"the one, or maybe two"\n' >quoted.csv
evaluate --predictions quoted.csv --draws 200 -q
expect_ok
printf 'question_id;answer\n31021;yes\n' >semi.csv
evaluate --predictions semi.csv
expect_failure eval 'semi.csv: line 1: .* separated by semicolons'
printf 'question_id\tanswer\n31021\tyes\n' >tabs.csv
evaluate --predictions tabs.csv
expect_failure eval 'separated by tabs, not by commas; name it .tsv'
cp quoted.csv quoted.txt
evaluate --predictions quoted.txt
expect_failure eval 'quoted.txt: .*must end in .csv or .tsv'
printf '{"question_id": 123456789, "answer": "yes"}\n' >none.jsonl
evaluate --predictions none.jsonl -o none
expect_failure eval 'none.jsonl: none of its predictions \(1\) is for'
check "nothing was written" not test -e none
evaluate no-such-run
expect_failure eval 'no-such-run'

# ---- memory that runs out anywhere: a clear end and no report, or what it is without
if can_fail; then
    # failing KIND N: an evaluation into the folder short
    failing() {
        run_failing "$1" "$2" "$AVQA" -C set eval --predictions right.jsonl \
            --against said.jsonl --draws 100 -o "$TMP/short" -q -j1 --no-figures
    }
    failing FAIL_NOTHING 0
    expect_ok
    mv short whole
    read -r _ allocations <counts
    check "allocations are counted" test "$allocations" -gt 1000
    for ((i = 1; i <= 40; i++)); do
        nth=$((i * allocations / 41))
        rm -rf short
        failing FAIL_ALLOC "$nth"
        case $got in
        0) check "allocation $nth, done without" diff -r whole short ;;
        1 | 134) check "allocation $nth: no report" not test -e short/eval.json ;;
        *) check "allocation $nth: exit $got" false ;;
        esac
    done 2>/dev/null
else
    note "memory that runs out: not under the sanitizers"
fi

# ---- beside a count without avqa
python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || { note "the reference: python3-numpy is not installed"; finish; }
reference=$SOURCE/tests/golden/eval_reference.py
# compare SPLIT.json TRAIN.json DATASET [OPTION...]
compare() {
    local split=$1 train=$2 data=$3
    shift 3
    run "$python" -B "$reference" make "$split" one.jsonl other.csv
    expect_ok
    run avqa -C "$data" eval --predictions one.jsonl --against other.csv --json --draws 4000 "$@"
    expect_ok
    cp out report.json
    run "$python" -B "$reference" check "$split" "$train" report.json
    expect_ok
    cat out
}
compare "$DEMO/test.json" "$DEMO/train.json" set
published=${AVQA_SHARED:-$SOURCE/../shared}/data
[[ -d $published/music-avqa ]] || { note "the published splits: they are not here"; finish; }
avqa init "$TMP/published" -q
for split in test val; do
    avqa -C "$TMP/published" import music-avqa "$published/music-avqa/$split.json" --split $split -q
done
compare "$published/music-avqa/test.json" "$published/music-avqa/val.json" "$TMP/published" --prior val
# The priors of the reference tables, here by what the guesser knows.
expect_equal "priors, val to test" "$(awk -F'\t' '$1 == "val.json->test.json" {print $2, $3, $4, $5}' "$published/reference/priors.tsv" | sed 's/ ([^)]*)//g')" \
    "$(jq -r '.prior | "\(.global.correct) \(.type.correct) \(.template.correct) \(.slots.correct)"' report.json)"
expect_equal "ids with two answers in test" 55 "$(jq .predictions.shared.contradicting report.json)"
run avqa -C "$TMP/published" eval --predictions one.jsonl --json --draws 200
expect_equal "priors, test by itself" "$(awk -F'\t' '$1 == "test.json->test.json" {print $2, $3, $4, $5}' "$published/reference/priors.tsv" | sed 's/ ([^)]*)//g')" \
    "$(jq -r '.prior | "\(.global.correct) \(.type.correct) \(.template.correct) \(.slots.correct)"' out)"
expect_equal "questions of the paper's table" \
    "1022 601 1199 1228 995 927 1274 1115 824 9185" \
    "$(jq -r '.types as $t | [$t["Audio/Counting"], $t["Audio/Comparative"], $t["Visual/Counting"], $t["Visual/Location"], $t["Audio-Visual/Existential"], $t["Audio-Visual/Location"], $t["Audio-Visual/Counting"], $t["Audio-Visual/Comparative"], $t["Audio-Visual/Temporal"], .overall] | map(.total) | join(" ")' out)"
finish
