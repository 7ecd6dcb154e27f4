#!/usr/bin/env bash
# avqa import media as typed: what becomes of every kind of file, what a second run does,
# and that nothing is lost or replaced unasked.
. "$(dirname "$0")/../support/cli.sh"
need ffmpeg sqlite3 jq
import() { run avqa -C data import media "$@"; }

mkdir -p in/b in/a
make -f lavfi -i testsrc2=s=64x48:r=10:d=1 -f lavfi -i sine=sample_rate=16000:d=1 \
    -c:v libx264 -pix_fmt yuv420p -c:a aac -movflags +faststart in/b/00000001.mp4
make -i in/b/00000001.mp4 -map 0:v -c copy in/a/mute.mp4
make -i in/b/00000001.mp4 -map 0:a -c copy in/a/loud.m4a
cp in/b/00000001.mp4 in/b/twin.mp4
cp in/b/00000001.mp4 in/b/00000001_flip.mp4
head -c 9000 in/b/00000001.mp4 >in/a/cut.mp4
printf '<!DOCTYPE html><title>404</title>' >in/a/page.mp4
: >in/a/empty.mp4
printf 'notes' >in/a/notes.txt
ln -s ../b in/a/loop
cp in/b/00000001.mp4 "in/a/two words.mp4"

run avqa init data -q
import in --dry-run
expect_exit 3
expect_stdout 'dry run: nothing was kept'
expect_equal "rows after a dry run" "0 0" "$(ask 'SELECT count(*) || " " || (SELECT count(*) FROM run) FROM source')"

import in --json
expect_exit 3
expect_equal files 9 "$(number .files)"
expect_equal sources 6 "$(number .sources)"
expect_equal clips 5 "$(number .clips)" # a sound alone is no clip
expect_equal duplicates 2 "$(number .duplicates)"
expect_equal flawed 3 "$(number .flawed)"
expect_equal ignored 2 "$(number .ignored)" # the notes, and the link to a folder
expect_equal failures "in/a/empty.mp4 no-file,in/a/page.mp4 not-media,in/a/two words.mp4 bad-name" \
    "$(number '[.failures[] | .file + " " + .reason] | join(",")')"
expect_equal remarks "cut truncated,loud no-video,mute no-audio,00000001_flip same-content,twin same-content" \
    "$(number '[.remarks[] | (.file | split("/")[-1] | split(".")[0]) + " " + .reason] | join(",")')"
expect_equal "order of sources" "cut,loud,mute,00000001,00000001_flip,twin" "$(ask "SELECT group_concat(name) FROM (SELECT name FROM source ORDER BY id)")"
expect_equal "hash" "$(sha256sum in/b/00000001.mp4 | cut -d' ' -f1)" "$(ask "SELECT sha256 FROM source WHERE name = '00000001'")"
expect_equal "path" "$TMP/in/b/00000001.mp4" "$(ask "SELECT path FROM source WHERE name = '00000001'")"
expect_equal "size" "$(stat -c %s in/b/00000001.mp4)" "$(ask "SELECT bytes FROM source WHERE name = '00000001'")"
expect_equal "length" "1000000 1000000" "$(ask "SELECT s.duration_us || ' ' || c.duration_us FROM source s JOIN clip c ON c.source_id = s.id WHERE name = '00000001'")"
expect_equal "the mirrored clip" "flip 00000001" "$(ask "SELECT method || ' ' || parent FROM clip JOIN clip_parent ON clip_id = id WHERE picture = '00000001_flip'")"
expect_equal "ledger" "done 3,done no-audio 1,done no-video 1,done truncated 1,failed bad-name 1,failed no-file 1,failed not-media 1" \
    "$(ask "SELECT group_concat(x) FROM (SELECT outcome || coalesce(' ' || reason, '') || ' ' || count(*) AS x FROM attempt GROUP BY outcome, reason ORDER BY 1)")"
expect_equal "why" "it is an HTML page, not media" "$(ask "SELECT detail FROM attempt WHERE reason = 'not-media'")"
expect_equal "outcome of the run" partly "$(ask 'SELECT outcome FROM run ORDER BY id DESC LIMIT 1')"
run avqa -C data status
expect_stdout 'import media +1 +not-media'

# A second run reads what failed, and nothing else.
import in --json
expect_exit 3
expect_equal "unchanged, new" "6 0" "$(number '"\(.unchanged) \(.sources)"')"
expect_equal "failed again" 3 "$(number .failed)"
rm in/a/empty.mp4 in/a/page.mp4 "in/a/two words.mp4"
touch in/b/twin.mp4 # other time, same bytes: read again, and still the same
import in --json
expect_exit 0
expect_equal "unchanged, updated" "6 0" "$(number '"\(.unchanged) \(.updated)"')"
make -i in/b/00000001.mp4 -c copy -t 0.5 in/b/twin.mp4
import in --json
expect_equal "updated" 1 "$(number .updated)"
expect_equal "no longer a twin" 0 "$(number .duplicates)"

