#!/usr/bin/env bash
# What the world does to a running program: folders that may not be written, a disk that
# fills up, a kill at any moment, Ctrl-C, a second avqa at work. Proves that each ends
# with one clear line, that the catalog is either as before or as after, never between,
# and that no half-written file bears a final name.
set -u
. "$(dirname "$0")/../support/cli.sh"
# Mounts go into a mount namespace of our own, which ends with us.
if [[ -z ${AVQA_MOUNTS:-} ]]; then
    for way in '-m' '-rm'; do
        if unshare $way true 2>/dev/null; then
            cd / && rm -rf "$TMP"
            AVQA_MOUNTS=own exec unshare $way bash "$SELF"
        fi
    done
fi
need jq
make_demo data
dump data >before
OWN='import music-avqa'
in_ms() { echo $(($(date +%s%N) / 1000000)); }
questions() { avqa -C "$1" status --json | jq .counts.questions; }
same_content() { # FOLDER, which may have no room for a reader: a copy of it is looked at
    rm -rf copy && cp -r "$1" copy && cmp before <(dump copy)
}
sound() { # FOLDER: the catalog is whole
    have sqlite3 || return 0
    check "integrity_check" test "$(sqlite3 "$1/catalog.sqlite" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" = ok
}

# ---- folders that may not be written
# read_only FOLDER PREFIX...: what can and cannot be done there.
read_only() {
    local folder=$1
    shift
    run "$@" "$AVQA" -C "$folder" status --json
    expect_ok
    expect_equal "questions" 569 "$(jq .counts.questions out)"
    rm -f "$OPEN/test.jsonl"
    run "$@" "$AVQA" -C "$folder" export jsonl --split test -o "$OPEN/test.jsonl"
    expect_ok
    run "$@" "$AVQA" -C "$folder" audit --split test -o "$OPEN/report"
    expect_exit 0
    expect_stderr '^avqa audit: warning: the findings could not be noted in the catalog: '
    check "the report is there" test -s "$OPEN/report/report.html"
    run "$@" "$AVQA" -C "$folder" audit --split test
    expect_failure audit "$folder/reports.*: cannot make folder: "
    run "$@" "$AVQA" -C "$folder" import music-avqa "$DEMO/val.json" --split new
    expect_failure "$OWN" 'catalog.sqlite: cannot be (opened or )?written here'
    run "$@" "$AVQA" -C "$folder" export jsonl -o "$folder/x.jsonl"
    expect_failure export 'x.jsonl: cannot write: '
    run "$@" "$AVQA" init "$folder/new"
    expect_failure init 'new: cannot make folder: '
    check "nothing new there" test "$(ls -A "$folder")" = catalog.sqlite
    rm -rf "${OPEN:?}"/*
}
OPEN=$TMP/open
mkdir -m 777 open
if can_be_nobody; then
    chmod 711 "$TMP"
    cp -r data locked
    chmod 555 locked && chmod 444 locked/catalog.sqlite
    read_only locked as_nobody
    chmod 400 locked/catalog.sqlite
    run as_nobody "$AVQA" -C locked status
    expect_failure status 'catalog.sqlite: cannot be opened'
    if have sqlite3; then
        # A writer that was killed leaves commits in the log; they must not be overlooked.
        cp -r data log
        { sqlite3 log/catalog.sqlite 'BEGIN; SELECT count(*) FROM question' '.shell while ! test -e open/go; do sleep 0.05; done' >/dev/null; } &
        holder=$!
        sleep 0.3
        run avqa -C log import music-avqa "$DEMO/val.json" --split again
        mkdir left
        cp log/catalog.sqlite log/catalog.sqlite-wal left/
        touch open/go && wait $holder
        rm open/go
        chmod 555 left && chmod 444 left/*
        run as_nobody "$AVQA" -C left status
        expect_failure status 'catalog.sqlite: its last writer did not finish'
        chmod 755 left && chmod 644 left/*
        expect_equal "questions, once it may be written" 660 "$(questions left)"
    fi
else
    note "folders of somebody else: needs root and setpriv"
fi
cp -r data frozen
if mount --bind frozen frozen 2>/dev/null && mount -o remount,ro,bind frozen 2>/dev/null; then
    read_only frozen
    umount frozen
else
    note "a read-only file system: mount is not permitted"
fi

# ---- a disk with so many kB left
mkdir disk
if mount -t tmpfs -o size=4m tmpfs disk 2>/dev/null; then
    cp -r data disk/data
    many_rows 20000 >many.jsonl
    failed='' succeeded=''
    for left in 0 4 16 64 128 256 400 600 900 1400 2000 3800; do
        filled=$(($(df --output=avail -k disk | tail -n 1) - left))
        [[ $filled -gt 0 ]] && head -c ${filled}k /dev/zero >disk/filler
        for action in import manifest export audit init; do
            case $action in
            import) name=$OWN; run avqa -C disk/data import music-avqa many.jsonl --split many ;;
            manifest) name='import videos'; run avqa -C disk/data import videos "$DEMO/videos.csv" ;;
            export) name='export'; run avqa -C disk/data export jsonl -o disk/all.jsonl ;;
            audit) name=audit; run avqa -C disk/data audit --split test -o disk/report ;;
            init) name=init; run avqa init disk/new ;;
            esac
            if [[ $got -eq 0 ]]; then
                succeeded+=" $action"
                [[ $action == audit ]] || expect_stderr_empty
            else
                failed+=" $action"
                expect_failure "$name" '(disk is full|No space left on device)'
                check "$left kB left, $action: the catalog is as before" same_content disk/data
            fi
            check "$left kB left, $action: no temporary file" test -z "$(find disk -name '*.tmp*')"
            [[ -e disk/all.jsonl ]] && expect_equal "lines of an export that is there" 569 "$(wc -l <disk/all.jsonl)"
            [[ $action == audit && $got -ne 0 ]] && check "no page of half a report" test ! -e disk/report/report.json
            [[ -e disk/new/catalog.sqlite ]] && { run avqa -C disk/new status; expect_ok; }
            rm -rf disk/all.jsonl disk/report disk/new
            [[ $got -eq 0 ]] && rm -rf disk/data && cp -r data disk/data 2>/dev/null && have sqlite3 &&
                expect_equal "the fresh copy" "$(sqlite3 data/catalog.sqlite 'SELECT count(*) FROM question')" "$(sqlite3 disk/data/catalog.sqlite 'SELECT count(*) FROM question')"
        done
        run avqa -C disk/data status
        expect_ok
        rm -f disk/filler
    done
    for action in import manifest export audit init; do
        check "$action failed on a full disk" grep -qw $action <<<"$failed"
        check "$action succeeds with room" grep -qw $action <<<"$succeeded"
    done
    umount disk
else
    note "a full disk: mount is not permitted"
fi

# ---- kill -9 at moments of an import
many_rows 120000 >big.jsonl
RANDOM=20240229
cp -r data whole
began=$(in_ms)
run avqa -C whole import music-avqa big.jsonl --split big -q
expect_ok
took=$(($(in_ms) - began))
killed=0 done_before=0
limit=$((SECONDS + 15))
for _ in $(seq 30); do
    [[ $SECONDS -ge $limit && $killed -ge 5 ]] && break
    "$AVQA" -C data import music-avqa big.jsonl --split big -q 2>/dev/null &
    nap $((RANDOM * took / 32768))
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    ran="an import killed at a moment of its $took ms" got=$?
    now=$(questions data)
    case $now in
    569) killed=$((killed + 1)) ;;
    120569)
        done_before=$((done_before + 1))
        sound data
        rm -rf data && make_demo data
        ;;
    *) complain "569 or 120569 questions, not $now" ;;
    esac
    sound data
done
check "imports were killed ($killed, and $done_before were done before)" test $killed -ge 5
run avqa -C data status
expect_ok
check "after $killed kills the content is as before" cmp <(grep -v "INTO run VALUES\|INTO run_input\|sqlite_stat" before | sort) \
    <(dump data | grep -v "INTO run VALUES\|INTO run_input\|sqlite_stat" | sort)
run avqa -C data import music-avqa big.jsonl --split big --json
expect_ok
expect_equal "the import after the kills" '[120000,120000]' "$(jq -c '[.rows, .questions]' out)"
sound data
rm -rf data && make_demo data

# Killed exports and audits leave no half file, killed inits no half catalog.
for ms in 2 5 9 14 20 40 70 120 200; do
    "$AVQA" -C whole export music-avqa --split big -o big.out -q 2>/dev/null & nap $ms; kill -9 $! 2>/dev/null; wait $! 2>/dev/null
    "$AVQA" -C data audit --split test -o killed -q 2>/dev/null & nap $ms; kill -9 $! 2>/dev/null; wait $! 2>/dev/null
    "$AVQA" init "new$ms" -q 2>/dev/null & nap $ms; kill -9 $! 2>/dev/null; wait $! 2>/dev/null
    ran="killed after $ms ms"
    [[ -e big.out ]] && check "an export that is there is whole" test "$(jq length big.out)" -eq 120000
    [[ -e killed/report.json ]] && check "a report that is there is whole" jq -e . killed/report.json
    for file in killed/figures/*.svg; do [[ -e $file ]] && check "$file is whole" grep -q '</svg>' "$file"; done
    if [[ -e new$ms/catalog.sqlite ]]; then
        run avqa -C "new$ms" status
        expect_ok
    else
        run avqa init "new$ms"
        expect_ok
    fi
    rm -rf killed big.out*
done

# ---- Ctrl-C and TERM: after the item in hand, with a message; twice: at once
expect_stopped() { # COMMAND SIGNAL PATTERN: as a failure, but with the signal's code
    expect_exit $((128 + $(kill -l "$2")))
    got=1
    expect_failure "$1" "$3"
}
# start WHAT: in the background, into or out of copies that may come to be whole
start() {
    rm -rf stopping stopped.jsonl
    case $1 in
    import)
        cp -r data stopping
        "$AVQA" -C stopping import music-avqa big.jsonl --split big >out 2>err &
        ;;
    export) "$AVQA" -C whole export jsonl -o stopped.jsonl >out 2>err & ;;
    esac
}
for signal in INT TERM; do
    for what in import export; do
        ran="$what and $signal"
        for part in 4 8 16 32 64; do # earlier if it was done before
            start $what
            nap $((took / part + 20))
            kill -$signal $! 2>/dev/null
            wait $!
            got=$?
            [[ $got -ne 0 ]] && break
            note "$signal during an $what: it was done before"
        done
        if [[ $what == export ]]; then
            expect_stopped export $signal 'stopped; nothing was written'
            check "no file" test -z "$(find . -name 'stopped.jsonl*')"
        else
            expect_stopped "$OWN" $signal 'stopped; nothing was imported'
            expect_equal "questions" 569 "$(questions stopping)"
        fi
    done
done
rm -rf stopping
mkfifo pipe
"$AVQA" -C data import music-avqa pipe --split big >out 2>err &
importer=$!
exec 9>pipe
sleep 0.2
kill -INT $importer
sleep 0.1
kill -INT $importer
sleep 0.6
check "twice within half a second is once" kill -0 $importer
kill -INT $importer
wait $importer
got=$? ran='an import that waits for its input, interrupted twice'
exec 9>&-
expect_equal "exit code" 130 "$got"
sound data
expect_equal "questions" 569 "$(questions data)"

# ---- two at the same time
"$AVQA" -C data import music-avqa big.jsonl --split big -q 2>first &
importer=$!
nap $((took / 8 + 20))
run avqa -C data status --json # a reader does not wait
expect_ok
run avqa -C data import music-avqa "$DEMO/val.json" --split second
wait $importer
check "the first import is not disturbed" test ! -s first
if [[ $got -eq 0 ]]; then
    expect_stderr_empty
    expect_equal "questions of both" 120660 "$(questions data)"
else
    expect_failure "$OWN" 'catalog.sqlite: another avqa is writing to this dataset'
    expect_equal "questions of the first" 120569 "$(questions data)"
fi
sound data
if have sqlite3; then
    { sqlite3 whole/catalog.sqlite 'BEGIN IMMEDIATE' '.shell while ! test -e open/go; do sleep 0.05; done' >/dev/null; } &
    holder=$!
    sleep 0.3
    run avqa -C whole import videos "$DEMO/videos.csv"
    expect_failure 'import videos' 'catalog.sqlite: another avqa is writing to this dataset'
    run avqa -C whole export jsonl --split val -o val.jsonl
    expect_ok
    touch open/go
    wait $holder
    run avqa -C whole import videos "$DEMO/videos.csv"
    expect_ok
fi
# Two that make the same dataset: one does, the other says that it is there.
for round in 1 2 3 4 5 6 7 8; do
    "$AVQA" init "both$round" -q 2>err1 & one=$!
    "$AVQA" init "both$round" -q 2>err2 & two=$!
    wait $one; a=$?
    wait $two; b=$?
    ran="two inits at the same time" got="$a and $b"
    check "one of them made it" test $((a + b)) -eq 1
    cat err1 err2 >err
    expect_stderr '^avqa init: both[0-9]/catalog.sqlite: (there is a catalog already|is there already)$'
    check "nothing is left over" test "$(ls -A "both$round")" = catalog.sqlite
    run avqa -C "both$round" status
    expect_ok
done
finish
