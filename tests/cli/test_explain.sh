#!/usr/bin/env bash
# avqa explain: the figure in each kind of file, the pictures of the very seconds that were
# read, heat where the model says the most weight is, which questions are chosen, and what
# is said where something is missing.
source "$(dirname "$0")/../support/cli.sh"
need ffmpeg jq python3

explain() { run avqa -C data explain "$@"; }
pictures() { python3 "$SOURCE/tests/support/figure_pictures.py" "$@" >pictures; }

# A clip whose seconds have a colour each, one with something to look at, the same turned
# by a quarter, one that is too short, and one whose sound goes on without pictures.
mkdir in
seconds=() colours=(red lime blue white yellow black)
for c in "${colours[@]}"; do seconds+=(-f lavfi -i "color=$c:s=64x48:r=5:d=1"); done
make "${seconds[@]}" -f lavfi -i sine=sample_rate=16000:d=6 -filter_complex \
    'concat=n=6[v]' -map '[v]' -map 6:a -c:v libx264 -preset ultrafast -g 5 -pix_fmt yuv420p -c:a aac in/colours.mp4
make -f lavfi -i "color=gray:s=96x64:r=5:d=6,drawbox=8:8:20:20:white:fill,drawbox=60:30:30:30:black:fill" \
    -f lavfi -i "sine=300:sample_rate=16000:d=6" -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac in/boxes.mp4
make -i in/boxes.mp4 -c copy -metadata:s:v rotate=90 in/turned.mp4
make -i in/boxes.mp4 -t 2 -c:v libx264 -preset ultrafast -c:a aac in/short.mp4
make -f lavfi -i color=gray:s=96x64:r=5:d=3 -f lavfi -i "sine=300:sample_rate=16000:d=6" \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac in/half.mp4

# ROW CLIP TYPE TEXT SLOTS ANSWER
row() {
    jq -cn --arg id "$2" --argjson n "$1" --arg type "$3" --arg text "$4" --arg slots "$5" --arg answer "$6" \
        '{video_id: $id, question_id: $n, type: $type, question_content: $text, templ_values: $slots, question_deleted: 0, anser: $answer}'
}
questions() { # FIRST-NUMBER
    local n=$1 clip
    for clip in colours boxes turned short half; do
        row $((n++)) $clip '["Audio-Visual", "Counting"]' 'How many instruments are sounding in the video?' '[]' two
        row $((n++)) $clip '["Audio-Visual", "Existential"]' 'Is there a voiceover?' '[]' no
        row $((n++)) $clip '["Audio", "Comparative"]' 'Is the <Object> louder than the <Object>?' '["violin", "cello"]' yes
    done | jq -s .
}
questions 1 >train.json
questions 101 >val.json
avqa init data -q
avqa -C data import media in -q
printf 'video_id,start_time,duration\nhalf,0:00,0:06\n' >half.csv
avqa -C data import videos half.csv -q
avqa -C data import music-avqa train.json --split train -q
avqa -C data import music-avqa val.json --split val -q
run avqa -C data extract --weights random:5 --pad repeat -q
expect_exit 0
for model in q avst av+q+tg; do
    run avqa -C data train $model --epochs 1 --batch 4 --stride 2 --seconds 3 -q
    check "a run of $model" test -f "data/runs/$model/run.json"
done
{
    row 201 colours '["Audio-Visual", "Existential"]' 'Is there a voiceover?' '[]' no
    row 202 colours '["Audio", "Comparative"]' 'Is the <Object> louder than the <Object>?' '["tuba", "cello"]' yes
    row 203 colours '["Audio", "Comparative"]' 'Is the <Object> louder than the <Object>?' '["cello", "tuba"]' yes
} | jq -s . >new.json
avqa -C data import music-avqa new.json --split new -q
dump data >before

