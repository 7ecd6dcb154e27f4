#!/usr/bin/env bash
# How commands are called: exit codes, options in every form, wrong options with a
# suggestion, numbers out of range, help for everything; that stdout carries data only
# and --json one object with the keys docs/commands promises.
set -u
. "$(dirname "$0")/../support/cli.sh"
need jq
make_demo data
COMMANDS=(init status 'import music-avqa' 'import videos' fetch export audit manual)

# ---- help and version, for everything, on stdout, without a dataset
run avqa --version
expect_ok
expect_stdout '^avqa [0-9]+\.[0-9]+'
run avqa version
expect_stdout '^avqa [0-9]+\.[0-9]+'
run avqa --json status
expect_exit 2
expect_stdout_empty
expect_stderr '^avqa: the command comes first, then its options: avqa COMMAND --json$'
run avqa init 'my data'
expect_ok
expect_stdout "^my data is a dataset now; next: avqa -C 'my data' import "
for word in help --help -h; do
    run avqa $word
    expect_ok
    for command in "${COMMANDS[@]:0:7}"; do expect_stdout "^  $command "; done
    check "a hidden command is not listed" not grep -q '^  manual' out
    expect_stdout '^Exit status: 0 done, 1 failed, 2 wrong usage, .*'
    expect_stdout '130 stopped with Ctrl-C'
    check "no line of the overview is wider than 80 columns" not grep -qE '^.{81}' out
    cp out overview
done
run avqa
expect_exit 2
expect_stdout_empty
check "no word at all: the overview, on stderr" cmp err overview
for command in "${COMMANDS[@]}"; do
    # shellcheck disable=SC2086
    run avqa $command --help
    expect_ok
    expect_stdout "^usage: avqa \[-C DIR\] $command \[options\]"
    expect_stdout '^  -h, --help'
    check "no line is wider than 80 columns" not grep -qE '^.{81}' out
    cp out long
    # shellcheck disable=SC2086
    run avqa $command -h
    expect_same out long
    # shellcheck disable=SC2086
    run avqa help $command
    expect_ok
    expect_same out long
    # shellcheck disable=SC2086
    run avqa $command --no-such-option
    expect_usage "^avqa $command: there is no option --no-such-option$"
    expect_stderr "^avqa $command --help tells more$"
done
for words in 'import --help' 'import -h' 'help import'; do
    # shellcheck disable=SC2086
    run avqa $words
    expect_ok
    expect_stdout '^usage: avqa \[-C DIR\] import WHAT'
    expect_stdout '^  import music-avqa'
    check "only its commands" not grep -q '^  export' out
done
run avqa import
expect_usage '^  import videos'

# ---- wrong words
expect_no_command() { # WORDS SUGGESTION [GROUP]
    expect_exit 2
    expect_stdout_empty
    expect_equal "what is said" "avqa: there is no command '$1'${2:+; did you mean '$2'?}
avqa help${3:+ $3} lists the commands" "$(cat err)"
}
for words in 'imprt import' 'import-videos import' 'gen generate' 'evaluate eval' 'explian explain' \
    'fit' 'manul' 'x' 'eagerly'; do
    run avqa "${words%% *}" now
    expect_no_command "${words%% *}" "$(cut -sd' ' -f2 <<<"$words")"
done
run avqa help imprt
expect_no_command imprt import
run avqa import music
expect_no_command 'import music' 'import music-avqa' import
run avqa import vidoes
expect_no_command 'import vidoes' 'import videos' import
run avqa shard x
expect_no_command 'shard x' '' shard
run avqa -C
expect_exit 2
expect_stderr '^avqa: -C needs a folder$'
cd data || exit 1
run avqa audit --splti test
expect_usage 'there is no option --splti; did you mean --split\?'
run avqa audit --splti=test
expect_usage 'there is no option --splti; did you mean --split\?'
run avqa split --rat train=1
expect_usage 'there is no option --rat; did you mean --ratios\?'
run avqa audit --jobz 2
expect_usage 'did you mean --jobs\?'
run avqa status --jsn
expect_usage 'did you mean --json\?'
run avqa status --jobz 2
check "nothing the command lacks is suggested" not grep -q -- --jobs "$TMP/err"
run avqa status -x
expect_usage 'there is no option -x$'
run avqa audit -qx
expect_usage 'there is no option -x$'
run avqa status --dry-run
expect_usage 'there is no option --dry-run'
run avqa status here
expect_usage 'one word too many: here'
run avqa init
expect_usage 'DIR is missing'
run avqa init a b
expect_usage 'one word too many: b'
run avqa import videos
expect_usage 'FILE is missing'
run avqa import music-avqa "$DEMO/test.json"
expect_exit 2
expect_stdout_empty
expect_stderr '^avqa import music-avqa: --split is missing'
run avqa export
expect_usage 'FORMAT is missing'
run avqa export jsonl
expect_exit 2
expect_stderr '^avqa export: -o PATH is missing$'
run avqa export json -o x
expect_exit 2
expect_stderr "^avqa export: FORMAT is music-avqa, jsonl, csv, facts or ledger, not 'json'$"

# ---- values
for option in --split --output -o --jobs -j --words --dominant --progress; do
    run avqa audit $option
    expect_usage "^avqa audit: --(split|output|jobs|words|dominant|progress) needs a value"
done
run avqa status --json=yes
expect_usage '^avqa status: --json takes no value$'
for value in -1 1025 99999999999999999999; do
    run avqa audit --jobs $value --dry-run
    expect_usage '^avqa audit: --jobs takes a whole number from 0 to 1024$'
