#!/usr/bin/env bash
# What the world does to an import of media: reads and allocations that fail, each in its
# turn, files that cannot be read, vanish, or are no files, folders that lead into
# themselves, a disk that is full, a kill at any moment. The catalog is whole each time,
# every file that is missing has its reason, and the same command run again ends as one
# that nothing disturbed.
#   AVQA_SOAK_KILLS=200    more kills, by hand
set -u
. "$(dirname "$0")/../support/cli.sh"
need ffmpeg sqlite3 jq
KILLS=${AVQA_SOAK_KILLS:-6} N=100
# Everything that does not tell when or in which order it was written.
content() {
    ask "$1" "SELECT s.name, s.path, s.sha256, bytes, mtime_us, s.duration_us, outcome, picture, sound, picture_print, sound_print
        FROM source s LEFT JOIN measure m ON m.source_id = s.id ORDER BY 1;
        SELECT c.picture, c.sound, s.name, start_us, c.duration_us, method, parent FROM clip c
        LEFT JOIN source s ON s.id = c.source_id LEFT JOIN clip_parent ON clip_id = c.id ORDER BY 1"
}
sound() { expect_equal "the catalog" ok "$(ask "$1" 'PRAGMA integrity_check; PRAGMA foreign_key_check')"; }
as_undisturbed() { check "as an undisturbed one" cmp whole.txt <(content "$1"); }

mkdir in
ffmpeg -v fatal -nostdin -y -f lavfi -i testsrc2=s=64x48:r=5:d=2 -f lavfi -i sine=sample_rate=16000:d=2 \
    -c:v libx264 -pix_fmt yuv420p -c:a aac one.mp4 || exit 1
for i in $(seq "$N"); do # each with other bytes at its end, in a box that nobody reads
    { cat one.mp4; printf '\0\0\0\014free%04d' "$i"; } >"in/v$i.mp4"
done
avqa init whole -q
run avqa -C whole import media in --json
expect_exit 0
expect_equal "sources and clips" "$N $N" "$(jq -r '"\(.sources) \(.clips)"' out)"
content whole >whole.txt

# ---- kill -9
avqa init killed -q
RANDOM=4711 hit=0
for _ in $(seq "$KILLS"); do
    "$AVQA" -C killed import media in -q >out 2>err &
    nap $((RANDOM % 900))
    kill -9 $! 2>/dev/null && hit=$((hit + 1))
    wait $! 2>/dev/null
    ran="import number $hit, killed" got=$?
    sound killed
    check "what is recorded is measured" test "$(ask killed 'SELECT count(*) FROM source LEFT JOIN measure m ON m.source_id = id WHERE m.sha256 IS NOT source.sha256')" -eq 0
    # Now and then from the beginning: most of the work is in the first run.
    [[ $((RANDOM % 3)) -eq 0 ]] && rm -rf killed && avqa init killed -q
done
check "there were kills ($hit)" test "$hit" -gt 0
run avqa -C killed import media in
expect_exit 0
as_undisturbed killed

# ---- a copy that is killed leaves no half of a file under a final name
avqa init copies -q
for _ in 1 2 3; do
    "$AVQA" -C copies import media in --copy --no-measure -q >out 2>err &
    nap $((30 + RANDOM % 200))
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    for path in copies/media/*.mp4; do
        [[ -e $path ]] && check "$path is whole" cmp "$path" "in/${path##*/}"
    done
done

# ---- reads and allocations that fail, in turn
mkdir few
cp in/v1.mp4 in/v2.mp4 in/v3.mp4 few
# failing KIND N: an import of three files in which the N-th of them fails.
failing() {
    rm -rf f && cp -r empty f
    run_failing "$1" "$2" "$AVQA" -C f import media few --jobs 1 --json
}
avqa init empty -q
avqa init fewer -q && avqa -C fewer import media few -q && content fewer >few.txt
if ! can_fail; then
    note "failing reads and allocations: they need malloc for themselves"