# ---- usage -------------------------------------------------------------------------
explain avst
expect_exit 2
expect_stderr '--output FILE'
explain avst -o a.gif
expect_exit 2
expect_stderr 'a.gif: .*\.png, \.svg or \.pdf'
explain avst val#1 --wrong -o a.png
expect_exit 2
expect_stderr 'named or chosen'
explain avst --right --wrong -o a.png
expect_exit 2
explain avst val1 -o a.png
expect_failure explain "'val1' names no question"
explain avst val#99 -o a.png
expect_failure explain 'no question val#99'
explain avst 102 --split train -o a.png
expect_failure explain 'no question 102 in split train'
explain nothing val#1 -o a.png
expect_failure explain "nothing"
explain avst --type Loud -o a.png
expect_failure explain "no question of type Loud"
explain avst --template Z99 -o a.png
expect_failure explain 'no question of template Z99'
explain avst val#1 -o nowhere/a.png
expect_failure explain 'nowhere'
check "nothing was written" not test -e a.png

# ---- the figure ----------------------------------------------------------------------
for kind in png svg pdf; do
    explain avst --question val#1 -o "one.$kind"
    expect_ok
    expect_stdout "^figure: one.$kind"
    expect_stdout '^val#1, number 101: How many instruments are sounding in the video\?'
done
check "a PNG" test "$(head -c 4 one.png | tail -c 3)" = PNG
check "a PDF" test "$(head -c 5 one.pdf)" = %PDF-
check "an SVG" grep -q '</svg>' one.svg
expect_equal "a page ten inches wide" 1440 "$(ffprobe -v error -show_entries stream=width -of csv=p=0 one.png)"
explain avst --question val#1 --dpi 72 -o small.png
expect_equal "and in points" 720 "$(ffprobe -v error -show_entries stream=width -of csv=p=0 small.png)"
explain avst --question val#1 -o again.svg
expect_same one.svg again.svg
explain avst --question val#1 -o dry.svg --dry-run
expect_exit 0
check "a dry run writes nothing" not test -e dry.svg

cp one.png kept.png
explain avst --question val#1 -o one.png
expect_failure explain 'one.png is there already; remove it first, or give another name with -o'
explain avst --question val#1 -o one.png --dry-run
expect_failure explain 'one.png is there already'
expect_same one.png kept.png

# ---- numbers -------------------------------------------------------------------------
explain avst --question 105 103 val#4 -o three.svg --json
expect_ok
expect_equal "three, in the order of their names" 'val#5, number 105;val#3, number 103;val#4, number 104' \
    "$(number '[.questions[].question] | join(";")')"
expect_equal "slots are filled" 'Is the violin louder than the cello?' "$(number '.questions[1].text')"
expect_equal "type" Audio/Comparative "$(number '.questions[1].type')"
expect_equal "seconds" 0,2,4 "$(number '.questions[0].seconds | join(",")')"
expect_equal "attention sums to 1" true \
    "$(number '[.questions[] | (.heard, .seen) | add | . > 0.99999 and . < 1.00001] | all')"
expect_equal "weights are around the even share" true \
    "$(number '[.questions[].grounding.seconds[] | .least <= 1/196 and .most >= 1/196 and .row < 14 and .col < 14] | all')"
expect_equal "right is right" true "$(number '[.questions[] | .right == (.answer == .truth)] | all')"
expect_equal "the best answer first" true "$(number '[.questions[] | .probability >= .next[0].probability] | all')"
expect_equal "all pictures" 3,3,3 "$(number '[.questions[].pictures] | join(",")')"

# ---- the seconds that were read ------------------------------------------------------
explain q --question val#1 -o q.svg --json
expect_ok
expect_equal "no attention" null,null,null "$(number '.questions[0] | [.heard, .seen, .grounding] | map(tostring) | join(",")')"
expect_equal "which is said" true "$(number '.questions[0].note | startswith("q is given the question alone")')"
pictures q.svg 0.5,0.5
expect_equal "red, blue and yellow: seconds 0, 2 and 4" 'r,b,rg' "$(jq -r '.colours[0] |
    [["r","g","b"][(. as $c | range(3) | select($c[.] > 180))]] | join("")' pictures | paste -sd,)"
