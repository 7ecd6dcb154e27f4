#!/usr/bin/env bash
# avqa fetch against a server that does every wrong thing: what is there is right, what is
# not has its true reason, a rerun does exactly what is missing, and nothing that the user
# or the system does in between loses anything.
set -u
. "$(dirname "$0")/../support/cli.sh"
need jq sqlite3
: "${AVQA_FAULT_SERVER:?names the server}"
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy

serve 2
ONE=http://127.0.0.1:$(sed -n 1p ports) TWO=http://127.0.0.1:$(sed -n 2p ports)
FAST=(--backoff 0.05 --pause 0.1 --keep-free 0)

# dataset NAME: makes it from the rows "id,url" on standard input.
dataset() { (echo "video_id,url${2:-}"; cat) >"$1.csv"; avqa init "$1" -q && avqa -C "$1" import videos "$1.csv" -q; }
# file DATASET ID NAME VERSION SIZE: what is recorded for ID has these bytes.
file() {
    local path
    path=$(ask "$1" "SELECT path FROM source WHERE name = '$2'")
    check "$2 is there" test -f "$1/$path"
    check "$2 is right" cmp "$1/$path" <("$AVQA_FAULT_SERVER" "$3" "$4" "$5")
    expect_equal "the catalog on $2" "$5|$(sha256sum <"$1/$path" | cut -d' ' -f1)" \
        "$(ask "$1" "SELECT bytes || '|' || sha256 FROM source WHERE name = '$2'")"
}
# reasons DATASET ID WORDS: the reasons of all its attempts, in order.
reasons() {
    expect_equal "attempts at $2" "$3" \
        "$(ask "$1" "SELECT group_concat(coalesce(reason, outcome), ' ') FROM (SELECT * FROM attempt WHERE item = '$2' ORDER BY id)")"
}
count() { expect_equal "$1" "$2" "$(jq -c ".$1" out)"; }
nothing_temporary() { check "nothing temporary in $1" test -z "$(find "$1/media" -name '.*.part*')"; }

# ---- one of each
dataset d <<END
whole,$ONE/f/whole?size=5000
twin,$ONE/f/whole?size=5000
soft404,$ONE/f/soft404.mp4?html=1
gone,$ONE/f/gone?status=404
drops,$ONE/f/drops?size=2000000&drop=700000&times=2
patient,$TWO/f/patient?status=429&retry=1&times=1
storm,$TWO/f/storm?status=503&times=2
norange,$ONE/f/norange?size=1500000&drop=700000&times=1&norange=1
changed,$ONE/f/changed?size=1500000&drop=700000&times=1&change=1
long,$ONE/f/long?size=5000&claim=9000
loop,$ONE/f/loop?loop=1
-a_b#02,$ONE/f/odd?size=77
END
run avqa -C d fetch --dry-run --json
expect_ok
count pending 12
check "a dry run makes nothing" test ! -e d/media
run avqa -C d fetch --resolver none --json "${FAST[@]}"
expect_exit 3
expect_stderr_empty
count fetched 8
count same 1
count failed 4
expect_equal "reasons" '[["dropped","transient",1],["http-404","permanent",1],["page","permanent",1],["redirects","permanent",1]]' \
    "$(jq -c '[.reasons[] | [.reason, .class, .sources]] | sort' out)"
file d whole whole 0 5000
file d twin whole 0 5000
file d drops drops 0 2000000
file d patient patient 0 1000
file d storm storm 0 1000
file d norange norange 0 1500000
file d changed changed 1 1500000
file d '-a_b#02' odd 0 77
reasons d gone http-404
reasons d soft404 page
reasons d drops 'dropped dropped done'
reasons d patient 'http-429 done'
reasons d storm 'http-503 http-503 done'
reasons d long 'dropped dropped dropped dropped'
expect_equal "one file for two ids" 1 "$(ask d "SELECT count(DISTINCT path) FROM source WHERE name IN ('whole', 'twin')")"
expect_equal "files" 7 "$(find d/media -type f ! -name '.*' | wc -l)"
expect_equal "bytes after resumes" 2000000 "$(ask d "SELECT sum(bytes) FROM attempt WHERE item = 'drops'")"
run avqa -C d status
expect_ok
expect_stdout '^ +fetch +1 +dropped$'
expect_stdout '^ +fetch +1 +http-404$'
run avqa -C d export ledger -o -
expect_ok
expect_equal "rows of the ledger" "$(ask d 'SELECT count(*) FROM attempt')" "$(wc -l <out)"
expect_equal "a row of the ledger" '["fetch","gone","failed","permanent","http-404",404]' \
    "$(jq -c 'select(.item == "gone") | [.stage, .item, .outcome, .class, .reason, .http_status]' out)"
