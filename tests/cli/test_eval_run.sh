#!/usr/bin/env bash
# avqa eval on runs that avqa train made, of planted scenes: what a run said is what its
# predictions say when they are read again; what cannot be asked is left out; grounding is
# counted where facts are.
source "$(dirname "$0")/../support/cli.sh"
need jq
[[ -n ${AVQA_PLANTED:-} ]] || skip "the program that plants scenes is not named"
avqa init set -q
"$AVQA_PLANTED" facts clips=60 >facts.jsonl
avqa -C set import facts facts.jsonl -q
avqa -C set generate -q
avqa -C set split --ratios train=6,test=4 -q
"$AVQA_PLANTED" features set clips=60 >"$TMP/planted" 2>&1
evaluate() { run avqa -C set eval "$@" --draws 300 -j1; }
train() { avqa -C set train "$@" --val-split none --epochs 1 --stride 1 --seconds 6 --tokens unicode -j1 -q 2>"$TMP/trained"; }
train q || { cat "$TMP/trained"; exit 1; }
train avst || { cat "$TMP/trained"; exit 1; }
n=$(jq -s '[.[] | select(.split == "test")] | length' <(avqa -C set export jsonl -o all.jsonl -q; cat all.jsonl))

# ---- a run and its own predictions
evaluate avst --json -o result
expect_exit 0
expect_stderr_empty
cp out run.json
expect_equal "questions" "$n $n" "$(jq -r '"\(.overall.total) \(.run.asked)"' run.json)"
expect_equal "the model" "avst avst best train" "$(jq -r '"\(.name) \(.run.model) \(.run.weights) \(.run.train_split)"' run.json)"
expect_equal "the guesser learnt what the run learnt" train "$(jq -r .prior.fit run.json)"
expect_equal "lines" "$n" "$(wc -l <result/predictions.jsonl)"
check "shares are above chance and at most 1" jq -es 'all(.[]; .share > 0 and .share <= 1)' result/predictions.jsonl
expect_equal "right, by their lines" "$(jq .overall.correct run.json)" "$(jq -s '[.[] | select(.answer == .truth)] | length' result/predictions.jsonl)"
evaluate --predictions result/predictions.jsonl --json
expect_equal "read again" "$(jq -cS '[.overall, .types, .templates, .answers]' run.json)" "$(jq -cS '[.overall, .types, .templates, .answers]' out)"
evaluate avst --against result/predictions.jsonl --json
expect_equal "against itself" "0 0 1" "$(jq -r '.against.overall | "\(.only_this) \(.only_other) \(.p)"' out)"
evaluate avst --json --batch 7
expect_equal "the batch makes no difference" "$(jq -cS '[.overall, .grounding]' run.json)" "$(jq -cS '[.overall, .grounding]' out)"
evaluate "$PWD/set/runs/avst" --json
expect_equal "a folder is a run" "$(jq -cS .overall run.json)" "$(jq -cS .overall out)"

# ---- two runs
evaluate avst --against q
expect_ok
check "80 columns" test "$(wc -L <out)" -le 80
expect_stdout "^ against q, on the $n questions"
expect_stdout '^ on what is asked about +[0-9.]+'
expect_stdout 'runs/avst: avst, best weights$'

# ---- grounding: of the model that attends, above what cannot be missed
expect_equal "kinds" "heard places seen sources" "$(jq -r '.grounding | keys - ["questions", "without", "unplaced", "trivial"] | join(" ")' run.json)"
check "as the table has it" test "$(jq -r '.grounding.places | [.hits, .total] | join(",")' run.json)" = \
    "$(awk -F, '$1 == "places" && $2 == "" {print $3 "," $4}' result/tables/grounding.csv)"
check "types come to all" jq -e '.grounding | all(.places, .heard, .seen; ([.types[].total] | add) == .total and ([.types[].hits] | add) == .hits)' run.json
# Each second of a clip is a source once: no more than 6 for each clip of the split.
check "sources" jq -e --argjson clips "$(jq -s '[.[] | select(.split == "test") | .video] | unique | length' all.jsonl)" \
    '.grounding | .sources.total + .trivial.sources <= 6 * $clips and .sources.total > 0' run.json
check "chance is between" jq -e '[.grounding | .places, .sources, .heard, .seen] | all(.chance > 0 and .chance < 1)' run.json
evaluate q --json
expect_equal "who attends to nothing has none" null "$(jq .grounding out)"

