#!/usr/bin/env bash
# avqa train as typed: what is in a run folder and on stdout, the two stages of AVST, that
# the same is learnt again, with any number of threads, and what cannot be done.
set -u
. "$(dirname "$0")/../support/cli.sh"
. "$SOURCE/tests/support/train.sh"
need sqlite3
make_train_data d
train() { avqa -C d train "$@"; }
expect_refusal() {
    expect_exit 2
    expect_stdout_empty
    expect_stderr "^avqa train: .*$1"
}

# ---- a run
run train q --epochs 2 --batch 8 --json -j1
expect_exit 0
expect_stderr "^avqa train: q learns 27 questions about 9 clips of 'train', validated with 12 questions about 4 clips of 'val'; 2 epochs of 4 steps; into .*d/runs/q$"
check "a line of a log says what is learnt, nothing else does" test "$(wc -l <err)" -eq 1
expect_equal "a line for each epoch" "1 2" "$(jq -r .epoch out | xargs)"
expect_equal "what a line has" "epoch loss loss_match loss_qa read_seconds samples_per_s step_seconds val_accuracy" \
    "$(jq -rs '[.[] | keys] | .[0] as $k | ($k - ($k - ["epoch","loss","loss_qa","loss_match","val_accuracy","samples_per_s","read_seconds","step_seconds"])) | sort | join(" ")' out)"
expect_same out d/runs/q/epochs.jsonl
expect_whole_run d/runs/q
expect_equal "q has no match" null "$(jq -s '.[0].loss_match' out)"
expect_equal "questions of each epoch" "27 27" "$(jq -r '[.train_types[].total] | add' out | xargs)"
expect_equal "validation questions" "12 12" "$(jq -r .val_total out | xargs)"
expect_equal "accuracy" true "$(jq -s 'all((.val_accuracy - .val_correct / .val_total) | fabs < 1e-6)' out)"
expect_equal "right answers by type" true "$(jq -s 'all(([.val_types[].correct] | add) == .val_correct)' out)"
expect_equal "it begins knowing nothing: the logarithm of 6 answers" true "$(jq -s '.[0].loss | . > 1.5 and . < 2.1' out)"
expect_equal "the loss falls" true "$(jq -s '.[1].loss < .[0].loss' out)"
expect_equal "the split it learnt" "train 27 9" "$(jq -r '.train | "\(.split) \(.questions) \(.clips)"' d/runs/q/run.json)"
expect_equal "q needs no shard" 0 "$(jq '.shards | length' d/runs/q/run.json)"
expect_equal "words and answers" "two,yes 6" "$(jq -r '[(.answers | map(select(. == "two" or . == "yes")) | sort | join(",")), (.answers | length)] | join(" ")' d/runs/q/vocabulary.json)"
cp -r d/runs/q first

# ---- again: the same numbers; with another seed, others
run train q --epochs 2 --batch 8 -j1 --name again
expect_exit 0
expect_stdout '^epoch 2: loss [0-9.]+, validation [0-9.]+ %, .*, the best so far$'
expect_stdout '^the best of 2 epochs is 2, with .*: .*runs/again$'
expect_same_run first d/runs/again
run train q --epochs 1 --batch 8 -j1 --name other --seed 1 -q
expect_ok
expect_stdout_empty
check "another seed, other numbers" not cmp -s <(epochs first | head -1) <(epochs d/runs/other)

# ---- sound and picture; how many threads, how large the cache
common=("${reads[@]}" --epochs 2 --batch 8)
run train av+q "${common[@]}" -j1 -q
expect_ok
expect_whole_run d/runs/av+q
expect_equal "the shard it read" "$(sha256sum <d/shards/000000.tar.zst | cut -c1-64)" "$(jq -r '.shards[].sha256' d/runs/av+q/run.json)"
run train av+q "${common[@]}" -j1 --cache-mb 0 --name uncached -q
expect_same_run d/runs/av+q d/runs/uncached
run train avst "${common[@]}" -j1 -q
expect_ok
run train avst "${common[@]}" -j2 --name avst2 -q
expect_ok
expect_same_run d/runs/avst d/runs/avst2
expect_equal "its two losses" true "$(jq -s 'all((.loss - .loss_qa - 0.5 * .loss_match) | fabs < 1e-4)' d/runs/avst/epochs.jsonl)"

# ---- a model is asked about features of the sizes it learnt
cp -r d/runs/av+q d/runs/small
jq '.size.places = 49' d/runs/av+q/run.json >d/runs/small/run.json
run avqa -C d eval small --split val
expect_failure eval "split 'val' has maps of 512 channels and 196 places, .*runs/small has 512 and 49"
run avqa -C d explain small --split val -o small.svg
expect_failure explain "split 'val' has maps of 512 channels and 196 places, .*runs/small has 512 and 49"
rm -r d/runs/small