done
for value in two 1.5 '' 1x; do
    run avqa audit --jobs "$value" --dry-run
    expect_usage '^avqa audit: --jobs takes a whole number from 0 to 1024$'
done
for value in 0 9; do
    run avqa audit --words $value --dry-run
    expect_usage '^avqa audit: --words takes a whole number from 1 to 8$'
done
for value in 1.01 -0.1; do
    run avqa audit --dominant $value --dry-run
    expect_usage '^avqa audit: --dominant takes a number from 0 to 1$'
done
for value in nan inf much ''; do
    run avqa audit --dominant "$value" --dry-run
    expect_usage '^avqa audit: --dominant takes a number from 0 to 1$'
done
for value in errors Error '' 'error|warning'; do
    run avqa audit --fail-on "$value" --dry-run
    expect_usage "^avqa audit: --fail-on is one of error\|warning\|note\|never, not '"
done

# ---- the forms an option may have, all the same
run avqa audit --split test --jobs 2 --dry-run --json
expect_ok
cp "$TMP/out" "$TMP/whole"
for words in '--split=test -j2 --dry-run --json' '-j 2 --json --dry-run --split test' \
    '--jobs=2 --split=val --split=test --dry-run --json --' '-qvj2 --split test --dry-run --json'; do
    # shellcheck disable=SC2086
    run avqa audit $words
    expect_exit 0
    expect_same "$TMP/out" "$TMP/whole"
done
cp "$DEMO/val.json" -- "$TMP/--val.json"
cd "$TMP" || exit 1
run avqa -C data import music-avqa --split val --json -- --val.json
expect_ok
expect_equal "rows of a file that begins with dashes" 91 "$(jq .rows out)"
run avqa -C data import music-avqa --split val --val.json
expect_usage 'there is no option --val.json'
run avqa init -- -dashed
expect_ok
check "a folder that begins with a dash" test -f ./-dashed/catalog.sqlite

# ---- stdout is data only
run avqa -C data status --json
expect_ok
expect_equal "one object" 1 "$(jq -s length out)"
expect_equal "keys of status" 'counts dataset failed last_audit next runs splits' "$(jq -r 'keys | join(" ")' out)"
IMPORT_KEYS='rows questions clips updated duplicates conflicts rejected'
for words in "music-avqa $DEMO/val.json --split val" "videos $DEMO/videos.csv"; do
    # shellcheck disable=SC2086
    run avqa -C data import $words --json --progress json
    expect_exit 0
    expect_equal "one object" 1 "$(jq -s length out)"
    expect_equal "keys of an import, in order" "$IMPORT_KEYS" "$(jq -r 'keys_unsorted | join(" ")' out)"
    expect_equal "nothing was refused" '[]' "$(jq -c .rejected out)"
done
printf '%s\n' '{"video_id": 7}' '{"video_id": "a b"}' >bad.jsonl
run avqa -C data import music-avqa bad.jsonl --split val --json
expect_exit 1
expect_equal "keys of a failed import" "$IMPORT_KEYS" "$(jq -r 'keys_unsorted | join(" ")' out)"
expect_equal "refused rows" '[["bad.jsonl",1],["bad.jsonl",2]]' "$(jq -c '[.rejected[] | [.file, .row]]' out)"
expect_equal "keys of a refused row" 'file reason row' "$(jq -r '.rejected[0] | keys | join(" ")' out)"
run avqa -C data audit --split test --against val --dry-run --json
expect_ok
expect_equal "one object" 1 "$(jq -s length out)"
keys() { jq -r "$1 | keys | join(\" \")" out; }
expect_equal "keys of an audit" 'against consistency counts dataset degenerate dominant drift duplicates entropy findings findings_total head_tail leakage media priors schema split' "$(keys .)"
expect_equal "counts" 'by_answer by_origin by_template by_type clips filled_questions first_words questions questions_per_clip slots words' "$(keys .counts)"
expect_equal "first_words" 'filled n raw' "$(keys .counts.first_words)"
expect_equal "priors" 'fit global on slots template type' "$(keys .priors)"
expect_equal "entropy" 'answer slots template type' "$(keys .entropy)"
expect_equal "dominant" 'answer n share template' "$(keys '.dominant[0]')"
expect_equal "head_tail" 'alpha group head tail' "$(keys .head_tail)"
expect_equal "drift" 'jsd_bits tvd' "$(keys .drift.answer)"
expect_equal "leakage" 'deduction derived video' "$(keys .leakage)"
expect_equal "leaking videos" 'clips questions' "$(keys .leakage.video)"
expect_equal "degenerate" 'answer_repeats_slot middle_of same_object same_place two_at_one_place' "$(keys .degenerate)"
expect_equal "a finding" 'check clips message questions severity' "$(keys '.findings[0]')"
run avqa -C data audit --split test --dry-run -q
expect_ok
expect_stdout_empty

# A stdout that cannot be written to is a failure, not a silent success.
if [[ -w /dev/full ]]; then
    n_checks=$((n_checks + 1))
    avqa -C data status >/dev/full 2>"$TMP/err" && complain "a full stdout was not noticed"
    expect_stderr '^avqa status: cannot write to stdout'
fi

# Progress as JSON lines, on stderr only.
many_rows 300000 >many.jsonl
run avqa -C data import music-avqa many.jsonl --split many --dry-run --progress json --json
expect_exit 0
expect_equal "rows" 300000 "$(jq .rows out)"
test -s err || note "progress (the import took less than a second)"
check "every line of progress is an object" jq -e -s 'all(has("what") and has("done") and has("total"))' err
finish