# ---- a run that is not what it promised
cp -r set/runs/avst set/runs/half
jq '.options.epochs = 3' set/runs/avst/run.json >set/runs/half/run.json
evaluate half
expect_exit 0
expect_stderr 'half is not finished: 1 of 3 epochs'
check "one line" test "$(wc -l <err)" -eq 1
jq '.options.epochs = 3 | .options.patience = 1' set/runs/avst/run.json >set/runs/half/run.json
printf '{"epoch": 2, "best": false}\n' >>set/runs/half/epochs.jsonl
evaluate half
expect_stderr_empty
jq '.shards[0].sha256 |= ("0" * 64)' set/runs/avst/run.json >set/runs/half/run.json
evaluate half
expect_exit 0
expect_stderr "features were made anew since .*half was trained: 1 of its $(jq '.shards | length' set/runs/avst/run.json) shards? is another now"
check "one line" test "$(wc -l <err)" -eq 1
rm -r set/runs/half

# ---- what cannot be asked
avqa init less -q
avqa -C less import facts facts.jsonl -q
avqa -C less generate -q
avqa -C less split --ratios train=6,test=4 -q
"$AVQA_PLANTED" features less clips=30 >"$TMP/planted" 2>&1
run avqa -C less eval "$PWD/set/runs/avst" --json --draws 300 -j1
expect_exit 0
check "questions without features are left out" jq -e --argjson n "$n" \
    '.run.no_features > 0 and .overall.total == .run.asked and .run.asked + .run.no_features == $n and .questions == $n' out
run avqa -C less eval "$PWD/set/runs/avst" --draws 300 -j1
expect_stdout 'questions whose clips lack the features; left out'

# ---- an encoder that keeps the middle of a wide picture: where its cells are in all of it
if type ffmpeg >"$TMP/ffmpeg" 2>&1; then
    mkdir in
    for clip in near far; do
        ffmpeg -v fatal -nostdin -y -f lavfi -i testsrc=s=128x64:r=2:d=6 -f lavfi -i "sine=300:sample_rate=16000:d=6" \
            -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac "in/$clip.mp4" || exit 1
    done
    # Of seven columns over the shares 0.28 to 0.72 the middles of two are in the box of
    # `near`, and none in that of `far`. Of the whole picture they would be one and one.
    for clip in near:0.3 far:0; do
        jq -cn --arg clip "${clip%:*}" --argjson x "${clip#*:}" '{clip: $clip, duration: 6, instances: [
            {id: "a", instrument: "violin", visible: true, box: [$x, 0, 0.1, 1], sounding: [[0, 6]]}]}'
    done >wide.jsonl
    avqa init wide -q
    avqa -C wide import media in -q
    avqa -C wide import facts wide.jsonl -q
    jq -n '["near", "far"] | [to_entries[] | {video_id: .value, question_id: .key, type: "[\"Audio\", \"Existential\"]",
        question_content: "Is there a <Object> sound?", templ_values: "[\"violin\"]", question_deleted: 0, anser: "yes"}]' >wide.json
    avqa -C wide import music-avqa wide.json --split train -q
    avqa -C wide extract --visual resnet18:torchvision-maps --weights random:5 -q
    avqa -C wide train avst --val-split none --epochs 1 --batch 2 --stride 1 --seconds 6 -j1 -q
    run avqa -C wide eval avst --split train --json --draws 300 -j1
    expect_equal "seconds of one clip, two columns of seven" "6 0 0.285714" \
        "$(jq -r '.grounding | "\(.places.total) \(.unplaced) \(.places.chance * 1e6 | round / 1e6)"' out)"
    rm -r in
    run avqa -C wide eval avst --split train --json --draws 300 -j1
    expect_equal "without files nothing is said of places" "null null 2" \
        "$(jq -r '.grounding | "\(.places) \(.sources) \(.unplaced)"' out)"
    run avqa -C wide eval avst --split train --draws 300 -j1
    expect_stdout "2 questions whose picture's size is not known: no places"
else
    echo "no ffmpeg: not looked at what an encoder that crops sees"
fi

# ---- errors
run avqa -C set eval no-such
expect_failure eval no-such avst
avqa -C set train avst --stage grounding --name stage1 --val-split none --epochs 1 --stride 1 --seconds 6 --tokens unicode -j1 -q 2>"$TMP/trained" ||
    { cat "$TMP/trained"; exit 1; }
run avqa -C set eval stage1 -o never
expect_failure eval 'no answers'
check "nothing was written" not test -e never
finish