# A name taken by other bytes is not given away; nor is a clip that a manifest made.
mkdir other
cp in/a/mute.mp4 other/00000001.mp4
import other
expect_exit 1
expect_stderr 'other/00000001.mp4: its name is taken by .*in/b/00000001.mp4, which has other bytes'
printf 'video_id,start_time,duration\nlate,0:10,0:05\n' >videos.csv
run avqa -C data import videos videos.csv
cp in/a/mute.mp4 late.mp4
import late.mp4
expect_equal "the manifest's clip" "10000000 5000000" "$(ask "SELECT start_us || ' ' || duration_us FROM clip WHERE picture = 'late'")"
expect_stdout ' 1  updated'

# Copies lie in the dataset, and are found again when the original is gone.
cp in/b/twin.mp4 fresh.mp4
import fresh.mp4 --copy
expect_exit 0
expect_same fresh.mp4 data/media/fresh.mp4
expect_equal "path of the copy" media/fresh.mp4 "$(ask "SELECT path FROM source WHERE name = 'fresh'")"
import fresh.mp4 --copy --json
expect_equal "unchanged copy" 1 "$(number .unchanged)"
printf x >data/media/foreign.mp4
cp in/b/twin.mp4 foreign.mp4
import foreign.mp4 --copy
expect_exit 1
expect_stderr 'media/foreign.mp4 is there already'
expect_equal "what was there" x "$(cat data/media/foreign.mp4)"
check "no temporary file is left" test "$(ls -A data/media | wc -l)" -eq 2

# Measuring can be left out and made up for; the audit tells what was measured.
cp in/b/twin.mp4 later.mp4
import later.mp4 --no-measure
expect_equal "not measured" 0 "$(ask "SELECT count(*) FROM measure JOIN source ON id = source_id WHERE name = 'later'")"
import later.mp4 --no-measure --json
expect_equal "unchanged, since nobody asks" 1 "$(number .unchanged)"
import later.mp4
expect_equal "measured" "ok . ." "$(ask "SELECT outcome || ' ' || picture || ' ' || sound FROM measure JOIN source ON id = source_id WHERE name = 'later'")"
import later.mp4 --json
expect_equal "measured already" 1 "$(number .unchanged)"
expect_equal "cut" "truncated" "$(ask "SELECT outcome FROM measure JOIN source ON id = source_id WHERE name = 'cut'")"
{ row mute; row cut; row later; row 00000001; row elsewhere; } >rows.jsonl
run avqa -C data import music-avqa rows.jsonl --split s -q
expect_exit 0
run avqa -C data audit --json --dry-run
expect_equal "media in the report" "4 1 1 1 0" \
    "$(number '.media | "\(.clips) \(.not_measured) \(.no_sound) \(.not_whole) \(.silent)"')"
expect_equal "findings" 2 "$(number '[.findings[] | select(.check == "media")] | length')"

import missing.mp4
expect_exit 1
expect_stderr 'missing.mp4: it cannot be opened: No such file'
expect_stdout '^ +1  path with nothing there$'
check "status is not asked for it" not grep -q status out
expect_equal "a slip of the pen is no item" 0 "$(ask "SELECT count(*) FROM attempt WHERE item = 'missing.mp4'")"
import /dev/null
expect_exit 1
expect_stderr '/dev/null: .* is no regular file'

# What was removed because it failed is failed no more; what is elsewhere still is.
mkdir -p more/x also
: >more/x/void.mp4
: >also/void2.mp4
cp in/b/twin.mp4 more/fine.mp4
head -c 3000 in/b/twin.mp4 >more/head.mp4
import more also
expect_exit 3
expect_stderr 'more/head.mp4: it was cut: .*; nothing of it can be decoded'
failed() { avqa -C data status --json | jq -r '[.failed[] | select(.stage == "import media") | "\(.reason) \(.items)"] | sort | join(",")'; }
before=$(failed)
rm more/x/void.mp4 more/head.mp4 also/void2.mp4
import more/
expect_exit 0
check "two of the three are forgotten" test "$(failed)" != "$before"
expect_equal "skipped" "more/head.mp4 gone,more/x/void.mp4 gone" \
    "$(ask "SELECT group_concat(item || ' ' || reason) FROM (SELECT * FROM attempt WHERE outcome = 'skipped' AND item GLOB 'more/*' ORDER BY item)")"
finish