# ---- two stages
run train avst --stage grounding "${common[@]}" --batch 4 -j1 -q
expect_ok
expect_equal "it matches every clip once" 9 "$(jq .train.questions d/runs/avst-grounding/run.json)"
expect_equal "with one other each second: right ones are of 36" true \
    "$(jq -s 'all(.train_accuracy * 36 | (. - round | fabs) < 1e-3 and . >= 1 and . <= 36)' d/runs/avst-grounding/epochs.jsonl)"
expect_equal "it answers nothing" null "$(jq -s '.[0].loss_qa' d/runs/avst-grounding/epochs.jsonl)"
expect_equal "it begins knowing nothing: the logarithm of 2" true "$(jq -s '.[0].loss | . > 0.5 and . < 0.9' d/runs/avst-grounding/epochs.jsonl)"
run train avst --init avst-grounding "${common[@]}" --epochs 1 --rate 1e-300 -j1 --name second -v
expect_exit 0
expect_stderr '14 of the model.s [0-9]+ tensors are those of .*avst-grounding/best.safetensors'
expect_equal "tensors taken over" 14 "$(jq .init.tensors d/runs/second/run.json)"
expect_equal "which ones" "$(sha256sum <d/runs/avst-grounding/best.safetensors | cut -c1-64)" "$(jq -r .init.sha256 d/runs/second/run.json)"
cat >tensors.py <<'END'
import json, struct, sys
def read(path):
    data = open(path, "rb").read()
    n, = struct.unpack_from("<Q", data)
    return {k: data[8 + n + v["data_offsets"][0]:8 + n + v["data_offsets"][1]]
            for k, v in json.loads(data[8:8 + n]).items() if k != "__metadata__"}
a, b = read(sys.argv[1]), read(sys.argv[2])
print(*sorted({k.split(".")[0] for k in a if b[k] == a[k]}))
END
expect_equal "with a rate of nothing, what was taken over stays" "fc1 fc2 fc3 fc4 fc_a1 fc_a2 fc_gl" \
    "$(python3 tensors.py d/runs/avst-grounding/best.safetensors d/runs/second/last.safetensors)"
run train avst --init d/runs/second/best.safetensors "${common[@]}" --epochs 1 --rate 1e-300 -j1 --name third -q
check "all of them, out of a file" cmp d/runs/second/best.safetensors d/runs/third/best.safetensors

jq '.words[1:] = ["unheard-of"]' d/runs/q/vocabulary.json >other.json
run train avst --stage grounding "${common[@]}" --batch 4 -j1 --vocabulary other.json --name wordless -q
expect_ok
check "what asks no questions needs no words of them" cmp d/runs/avst-grounding/best.safetensors d/runs/wordless/best.safetensors
run train avst --stage grounding --vocabulary other.json "${common[@]}" --batch 4 -j1 --name wordless2
check "and does not speak of them" not grep -q words err

# ---- early stop: a rate of 1e-300 learns nothing, and the later of equal epochs is the best
run train q --epochs 3 --batch 8 --rate 1e-300 --patience 1 -j1 --name still -q
expect_ok
expect_equal "all are best" "true true true" "$(jq -r .best d/runs/still/epochs.jsonl | xargs)"
run train q --epochs 1 --batch 8 --val-split none -j1 --name alone
expect_exit 0
expect_stderr "^avqa train: q learns 27 questions about 9 clips of 'train', not validated; 1 epoch of 4 steps; into "
expect_stdout "^1 epoch, not validated, so that the last one's weights are kept: .*runs/alone$"
check "no epoch is called the best" not grep -q 'the best' out
check "both files have them" cmp d/runs/alone/best.safetensors d/runs/alone/last.safetensors
expect_equal "without validation" "null true" "$(jq -r '"\(.val_accuracy) \(.best)"' d/runs/alone/epochs.jsonl)"

# ---- going on
for way in "q --resume" "--resume --name q"; do
    # shellcheck disable=SC2086
    run train $way
    expect_ok
    expect_stdout '^there was nothing left to do; the best of 2 epochs is 2, with [0-9.]+ % of the validation questions: .*runs/q$'
done
run train --resume
expect_refusal 'which run goes on\? --name NAME says it; there are: again, alone, av\+q, '
run train q --resume --epochs 3 -j1
expect_exit 0
expect_stderr '; 3 epochs of 4 steps, 2 done; into .*runs/q$'
expect_equal "another epoch" "1 2 3" "$(jq -r .epoch d/runs/q/epochs.jsonl | xargs)"
expect_equal "the run says that it was made longer" 3 "$(jq .options.epochs d/runs/q/run.json)"
check "the first two stay" cmp <(epochs first) <(epochs d/runs/q | head -2)
touch d/runs/q/{notes.tmp,mine.12.tmp,best.safetensors.old.tmp,best.safetensors.12.tmp,state.json.7.tmp}
run train --resume --name q
expect_ok
expect_equal "only what a kill left of ours is removed" "best.safetensors.old.tmp mine.12.tmp notes.tmp" "$(cd d/runs/q && echo *.tmp)"
run train --resume --name q --batch 4
expect_failure train 'the run began with batch = 8, which cannot change'

