# What the tests of avqa train share: the dataset d, and how its runs are looked at.
need python3 jq
python3 "$SOURCE/tests/support/train_data.py" in || exit 1
make_train_data() { # FOLDER
    avqa init "$1" -q || exit 1
    local split
    for split in train val; do avqa -C "$1" import music-avqa "in/$split.json" --split "$split" -q || exit 1; done
    avqa -C "$1" import features in/res14 in/vggish --preset music-avqa -q || exit 1
}
reads=(--stride 1 --seconds 2) # clips have two seconds
# RUN FIELD
state() { jq -r ".$2" "$1/state.json" 2>/dev/null || echo -1; }
# RUN: what was told of its epochs, without times
epochs() { jq -c 'del(.samples_per_s, .read_seconds, .step_seconds, .val_seconds)' "$1/epochs.jsonl"; }
# A B: two runs have the same numbers, to the last bit.
expect_same_run() {
    check "$2: epochs as in $1" cmp <(epochs "$1") <(epochs "$2")
    check "$2: best weights as in $1" cmp "$1/best.safetensors" "$2/best.safetensors"
    check "$2: last weights as in $1" cmp "$1/last.safetensors" "$2/last.safetensors"
}
# RUN: it holds what docs/runs.md says, and nothing else.
expect_whole_run() {
    local file
    for file in run.json vocabulary.json state.json; do check "$1/$file is JSON" jq -e . "$1/$file"; done
    file=$(state "$1" tensors.file)
    check "the state's tensors are those of its digest" test "$(sha256sum <"$1/$file" | cut -c1-64)" = "$(state "$1" tensors.sha256)"
    expect_equal "files of $1" "best.safetensors curves.svg epochs.jsonl last.safetensors run.json $file state.json vocabulary.json" \
        "$(find "$1" -mindepth 1 -printf '%f\n' | LC_ALL=C sort | xargs)"
}
# RUN STEPS: waits until a run in the background has saved so many steps.
wait_steps() {
    local i
    for i in $(seq 3000); do
        [[ $(state "$1" n_steps) -ge $2 ]] && return
        sleep 0.02
    done
    complain "$1 never saved $2 steps"
}
