#!/usr/bin/env bash
# From a manifest of urls to measured sources, clips and an audit, without a step by hand:
# what fetch brings is what import media measures, segment cuts and audit judges.
. "$(dirname "$0")/../support/cli.sh"
need ffmpeg ffprobe jq sqlite3
make -f lavfi -i testsrc2=s=64x48:r=10:d=6 -f lavfi -i sine=sample_rate=16000:d=6 \
    -c:v libx264 -pix_fmt yuv420p -c:a aac whole.mp4
make -f lavfi -i color=black:s=64x48:r=10:d=6 -c:v libx264 -pix_fmt yuv420p dark.mp4
cat >videos.csv <<END
video_id,url,start_time,duration
whole,file://$PWD/whole.mp4,1,3
again@,file://$PWD/whole.mp4,0,6
odd#?1,file://$PWD/dark.mp4,0,5
END
avqa init d -q && avqa -C d import videos videos.csv -q
run avqa -C d import media
expect_ok
expect_stdout 'no media files to import; name some, or fetch some'
run avqa -C d fetch --resolver none --keep-free 0
expect_ok
run avqa -C d status
expect_stdout '^  source_files +3$'
expect_stdout '^next: avqa import media; then avqa segment, '
clips=$(ask d 'SELECT count(*) FROM clip')

run avqa -C d import media --json
expect_exit 0
expect_equal "measured" '3 0 0 3 0' "$(jq -r '"\(.files) \(.sources) \(.clips) \(.unchanged) \(.failed)"' out)"
expect_equal "measures" 'again@ ok ......|odd#?1 no-audio bbbbbb|whole ok ......' \
    "$(ask d "SELECT group_concat(x, '|') FROM (SELECT name || ' ' || outcome || ' ' || picture AS x FROM source JOIN measure ON id = source_id ORDER BY name)")"
expect_equal "lengths" '6000000' "$(ask d 'SELECT DISTINCT duration_us FROM source')"
expect_equal "no clip was made" "$clips" "$(ask d 'SELECT count(*) FROM clip')"
expect_equal "the ledger names sources" 'again@ odd#?1 whole' \
    "$(ask d "SELECT group_concat(item, ' ') FROM (SELECT item FROM attempt WHERE stage = 'import media' ORDER BY 1)")"
run avqa -C d import media --json
expect_equal "a second time" '3 3' "$(jq -r '"\(.files) \(.unchanged)"' out)"
expect_equal "nothing was read" 3 "$(ask d "SELECT count(*) FROM attempt WHERE stage = 'import media'")"
run avqa -C d status
expect_stdout '^next: avqa segment, '

run avqa -C d segment --json
expect_exit 0
expect_equal "cut" 3 "$(jq .cut out)"
expect_equal "its length" 3.000 "$(ffprobe -v error -select_streams v -show_entries stream=duration -of csv=p=0 "d/$(ask d "SELECT path FROM clip WHERE picture = 'whole'")" | cut -c1-5)"

{ row whole; row 'odd#?1'; } >rows.jsonl
run avqa -C d import music-avqa rows.jsonl --split s -q
expect_exit 0
run avqa -C d audit --json --dry-run
expect_equal "the audit" '2 0 1' "$(jq -r '.media | "\(.clips) \(.not_measured) \(.no_sound)"' out)"

# Other bytes at the same url: what was measured of the old ones no longer counts.
make -f lavfi -i testsrc2=s=64x48:r=10:d=2 -c:v libx264 -pix_fmt yuv420p dark.mp4
rm 'd/media/odd#%3F1.mp4'
run avqa -C d import media --json
expect_exit 3
expect_equal "what is gone" 'no-file' "$(jq -r '.failures[].reason' out)"
run avqa -C d fetch --resolver none --keep-free 0
expect_ok
run avqa -C d status
expect_stdout '^next: avqa import media; then '
run avqa -C d import media --json
expect_equal "measured anew" 'no-audio .. 2000000' \
    "$(ask d "SELECT outcome || ' ' || picture || ' ' || duration_us FROM source JOIN measure ON id = source_id WHERE name = 'odd#?1'")"
finish