# ---- what cannot be done
run train q --epochs 2
expect_failure train 'runs/q: is there already; --resume goes on with it, --name makes another one'
for left in epochs.jsonl best.safetensors; do
    mkdir d/runs/done && cp d/runs/q/{run.json,vocabulary.json,$left} d/runs/done
    run train q --name done --epochs 1
    expect_failure train 'runs/done: has a run without a state.json, so it cannot go on; --name makes another one'
    run train --resume --name done
    expect_failure train 'runs/done: has a run without a state.json, so it cannot go on; --name makes another one'
    expect_equal "a finished run stays" "$(cksum <d/runs/q/$left)" "$(cksum <d/runs/done/$left)"
    rm -r d/runs/done
done

# ---- a damaged run is named as one by whoever meets it
for damage in 'gone=is missing, which says what the run is' 'cut=byte [0-9]+: ' 'list=the option "model" is missing or wrong' \
    'sizeless="size" has no "words"'; do
    name=${damage%%=*}
    cp -r d/runs/q "d/runs/$name"
    case $name in
    gone) rm d/runs/gone/run.json ;;
    cut) head -c 300 d/runs/q/run.json >d/runs/cut/run.json ;;
    list) echo '[]' >d/runs/list/run.json ;;
    sizeless) jq 'del(.size)' d/runs/q/run.json >d/runs/sizeless/run.json ;;
    esac
    run train q --name "$name"
    expect_failure train "^avqa train: [^ ]*runs/$name/run.json: ${damage#*=}.*; --name makes another run$"
    run train --resume --name "$name"
    expect_failure train "^avqa train: [^ ]*runs/$name/run.json: ${damage#*=}"
    for command in eval explain; do
        run avqa -C d $command "$name" --split val -o result.png
        expect_failure $command "^avqa $command: [^ ]*runs/$name/run.json: ${damage#*=}"
        check "the path stands there once" test "$(grep -o "runs/$name" err | wc -l)" -eq 1
    done
    run avqa -C d status
    expect_stdout "^  $name +cannot be read: .*runs/$name/run.json: ${damage#*=}"
    rm -r "d/runs/$name"
done
run train --resume --name q --batch 64
expect_failure train 'the run began with batch = 8, which cannot change'
run train q --resume --batch 8 --seed 0 --patience 0 -q
expect_ok
run train --resume --name q --seed 3
expect_failure train 'the run began with seed = 0, which cannot change'
run train --resume --name still --epochs 30 --patience 0 -q
expect_ok
expect_equal "a default that is typed counts" 30 "$(wc -l <d/runs/still/epochs.jsonl)"
run train --resume --name nowhere
expect_failure train "there is no run 'nowhere'; there are: again, alone, av\+q, avst, avst-grounding, avst2,"
run train nets
expect_refusal "there is no model 'nets'; there are: "
models=$(sed -n 's/.*there are: //p' err | tr -d ,)
run train --help
for model in $models; do check "help names $model" grep -qwF -- " $model" <(tr '\n,(' ' ' <out); done
run train
expect_refusal 'MODEL is missing'
for name in a/b ./x .. /tmp .hidden ''; do
    run train q --name "$name"
    expect_refusal "--name: a run's name is a plain one, .*, not '$name'; its folder is runs/NAME"
    run train --resume --name "$name"
    expect_refusal "--name: a run's name is a plain one"
done
run train q --name x --val-split none --patience 2
expect_refusal '--patience waits for a better epoch, which only validation tells: not with --val-split none'
for wrong in "rate 0=above 0 and at most 1000" "rate -1=above 0" "rate nan=above 0" "momentum 1=from 0 to 0.9999" \
    "clip-norm -1=from 0 to 1000000000" "warm-up -1=from 0 to 100000" "epochs 0=from 1 to 100000" "batch 1.5=from 1 to 65536" \
    "cache-mb 1048577=from 0 to 1048576" "weight-decay inf=from 0 to 1000"; do
    # shellcheck disable=SC2086
    run train q --name x --${wrong%%=*}
    expect_usage "^avqa train: --${wrong%% *} takes a (whole )?number ${wrong#*=}"
