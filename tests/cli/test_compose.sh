#!/usr/bin/env bash
# avqa compose: clips out of clips, with facts and parents, from segment to audit; what is
# made again and what is not; what cannot be made.
source "$(dirname "$0")/../support/cli.sh"
need ffmpeg ffprobe jq sqlite3

compose() { run avqa -C data compose "$@"; }
hashes() { (cd data/clips && sha256sum -- overlay* stitch* match*); }
facts() { avqa -C data export facts -o - | jq -c --arg clip "$1" 'select(.clip == $clip)'; }

# clip NAME HERTZ SIZE SECONDS
clip() {
    make -f lavfi -i "testsrc2=s=$3:r=25:d=$4" -f lavfi -i "sine=$2:r=48000:d=$4,volume=4" \
        -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -b:a 128k -shortest "in/$1.mp4"
}
# fact NAME INSTRUMENT SCENE X LENGTH
fact() {
    echo "{\"clip\": \"$1\", \"duration\": $5, \"scene\": \"$3\", \"voiceover\": [], \"instances\": [{\"id\": \"1\", \"instrument\": \"$2\", \"visible\": true, \"x\": $4, \"sounding\": [[0.5, 2]], \"loudness_db\": -20, \"rhythmicity\": 0.5}]}"
}
mkdir in
clip low 220 160x120 3
clip mid 440 120x160 3
clip high 880 160x120 4
make -i in/low.mp4 -map 0:v -c copy in/mute.mp4
{ fact low cello indoor 0.25 3; fact mid violin outdoor 0.75 3; fact high flute indoor 0.5 4; fact mute banjo indoor 0.5 3; } >facts.jsonl

run avqa init data -q
run avqa -C data import media in -q
run avqa -C data import facts facts.jsonl -q
expect_ok
compose overlay --count 1 --json
expect_exit 1 # nothing was segmented
expect_equal "without clips" "1 4 0" "$(number '"\(.missing) \(.left_out["no-file"]) \(.composed)"')"
compose overlay
expect_exit 2
expect_stderr 'how many'
run avqa -C data status
expect_stdout 'clips_with_facts +4$'
expect_stdout '^next: avqa generate; also avqa segment$'
run avqa -C data segment -q
expect_exit 0
run avqa -C data status
expect_stdout '^next: avqa generate; also avqa extract$'

# ---- overlay: by pairs, facts as a person would write them -----------------------------
printf 'B,note,a\nhigh,x,low\n' >pairs.csv
compose overlay --pairs pairs.csv --gain -6 --json
expect_exit 0
expect_equal "composed" "1 0 1" "$(number '"\(.composed) \(.failed) \(.instruments.cello)"')"
check "the clip" test -s data/clips/overlay_low+high.mp4
expect_equal "row" "overlay|synthetic|3000000|clips/overlay_low+high.mp4" \
    "$(ask "SELECT method, origin, duration_us, path FROM clip WHERE picture = 'overlay_low+high'")"
expect_equal "parents" "high base,low base" \
    "$(ask "SELECT parent || ' ' || role FROM clip_parent JOIN clip ON id = clip_id WHERE picture = 'overlay_low+high' ORDER BY 1" | paste -sd,)"
# the sum may have been lowered, by what is said
common=$(ask "SELECT json_extract(made, '\$.common_gain_db') FROM clip WHERE picture = 'overlay_low+high'")
jq -nSc --argjson g "$common" '{clip: "overlay_low+high", duration: 3, scene: "indoor", voiceover: [],
    media: {video: "overlay_low+high", audio: "overlay_low+high", base: ["low", "high"]},
    instances: [{id: "a.1", instrument: "cello", visible: true, x: 0.25, sounding: [[0.5, 2]], loudness_db: (-20 + $g), rhythmicity: 0.5},
                {id: "b.1", instrument: "flute", visible: false, x: null, sounding: [[0.5, 2]], loudness_db: (-26 + $g), rhythmicity: 0.5}],
    origin: "composed"}' >expected
facts 'overlay_low+high' | jq -Sc '.instances[].loudness_db |= (. * 1e5 | round / 1e5)' >got_facts
jq -Sc '.instances[].loudness_db |= (. * 1e5 | round / 1e5)' expected >expected_facts
expect_same expected_facts got_facts

# Its sound is the sum of the parents'; ffmpeg makes both.
error_db() { # FILE EXPRESSION-OF-TWO: in dB, of what is left when ffmpeg takes the sum away
    ffmpeg -v info -nostdin -i "data/clips/$1" -i data/clips/low.mp4 -i data/clips/high.mp4 -lavfi \
        "[0:a]aformat=flt,atrim=end=3[x];[1:a]aformat=flt,atrim=end=3,volume=$2:precision=float[a];[2:a]aformat=flt,atrim=end=3,volume=$3:precision=float[b];[x]volume=-1:precision=float[m];[m][a][b]amix=inputs=3:normalize=0:duration=first,astats=measure_perchannel=none" \
        -f null - 2>&1 | sed -n 's/.*RMS level dB: //p'
}
factor() { awk -v db="$1" 'BEGIN {printf "%.12f", 10 ^ (db / 20)}'; }
left=$(error_db overlay_low+high.mp4 "$(factor "$common")" "$(awk -v c="$common" 'BEGIN {printf "%.12f", 10 ^ ((c - 6) / 20)}')")
echo "sum of the parents taken away: $left dB"
check "sum within -60 dB" awk -v l="$left" 'BEGIN {exit !(l ~ /inf/ || l < -80)}' # the tones are at about -12 dB

