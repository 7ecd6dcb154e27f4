#!/usr/bin/env bash
# avqa extract: what is in the shards, that nothing but clips and options decides their
# bytes, what is made again, and why a clip has no features.
source "$(dirname "$0")/../support/cli.sh"
need ffmpeg jq sqlite3

extract() { run avqa -C data extract --visual frames --audio logmel:music-avqa "$@"; }
hashes() { (cd "${1:-data}/shards" && sha256sum -- *.tar.zst); }
# What is told of features, but for runs and times.
told() {
    ask "${1:-data}" "SELECT path, bytes, samples, sha256, encoding FROM shard ORDER BY path;
        SELECT c.picture, encoder, h.path, sample, n_rows, provenance, f.recipe FROM feature f
            JOIN clip c ON c.id = clip_id JOIN shard h ON h.id = shard_id ORDER BY 1, 2;
        SELECT c.picture, encoder, f.recipe, reason, detail FROM featureless f JOIN clip c ON c.id = clip_id ORDER BY 1, 2;
        SELECT item, outcome, reason, detail, bytes FROM attempt WHERE stage = 'extract' ORDER BY item, id"
}
rows() { ask "SELECT group_concat(n, ' ') FROM (SELECT c.picture || ':' || sum(n_rows * (encoder = 'frames')) || '/' ||
    sum(n_rows * (encoder = 'logmel')) AS n FROM feature JOIN clip c ON c.id = clip_id GROUP BY c.picture ORDER BY c.picture)"; }
reasons() { ask "SELECT group_concat(n, ' ') FROM (SELECT c.picture || ':' || encoder || ':' || reason AS n
    FROM featureless JOIN clip c ON c.id = clip_id ORDER BY c.picture)"; }

mkdir in
make -f lavfi -i testsrc2=s=64x48:r=10:d=4 -f lavfi -i sine=sample_rate=16000:d=4 \
    -c:v libx264 -preset ultrafast -g 10 -pix_fmt yuv420p -c:a aac in/d_four.mp4
make -i in/d_four.mp4 -map 0:v -c copy in/b_mute.mp4
make -i in/d_four.mp4 -map 0:a -c copy in/a_heard.m4a
make -i in/d_four.mp4 -t 2.6 -c:v libx264 -preset ultrafast -c:a aac in/c_short.mp4
make -f lavfi -i testsrc2=s=64x48:r=10:d=4 -f lavfi -i sine=sample_rate=16000:d=1.2 \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac in/e_uneven.mp4
make -i in/d_four.mp4 -c copy -movflags faststart whole.mp4
head -c $(($(stat -c %s whole.mp4) * 6 / 10)) whole.mp4 >in/f_cut.mp4
run avqa init data -q
extract
expect_exit 0
expect_stdout 'there are no clips that have a file'
check "nothing is written then" rmdir data/shards
run avqa -C data extract --visual none --audio vggish --weights random:1
expect_exit 0
check "random weights that make nothing are no matter" not grep -q 'random weights' err
rmdir data/shards
run avqa -C data import media in -q
echo 'video_id,start_time,duration
a_heard,0:00,0:04' >heard.csv
run avqa -C data import videos heard.csv -q
cp -r data fresh

run avqa -C data extract
expect_exit 2
expect_stderr 'resnet18 needs weights'
run avqa -C data extract --visual vggish --audio none --weights random:1
expect_exit 2
expect_stderr 'vggish takes sound, not pictures'
run avqa -C data extract --visual frames:round --audio none
expect_exit 2
expect_stderr 'no encoder "frames round"; there are .*frames squash'
run avqa -C data extract --visual none --audio none
expect_exit 2
extract --rank 2 --world 2
expect_exit 2
expect_stderr 'rank 2 of 2'
run avqa -C data extract --visual resnet19
expect_exit 2
expect_stderr 'no encoder "resnet19'
for seed in x 1x ''; do
    run avqa -C data extract --weights "random:$seed"
    expect_exit 2
    expect_stderr 'no number behind'
done
run avqa -C data extract --weights nowhere
expect_exit 1

extract --dry-run --json
expect_exit 0
expect_equal "to do" "6 1" "$(number '"\(.to_do) \(.to_write)"')"
check "nothing is made in a dry run" not test -e data/shards

