#!/usr/bin/env bash
# Splits whose features were not made alike: other sizes, the same sizes by another preset
# or other weights, two ways within one split. Neither training, nor evaluation, nor a
# figure goes on with them, and each says what differs.
set -u
. "$(dirname "$0")/../support/cli.sh"
. "$SOURCE/tests/support/train.sh"
need sqlite3 ffmpeg
train() { avqa -C d train "$@" "${reads[@]}" --epochs 1 --batch 8 -j1 -q; }
# SET WHERE: changes what is told of features.
tell() { sqlite3 d/catalog.sqlite "UPDATE feature SET provenance = $1 WHERE $2" || complain "SQL"; }
of_val="clip_id IN (SELECT clip_id FROM question q JOIN split s ON s.id = q.split_id WHERE s.name = 'val')"

# Maps of the training clips come as files, those of the validation clips are made here.
avqa init d -q
for split in train val; do avqa -C d import music-avqa "in/$split.json" --split "$split" -q || exit 1; done
mkdir first media
mkdir first/res14 first/vggish
for clip in $(seq -f %08g 1 9); do
    ln -s "$TMP/in/res14/$clip.npy" first/res14
    ln -s "$TMP/in/vggish/$clip.npy" first/vggish
done
run avqa -C d import features first/res14 first/vggish --preset music-avqa -q
expect_ok
for clip in $(seq -f %08g 20 23); do
    ffmpeg -v fatal -nostdin -y -f lavfi -i testsrc=s=64x64:r=2:d=3 -f lavfi -i "sine=300:sample_rate=16000:d=3" \
        -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac "media/$clip.mp4" || exit 1
done
run avqa -C d import media media -q
expect_ok
run avqa -C d extract --visual resnet18:torchvision-maps --weights random:5 -q
expect_ok

# ---- another preset, which shows in the sizes, too
run train av+q --name x
expect_failure train "split 'val' has features of resnet18:torchvision-maps, the split to train on has those of resnet18:music-avqa: .*; avqa extract --replace"
run train av+q --name x --val-split none
expect_ok
run avqa -C d eval x --split val
expect_failure eval "split 'val' has features of resnet18:torchvision-maps, .*runs/x has those of resnet18:music-avqa"
run avqa -C d explain x --split val -o x.svg
expect_failure explain "split 'val' has features of resnet18:torchvision-maps, .*runs/x has those of resnet18:music-avqa"
expect_equal "what the run learnt from" '{"name":"resnet18","preset":"music-avqa","weights":null} vggish' \
    "$(jq -r '.encoders | "\(.seen | tostring) \(.heard.name)"' d/runs/x/run.json)"

# ---- where nobody knows how the first ones were made, sizes tell
tell "json_remove(provenance, '\$.preset')" "encoder = 'resnet18' AND NOT $of_val"
run train av+q --name y
expect_failure train "split 'val' has maps of 512 channels and 49 places, the split to train on has 512 and 196; the features are of another encoder"
check "it began no run" test ! -e d/runs/y
jq 'del(.encoders)' d/runs/x/run.json >changed && cp changed d/runs/x/run.json
run avqa -C d eval x --split val
expect_failure eval "split 'val' has maps of 512 channels and 49 places, .*runs/x has 512 and 196"
tell "json_set(provenance, '\$.preset', 'music-avqa')" "encoder = 'resnet18' AND NOT $of_val"

# ---- the same sizes by other weights
run avqa -C d extract --visual resnet18:music-avqa --weights random:5 --replace -q
expect_ok
run train av+q --name z
expect_ok
expect_equal "its encoder" '{"name":"resnet18","preset":"music-avqa","weights":null}' "$(jq -c .encoders.seen d/runs/z/run.json)"
run train av+q --name w --train-split val --val-split none
expect_ok
expect_equal "and its weights" 'random:5' "$(jq -r .encoders.seen.weights d/runs/w/run.json)"
run avqa -C d eval w --split train -q
expect_ok
run avqa -C d extract --visual resnet18:music-avqa --weights random:6 --replace -q
expect_ok
run avqa -C d eval w --split val -q
expect_failure eval "split 'val' has features of .*with the weights random:6, .*runs/w has those of .* with the weights random:5"

# ---- two ways within one split
tell "json_set(provenance, '\$.preset', 'other')" "encoder = 'resnet18' AND clip_id = (SELECT max(clip_id) FROM feature WHERE NOT $of_val)"
run train av+q --name v
expect_failure train "split 'train': clips have features of resnet18 that were made in two ways: preset music-avqa, and of 0000000[0-9] preset other; avqa extract --replace makes them alike"
finish
