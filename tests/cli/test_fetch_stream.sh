#!/usr/bin/env bash
# What there is only as pieces (HLS) or as picture and sound apart (DASH), made by ffmpeg,
# through the real yt-dlp: joined, verified, and in the ledger; what hangs, stands still,
# lies or breaks off leaves its reason and nothing else.
set -u
. "$(dirname "$0")/../support/cli.sh"
need ffmpeg ffprobe jq sqlite3
: "${AVQA_FAULT_SERVER:?names the server}"
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
reasons() {
    expect_equal "attempts at $2" "$3" \
        "$(ask "$1" "SELECT group_concat(coalesce(reason, outcome), ' ') FROM (SELECT * FROM attempt WHERE item = '$2' ORDER BY id)")"
}
detail() { check "the ledger says: $3" grep -q -- "$3" <(ask "$1" "SELECT detail FROM attempt WHERE item = '$2' ORDER BY id DESC LIMIT 1"); }
nothing_left() { check "nothing temporary in $1" test -z "$(find "$1/media" -name '.*.part*')"; }
dataset() { (echo "video_id,url"; cat) >"$1.csv"; avqa init "$1" -q && avqa -C "$1" import videos "$1.csv" -q; }
# The digest of what is seen or heard, whatever container it is in.
essence() { ffmpeg -v error -nostdin -i "$1" -map "0:$2" -f hash - 2>/dev/null; }

mkdir www
make -f lavfi -i testsrc2=s=64x48:r=10:d=6 -f lavfi -i sine=sample_rate=16000:d=6 \
    -c:v libx264 -g 20 -pix_fmt yuv420p -c:a aac whole.mp4
make -i whole.mp4 -c copy -f hls -hls_time 2 -hls_list_size 0 www/song.m3u8
make -i whole.mp4 -c copy -f dash -seg_duration 2 www/apart.mpd
sed 's/song1.ts/gone.ts/' www/song.m3u8 >www/holes.m3u8
serve 1 "$PWD/www"
ONE=http://127.0.0.1:$(sed -n 1p ports)
FAST=(--backoff 0.05 --pause 0.1 --keep-free 0)

# ---- without yt-dlp it is said what came
dataset none <<END
song,$ONE/r/song.m3u8
END
run avqa -C none fetch --resolver none "${FAST[@]}"
expect_exit 3
reasons none song stream
detail none song 'a playlist of pieces (HLS)'
nothing_left none

# ---- the real one
if have yt-dlp; then
    dataset real <<END
song,$ONE/r/song.m3u8
apart%,$ONE/r/apart.mpd
END
    HOME=$TMP run avqa -C real fetch "${FAST[@]}" --ytdlp-args --no-cache-dir --json
    expect_exit 0
    expect_stderr_empty
    expect_equal "fetched" 2 "$(jq .fetched out)"
    for id in song apart%; do
        path=real/$(ask real "SELECT path FROM source WHERE name = '$id'")
        reasons real $id done
        detail real $id 'yt-dlp downloaded it as a stream'
        check "$id is there" test -f "$path"
        expect_equal "$id's digest" "$(sha256sum <"$path" | cut -d' ' -f1)" "$(ask real "SELECT sha256 FROM source WHERE name = '$id'")"
        expect_equal "$id's picture" "$(essence whole.mp4 v)" "$(essence "$path" v)"
        expect_equal "$id has both" "audio video" "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 "$path" | sort | xargs)"
    done
    nothing_left real
    run avqa -C real fetch "${FAST[@]}" --json
    expect_equal "nothing more to do" 0 "$(jq .pending out)"
    dataset holes <<END
holes,$ONE/r/holes.m3u8
END
    HOME=$TMP run avqa -C holes fetch "${FAST[@]}" --tries 1 --ytdlp-args '--no-cache-dir --abort-on-unavailable-fragment --fragment-retries 0'
    expect_exit 3
    reasons holes holes http-404
    nothing_left holes
else
    note "the real yt-dlp: it is not installed"
fi

# ---- one that lies: it says that there is a stream, and then does each wrong thing
dataset odd <<END
odd,$ONE/watch?name=x
END
cat >liar <<'END'
#!/bin/sh
case "$*" in
*--dump-single-json*) echo '{"requested_formats": [{}, {}], "format_id": "1+2"}'; exit ;;
esac
echo "$*" >"$LIAR_DIR/words"
pwd >"$LIAR_DIR/cwd"
. "$LIAR_DIR/deed"
END
chmod +x liar
export LIAR_DIR=$PWD
# deed REASON SCRIPT OPTION...: what becomes of it.
deed() {
    echo "$2" >deed
    ask odd 'DELETE FROM attempt' >/dev/null
    run avqa -C odd fetch --ytdlp ./liar "${FAST[@]}" --tries 1 --retry permanent "${@:3}"
    reasons odd odd "$1"
    nothing_left odd
}
deed resolver-failed 'exit 0'
detail odd odd 'left 0 media files, not one'
check "its format is the last word" grep -q -- '--format 1+2 --output media.%(ext)s -- http' words
check "it works in a folder of its own" grep -q '/odd/media/\.odd\.part\.stream$' cwd
deed resolver-failed 'cp "$LIAR_DIR/whole.mp4" a.mp4; cp a.mp4 b.mp4'
deed http-403 'cp "$LIAR_DIR/whole.mp4" a.mp4; echo "ERROR: HTTP Error 403: Forbidden" >&2; exit 1'
"$AVQA_FAULT_SERVER" hollow 0 5000 >hollow
deed resolver-failed 'echo text >media.mp4'
deed no-streams 'cp "$LIAR_DIR/hollow" media.mp4'
deed cut-off 'head -c 9000 "$LIAR_DIR/whole.mp4" >media.mp4'
deed stalled 'head -c 5000 /dev/zero >media.mp4.part; echo $$ >"$LIAR_DIR/pid"; sleep 100' --stall 1
check "it is dead" not kill -0 "$(cat pid)"
deed timeout 'while :; do head -c 100000 /dev/zero >>media.mp4.part; sleep 0.1; done' --time-limit 1.5
deed disk-full 'sleep 100' --keep-free 900000000
deed no-ffmpeg 'echo "ERROR: You have requested merging of multiple formats but ffmpeg is not installed. Aborting" >&2; exit 1'
deed done 'mkdir sub; ln -s /etc/passwd link.mp4; touch media.mp4.part; cp "$LIAR_DIR/whole.mp4" media.mp4'
expect_exit 0
expect_same odd/media/odd.mp4 whole.mp4

# ---- stopped, and killed: the folder goes, now or at the next start
dataset stop <<END
odd,$ONE/watch?name=y
END
echo 'head -c 5000 /dev/zero >media.mp4.part; echo $$ >"$LIAR_DIR/pid"; sleep 100' >deed
for signal in INT KILL; do
    rm -f pid
    "$AVQA" -C stop fetch --ytdlp ./liar "${FAST[@]}" -q >out 2>err &
    fetcher=$!
    for _ in $(seq 100); do [[ -s pid ]] && break; sleep 0.1; done
    kill -$signal $fetcher
    wait $fetcher 2>/dev/null
    [[ $signal == INT ]] && nothing_left stop && check "it is dead" not kill -0 "$(cat pid)"
done
kill "$(cat pid)" 2>/dev/null
check "a kill leaves it" test -d stop/media/.odd.part.stream
echo 'cp "$LIAR_DIR/whole.mp4" media.mp4' >deed
run avqa -C stop fetch --ytdlp ./liar "${FAST[@]}" --tries 1
expect_exit 0
expect_same stop/media/odd.mp4 whole.mp4
nothing_left stop
finish