# ---- again ------------------------------------------------------------------------------
hashes >before 2>/dev/null
compose overlay --pairs pairs.csv --gain -6 --json
expect_equal "again" "0 1 0" "$(number '"\(.composed) \(.unchanged) \(.refacted)"')"
sed 's/"x": 0.25/"x": 0.125/' facts.jsonl >moved.jsonl
run avqa -C data import facts moved.jsonl -q
compose overlay --pairs pairs.csv --gain -6 --json
expect_equal "a parent's facts changed" "0 1 1" "$(number '"\(.composed) \(.unchanged) \(.refacted)"')"
expect_equal "x follows" 0.125 "$(facts 'overlay_low+high' | jq '.instances[0].x')"
rm 'data/clips/overlay_low+high.mp4'
compose overlay --pairs pairs.csv --gain -6 --json -j1
expect_equal "file lost" "1 0" "$(number '"\(.composed) \(.unchanged)"')"
hashes >after 2>/dev/null
expect_same before after
compose overlay --pairs pairs.csv --gain 0 --json
expect_equal "another gain" "1 0" "$(number '"\(.composed) \(.unchanged)"')"
compose overlay --pairs pairs.csv --gain 20 --json
expect_exit 0
expect_equal "would clip" "1 lowered" "$(number '"\(.lowered) \(.remarks[0].reason)"')"

# ---- what cannot be ----------------------------------------------------------------------
printf 'a\tb\nlow\tlow\nlow\tnone\nlow\tmute\nlow\toverlay_low+high\nlow\tmid\nlow\tmid\n' >bad.tsv
compose match --pairs bad.tsv --json
expect_exit 3
expect_equal "made is counted, failed is not" "1 0" "$(number '"\(.instruments.violin) \(.instruments.banjo)"')"
expect_equal "reasons" "composed,no-audio,no-clip,same-clip,twice" "$(number '[.failures[].reason] | sort | join(",")')"
expect_equal "whose fault" "of mute: it has no sound" "$(number '.failures[] | select(.reason == "no-audio").detail')"
expect_equal "ledger" 5 "$(ask "SELECT count(*) FROM attempt WHERE stage = 'compose' AND outcome = 'failed'")"
check "no file of it" test ! -e data/clips/match_low+mute.mp4
run avqa -C data status
expect_stdout 'compose +1 +no-audio'
echo '{"a": "low"}' >bad.jsonl
compose match --pairs bad.jsonl
expect_failure 'compose match' "row 1: has no string 'b'"
echo 'a,c' >bad.csv
compose match --pairs bad.csv
expect_failure 'compose match' "names no column 'b'"
compose match --pairs bad.csv --count 3
expect_exit 2
for wrong in '--grid 2' '--grid 0x3' '--cell 3x4' '--sounding none' '--loudness loud'; do
    # shellcheck disable=SC2086
    compose stitch --count 1 $wrong
    expect_exit 2
done
compose stitch --count 1 --grid 5x5
expect_exit 2
expect_stderr '2 to 16'

# ---- chosen, the same for any number of jobs ---------------------------------------------
compose match --count 2 --seed 5 --dry-run --json
expect_equal "to be" 2 "$(number .composed)"
check "a dry run makes nothing" not compgen -G 'data/clips/match_*high*'
rm -f data/clips/match_*
compose match --count 100 --seed 5 --json -j2
expect_exit 3
# four instruments, six pairs; three of them could take the mute one's sound
expect_equal "all there can be" "6 94" "$(number '"\(.clips) \(.missing)"')"
expect_equal "the mute one is only seen" 0 "$(ask "SELECT count(*) FROM clip WHERE picture LIKE 'match%+mute'")"
expect_equal "none fails for a sound that is not there" "6 0" "$(number '"\(.composed) \(.failed)"')"
compose overlay --count 100 --seed 5 --dry-run --json # both are heard: the mute one is not chosen
expect_equal "overlays" "3 1 0" "$(number '"\(.composed) \(.left_out["no-sound"]) \(.instruments.banjo)"')"
sed '/"clip": "high"/s/\[\[0.5, 2\]\]/[]/' facts.jsonl >silent.jsonl # as facts say
run avqa -C data import facts silent.jsonl -q
compose overlay --count 100 --seed 5 --dry-run --json
expect_equal "of two with sound" "1 2" "$(number '"\(.composed) \(.left_out["no-sound"])"')"
run avqa -C data import facts moved.jsonl -q
compose stitch --per-instrument 2 --seed 3 --sounding 1 --json
expect_equal "stitched" 4 "$(number .clips)"
expect_equal "each twice" '[2,2,2,2]' "$(jq -c '.instruments | [.[]]' out)"
compose stitch --count 1 --grid 3x1 --sounding all --cell 64x48 --seed 9 --json
hashes >one
rm data/clips/{match,stitch}_*
compose match --count 100 --seed 5 -q -j1
compose stitch --per-instrument 2 --seed 3 --sounding 1 -q -j1
compose stitch --count 1 --grid 3x1 --sounding all --cell 64x48 --seed 9 -q
hashes >two
expect_same one two

