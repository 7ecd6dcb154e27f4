#!/usr/bin/env bash
# avqa segment when things go wrong: killed at any moment, a full disk, a source that
# cannot be read. No clip is half under its name, nothing temporary stays, and a second
# run completes the first.
source "$(dirname "$0")/../support/cli.sh"
need ffmpeg ffprobe jq sqlite3

temporary() { compgen -G 'data/clips/*.tmp' >/dev/null; }
# Every clip that has its name decodes to all its pictures.
whole() {
    local clip
    for clip in data/clips/*.mp4; do
        [[ -e $clip ]] || continue
        [[ $(ffmpeg -v error -xerror -i "$clip" -map 0:v -f framecrc - | grep -c '^0') == 50 ]] || return 1
    done
}

mkdir in
make -f lavfi -i testsrc2=s=320x240:r=25:d=24 -f lavfi -i sine=d=24 -c:v libx264 -preset ultrafast -g 30 -pix_fmt yuv420p -c:a aac in/long.mp4
run avqa init data -q
run avqa -C data import media in -q

# Killed a dozen times, later and later.
for mode in exact smart; do
    rm -rf data/clips
    for i in 1 2 3 4 5 6; do
        "$AVQA" -C data segment --length 2 --mode $mode -q -j2 2>/dev/null &
        pid=$!
        sleep "$(awk -v i=$i 'BEGIN { print 0.05 + i * 0.11 }')"
        kill -9 $pid 2>/dev/null
        wait $pid 2>/dev/null
        check "$mode, killed $i: what has its name is whole" whole
    done
    run avqa -C data segment --length 2 --mode $mode --json -j2
    expect_exit 0
    expect_equal "$mode: clips in the end" "12 12" "$(number '"\(.clips) \(.cut + .unchanged)"')"
    check "$mode: nothing temporary is left" not temporary
    check "$mode: all are whole" whole
    expect_equal "$mode: files" 12 "$(find data/clips -name '*.mp4' | wc -l)"
done

# A disk that is full: a limit on the size of a file stands for it, which the catalog
# keeps and a clip does not.
run avqa init full -q
run avqa -C full import media in -q
for mode in exact smart copy; do
    rm -rf full/clips
    (
        trap '' XFSZ
        ulimit -f 600
        "$AVQA" -C full segment --length 12 --mode $mode -q -j1 2>err
    )
    code=$?
    expect_equal "$mode: it fails" 1 $code
    check "$mode: and says why" grep -qE 'clips/long_#01.mp4.*(too large|full)' err
    check "$mode: no clip" not compgen -G 'full/clips/*'
    run avqa -C full segment --length 12 --mode $mode --json
    expect_exit 0
    expect_equal "$mode: with room again" 2 "$(number .cut)"
done

# A source that cannot be read fails alone, with its reason.
mkdir more
make -i in/long.mp4 -c copy -t 4 more/gone.mp4
run avqa -C data import media more -q
run avqa -C data segment --length 2 -q
rm -rf data/clips more/gone.mp4
run avqa -C data segment --length 2 --json
expect_exit 3
expect_equal "the others" 12 "$(number .cut)"
expect_equal "its reason" no-file "$(number '[.failures[].reason] | unique | join(",")')"
check "nothing temporary after that" not temporary
finish