else
    failing FAIL_NOTHING 0
    expect_exit 0
    read -r reads allocs <counts
    check "there are reads ($reads) and allocations ($allocs) to fail" test "$reads" -ge 6 -a "$allocs" -gt 1000
    for n in $(seq "$reads"); do
        failing FAIL_READ "$n"
        check "it ends well (exit $got)" test "$got" -eq 0 -o "$got" -eq 3
        sound f
        expect_equal "every file is accounted for" 3 "$(jq '.sources + .failed' out)"
        expect_equal "what fails has a reason" "$(jq .failed out)" "$(ask f "SELECT count(*) FROM attempt WHERE outcome = 'failed' AND reason <> '' AND detail <> ''")"
        env -u LD_PRELOAD "$AVQA" -C f import media few -q
        check "again" cmp few.txt <(content f)
    done
    for n in $(awk -v n="$allocs" 'BEGIN { for (i = 1; i < n; i = i < 40 ? i + 7 : int(i * 1.2)) print i }'); do
        failing FAIL_ALLOC "$n"
        check "it ends, by itself (exit $got)" test "$got" -eq 0 -o "$got" -eq 1 -o "$got" -eq 3 -o "$got" -eq 134
        [[ $got -eq 1 ]] && check "it says why" test -s err
        sound f
        "$AVQA" -C f import media few -q
        # A decoder that gets no memory for a picture may conceal it: what is seen and heard
        # is compared only where the first run noticed.
        if [[ $got -ne 0 ]]; then
            check "again" cmp few.txt <(content f)
        else
            check "all the same files" cmp <(cut -d'|' -f1-5 few.txt) <(content f | cut -d'|' -f1-5)
        fi
    done
fi

# ---- what is no file that can be read
mkdir odd odd/deep
mkfifo odd/pipe.mp4
ln -s . odd/self
ln -s ../.. odd/deep/up
ln -s nowhere.mp4 odd/dangling.mp4
mkdir odd/folder.mp4
cp in/v1.mp4 odd/good.mp4
avqa init odds -q
run timeout 20 "$AVQA" -C odds import media odd --json
expect_exit 0
expect_equal "taken and ignored" '1 4' "$(jq -r '"\(.sources) \(.ignored)"' out)"
run timeout 20 "$AVQA" -C odds import media odd/pipe.mp4 odd/dangling.mp4 --json
expect_exit 1
expect_equal "reasons" 'no-file no-file' "$(jq -r '[.failures[].reason] | join(" ")' out)"
path=deep
for _ in $(seq 70); do path=$path/d; done
mkdir -p $path
run avqa -C odds import media deep
expect_failure 'import media' 'more than 64 folders deep'
if can_be_nobody; then
    chmod 711 "$TMP" && chmod -R a+rwX in
    mkdir -m 777 open && cp in/v1.mp4 open/secret.mp4 && cp in/v2.mp4 open/plain.mp4 && chmod 000 open/secret.mp4
    avqa init nobodys -q && chown -R 65534 nobodys
    as_nobody "$AVQA" -C nobodys import media open --json >out 2>err
    got=$? ran='import media of a file that may not be read'
    expect_exit 3
    expect_equal "why" 'no-file' "$(jq -r '.failures[].reason' out)"
    expect_equal "the other" plain "$(ask nobodys 'SELECT name FROM source')"
fi

# ---- files that vanish while it runs
avqa init gone -q
cp -r in vanishing
"$AVQA" -C gone import media vanishing/*.mp4 --json >out 2>err &
nap 60
rm vanishing/v*[13579].mp4
wait $!
got=$? ran='import media of files that vanish'
check "it ends well (exit $got)" test "$got" -eq 0 -o "$got" -eq 3
expect_equal "every file is accounted for" "$N" "$(jq '.sources + .failed' out)"
expect_equal "reasons" "" "$(jq -r '[.failures[].reason] | unique - ["no-file", "changed"] | join(" ")' out)"
sound gone

# ---- no room for the catalog
avqa init small -q
for kib in 4 40 120 160 250 400; do
    (
        ulimit -f $kib
        trap '' XFSZ
        exec "$AVQA" -C small import media in --jobs 2 -q
    ) >out 2>err
    got=$? ran="import media with files of at most $kib KiB"
    if [[ $got -ne 0 ]]; then
        expect_exit 1
        check "it says why, in a line" test "$(grep -c '^avqa import media: ' err)" -ge 1
    fi
    sound small
done
run avqa -C small import media in
expect_exit 0
as_undisturbed small
if is_root && mkdir disk && mount -t tmpfs -o size=1m tmpfs disk 2>/dev/null; then
    clean_up() { umount "$TMP/disk" 2>/dev/null; }
    avqa init disk/d -q
    mount -o remount,size=$(($(du -k disk/d/catalog.sqlite | cut -f1) + 32))k disk
    run avqa -C disk/d import media in -q
    expect_exit 1
    expect_stderr '^avqa import media: .*(full|disk)'
    mount -o remount,size=20m disk
    sound disk/d
    run avqa -C disk/d import media in
    expect_exit 0
    as_undisturbed disk/d
    umount disk
else
    note "a disk that is full: mount is not permitted"
fi
finish