extract --per-shard 2 --json -j1
expect_exit 3
expect_equal "clips, rows, failed, flawed" "6 $(ask 'SELECT sum(n_rows) FROM feature') 2 1" \
    "$(number '"\(.clips) \(.rows) \(.n_failed) \(.n_flawed)"')"
expect_equal "rows of picture and sound" "a_heard:0/4 b_mute:4/0 c_short:3/3 d_four:4/4 e_uneven:4/1" \
    "$(rows | sed 's/ f_cut.*//')"
expect_equal "reasons" "a_heard:frames:no-video b_mute:logmel:no-audio" "$(reasons)"
expect_equal "the cut one" "f_cut truncated" "$(number '.flawed[] | .clip + " " + .reason')"
expect_equal "shards as they are" "$(hashes | awk '{print $1}')" "$(number '.shards[].sha256')"
expect_equal "all members of --json" "clips cpu_seconds failed rows seconds shards" \
    "$(number '[keys[] | select(. as $k | ["clips","rows","failed","shards","seconds","cpu_seconds"] | index($k))] | sort | join(" ")')"
check "every shard is good" avqa shard verify data/shards/*.zst
run avqa -C data status
expect_stdout 'features +10'
expect_stdout 'extract +1 +no-audio'
run avqa shard cat data/shards/000001-*.zst d_four
expect_equal "no network, no processor" null "$(number .provenance.frames_squash.cpu)"
expect_equal "provenance in the shard" "frames squash none ok" \
    "$(number '.provenance.frames_squash | "\(.encoder) \(.preset) \(.pad) \(.media)"')"

# Neither the number of threads nor of ranks decides anything.
told data >told.1
hashes >hashes.1
for jobs in 2 5; do
    rm -rf data && cp -r fresh data
    extract --per-shard 2 -j "$jobs"
    expect_equal "shards of $jobs jobs" "$(cat hashes.1)" "$(hashes)"
    told data >told.2
    expect_same told.1 told.2
done
rm -rf data && cp -r fresh data
extract --rank 3 --world 4 --per-shard 2
expect_exit 0
expect_stdout 'nothing for this rank'
for rank in 2 0 1; do
    extract --per-shard 2 --rank "$rank" --world 3 --json
    expect_equal "clips elsewhere" 4 "$(number .elsewhere)"
done
expect_equal "shards of three ranks" "$(cat hashes.1)" "$(hashes)"
told data >told.2
expect_same told.1 told.2

# A clip whose file is gone moves nothing from one shard to another.
mv in/b_mute.mp4 kept.mp4
for world in 1 2; do
    rm -rf data && cp -r fresh data
    for ((rank = 0; rank < world; rank++)); do
        extract --per-shard 2 --rank "$rank" --world "$world"
    done
    hashes >"hashes.world$world"
done
mv kept.mp4 in/b_mute.mp4
expect_equal "shards without one file" 3 "$(wc -l <hashes.world1)"
expect_same hashes.world1 hashes.world2
expect_equal "shards that are as before" 2 "$(grep -cxFf hashes.1 hashes.world1)"
rm -rf data && cp -r fresh data
extract --per-shard 2

# What is there stays; what is gone or asked for otherwise is made again.
extract --per-shard 2 --json
expect_exit 3
expect_equal "nothing to do" "0 0 4 2" "$(number '"\(.to_do) \(.clips) \(.unchanged) \(.n_known)"')"
rm data/shards/000001-*
touch data/shards/{000001-0123abcd.tar.zst,000001-0123abcd.tar,000001.tar.zst,0000001-0123abcd.tar.zst,mine}
extract --per-shard 2 --rank 0 --world 2 -q
check "several ranks remove no shard" test -e data/shards/000001-0123abcd.tar.zst
extract --per-shard 2 --json
check "a shard that the catalog does not know is gone" not test -e data/shards/000001-0123abcd.tar.zst
check "and nothing else" rm data/shards/{000001-0123abcd.tar,000001.tar.zst,0000001-0123abcd.tar.zst,mine}
expect_equal "a lost shard" "2 1" "$(number '"\(.clips) \(.shards | length)"')"
expect_equal "is the same again" "$(cat hashes.1)" "$(hashes)"
hashes >hashes.2
told data >told.1
run avqa -C data extract --visual frames --audio logmel:vggish --per-shard 3
expect_exit 1
expect_stderr '5 clips have features made otherwise \(logmel:music-avqa, encoding as-is, pad none\)'
expect_stderr '--replace'
run avqa -C data extract --visual frames --audio logmel:vggish --dry-run
expect_exit 1
extract --max-seconds 2
expect_exit 1
expect_stderr '5 clips have features made otherwise \(frames:squash.*5 clips have .*logmel:music-avqa'
expect_equal "without --replace all stays" "$(cat hashes.2)" "$(hashes)"
told data >told.2
expect_same told.1 told.2
run avqa -C data extract --visual frames --audio logmel:vggish --per-shard 3 --replace --json
expect_equal "another preset of one" "5 2" "$(number '"\(.clips) \(.shards | length)"')"
expect_equal "pictures stay" "4" "$(ask "SELECT n_rows FROM feature JOIN clip c ON c.id = clip_id WHERE picture = 'd_four' AND encoder = 'frames'")"
check "all shards are in the catalog, and all of the catalog is there" \
    test "$(ask 'SELECT path FROM shard ORDER BY path' | sed 's|shards/||')" = "$(cd data/shards && ls)"
run avqa -C data extract --visual frames:crop --audio logmel:vggish --replace --json
expect_equal "old shards go when nothing of them is left" \
    "$(ask 'SELECT count(DISTINCT shard_id) FROM feature')" "$(find data/shards -name '*.zst' | wc -l)"

# An odd clip has a reason of its own and stops no other: a name that no shard can have, a
# picture that no crop fits, and a name like that of a pair.
rm -rf data odd && mkdir odd
long=$(printf 'x %.0s' {1..120})
make -f lavfi -i testsrc2=s=2112x32:r=10:d=1 -f lavfi -i sine=sample_rate=16000:d=1 \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac odd/wide.mp4
cp in/c_short.mp4 odd/long.mp4
cp in/c_short.mp4 odd/a+b.mp4
cp in/d_four.mp4 odd/pair.mp4
run avqa init data -q
run avqa -C data import media odd -q
ask "UPDATE clip SET picture = '$long', sound = '$long' WHERE picture = 'long';
    UPDATE clip SET picture = 'a', sound = 'b', path = s.path, sha256 = s.sha256, bytes = s.bytes
        FROM source s WHERE s.id = source_id AND picture = 'pair'"
run avqa -C data extract --visual frames:crop --audio logmel:music-avqa --json
expect_exit 3
expect_equal "what was made" "a:4/4 a+b:3/3 wide:0/1" "$(rows)"
expect_equal "odd clips" "wide:frames:unfit x:frames:bad-name x:logmel:bad-name" "$(reasons | sed 's/\(x \)\+:/x:/g')"
expect_equal "why" "a picture of" "$(ask "SELECT substr(detail, 1, 12) FROM featureless WHERE reason = 'unfit'")"
expect_equal "keys" "a%2Bb a+b wide" "$(avqa shard ls data/shards/*.zst --json | jq -r '[.shards[].samples[].key] | sort | join(" ")')"
run avqa -C data extract --visual frames:crop --audio logmel:music-avqa --json
expect_exit 3
expect_equal "nothing is tried again" "0 2" "$(number '"\(.to_do) \(.n_known)"')"
# A reason that an earlier run found is said, whatever a later one asks for.
rm -rf data && cp -r fresh data
run avqa -C data extract --visual none --audio logmel
expect_exit 3
run avqa -C data extract --visual frames --audio logmel --json
expect_exit 3
expect_equal "one known, one new" "1 1" "$(number '"\(.n_known) \(.n_failed)"')"
run avqa -C data status
expect_stdout 'extract +1 +no-audio'
run avqa -C data extract --visual frames:crop --audio none --replace -q
run avqa -C data status
expect_stdout 'extract +1 +no-audio'

# Lengths, padding.
rm -rf data && cp -r fresh data
extract --pad zero
expect_exit 0
expect_equal "filled with zeros" "a_heard:4/4 b_mute:4/4 c_short:3/3 d_four:4/4 e_uneven:4/4" "$(rows | sed 's/ f_cut.*//')"
cp -r fresh heard
run avqa -C heard extract --pad zero --visual none --audio logmel --json
expect_exit 3
expect_equal "zeros have the length of pictures" "b_mute no-audio" "$(number '.failed[] | .clip + " " + .reason')"
expect_equal "recorded" "zero 3" "$(ask "SELECT provenance ->> 'pad', provenance ->> 'padded' FROM feature JOIN clip c ON c.id = clip_id
    WHERE picture = 'e_uneven' AND encoder = 'logmel'" | tr '|' ' ')"
