#!/usr/bin/env bash
# avqa extract of resnet18 and vggish (music-avqa, random weights, f32) beside the sum of its
# parts by others (the ffmpeg program's decoding, the networks alone) and beside the way
# that features were published (JPEG files, torch, np.save). CPU seconds and wall, medians.
# Half of the clips are 720p and half 360p: four real ones, repeated to the length, if there
# is the folder of real data, otherwise noise over a test picture, which costs decoders more.
#   AVQA=.../avqa BENCH=.../bench_extract tests/bench/extract.sh [CLIPS [SECONDS [ROUNDS]]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
AVQA=$(readlink -f "${AVQA:?names the program}") BENCH=$(readlink -f "${BENCH:?names bench_extract}")
clips=${1:-20} seconds=${2:-60} rounds=${3:-3}
python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # they halve the peer's speed
cd "$work"
mkdir in
from=$(readlink -m "${AVQA_SHARED:-$here/../../../shared}/data/media")
if [[ -d $from ]]; then # real pictures, as people filmed and sites packed them
    wide=("$from"/congas_*.mp4 "$from"/piano+*.mp4) small=("$from"/MUSIC-AVQA_*.mp4 "$from"/vibraphone_*.mp4)
else
    for size in 1280x720 640x360; do
        ffmpeg -v fatal -nostdin -y -f lavfi -i "testsrc2=s=$size:r=30,noise=alls=6:allf=t" \
            -f lavfi -i "anoisesrc=a=0.2:r=44100" -t 5 -c:v libx264 -pix_fmt yuv420p -c:a aac "$size.mp4"
    done
    wide=(1280x720.mp4) small=(640x360.mp4)
fi
for ((i = 0; i < clips; i++)); do # of other bytes, so that they are other files
    kind=wide && ((i % 2)) && kind=small
    declare -n sources=$kind
    ffmpeg -v fatal -nostdin -y -stream_loop 99 -i "${sources[i / 2 % ${#sources[@]}]}" -t "$seconds" -c copy \
        -metadata title="$i" "in/clip$i.mp4"
done
measure() { # NAME COMMAND...: appends CPU and wall
    local name=$1
    shift
    /usr/bin/time -o time -f '%U %S %e %M' "$@" >/dev/null 2>err || { cat err; exit 1; }
    awk '{print $1 + $2, $3, $4}' time >>"$name"
}
median() { sort -n -k"$2" "$1" | awk -v k="$2" '{v[NR] = $k} END {printf "%.1f", v[int((NR + 1) / 2)]}'; }
decode_all() {
    for clip in in/*.mp4; do
        ffmpeg -v fatal -nostdin -y -threads 1 -i "$clip" \
            -map 0:v -vf fps=1,scale=224:224:flags=bilinear -f rawvideo -pix_fmt rgb24 /dev/null \
            -map 0:a -ac 1 -ar 16000 -f f32le /dev/null
    done
}
export -f decode_all
"$AVQA" init -q empty
"$AVQA" -C empty import media in -q --no-measure
for ((i = 0; i < rounds; i++)); do
    for jobs in 1 2; do
        rm -rf data && cp -r empty data
        measure avqa.$jobs "$AVQA" -C data extract --weights random:7 -j $jobs -q
    done
    if grep -q avx512_bf16 /proc/cpuinfo; then
        rm -rf bf16 && cp -r empty bf16
        measure avqa.bf16 "$AVQA" -C bf16 extract --weights random:7 -j 2 -q --precision bf16
    fi
    measure ffmpeg bash -c decode_all
    OMP_NUM_THREADS=1 "$BENCH" network $((clips * seconds)) | awk '{n += $1} END {print n, n, 0}' >>network
    for threads in 1 2; do
        [[ $i -gt 0 || ! -x $(command -v $python) ]] && continue # it takes long: once
        "$python" -c 'import torch, torchvision' 2>/dev/null || continue
        rm -rf out
        measure torch.$threads env OMP_NUM_THREADS=$threads "$python" -B "$here/published_extract.py" $threads out in/*.mp4
    done
done
echo "$clips clips of $seconds s, half 1280x720, half 640x360, from ${wide[0]##*/} and others; CPU seconds, wall:"
for what in avqa.1 avqa.2 avqa.bf16 ffmpeg network torch.1 torch.2; do
    [[ -s $what ]] && printf '    %-10s %7s %7s   (%s MB)\n' $what "$(median $what 1)" "$(median $what 2)" \
        "$(median $what 3 | awk '{print int($1 / 1024)}')"
done
echo "shards: $(du -sm data/shards | cut -f1) MB"
