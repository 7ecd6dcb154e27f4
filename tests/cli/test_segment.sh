#!/usr/bin/env bash
# avqa segment: which clips there are, what is in them, what is cut again and what is not,
# and a kill in the middle.
source "$(dirname "$0")/../support/cli.sh"
need ffmpeg ffprobe jq sqlite3

segment() { run avqa -C data segment "$@"; }
count() { ffprobe -v quiet -select_streams "$1" -show_entries "frame=$2" -of csv=p=0 "data/clips/$3.mp4"; }
pictures() { count v:0 pts "$1" | grep -c "[0-9]"; }
samples() { count a:0 nb_samples "$1" | awk '{n += $1} END {print n}'; }
hashes() { (cd data/clips && sha256sum -- *.mp4); }
wait_for() { local i; for i in {1..300}; do "$@" && return; sleep 0.02; done; return 1; }

mkdir in
make -f lavfi -i testsrc2=s=64x48:r=10:d=5 -f lavfi -i sine=sample_rate=16000:d=5 \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac in/one.mp4
make -i in/one.mp4 -map 0:v -c copy in/mute.mp4
make -i in/one.mp4 -c copy in/ready_flip.mp4
printf 'video_id,start_time,duration,suffix,has_flip\none,0:01,0:02,,Y\none,0:03,0:03,_#02,\nmute,0:20,0:02,_#02,\ngone,0:00,0:01,,\n' >videos.csv

run avqa init data -q
segment
expect_exit 0
expect_stdout 'there are no clips of sources that have a file'
run avqa -C data import videos videos.csv -q
run avqa -C data import media in -q
run avqa -C data status
expect_stdout 'next: avqa segment'

segment --dry-run --json
expect_exit 0
expect_equal "to be cut" "6 6" "$(number '"\(.clips) \(.cut)"')"
expect_equal "files after a dry run" 0 "$(ask "SELECT count(path) FROM clip")"
check "nothing is cut in a dry run" not compgen -G "data/clips/*"

segment --json -j2
expect_exit 3
expect_equal "cut, flawed, failed" "5 2 1" "$(number '"\(.cut) \(.flawed) \(.failed)"')"
expect_equal failures "mute_#02 nothing-there" "$(number '.failures[] | .clip + " " + .reason')"
expect_equal remarks "mute no-audio,one_#02 short" "$(number '[.remarks[] | .clip + " " + .reason] | sort | join(",")')"
expect_equal "files" "mute.mp4 one.mp4 one_#02.mp4 one_flip.mp4 ready_flip.mp4" "$(cd data/clips && echo *)"
for clip in one one_flip; do
    expect_equal "pictures of $clip" 20 "$(pictures $clip)"
    expect_equal "samples of $clip" 32000 "$(samples $clip)"
done
expect_equal "the rest of one" 20 "$(pictures 'one_#02')"
expect_equal "the flip's parent" "flip one" "$(ask "SELECT role || ' ' || parent FROM clip_parent JOIN clip ON id = clip_id WHERE picture = 'one_flip'")"
expect_equal "path, bytes, hash" "clips/one.mp4|$(stat -c %s data/clips/one.mp4)|$(sha256sum data/clips/one.mp4 | cut -d' ' -f1)" \
    "$(ask "SELECT path, bytes, sha256 FROM clip WHERE picture = 'one'")"
expect_equal "ledger" "done|3,done no-audio|1,done short|1,failed nothing-there|1" \
    "$(ask "SELECT outcome || coalesce(' ' || reason, ''), count(*) FROM attempt WHERE stage = 'segment' GROUP BY 1 ORDER BY 1" | paste -sd,)"
run avqa -C data status
expect_stdout 'segment +1 +nothing-there'

# Mirrored is mirrored; a file that is a flip already stays as it is.
md5() { ffmpeg -v error -i "$1" -vf "${2:-null},scale=8:6,format=gray" -frames:v 1 -f rawvideo - | od -An -tu1 -w8; }
near() { paste <(md5 "$1" "$2" | tr -s ' ' '\n') <(md5 "$3" | tr -s ' ' '\n') | awk '{d = $1 - $2; if (d * d > 100) exit 1}'; }
check "mirrored" near data/clips/one.mp4 hflip data/clips/one_flip.mp4
check "not the same" not near data/clips/one.mp4 null data/clips/one_flip.mp4
check "the flip that came as a file" near in/ready_flip.mp4 null data/clips/ready_flip.mp4

