#!/usr/bin/env bash
# What avqa extract puts into shards, number by number, beside ffmpeg, Pillow, numpy and
# torch; and what becomes of real clips and those with something missing.
source "$(dirname "$0")/../support/cli.sh"
need ffmpeg ffprobe jq sqlite3
media=${AVQA_SHARED:-$SOURCE/../shared}/data/media

# check_clip FILE ROWS
check_clip() {
    rm -rf data npy
    run avqa init data -q
    run avqa -C data import media "$1" -q --no-measure
    run avqa -C data extract --weights random:7 -j2 --json
    expect_exit 0
    expect_stderr 'resnet18 has random weights \(random:7\)'
    expect_equal "rows of picture and sound" "resnet18|$2 vggish|$2" \
        "$(sqlite3 data/catalog.sqlite "SELECT encoder, n_rows FROM feature ORDER BY 1" | paste -sd' ')"
    expect_equal "weights on record" "random:7" \
        "$(sqlite3 data/catalog.sqlite "SELECT DISTINCT provenance ->> 'weights' FROM feature")"
    expect_equal "processor and batch on record, of each network" 2 \
        "$(sqlite3 data/catalog.sqlite "SELECT count(*) FROM feature WHERE provenance ->> 'batch' BETWEEN 1 AND 16
            AND provenance ->> 'cpu' IN ('plain', 'avx2', 'avx512', 'avx512-bf16')")"
    check "the shard is good" avqa shard verify data/shards/*.zst
    run avqa shard export --npy npy data/shards/*.zst
    expect_exit 0
    "$python" -c 'import torch, torchvision, PIL, numpy' 2>/dev/null ||
        { note "the numbers: python3-torch and python3-torchvision are not installed"; return; }
    run "$python" -B "$SOURCE/tests/golden/extract_reference.py" "$1" npy "$2"
    expect_exit 0
    cat out
}
python=/usr/bin/python3
ffmpeg -v fatal -nostdin -y -f lavfi -i testsrc2=s=320x240:r=30:d=5 \
    -f lavfi -i "aevalsrc='0.3*sin(2*PI*(300+80*t)*t)|0.2*random(0)':s=44100:d=5" \
    -c:v libx264 -bf 3 -pix_fmt yuv420p -c:a aac clip.mp4 || exit 1
check_clip "$PWD/clip.mp4" 5

[[ -d $media ]] || { note "the real clips: they are not here"; finish; }
check_clip "$media/MUSIC-AVQA_00003491_ukulele_duo.mp4" 60

rm -rf data
run avqa init data -q
run avqa -C data import media "$media" -q --no-measure
run avqa -C data extract --visual frames --audio logmel:music-avqa --json
expect_exit 3
expect_equal "of the real clips one has no sound" "edge_no_audio_stream_harp no-audio" \
    "$(jq -r '.failed[] | .clip + " " + .reason' out)"
expect_equal "seconds of picture and sound" \
    "MUSIC-AVQA_00003491_ukulele_duo 60/60,edge_mov_container_2s 2/2,edge_no_audio_stream_harp 10/,edge_silent_audio_track_violin 6/6" \
    "$(sqlite3 data/catalog.sqlite "SELECT c.picture || ' ' || f.n_rows || '/' || coalesce(a.n_rows, '') FROM clip c
        JOIN feature f ON f.clip_id = c.id AND f.encoder = 'frames' LEFT JOIN feature a ON a.clip_id = c.id AND a.encoder = 'logmel'
        WHERE c.picture GLOB 'edge*' OR c.picture GLOB '*duo' ORDER BY 1" | paste -sd,)"
finish