explain av+q+tg --question val#1 -o tg.svg --json
expect_equal "attention over time only" 'null 3' "$(number '.questions[0] | "\(.grounding) \(.heard | length)"')"
expect_equal "which is said" true "$(number '.questions[0].note | startswith("av+q+tg has no spatial grounding")')"

# ---- heat where the weight is ----------------------------------------------------------
# Over even grey, the place with the most weight has the map's last colour.
explain avst --question val#4 -o boxes.svg --json
expect_ok
most=$(number '[.questions[0].grounding.seconds[].most] | max')
while read -r second row col weight; do
    pictures boxes.svg "$(jq -n "($col + 0.5) / 14"),$(jq -n "($row + 0.5) / 14")"
    [[ $weight == "$most" ]] || continue
    expect_equal "the hottest place is yellow" true "$(jq -s ".[$second].colours[0] | .[0] > 130 and .[0] > .[2] + 25" pictures)"
done < <(number '.questions[0].grounding.seconds | to_entries[] | "\(.key) \(.value.row) \(.value.col) \(.value.most)"')

# ---- what facts say of it --------------------------------------------------------------
cp -r data known
jq -cn '{clip: "boxes", duration: 6, instances: [
    {id: "a", instrument: "acoustic_guitar", visible: true, box: [0.083, 0.125, 0.208, 0.3125], sounding: [[0, 1], [3.5, 6]]},
    {id: "b", instrument: "piano", visible: true, box: [0.625, 0.469, 0.3125, 0.46875], sounding: []},
    {id: "c", instrument: "cello", visible: false, sounding: [[0, 6]]}]}' >facts.jsonl
avqa -C known import facts facts.jsonl -q
jq -c '.[0] | .video_id = "boxes" | .question_id = 900 | .question_content = "Is there a <Object> sound?" | .type = "[\"Audio\", \"Existential\"]"
    | .templ_values = "[\"acoustic_guitar\"]" | .anser = "yes" | [.]' val.json >guitar.json
avqa -C known import music-avqa guitar.json --split more -q
run avqa -C known explain avst --question more#1 -o known.svg --json
expect_exit 0
expect_equal "boxes of what is seen, and the seconds in which it sounds" 'acoustic guitar [0.083,0.125,0.208,0.3125] [true,false,true];piano [0.625,0.469,0.3125,0.46875] [false,false,false]' \
    "$(number '[.questions[0].boxes[] | "\(.name) \(.box | tostring) \(.sounds | tostring)"] | join(";")')"
run avqa -C known explain avst --question more#1 -o bare.svg --no-boxes --json
expect_exit 0
expect_equal "none, if they are not wanted" 0 "$(number '.questions[0].boxes | length')"
outlines() { grep -oE '<rect[^>]*stroke="#ffffff"[^>]*fill="none"' "$1" | wc -l; }
expect_equal "an outline for each picture and instrument, and two in the legend" 8 "$(($(outlines known.svg) - $(outlines bare.svg)))"
run avqa -C known explain avst --question val#1 -o colours.svg --json
expect_equal "clips without facts have none" 0 "$(number '.questions[0].boxes | length')"

# ---- orientation -----------------------------------------------------------------------
pictures boxes.svg
expect_equal "as wide as it is" true "$(jq -s '.[0] | .width / .height | . > 1.49 and . < 1.51' pictures)"
explain avst --question val#7 -o turned.svg
pictures turned.svg
expect_equal "turned as it is shown" true "$(jq -s '.[0] | .height / .width | . > 1.49 and . < 1.51' pictures)"

# ---- which are chosen --------------------------------------------------------------------
explain avst -n 12 -o all.pdf --json
expect_equal "all that can be asked, of the validation split" '12 val' \
    "$(number '"\(.questions | length) \([.questions[].question | sub("#.*"; "")] | unique | join(" "))"')"