extract --pad repeat --replace
expect_exit 3
expect_equal "the last row again" "a_heard:0/4 b_mute:4/0 c_short:3/3 d_four:4/4 e_uneven:4/4" "$(rows | sed 's/ f_cut.*//')"
avqa shard cat data/shards/*.zst e_uneven --array logmel_music_avqa --rows 0 -o row.0 >/dev/null
avqa shard cat data/shards/*.zst e_uneven --array logmel_music_avqa --rows 3 -o row.3 >/dev/null
expect_same row.0 row.3
extract --max-seconds 2 --replace --json
expect_equal "two seconds" "a_heard:0/2 b_mute:2/0 c_short:2/2 d_four:2/2 e_uneven:2/1 f_cut:2/2" "$(rows)"
expect_equal "that is not cut off" 1 "$(number .n_flawed)"

# Stretches of a source; a file that is not the one of the catalog, or gone.
printf 'video_id,start_time,duration,suffix\nd_four,0:01,0:02,_#02\nd_four,0:03,0:09,_#03\nd_four,0:20,0:02,_#04\n' >videos.csv
rm -rf data && cp -r fresh data
run avqa -C data import videos videos.csv -q
extract --json
expect_equal "rows of stretches" "2/2 1/1" \
    "$(ask "SELECT group_concat(n, ' ') FROM (SELECT sum(n_rows * (encoder = 'frames')) || '/' || sum(n_rows * (encoder = 'logmel')) AS n
        FROM feature JOIN clip c ON c.id = clip_id WHERE picture GLOB 'd_four_*' GROUP BY picture ORDER BY picture)")"
expect_equal "beyond the end" "outside" "$(ask "SELECT DISTINCT reason FROM featureless JOIN clip c ON c.id = clip_id WHERE picture = 'd_four_#04'")"
avqa shard cat data/shards/*.zst 'd_four' --array frames_squash --rows 2 -o row.2 >/dev/null
avqa shard cat data/shards/*.zst 'd_four_#02' --array frames_squash --rows 1 -o row.1 >/dev/null
expect_same row.1 row.2
echo >>in/d_four.mp4
rm in/b_mute.mp4
run avqa -C data extract --visual frames:crop --audio none --replace --json
expect_exit 3
expect_equal "changed and gone" "b_mute no-file,d_four changed,d_four_#02 changed,d_four_#03 changed,d_four_#04 changed" \
    "$(number '[.failed[] | select(.reason == "no-file" or .reason == "changed") | .clip + " " + .reason] | sort | join(",")')"
expect_stderr 'b_mute: its file is not there'
run avqa -C data status
expect_stdout 'extract +4 +changed'
expect_stdout 'extract +1 +no-file'
n=$(ask "SELECT count(*) FROM attempt")
run avqa -C data extract --visual frames:crop --audio none --dry-run
expect_exit 3
expect_stdout '5 +clips without what was asked for'
expect_equal "a dry run is no attempt" "$n" "$(ask "SELECT count(*) FROM attempt")"

# A clip whose file is another one now is made again, as it was asked for before.
rm -rf data && cp -r fresh data
extract -q
run avqa -C data segment -q
extract --json
expect_equal "cut clips" "$(find data/clips -type f | wc -l)" "$(number .clips)"
check "there are some" test "$(number .clips)" -gt 2

# Twenty warnings and a number.
rm -rf data && run avqa init data -q
for i in $(seq -w 24); do cp in/c_short.mp4 "in/x_$i.mp4"; echo "$i" >>"in/x_$i.mp4"; done
run avqa -C data import media in -q
rm in/x_*.mp4
run avqa -C data extract --visual none --audio logmel
expect_exit 3
expect_equal "warnings of files that are gone" 20 "$(grep -c 'its file is not there' err)"
expect_stderr 'and [0-9]+ more clips without'

finish
