#!/usr/bin/env bash
# What the world does to a training: kills, a request to stop, a disk that is full when the
# state is saved, shards that vanish or rot under it, numbers that explode. It says what
# happened, nothing is corrupted, and a run that goes on has the numbers it would have had.
set -u
. "$(dirname "$0")/../support/cli.sh"
. "$SOURCE/tests/support/train.sh"
make_train_data d
train() { avqa -C d train "$@"; }
begin() { "$AVQA" -C d train "$@" -j1 -q >out 2>err & pid=$! ran="train $*"; }
await() { wait "$pid" 2>/dev/null; got=$?; }
# NAME: goes on to the end
go_on() {
    run train --resume --name "$1" -j1 -q --save-steps 100
    expect_ok
}

# ---- killed ten times, at whatever moment
q=(q --epochs 10 --batch 8 --save-steps 1)
run train "${q[@]}" -j1 -q --name whole
expect_ok
run_of=d/runs/killed
begin "${q[@]}" --name killed
for i in 1 2 3 4 5 6 7 8 9 10; do
    steps=$(state $run_of n_steps)
    wait_steps $run_of $((steps + 1))
    sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
    kill -KILL "$pid"
    await
    expect_exit 137
    check "the state is whole after kill $i" test "$(sha256sum <"$run_of/$(state $run_of tensors.file)" | cut -c1-64)" = "$(state $run_of tensors.sha256)"
    [[ $i -lt 10 ]] && begin --resume --name killed
done
check "it was not done before the last kill" test "$(state $run_of epoch)" -lt 10
go_on killed
expect_whole_run $run_of
expect_same_run d/runs/whole $run_of

# ---- with pictures, negatives and dropout: killed in an epoch, and asked to stop
avst=(avst "${reads[@]}" --epochs 2 --batch 8)
run train "${avst[@]}" -j1 -q --name all
expect_ok
begin "${avst[@]}" --save-steps 1 --name twice
wait_steps d/runs/twice 2
kill -KILL "$pid"
await
begin --resume --name twice
wait_steps d/runs/twice 3
run train --resume --name twice
expect_failure train 'runs/twice: another process is training there'
kill -TERM "$pid"
await
ran='train, asked to stop'
expect_exit 143
expect_stderr '^avqa train: stopped (in epoch [12] after step [0-4] of 4|before the end of the validation after epoch [12]); its state is saved; avqa train --resume --name twice goes on$'
go_on twice
expect_same_run d/runs/all d/runs/twice

# ---- no room: for the first state, for a later one, for the best weights
run_of=d/runs/full
full() { # KIB ARGUMENTS
    (
        ulimit -f "$1"
        shift
        trap '' XFSZ
        exec "$AVQA" -C d train "$@" -j1 -q
    ) >out 2>err
    got=$? ran="train $* with small files"
}
full 20000 "${q[@]}" --name full
expect_exit 1
expect_stderr '^avqa train: epoch 1, step 0: .*state-0.safetensors.*\(too large\|full\)|^avqa train: epoch 1, step 0: .*state-0.safetensors.*(too large|full)'
check "no state" test ! -e $run_of/state.json
begin "${q[@]}" --name full
wait_steps $run_of 2
kill -TERM "$pid"
await
expect_exit 143
for kib in 20000 5000 20; do
    before=$(cat $run_of/state.json $run_of/state-?.safetensors | sha256sum)
    full $kib --resume --name full
    expect_exit 1
    expect_stderr 'avqa train: epoch [12], step [0-9]: .*safetensors.*(too large|full)'
    check "the state stays" test "$before" = "$(cat $run_of/state.json $run_of/state-?.safetensors | sha256sum)"
    check "nothing temporary stays" not compgen -G "$run_of/*.tmp"
done
go_on full
expect_same_run d/runs/whole $run_of

# ---- a shard that vanishes, is cut short, or rots under it
shard=d/shards/000000.tar.zst
cp -p $shard saved.zst
av=(av+q "${reads[@]}" --epochs 3 --batch 4 --cache-mb 0)
run train "${av[@]}" -j1 -q --name unharmed
expect_ok
hurt() {
    case $1 in
    vanishes) rm $shard ;;
    shrinks) truncate -s 300000 $shard ;;
    rots) head -c 1000000 /dev/urandom | dd of=$shard bs=1 seek=100000 conv=notrunc oflag=seek_bytes bs=64K status=none ;;
    esac
}
for way in vanishes shrinks rots; do
    begin "${av[@]}" --save-steps 1 --name $way
    wait_steps d/runs/$way 2
    kill -STOP "$pid"
    hurt $way
    kill -CONT "$pid"
    await
    ran="train on a shard that $way"
    expect_exit 1
    expect_stderr '^avqa train: epoch [1-3], step [0-9]+: .*shards/000000.tar.zst: '
    check "it had not come to the end" test "$(state d/runs/$way epoch)" -lt 3
    [[ $way == vanishes ]] && { run train --resume --name $way; expect_failure train 'shards/000000.tar.zst'; }
    cp -p saved.zst $shard
    go_on $way
    expect_same_run d/runs/unharmed d/runs/$way
done

# ---- numbers that explode
run train q --epochs 5 --batch 8 --optimiser sgd --rate 1000 --save-steps 1 --name explodes -j1 -q
expect_failure train 'epoch 1, step [1-3]: the loss is [^ ]+; the state that was saved last stays. A lower rate'
expect_equal "the state is that before the step" "$(grep -oE 'step [1-3]' err)" "step $(state d/runs/explodes n_steps)"
check "no weights were written after it" test ! -e d/runs/explodes/best.safetensors
run train --resume --name explodes -q
expect_failure train 'the (loss|gradient) is'
run train q --resume --name explodes --rate 0.1 -q
expect_failure train 'the run began with rate = 1000, which cannot change'
finish