all=$(number '[.questions[].question] | join(" ")')
right=$(number '.right')
explain avst -n 32 --right -o right.pdf --json
[[ $right -eq 0 ]] || expect_equal "the right ones" "$right true" "$(number '"\(.questions | length) \([.questions[].right] | all)"')"
explain avst -n 32 --wrong -o wrong.pdf --json
[[ $right -eq 12 ]] || expect_equal "the wrong ones" "$((12 - right)) false" "$(number '"\(.questions | length) \([.questions[].right] | any)"')"
explain avst -n 12 -o seed.pdf --json --seed 4
expect_ok
check "another seed, another order" test "$all" != "$(number '[.questions[].question] | join(" ")')"
explain avst -n 2 -o two.pdf --json
expect_equal "fewer are the first of them" "${all%% val*}" "$(number '.questions[0].question')"
explain avst -n 5 --type Audio-Visual/Existential --split train -o type.pdf --json
expect_equal "of one type and split" 'train Audio-Visual/Existential 4' \
    "$(number '"\([.questions[].question | sub("#.*"; "")] | unique[0]) \([.questions[].type] | unique[0]) \(.questions | length)"')"
code=$(number '.questions[0].template')
explain avst -n 5 --template "$code" -o code.pdf --json
expect_equal "of one template" "$code 4" "$(number '"\([.questions[].template] | unique[0]) \(.questions | length)"')"

# Words that the model does not know are told of where such a question is drawn.
for seed in 1 2 3 4 5 6; do
    explain avst --split new -n 1 --seed $seed --dry-run --json
    expect_exit 0
    if [[ $(number '.questions[0].text') == *tuba* ]]; then
        expect_stderr '^avqa explain: warning: 1 of the questions drawn has words that the model does not know$'
    else
        expect_stderr_empty
    fi
done

# ---- what is missing -------------------------------------------------------------------
explain avst val#1 val#10 -o partly.png
expect_exit 3
expect_stderr '1 of 2 questions cannot be asked: .*short.* 5 rows'
explain avst val#10 -o none.png
expect_failure explain short
explain avst val#13 -o half.svg --json
expect_ok
expect_equal "pictures end before the features" '2 The clip has no picture at second 4; its file ends before.' \
    "$(number '.questions[0] | "\(.pictures) \(.note | sub(".* share\\. "; ""))"')"
pictures half.svg
expect_equal "three maps and the legend" 4 "$(wc -l <pictures)"
mv in/boxes.mp4 in/away
explain avst --question val#4 -o alone.svg --json
expect_ok
expect_equal "the file is gone" '0 true' "$(number '.questions[0] | "\(.pictures) \(.note | test("boxes.mp4 is not there"))"')"
pictures alone.svg
expect_equal "maps alone, and the legend" 4 "$(wc -l <pictures)"
expect_equal "square, as the model had them" true "$(jq -s '[.[:3][] | .width == .height] | all' pictures)"
cp in/colours.mp4 in/boxes.mp4
explain avst --question val#4 -o other.svg --json
expect_equal "another file" true "$(number '.questions[0].note | test("is another one now")')"
mv in/away in/boxes.mp4

# ---- the same numbers elsewhere ----------------------------------------------------------
explain avst val#1 val#4 val#5 val#7 -o four.png --json
expect_ok
cp out four.json
run avqa shard export --npy npy data/shards/*.zst
expect_exit 0
if /usr/bin/python3 -c 'import torch, numpy' 2>/dev/null; then
    run env OMP_NUM_THREADS=1 /usr/bin/python3 -B "$SOURCE/tests/golden/explain_reference.py" four.json data/runs/avst npy 2
    expect_exit 0
    cat out
else
    note "the numbers beside torch: python3-torch is not installed"
fi

dump data >after
expect_same before after
finish
