# What the shell tests share. A test sources it, runs commands with `run`, says what it
# expects of the last one, and ends with `finish`. It works in a folder of its own, $TMP,
# which is gone afterwards; the program is `avqa` (from $AVQA).
: "${AVQA:?names the program}"
AVQA=$(readlink -f "$AVQA")
SOURCE=$(readlink -f "${AVQA_SOURCE:-$(dirname "${BASH_SOURCE[0]}")/../..}")
DEMO=$SOURCE/tests/data/demo
SELF=$(readlink -f "$0")
TMP=$(mktemp -d "${TMPDIR:-/tmp}/avqa-test.XXXXXX") || exit 1
export LC_ALL=C.UTF-8
n_checks=0 n_failed=0 got=0 ran=
clean_up() { :; } # a test that mounts something says here how to undo it
trap 'cd /; clean_up; rm -rf "$TMP"' EXIT
trap 'exit 130' INT TERM
cd "$TMP" || exit 1

avqa() { "$AVQA" "$@"; }
have() { command -v "$1" >/dev/null 2>&1; }
skip() { echo "skipped: $*"; exit 77; }
note() { echo "not tried: $*"; }
need() { local tool; for tool in "$@"; do have "$tool" || skip "$tool is not installed"; done; }
is_root() { [[ $(id -u) -eq 0 ]]; }
# Whether the program was built with AddressSanitizer, which needs memory of its own.
has_asan() { grep -q __asan_init "$AVQA"; }
# Runs as a user without rights; false where that is not permitted.
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
can_be_nobody() { is_root && have setpriv && as_nobody true 2>/dev/null && as_nobody test -x "$AVQA"; }

# Runs a command; its stdout and stderr land in the files out and err, its exit code in $got.
run() {
    ran="$*"
    "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
    got=$?
}

complain() {
    n_failed=$((n_failed + 1))
    echo "FAILED: $1"
    echo "  command: ${ran//"$AVQA"/avqa}   (exit $got)"
    head -c 600 "$TMP/out" | head -n 8 | sed 's/^/  stdout: /'
    head -c 2000 "$TMP/err" | head -n 20 | sed 's/^/  stderr: /'
}

# check WHAT COMMAND...: the command must succeed.
check() {
    local what=$1
    shift
    n_checks=$((n_checks + 1))
    "$@" >"$TMP/check" 2>&1 || { complain "$what"; head -n 6 "$TMP/check" | sed 's/^/  | /'; }
}
not() { ! "$@"; }

# run_failing KIND N COMMAND...: like run, but the N-th read or allocation fails
# (support/fail_nth.c); how many there were stands in the file counts.
can_fail() { ! has_asan && [[ -e ${AVQA_FAIL_NTH:-} ]]; }
run_failing() {
    local kind=$1 n=$2
    shift 2
    got=0 ran="$* with $kind=$n"
    (export LD_PRELOAD=$AVQA_FAIL_NTH FAIL_COUNT=$TMP/counts "$kind=$n"; exec "$@") >"$TMP/out" 2>"$TMP/err" || got=$?
}

expect_exit() { check "exit code $1" test "$got" -eq "$1"; }
expect_stdout() { check "stdout has: $1" grep -qE -- "$1" "$TMP/out"; }
expect_stderr() { check "stderr has: $1" grep -qE -- "$1" "$TMP/err"; }
expect_stdout_empty() { check "stdout is empty" test ! -s "$TMP/out"; }
expect_stderr_empty() { check "stderr is empty" test ! -s "$TMP/err"; }
expect_same() { check "$1 and $2 are the same" cmp "$1" "$2"; }
expect_equal() { check "$1 is '$2', not '$3'" test "$2" = "$3"; }
expect_ok() { expect_exit 0; expect_stderr_empty; }
# The failure of COMMAND: exit 1, nothing on stdout, one line on stderr that begins so and
# has each of the patterns.
expect_failure() {
    local command=$1 pattern
    shift
    expect_exit 1
    expect_stdout_empty
    check "stderr is one line" test "$(wc -l <"$TMP/err")" -eq 1
    check "stderr begins with 'avqa $command: '" grep -q "^avqa $command: ." "$TMP/err"
    for pattern in "$@"; do expect_stderr "$pattern"; done
}
# Usage errors: exit 2, nothing on stdout, a message and the usage line on stderr.
expect_usage() {
    expect_exit 2
    expect_stdout_empty
    expect_stderr "$1"
    expect_stderr '^usage: avqa '
}

# ask [DATASET] SQL: what its catalog says; of the dataset data if none is named.
ask() { [[ $# -eq 2 ]] || set -- data "$1"; sqlite3 "$1/catalog.sqlite" "$2"; }
# number EXPRESSION: what jq finds in the JSON that the last command printed.
number() { jq -r "$1" out; }
# make ARGUMENT...: media, by ffmpeg.
make() { ffmpeg -v fatal -nostdin -y "$@" || { echo "ffmpeg failed: $*"; exit 1; }; }
nap() { sleep "$(awk -v ms="$1" 'BEGIN { printf "%.3f", ms / 1000 }')"; } # milliseconds

# serve N [FOLDER]: starts the server that does every wrong thing; its N ports stand in the
# file ports. It ends with the test.
serve() {
    mkfifo tap
    "$AVQA_FAULT_SERVER" "$@" <tap >ports &
    SERVER=$!
    exec 8>tap
    clean_up() { exec 8>&-; kill "$SERVER" 2>/dev/null; }
    for _ in $(seq 50); do [[ $(wc -l <ports) -eq $1 ]] && break; sleep 0.1; done
}

# Everything a dataset holds, as text.
dump() {
    if have sqlite3; then
        sqlite3 "$1/catalog.sqlite" .dump
    else
        avqa -C "$1" status --json
        avqa -C "$1" export jsonl -o -
    fi
}
# A dataset with the three splits of the demo.
make_demo() {
    local split
    avqa init "$1" -q || exit 1
    for split in train val test; do
        avqa -C "$1" import music-avqa "$DEMO/$split.json" --split $split -q || exit 1
    done
}

# A question about VIDEO as a JSON line; and N different ones.
row() { printf '{"video_id": "%s", "question_id": 1, "type": "[\\"Audio-Visual\\", \\"Existential\\"]", "question_content": "Is there a voiceover?", "templ_values": "[]", "question_deleted": 0, "anser": "no"}\n' "$1"; }
many_rows() {
    awk -v n="$1" 'BEGIN {
        for (i = 1; i <= n; i++)
            printf "{\"video_id\": \"%08d\", \"question_id\": %d, " \
                "\"type\": \"[\\\"Audio-Visual\\\", \\\"Existential\\\"]\", " \
                "\"question_content\": \"Is there a voiceover?\", \"templ_values\": \"[]\", " \
                "\"question_deleted\": 0, \"anser\": \"%s\"}\n", i / 3, i, i % 3 ? "no" : "yes"
    }'
}

finish() {
    [[ $n_checks -gt 0 ]] || { echo "nothing was checked"; exit 1; }
    echo "$n_checks checks, $n_failed failed"
    exit $((n_failed > 0))
}