# A stitched clip: the muted part is silent, the other half sounds.
printf 'a,b\nlow,mid\n' >pairs.csv
compose stitch --pairs pairs.csv --sounding 1 --seed 1 --json
expect_exit 0
expect_equal "size" 320x120 "$(ffprobe -v error -select_streams v -show_entries stream=width,height -of csv=p=0:s=x data/clips/stitch_low+mid.mp4)"
# mid is upright, 90 x 120 in a cell of 160 x 120, 34 from its edge: 0.75 is (160 + 34 + 67.5) / 320
facts 'stitch_low+mid' >got_facts
expect_equal "places" '[0.0625,0.817188]' "$(jq -c '[.instances[].x]' got_facts)"
expect_equal "scenes differ" null "$(jq -c .scene got_facts)"
expect_equal "one of them sounds" 1 "$(jq '[.instances[] | select(.sounding != [])] | length' got_facts)"

# ---- and on: questions, splits, audit ----------------------------------------------------
run avqa -C data generate --split all --per-clip 33 -q
expect_exit 0
expect_equal "questions about composed clips" yes \
    "$(ask "SELECT iif(count(*) > 5, 'yes', 'no') FROM question q JOIN clip c ON c.id = q.clip_id WHERE c.method IN ('overlay', 'stitch', 'match')")"
expect_equal "is the sound of what is seen" no \
    "$(ask "SELECT DISTINCT p.text FROM question q JOIN clip c ON c.id = q.clip_id JOIN template t ON t.id = q.template_id JOIN phrase p ON p.id = q.answer_id WHERE c.method = 'match' AND t.code = 'X11'" | paste -sd,)"
run avqa -C data split --ratios train=1,test=1 --seed 1
expect_failure split 'hang together in 1 component' # everything was put together with everything
expect_stderr 'too few for 2 splits; [0-9]+ composed clips join their parents: compose within subsets .docs/composed.md.'
run avqa -C data export facts -o again.jsonl -q
run avqa init other -q
run avqa -C other import facts again.jsonl -q
expect_ok
expect_equal "synthetic ones" "$(ask "SELECT count(*) FROM clip WHERE origin = 'synthetic'")" \
    "$(sqlite3 other/catalog.sqlite "SELECT count(*) FROM clip WHERE origin = 'synthetic'")"

# Without the other compositions: low, high and their overlay stay together, mid and mute apart.
grep -v '"\(match\|stitch\)_' again.jsonl >few.jsonl
run avqa init few -q
run avqa -C few import facts few.jsonl -q
run avqa -C few generate --split all -q
run avqa -C few split --ratios train=5,test=14,val=5 --seed 1 --json
expect_ok
expect_equal components 3 "$(number .components)"
run avqa -C few export jsonl -o questions.jsonl -q
expect_equal "splits of the family" 1 "$(jq -r 'select(.video | test("low|high")).split' questions.jsonl | sort -u | wc -l)"
rows() { echo "[{\"video_id\": \"$1\", \"question_id\": 1, \"type\": \"[\\\"Audio-Visual\\\", \\\"Existential\\\"]\", \"question_content\": \"Is there a voiceover?\", \"templ_values\": \"[]\", \"anser\": \"no\"}]"; }
rows low >test.json
rows 'overlay_low+high' >train.json
run avqa -C other import music-avqa train.json --split train -q
run avqa -C other import music-avqa test.json --split test -q
run avqa -C other audit --split test --against train --no-figures --json
expect_exit 0
expect_equal "what leaks through a parent" 1 "$(number .leakage.derived.clips)"

# ---- real clips --------------------------------------------------------------------------
REAL=${AVQA_SHARED:-}/data/media
if [[ -d ${REAL:-} ]]; then
    run avqa init real -q
    run avqa -C real import media "$REAL" -q
    run avqa -C real segment --length 2 --last drop -q
    run avqa -C real compose overlay --any --count 3 --seed 1 --json
    check "real overlays" test "$(number .composed)" -ge 2
    run avqa -C real compose stitch --any --count 3 --cell 160x120 --sounding all --loudness -23 --seed 2 --json
    check "real stitches" test "$(number .composed)" -ge 2
    for file in real/clips/overlay_* real/clips/stitch_*; do
        expect_equal "ffmpeg decodes $file" "" "$(ffmpeg -v error -i "$file" -f null - 2>&1 | head -n 3)"
    done
else
    note "real clips: $REAL is not there"
fi
finish
