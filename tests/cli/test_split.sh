#!/usr/bin/env bash
# avqa split as typed, over real files: a clip and the same one encoded anew stay together,
# and the audit of the split agrees.
set -u
. "$(dirname "$0")/../support/cli.sh"
need ffmpeg jq

# Four pictures that move in their own way, each with its own noise; one encoded anew.
mkdir in
make -f lavfi -i testsrc2=s=160x120:r=15:d=8 -f lavfi -i "anoisesrc=d=8:seed=1:c=pink,tremolo=f=3" \
    -c:v libx264 -pix_fmt yuv420p -c:a aac in/first.mp4
make -i in/first.mp4 -s 256x144 -c:v libx264 -crf 32 -pix_fmt yuv420p -c:a aac -b:a 48k in/again.mp4
make -f lavfi -i mandelbrot=s=160x120:r=15 -f lavfi -i "sine=f=300:d=8,vibrato=f=4:d=0.9" -t 8 \
    -c:v libx264 -pix_fmt yuv420p -c:a aac in/second.mp4
make -f lavfi -i life=s=160x120:mold=10:r=15:ratio=0.1:death_color=#C83232:life_color=#00ff00:seed=3 \
    -f lavfi -i "aevalsrc=sin(900*t*t):d=8" -t 8 -c:v libx264 -pix_fmt yuv420p -c:a aac in/third.mp4

cat >rows.awk <<'END2'
BEGIN {
    n = split("first again second third", videos, " ")
    print "["
    for (i = 1; i <= n; i++)
        printf "%s{\"video_id\": \"%s\", \"question_id\": %d, \"type\": \"[\\\"Audio-Visual\\\", \\\"Existential\\\"]\", \"question_content\": \"Is there a voiceover?\", \"templ_values\": \"[]\", \"question_deleted\": 0, \"anser\": \"%s\"}\n",
            (i > 1 ? "," : ""), videos[i], i, i % 2 ? "no" : "yes"
    print "]"
}
END2
awk -f rows.awk >rows.json
run avqa init d -q
run avqa -C d import music-avqa rows.json --split all -q
expect_ok
run avqa -C d split --ratios train=1,test=1 --dry-run --json
expect_equal "components by name" "4 0" "$(jq -r '"\(.components) \(.joined_by_media)"' out)"
run avqa -C d import media in -q
expect_ok
for seed in 1 2 3 4; do
    run avqa -C d split --ratios train=1,test=1 --seed $seed --json
    expect_ok
    expect_equal "components by file" "3 1" "$(jq -r '"\(.components) \(.joined_by_media)"' out)"
    avqa -C d export csv -o - >rows.csv
    expect_equal "the two stand in one split" 1 \
        "$(grep -E ',(first|again),' rows.csv | cut -d, -f1 | sort -u | wc -l)"
    run avqa -C d audit --split test --against train --dry-run --json
    expect_ok
    expect_equal "and the audit agrees" '{"same_file":0,"picture":0,"mirrored":0,"sound":0}' \
        "$(jq -c .duplicates.media out)"
done
run avqa -C d split --ratios train=1,test=1
expect_stdout '^1 was joined to others because their files are the same, look alike or sound alike'
for wrong in "train=x,test=1=the ratio of 'train' must be a number above 0" "train=1=at least two splits" \
    "train=1,train=2='train' stands twice" "train,test=1='train' is not NAME"; do
    run avqa -C d split --ratios "${wrong%=*}"
    expect_exit 2
    expect_stdout_empty
    expect_stderr "^avqa split: --ratios: ${wrong##*=}"
done

# By hand it is otherwise, and the audit says so: the two are in fact alike.
awk -f rows.awk | jq '[.[] | select(.video_id != "again")]' >train.json
awk -f rows.awk | jq '[.[] | select(.video_id == "again")]' >test.json
run avqa init apart -q
run avqa -C apart import music-avqa train.json --split train -q
run avqa -C apart import music-avqa test.json --split test -q
run avqa -C apart import media in -q
run avqa -C apart audit --split test --against train --dry-run --json
expect_equal "alike" 1 "$(jq '[.duplicates.media.picture, .duplicates.media.sound] | max' out)"
finish
