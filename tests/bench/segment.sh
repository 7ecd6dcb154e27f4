#!/usr/bin/env bash
# segment beside "ffmpeg -ss -t" with the same settings of x264 and AAC: CPU seconds,
# medians of three rounds (ROUNDS). The check of what was written is counted and
# shown apart (a decode of the clip by ffmpeg); and 60 clips of 10 s of one source.
#   AVQA=build/release/bin/avqa tests/bench/segment.sh [SOURCE]
# SOURCE has ten minutes or more; without it one is made, 1280x720 at 30 a second.
set -eu
: "${AVQA:?names the program}"
ROUNDS=${ROUNDS:-3}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/avqa-bench.XXXXXX")
trap 'rm -rf "$TMP"' EXIT
SOURCE=${1:+$(realpath "$1")}
cd "$TMP"
mkdir in
if [[ -z $SOURCE ]]; then
    ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=1280x720:r=30:d=60,noise=alls=6:allf=t" \
        -f lavfi -i "anoisesrc=r=44100:d=60:a=0.2:c=pink" -ac 2 -c:v libx264 -preset veryfast -g 150 \
        -pix_fmt yuv420p -c:a aac minute.mp4
    ffmpeg -v error -nostdin -stream_loop 9 -i minute.mp4 -f lavfi -i "anoisesrc=r=44100:d=600:a=0.2:c=pink" \
        -map 0:v -map 1:a -ac 2 -c:v copy -c:a aac -aac_coder fast in/long.mp4
else
    ln -s "$SOURCE" in/long.mp4
fi
channels=$(ffprobe -v error -select_streams a:0 -show_entries stream=channels -of csv=p=0 in/long.mp4 || true)
START=301.37
printf 'video_id,url,start_time,duration\nlong,,%s,60\n' $START >videos.csv
"$AVQA" init d -q
"$AVQA" -C d import videos videos.csv -q
"$AVQA" -C d import media in -q
cpu() { /usr/bin/time -o time -f '%U %S' "$@" >/dev/null 2>err || { cat err; exit 1; }; awk '{ print $1 + $2 }' time; }
exact() { rm -rf d/clips; cpu "$AVQA" -C d segment -q -j1 --mode exact; cp d/clips/long.mp4 exact.mp4; }
smart() { rm -rf d/clips; cpu "$AVQA" -C d segment -q -j1 --mode smart; }
copied() { rm -rf d/clips; cpu "$AVQA" -C d segment -q -j1 --mode copy; }
theirs() {
    cpu ffmpeg -v error -nostdin -y -threads 1 -filter_threads 1 -ss $START -i in/long.mp4 -t 60 -threads 1 -c:v libx264 \
        -preset veryfast -crf 18 -x264-params cpu-independent=1 -pix_fmt yuv420p -c:a aac -aac_coder fast -b:a $((96 * ${channels:-1}))k theirs.mp4
}
check() { cpu ffmpeg -v error -nostdin -threads 1 -i exact.mp4 -f null -; }
median() { sort -n "$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
for _ in $(seq "$ROUNDS"); do
    for name in theirs exact check smart copied; do $name >>"$name.all"; done
done
for name in theirs exact check smart copied; do declare "$name=$(median $name.all)"; done
awk -v t="$theirs" -v e="$exact" -v c="$check" -v s="$smart" -v k="$copied" 'BEGIN {
    printf "60 s cut of a long source, CPU seconds\n"
    printf "  ffmpeg -ss -t     %7.2f\n  exact             %7.2f  (%.2f of ffmpeg)\n", t, e, e / t
    printf "    without a check %7.2f  (%.2f of ffmpeg; the check is %.2f)\n", e - c, (e - c) / t, c
    printf "  smart             %7.2f  (exact takes %.1f times as long)\n", s, e / s
    printf "  copy              %7.2f  (exact takes %.1f times as long)\n", k, e / k }'

# Many clips of one source: what goes beyond the cutting of each grows with reading.
"$AVQA" init many -q
"$AVQA" -C many import media in -q
for mode in copy; do
    rm -rf many/clips
    echo "60 clips of 10 s, $mode: $(cpu "$AVQA" -C many segment -q -j1 --length 10 --last drop --mode $mode) CPU seconds"
done