run avqa -C d export ledger --split x -o -
expect_exit 2
expect_stderr '^avqa export: the ledger is of no split'

# ---- a rerun does what is missing, no more
run avqa -C d fetch --resolver none --json "${FAST[@]}" --tries 1
expect_exit 3
count pending 1
count present 8
count refused 3
reasons d long 'dropped dropped dropped dropped dropped'
run avqa -C d fetch --resolver none --json "${FAST[@]}" --tries 1 --retry permanent
expect_exit 3
count pending 4
reasons d gone 'http-404 http-404'
rm "d/media/patient.wav"
truncate -s 10 d/media/storm.wav
run avqa -C d fetch --resolver none --json "${FAST[@]}" --tries 1
count pending 3
count fetched 2
file d patient patient 0 1000
file d storm storm 0 1000
rm -f d/media/whole.wav d/media/twin.wav # the one file of two ids
run avqa -C d fetch --resolver none --json "${FAST[@]}" --tries 1
count fetched 2
file d twin whole 0 5000
file d whole whole 0 5000

# ---- nothing is there before it decodes
dataset hollow <<END
hollow,$ONE/f/hollow?size=5000
noise,file://$PWD/noise.mp4
mute,file://$PWD/mute.mp4
END
media=0
if have ffmpeg; then # a track of H.264 in which nothing is, and one without sound
    media=1
    ffmpeg -v fatal -nostdin -f lavfi -i testsrc2=s=64x48:r=10:d=1 -c:v libx264 -pix_fmt yuv420p mute.mp4
    at=$(LC_ALL=C grep -abo mdat mute.mp4 | head -n 1 | cut -d: -f1)
    len=$((16#$(tail -c +$((at - 3)) mute.mp4 | head -c 4 | od -An -tx1 | tr -d ' ')))
    { head -c $((at + 4)) mute.mp4; head -c $((len - 8)) /dev/zero; tail -c +$((at + len - 3)) mute.mp4; } >noise.mp4
fi
run avqa -C hollow fetch --resolver none --json "${FAST[@]}" --tries 2
expect_exit 3
reasons hollow hollow no-streams
expect_equal "its class" permanent "$(ask hollow "SELECT class FROM attempt WHERE item = 'hollow'")"
check "why" grep -q 'neither a picture nor a sound' <(ask hollow "SELECT detail FROM attempt WHERE item = 'hollow'")
if [[ $media -eq 1 ]]; then
    expect_equal "as large as it was" "$(stat -c %s mute.mp4)" "$(stat -c %s noise.mp4)"
    reasons hollow noise corrupt
    reasons hollow mute done
    check "what it lacks" grep -q 'no sound' <(ask hollow "SELECT detail FROM attempt WHERE item = 'mute'")
    expect_same hollow/media/mute.mp4 mute.mp4
    expect_equal "files" 1 "$(find hollow/media -type f ! -name '.*' | wc -l)"
else
    note "a picture that does not decode: ffmpeg is not installed"
fi
nothing_temporary hollow

# ---- what an earlier run left
ask d "UPDATE source SET path = NULL, bytes = NULL, sha256 = NULL WHERE name = 'drops'"
touch d/media/.nobody.part d/media/.nobody.part.note d/media/.drops.part.note~ d/media/mine.txt d/media/.hidden
run avqa -C d fetch --resolver none --json "${FAST[@]}" --tries 1
count found 1
file d drops drops 0 2000000
nothing_temporary d
check "files of others stay" test -e d/media/mine.txt -a -e d/media/.hidden

# ---- expected size and checksum, out of the manifest
dataset sums ,bytes,sha256 <<END
right,$ONE/f/right?size=400,400,$("$AVQA_FAULT_SERVER" right 0 400 | sha256sum | cut -d' ' -f1)
longer,$ONE/f/longer?size=400,401,
other,$ONE/f/other?size=400,,$(sha256sum </dev/null | cut -d' ' -f1)
END
run avqa -C sums fetch --resolver none "${FAST[@]}" --tries 2
expect_exit 3
file sums right right 0 400
reasons sums longer length
reasons sums other 'checksum checksum'
expect_equal "files" 1 "$(find sums/media -type f ! -name '.*' | wc -l)"

# ---- a host that is down for good does not hold up the others, nor the end
dataset down < <(for i in $(seq 30); do echo "bad$i,$TWO/f/bad$i?status=500"; echo "good$i,$ONE/f/good$i"; done)
run avqa -C down fetch --resolver none --json "${FAST[@]}" --tries 3 --max-wait 1
expect_exit 3
count fetched 30
count failed 30
check "its sources were spared (attempts: $(jq .attempts out))" test "$(jq .attempts out)" -lt 90
expect_equal "their class" transient "$(ask down "SELECT DISTINCT class FROM attempt WHERE item LIKE 'bad%'")"
check "those not asked say so" test "$(ask down "SELECT count(*) FROM attempt WHERE reason = 'host-paused'")" -gt 0

# ---- ids without urls
dataset ids < <(printf 'idonly,\nid#?2,\n')
run avqa -C ids fetch --json
expect_ok
count sources 0
run avqa -C ids fetch --resolver none "${FAST[@]}" --url-template "$ONE/f/{id}?size=321&n={id}"
expect_exit 0
file ids idonly idonly 0 321
file ids 'id#?2' 'id#?2' 0 321

# ---- limits
dataset slow <<END
drip,$ONE/f/drip?size=500000&drip=3
END
run avqa -C slow fetch --resolver none "${FAST[@]}" --tries 1 --stall 1
reasons slow drip stalled
run avqa -C slow fetch --resolver none "${FAST[@]}" --tries 1 --time-limit 0.5
reasons slow drip 'stalled timeout'
dataset huge <<END
huge,$ONE/f/huge?size=1000&claim=10000000000
small,$ONE/f/small?size=1000
END
avail=$(($(stat -f -c '%a * %S' .) / 1000000))
run avqa -C huge fetch --resolver none --tries 1 --keep-free $((avail - 5000))
expect_exit 3
reasons huge huge disk-full
file huge small small 0 1000
if is_root && mkdir disk && mount -t tmpfs -o size=3m tmpfs disk 2>/dev/null; then
    clean_up() { umount "$TMP/disk" 2>/dev/null; exec 8>&-; kill "$SERVER" 2>/dev/null; }
    dataset disk/d <<END
chunked,$ONE/f/chunked?size=5000000&nolength=1
small,$ONE/f/small?size=1000
END
    run avqa -C disk/d fetch --resolver none "${FAST[@]}" --tries 2 --keep-free 1
    expect_exit 3
    reasons disk/d chunked disk-full
    file disk/d small small 0 1000
    check "the disk is not left full" test "$(find disk/d/media -name '*.part' -size +0 | wc -l)" -le 1
    umount disk
else
    note "a disk that is full: mount is not permitted"
fi

# ---- stopped with Ctrl-C: parts stay, the next run continues them
dataset stop <<END
slow1,$ONE/f/slow1?size=3000000&drip=60000
slow2,$TWO/f/slow2?size=3000000&drip=60000
END
"$AVQA" -C stop fetch --resolver none "${FAST[@]}" --progress json >out 2>err &
fetcher=$!
sleep 1
run avqa -C stop fetch --resolver none
expect_failure fetch 'another avqa is fetching into this dataset'
run avqa -C stop status
expect_ok
kill -INT $fetcher
wait $fetcher
got=$? ran='avqa fetch, interrupted'
expect_equal "exit code" 130 "$got"
check "it says so" grep -q '^avqa fetch: stopped; 0 of 2 sources came' err
expect_equal "parts" 2 "$(find stop/media -name '.*.part' | wc -l)"
reasons stop slow1 stopped
run avqa -C stop fetch --resolver none "${FAST[@]}" --json
expect_exit 0
file stop slow1 slow1 0 3000000
check "continued ($(jq .bytes out) bytes)" test "$(jq .bytes out)" -lt 6000000
nothing_temporary stop

# ---- what is wrong with the folder
run avqa -C stop fetch --json
expect_ok
count pending 0
rm -rf stop/media
touch stop/media
run avqa -C stop fetch
expect_failure fetch 'media: is there and is not a folder'
avqa init empty -q
run avqa -C empty fetch
expect_ok
expect_stdout 'no source has a url'

# ---- writes that fail at any size: nothing wrong is kept, and the next run completes
dataset faulty <<END
small,$ONE/f/small?size=3000
middle,$TWO/f/middle?size=40000
large,$ONE/f/large?size=1500000
END
cp -r faulty fresh
for kib in 1 2 8 33 64 200 1000 1400; do
    (
        ulimit -f $kib
        trap '' XFSZ
        exec "$AVQA" -C faulty fetch --resolver none "${FAST[@]}" --tries 1 -q
    ) >out 2>err
    got=$? ran="avqa fetch with files of at most $kib KiB"
    check "it failed or did a part (exit $got)" test "$got" -eq 1 -o "$got" -eq 3
    [[ $got -eq 1 ]] && check "it says why" grep -q '^avqa fetch: ' err
    if [[ $got -eq 3 ]]; then
        expect_equal "reasons" cannot-write "$(ask faulty "SELECT DISTINCT reason FROM attempt WHERE outcome = 'failed'")"
        expect_equal "class" ours "$(ask faulty "SELECT DISTINCT class FROM attempt WHERE outcome = 'failed'")"
    fi
    for path in $(ask faulty 'SELECT path FROM source WHERE path IS NOT NULL'); do
        check "$path is whole" test "$(stat -c %s "faulty/$path")" -ge 3000
    done
done
run avqa -C faulty fetch --resolver none "${FAST[@]}" --tries 1
expect_exit 0
file faulty small small 0 3000
file faulty middle middle 0 40000
file faulty large large 0 1500000
nothing_temporary faulty
mkdir fresh/media
if can_be_nobody; then
    chmod -R a+rwX . && chmod a-w fresh/media
    chown -R 65534 fresh && chmod 555 fresh/media
    as_nobody "$AVQA" -C fresh fetch --resolver none "${FAST[@]}" >out 2>err
    got=$? ran='avqa fetch into a folder that may not be written'
    expect_failure fetch 'media/.lock: cannot write'
fi

# ---- pages
dataset pages <<END
watch,$ONE/watch?name=song&size=60000
END
run avqa -C pages fetch --ytdlp no-such-program "${FAST[@]}"
expect_exit 3
reasons pages watch no-resolver
check "in plain words" grep -q 'is not installed' <(ask pages 'SELECT detail FROM attempt')
printf '#!/bin/sh\necho $$ >%s/hangs.pid\nexec sleep 100\n' "$PWD" >hangs
chmod +x hangs
run avqa -C pages fetch --ytdlp "$PWD/hangs" --resolve-limit 1 --tries 1 "${FAST[@]}"
expect_exit 3
reasons pages watch 'no-resolver resolver-timeout'
check "it was started" test -s hangs.pid
check "it is dead" not kill -0 "$(cat hangs.pid)"
if have yt-dlp; then
    HOME=$TMP run avqa -C pages fetch "${FAST[@]}" --ytdlp-args '--no-cache-dir --socket-timeout 20'
    expect_exit 0
    file pages watch song 0 60000
else
    note "the real yt-dlp: it is not installed"
fi
finish
