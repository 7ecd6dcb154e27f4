#!/usr/bin/env bash
# Decoding a clip of 60 s to a picture a second and its sound, one thread, beside the
# ffmpeg program doing the same: CPU seconds, medians.
#   tests/bench/decode.sh [PROGRAM [ROUNDS]]     PROGRAM: bench_extract of the preset bench
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../support/bench.sh"
program=$(readlink -f "${1:-$here/../../build/bench/tests/bench_extract}")
rounds=${2:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for size in 1280x720 640x360; do
    ffmpeg -v fatal -nostdin -y -f lavfi -i "testsrc2=s=$size:r=30,noise=alls=6:allf=t" \
        -f lavfi -i "anoisesrc=a=0.2:r=44100" -t 6 -c:v libx264 -pix_fmt yuv420p -c:a aac part.mp4
    ffmpeg -v fatal -nostdin -y -stream_loop 9 -i part.mp4 -c copy clip.mp4
    for ((i = 0; i < rounds; i++)); do
        /usr/bin/time -o t -f '%U %S' ffmpeg -v fatal -nostdin -y -threads 1 -i clip.mp4 \
            -map 0:v -vf fps=1,scale=224:224:flags=bilinear -f rawvideo -pix_fmt rgb24 /dev/null \
            -map 0:a -ac 1 -ar 16000 -f f32le /dev/null
        awk '{print $1 + $2}' t >>"$size.ffmpeg"
        for how in all decode prepare; do "$program" $how clip.mp4 >>"$size.$how"; done
    done
    echo "$size, 30 pictures a second, 60 s: $(awk -F, 'NR == 1 {print $2 "," $3}' "$size.decode")"
    printf '    %-52s %s CPU s\n' "ffmpeg -threads 1 -vf fps=1,scale=224:224" "$(median "$size.ffmpeg" 1 %.2f)" \
        "avqa_decode, everything decoded" "$(median "$size.all" 1 %.2f)" \
        "avqa_decode, only what is needed" "$(median "$size.decode" 1 %.2f)" \
        "the same, whole pictures, then scaled as Pillow does" "$(median "$size.prepare" 1 %.2f)"
done