done
run avqa train --help
expect_stdout 'learning rate at the beginning \(above 0, at most 1000;'
expect_stdout '\(0 to 0.9999; default 0.9\)$'
run train q --stage grounding
expect_refusal "the model 'q' has no stage 'grounding'"
run train q --schedule often
expect_refusal '--schedule is step:EPOCHS:FACTOR'
run train avst --stage grounding --negatives batch --batch 1
expect_refusal '--negatives batch finds no other clip in a --batch of 1'
run train q --train-split none --name x
expect_failure train "no split is called 'none'"
run train av+q --seconds 3 --stride 1 --name x
expect_failure train "split 'train'.* with 3 rows .*; the most that one has is 2: --stride 1 and --seconds 3 ask for too many, --stride 1 --seconds 2 would do$"
run train avst --name x
expect_failure train "with 55 rows .*; the most that one has is 2: --stride 6 and --seconds 10 .* --stride 1 --seconds 2 would do$"
run train avst --init nowhere "${reads[@]}" --name x
expect_failure train "--init: there is no run 'nowhere'"
run train avst --init d/catalog.sqlite "${reads[@]}" --name x
expect_failure train '--init: .*catalog.sqlite: no file of weights .*: it looks like an SQLite database'
check "none of them began a run" test ! -e d/runs/x
run train q --dry-run --batch 8 --name x
expect_ok
expect_stdout '27 questions to learn, 12 to validate with, [0-9]+ weights, 4 steps an epoch'
check "a dry run leaves nothing" test ! -e d/runs/x
run train q --dry-run --batch 8 --name x --json
expect_ok
expect_equal "the plan" '["questions","steps","val_questions","weights"] true' \
    "$(jq -r '"\(keys | tojson) \(.steps == ((.questions / 8) | ceil))"' out)"

# ---- what status says of all of them
run avqa -C d status
expect_ok
expect_stdout '^trained runs$'
expect_stdout '^  q +q +3 of 3 epochs, best [0-9.]+ % in validation \(epoch [123]\)$'
expect_stdout '^  alone +q +1 of 1 epoch$'
expect_stdout '^  avst-grounding +avst-grounding +2 of 2 epochs, best '
expect_stdout '^next: .*; also avqa eval [a-z0-9+]+ --split val$'
check "runs are no commands" not grep -q '^  runs ' out
jq '.options.epochs = 9' d/runs/second/run.json >changed && cp changed d/runs/second/run.json
mkdir d/runs/broken && echo '{' >d/runs/broken/run.json
run avqa -C d status --json
expect_ok
expect_equal "the run that is not finished" 'false 1 9 avst' "$(jq -r '.runs[] | select(.name == "second") | "\(.finished) \(.epochs) \(.of) \(.model)"' out)"
expect_equal "its accuracy" "$(jq -s 'map(select(.best))[-1].val_accuracy' d/runs/q/epochs.jsonl)" "$(jq '.runs[] | select(.name == "q") | .val_accuracy' out)"
expect_equal "what cannot be read" true "$(jq '.runs[] | select(.name == "broken") | .error | test("run.json")' out)"
expect_equal "what goes on" true "$(jq '.next | test("; also avqa train --resume --name second$")' out)"
expect_equal "how many commands changed something" 3 "$(jq .counts.commands out)"
jq '.options.epochs = 1' d/runs/second/run.json >changed && cp changed d/runs/second/run.json
rm -r d/runs/broken
mv d/runs kept
run avqa -C d status
check "without runs, none" not grep -q 'trained runs' out
expect_stdout '^next: .*; also avqa train avst$'
mv kept d/runs

# ---- encoders that come later
sqlite3 d/catalog.sqlite "INSERT INTO feature(clip_id, encoder, shard_id, sample, n_rows, provenance) SELECT clip_id, 'waveform', shard_id, sample, n_rows,
    '{\"encoder\": \"waveform\", \"preset\": \"16k\"}' FROM feature WHERE encoder = 'vggish'"
run train a+q "${common[@]}" --name x
expect_failure train 'several features to be heard: vggish, waveform; name one with --audio'
expect_equal "whose features the run has" "resnet18 vggish" "$(jq -r '.options | "\(.visual) \(.audio)"' d/runs/av+q/run.json)"
run train --resume --name av+q -q --epochs 3
expect_ok
expect_equal "a third epoch" 3 "$(wc -l <d/runs/av+q/epochs.jsonl)"
run avqa -C d eval av+q --split val -q
expect_ok

# ---- a run does not go on with other data
cp -r d/runs/av+q d/runs/longer
jq '.options.seconds = 3 | .options.stride = 1' d/runs/av+q/run.json >d/runs/longer/run.json
run train --resume --name longer --epochs 4 -q
expect_failure train 'the most that one has is 2$' # no advice about options that cannot change now
jq '.[0].question_id = 999 | .[0].anser = "three" | .[:1]' in/train.json >more.json
avqa -C d import music-avqa more.json --split train -q
run train q --resume --epochs 4 -q
expect_failure train 'the questions to train on, or their clips, are others than when the run began'
finish
