#!/usr/bin/env bash
# avqa compose when things go wrong: killed at any moment, a full disk, a parent that
# vanishes. No clip is half under its name, none is told of that is not there, and run
# again it ends with the bytes of a run that nothing disturbed.
#   AVQA_SOAK_KILLS=100    more kills, by hand
source "$(dirname "$0")/../support/cli.sh"
need ffmpeg ffprobe jq sqlite3
KILLS=${AVQA_SOAK_KILLS:-8}
compose=(compose stitch --pairs pairs.csv --sound aac)
clips() { (cd "$1/clips" && sha256sum -- stitch*.mp4) 2>/dev/null; }
# FOLDER: the catalog is whole, and every composed clip that it tells of is there.
sound() {
    expect_equal "the catalog" ok "$(ask "$1" 'PRAGMA integrity_check; PRAGMA foreign_key_check')"
    local path
    for path in $(ask "$1" "SELECT path FROM clip WHERE method = 'stitch'"); do
        check "$path decodes" test -z "$(ffmpeg -v error -xerror -i "$1/$path" -f null - 2>&1)"
    done
}
temporary() { compgen -G "$1/clips/*.tmp" >/dev/null; }

mkdir in
for i in 1 2 3 4 5; do
    ffmpeg -v fatal -nostdin -y -f lavfi -i "testsrc2=s=160x120:r=25:d=3" -f lavfi -i "sine=$((i * 110)):r=48000:d=3" \
        -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -shortest "in/v$i.mp4" || exit 1
done
printf 'a,b\nv1,v2\nv2,v3\nv3,v4\nv4,v5\nv5,v1\nv1,v3\n' >pairs.csv
avqa init empty -q
run avqa -C empty import media in -q --no-measure
run avqa -C empty segment -q
expect_ok
cp -r empty whole
start=$(date +%s%N)
run avqa -C whole "${compose[@]}" -q -j2
took_ms=$((($(date +%s%N) - start) / 1000000))
expect_ok
clips whole >whole.txt
check "there are six" test "$(wc -l <whole.txt)" -eq 6

# ---- kill -9
cp -r empty killed
RANDOM=4711 hit=0 round=0
while [[ $hit -lt $KILLS && $round -lt $((KILLS * 10)) ]]; do
    "$AVQA" -C killed "${compose[@]}" -q -j2 >out 2>err &
    pid=$!
    nap $((RANDOM % (took_ms + 1)))
    if kill -9 $pid 2>/dev/null; then
        hit=$((hit + 1))
    else
        took_ms=$((took_ms * 3 / 4)) # another day's load
    fi
    wait $pid 2>/dev/null
    ran="compose, killed $hit" got=137
    sound killed
    round=$((round + 1))
    [[ $((round % 3)) -eq 0 ]] && rm -rf killed && cp -r empty killed
done
check "there were kills ($hit)" test "$hit" -gt 0
run avqa -C killed "${compose[@]}" -q -j2
expect_ok
check "as an undisturbed run" cmp whole.txt <(clips killed)
check "nothing temporary is left" not temporary killed
sound killed

# ---- no room: a limit on the size of a file stands for a full disk
for kib in 40 80; do
    rm -rf full && cp -r empty full
    (
        trap '' XFSZ
        ulimit -f $kib
        exec "$AVQA" -C full "${compose[@]}" -q -j1
    ) >out 2>err
    got=$? ran="compose with files of at most $kib KiB"
    expect_exit 1
    check "it says why" grep -qE '^avqa compose stitch: .*(too large|full)' err
    check "no clip" not compgen -G 'full/clips/stitch*'
    run avqa -C full "${compose[@]}" -q
    expect_ok
    check "with room again" cmp whole.txt <(clips full)
done

# ---- a parent's file that is gone, and one that is damaged: the others are made
rm -rf gone && cp -r empty gone
rm gone/clips/v4.mp4
head -c 2000 gone/clips/v5.mp4 >cut && mv cut gone/clips/v5.mp4
run avqa -C gone "${compose[@]}" --json
expect_exit 3
expect_equal "made and failed" "3 3" "$(jq -r '"\(.composed) \(.failed)"' out)"
expect_equal "every failure has its reason" 3 "$(ask gone "SELECT count(*) FROM attempt WHERE stage = 'compose' AND outcome = 'failed' AND reason <> '' AND detail <> ''")"
cp empty/clips/v[45].mp4 gone/clips
run avqa -C gone "${compose[@]}" -q
expect_ok
check "with all parents again" cmp whole.txt <(clips gone)
finish
