#!/usr/bin/env bash
# Makes the corpus of fuzz_probe, which would be binary files, and runs PROGRAM on it:
#   fuzz_probe.sh PROGRAM [FOLDER]     FOLDER keeps it, as a start for a fuzzer
# Small media of every container (where the ffmpeg program is installed), each whole, cut
# at several places and with bytes overwritten; and headers that lie.
set -eu
source "$(dirname "$0")/corpus.sh"
cd "$folder"
put() { printf "$2" >"$1"; }
put html '<!DOCTYPE html><html><title>404</title></html>'
put playlist '#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n'
put concat 'ffconcat version 1.0\nfile /etc/passwd\n'
put box-huge '\0\0\0\014ftypisom\0\0\0\1mdat\377\377\377\377\377\377\377\377'
put box-tiny '\0\0\0\014ftypisom\0\0\0\1moov\0\0\0\0\0\0\0\1'
put box-zero '\0\0\0\014ftypisom\0\0\0\0moov\0\0\0\10trak'
put ebml-huge '\032\105\337\243\001\377\377\377\377\377\377\376'
put riff 'RIFF\377\377\377\377WAVEfmt \020\0\0\0\1\0\377\377\377\377\377\377\377\377\377\377\377\377\377\377data\377\377\377\377'
put avi 'RIFF\377\377\377\177AVI LIST\377\377\377\177hdrlavih'
put flac 'fLaC\200\0\0\042\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377'
put ogg 'OggS\0\2\377\377\377\377\377\377\377\377\0\0\0\0\0\0\0\0\0\0\0\0\377'
put id3 'ID3\4\0\0\177\177\177\177APIC\177\177\177\177'
if command -v ffmpeg >/dev/null; then
    make() { # NAME ENCODER-OPTIONS...
        local name=$1
        shift
        ffmpeg -v quiet -nostdin -y -f lavfi -i testsrc2=s=64x48:r=10:d=0.8 \
            -f lavfi -i sine=sample_rate=16000:d=0.8 -shortest "$@" "$name" || rm -f "$name"
    }
    make whole.mp4 -c:v libx264 -pix_fmt yuv420p -c:a aac -movflags +faststart
    make whole.mkv -c:v libx264 -pix_fmt yuv420p -c:a libopus
    make whole.webm -c:v libvpx -c:a libvorbis
    make whole.avi -c:v mpeg4 -c:a pcm_s16le
    make whole.ts -c:v mpeg2video -c:a mp2
    make whole.flv -c:v flv -c:a pcm_s16le -ar 44100
    make whole.mov -c:v mjpeg -c:a pcm_s16le
    make whole.wav -vn -map 1
    make whole.flac -vn -map 1
    make whole.mp3 -vn -map 1
    make frag.mp4 -c:v libx264 -pix_fmt yuv420p -c:a aac -movflags frag_keyframe+empty_moov
    seed=1
    random() { seed=$(((seed * 1103515245 + 12345) & 0x7fffffff)); at=$((seed % $1)); }
    for file in whole.* frag.mp4; do
        size=$(stat -c %s "$file")
        for percent in 3 20 50 90; do head -c $((size * percent / 100)) "$file" >"cut-$percent-$file"; done
        for turn in 1 2 3 4 5 6; do
            cp "$file" "hurt-$turn-$file"
            for _ in 1 2 3 4 5 6 7 8; do
                # half of it in the first kilobyte, where the headers are
                random $((turn % 2 && size > 1000 ? 1000 : size))
                printf '\377\377\377\177\0' | head -c $((1 + at % 5)) |
                    dd of="hurt-$turn-$file" bs=1 seek="$at" conv=notrunc status=none
            done
        done
    done
fi
"$program" "$folder"