# Again: only what failed is tried. What was lost or is to be cut otherwise is cut anew.
hashes >before
segment --json
expect_exit 3
expect_equal "unchanged, cut, failed" "5 0 1" "$(number '"\(.unchanged) \(.cut) \(.failed)"')"
sqlite3 data/catalog.sqlite "DELETE FROM clip WHERE picture = 'mute_#02'" 2>/dev/null ||
    ask "PRAGMA foreign_keys = off; DELETE FROM clip WHERE picture = 'mute_#02'"
rm data/clips/*.mp4
segment --json -j1 # the same bytes as with -j2
expect_exit 0
expect_equal "unchanged, cut" "0 5" "$(number '"\(.unchanged) \(.cut)"')"
hashes >after
expect_same before after
segment --json --crf 30
expect_equal "other quality" "0 5" "$(number '"\(.unchanged) \(.cut)"')"

# Of one length, with mirrored ones.
segment --json --length 2 --last drop --flip
expect_exit 3 # a clip of the manifest has one of the names, and other times
expect_equal "clips, made, left alone" "6 6 1" "$(number '"\(.clips) \(.made) \(.divided)"')"
expect_equal "which" "one divided-otherwise" "$(number '.refused[] | .source + " " + .reason')"
expect_stderr "one: it is divided in another way already: one_#02 is from 3.000 to 6.000 s; .* or in a dataset of its own"
expect_equal "the manifest's" "3000000|3000000" "$(ask "SELECT start_us, duration_us FROM clip WHERE picture = 'one_#02'")"
expect_equal "no part of it" 0 "$(ask "SELECT count(*) FROM clip WHERE picture LIKE 'one\_#01%' ESCAPE '\'")"
expect_equal "two of another" "20 20" "$(pictures 'mute_#01') $(pictures 'mute_#02_flip')"
run avqa -C data status
expect_stdout 'segment +1 +divided-otherwise'
segment --json --length 2 --last drop --flip
expect_equal "nothing to do" "6 0" "$(number '"\(.unchanged) \(.cut)"')"

# A kill in the middle loses nothing and leaves nothing.
rm -rf data/clips
make -f lavfi -i testsrc2=s=640x480:r=25:d=60 -c:v libx264 -preset ultrafast -pix_fmt yuv420p in/long.mp4
run avqa -C data import media in/long.mp4 -q
"$AVQA" -C data segment -q -j2 2>/dev/null &
pid=$!
part() { compgen -G 'data/clips/*.tmp' >/dev/null; }
wait_for part
kill -9 $pid
wait $pid 2>/dev/null
segment --json -j2
expect_exit 0
expect_equal "failed after a kill" 0 "$(number .failed)"
check "nothing temporary is left" not part
expect_equal "the long one" 1500 "$(pictures long)"
expect_equal "files there" "$(ask 'SELECT count(path) FROM clip')" "$(find data/clips -name '*.mp4' | wc -l)"

# Other modes: smart encodes the edges alone, copy says what it really cut.
make -f lavfi -i testsrc2=s=64x48:r=10:d=9 -c:v libx264 -preset ultrafast -g 20 -pix_fmt yuv420p in/groups.mp4
make -i in/groups.mp4 -c:v mpeg4 in/other.mp4
printf 'video_id,start_time,duration\ngroups,0:01.5,0:05\nother,0:01.5,0:05\n' >more.csv
run avqa init modes -q
run avqa -C modes import videos more.csv -q
run avqa -C modes import media in/groups.mp4 in/other.mp4 -q
modes() { run avqa -C modes segment --json "$@"; }
asked() { sqlite3 modes/catalog.sqlite "$1"; }
modes --mode smart
expect_exit 0
expect_equal "smart" "2 1 100" "$(number '"\(.cut) \(.fell_back) \(.pictures)"')"
expect_equal "copied: whole groups of pictures" 45 "$(number .copied)"
expect_equal "the other" "other fell-back" "$(number '.fallbacks[] | .clip + " " + .reason')"
expect_stderr "other: it is cut exactly: its codec is 'mpeg4'"
expect_equal "how, in the catalog" "smart,exact" "$(asked "SELECT recipe ->> 'as' FROM clip ORDER BY picture" | paste -sd,)"
modes --mode smart
expect_equal "smart again" 2 "$(number .unchanged)"
modes --mode copy
expect_exit 0
expect_equal "copied" "2 2" "$(number '"\(.cut) \(.flawed)"')"
expect_equal "what it really cut" "groups other-times it is from 0.000000 to 6.500000 s of its source, asked for was 1.500000 to 6.500000" \
    "$(number '.remarks[] | select(.clip == "groups") | .clip + " " + .reason + " " + .detail')"
expect_equal "in the catalog" "copy|0|6500000" "$(asked "SELECT recipe ->> 'as', recipe ->> 'from_us', recipe ->> 'to_us' FROM clip WHERE picture = 'groups'")"
expect_equal "ffprobe agrees" 65 "$(ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 modes/clips/groups.mp4)"
modes --mode copy --crf 30 # nothing is encoded
expect_equal "copied again" 2 "$(number .unchanged)"
modes
expect_equal "exactly then" "2 0 0" "$(number '"\(.cut) \(.copied) \(.fell_back)"')"

# A microsecond is rounding, and no remark.
printf 'video_id,start_time,duration\ngroups,0:00,0:08.999999\n' >near.csv
run avqa init near -q
run avqa -C near import videos near.csv -q
run avqa -C near import media in/groups.mp4 -q
run avqa -C near segment --mode copy --json
expect_equal "a microsecond" "1 no-audio" "$(number '"\(.cut) \(.remarks[0].reason)"')"

# By scenes: those of ffmpeg's scdet, none shorter than asked for.
make -f lavfi -i color=red:s=64x48:r=10:d=2 -f lavfi -i testsrc2=s=64x48:r=10:d=3 -f lavfi -i color=white:s=64x48:r=10:d=0.5 \
    -f lavfi -i smptebars=s=64x48:r=10:d=2 -filter_complex '[0][1][2][3]concat=n=4' -c:v libx264 -preset ultrafast -pix_fmt yuv420p in/film.mp4
run avqa init scenes -q
run avqa -C scenes import media in/film.mp4 -q
scenes() { run avqa -C scenes segment --json "$@"; }
times() { sqlite3 scenes/catalog.sqlite "SELECT picture || ' ' || start_us || ' ' || duration_us FROM clip WHERE picture LIKE '%#%' ORDER BY picture" | paste -sd,; }
changes() { ffmpeg -v fatal -i in/film.mp4 -vf scdet=t="$1",metadata=print:key=lavfi.scd.time:file=- -f null - | sed -n 's/lavfi.scd.time=//p' | paste -sd' '; }
expect_equal "ffmpeg's changes" "2 5 5.5" "$(changes 10)"
scenes --scenes 10 --min-length 0.2 --dry-run
expect_equal "four scenes" "4 4" "$(number '"\(.made) \(.cut)"')"
scenes --scenes 10
expect_exit 0
expect_equal "one is too short" "film_#01 0 2000000,film_#02 2000000 3000000,film_#03 5000000 2500000" "$(times)"
expect_equal "pictures" 75 "$(number .pictures)"
scenes --scenes 10
expect_equal "the same scenes" "3 0" "$(number '"\(.unchanged) \(.made)"')"
# The division of a source is one: another is refused whole, whatever its first clip is.
sqlite3 scenes/catalog.sqlite "SELECT id, picture, start_us, duration_us, recipe FROM clip" >divided
for other in '--scenes 10 --min-length 0.2' '--length 2' '--length 5' '--scenes 99'; do
    # shellcheck disable=SC2086
    scenes $other
    expect_exit 1
    expect_equal "$other" "0 0 0 1" "$(number '"\(.clips) \(.made) \(.cut) \(.divided)"')"
    sqlite3 scenes/catalog.sqlite "SELECT id, picture, start_us, duration_us, recipe FROM clip" >after
    expect_same divided after
done
run avqa -C scenes status
expect_stdout 'segment +1 +divided-otherwise'
# libavfilter is opened for scenes alone: one that is none is in nobody's way but theirs.
mkdir broken
: >"broken/$(ldd "$(command -v ffmpeg)" | grep -o 'libavfilter\.so\.[0-9]*' | head -n 1)"
run env LD_LIBRARY_PATH="$PWD/broken" "$AVQA" -C scenes status
expect_ok
run env LD_LIBRARY_PATH="$PWD/broken" "$AVQA" -C scenes segment --scenes 10
expect_failure segment 'libavfilter.*too short'
mv in/film.mp4 in/away.mp4 # no file, no scenes: it fails as it does without them
run avqa -C scenes segment --scenes 10
expect_exit 1
expect_stdout '1  source without scenes'
expect_stderr 'film: no scenes: it'
run avqa -C scenes status
expect_stdout 'segment +1 +no-file'
mv in/away.mp4 in/film.mp4
scenes --scenes 10
expect_exit 0
run avqa -C scenes status
check "no reason is left" not grep -q no-file out
run avqa -C scenes segment --min-length 2
expect_exit 2
expect_stderr 'min-length is of scenes'
run avqa -C scenes segment --scenes 10 --length 2
expect_exit 2
expect_stderr 'divided by one of them'

run avqa -C data segment --length 0
expect_usage 'length'
finish
