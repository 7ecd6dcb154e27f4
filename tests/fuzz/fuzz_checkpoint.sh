#!/usr/bin/env bash
# Makes the corpus of fuzz_checkpoint and runs PROGRAM on it:
#   fuzz_checkpoint.sh PROGRAM [FOLDER]     FOLDER keeps it, as a start for a fuzzer
# States that are whole, cut and hurt, and files of tensors with headers that lie, each
# behind a NUL.
set -eu
source "$(dirname "$0")/corpus.sh"
cd "$folder"
# EPOCH BEST SUMS EPOCHS [MORE]
state() {
    printf '{"schema": 1, "epoch": %s, "step": 3, "n_steps": 8, "n_updates": 7, "wall_us": 5, "wait_us": 1, "best_epoch": %s, "best_correct": 4, "sums": [%s], "epochs": [%s]%s}' "$1" "$2" "$3" "$4" "${5:-}"
}
sums='1.5,1.25,0.25,10,4,10,2,5,2,5'
state 1 1 "$sums" '{"epoch": 1, "loss": 1.5, "best": true}' >whole
state 0 0 "$sums" '' >begun
state 0 0 "$sums" '' ', "tensors": {"file": "state-1.safetensors", "sha256": "0"}' >other-digest
state 0 0 "$sums" '' ', "tensors": {"file": "../state-0.safetensors", "sha256": "0"}' >outside
state 1 9 "$sums" '{}' >best-to-come
state 2 1 "$sums" '{}' >too-few-epochs
state 0 0 '1.5,1,0,1e300,1e300,-1,0,0,0,0' '' >huge-sums
state 0 0 '1,2' '' >few-sums
state 9007199254740991 0 "$sums" '' >far-epoch
state -1 0 "$sums" '' >negative
printf '{"schema": 2}' >newer
printf '[1, 2]' >list
: >empty
# NAME HEADER N: a good state, a NUL, a file of tensors
put() { { cat begun; printf '\0'; tensors_file "$2" "$3"; } >"$1"; }
all="$(tensor a.weight F32 2,3 0,24),$(tensor a.weight.state.0 F32 2,3 24,48),$(tensor a.weight.state.1 F32 2,3 48,72)"
all="$all,$(tensor a.bias F32 2 72,80),$(tensor a.bias.state.0 F32 2 80,88),$(tensor a.bias.state.1 F32 2 88,96)"
put tensors "{$all}" 96
put other-type "{${all/F32/I32}}" 96
put other-shape "{${all/2,3/3,2}}" 96
put missing "{$(tensor a.weight F32 2,3 0,24)}" 24
put cut "{$all}" 50
put no-tensors '{}' 0
put wraps "{$(tensor a.weight F32 4294967296,4294967296 0,0)}" 0
put huge "{$(tensor a.weight U8 9007199254740991 0,9007199254740991)}" 1
{ cat begun; printf '\0\377\377\377\377\377\377\377\377{}'; } >length-huge
{ cat begun; printf '\0'; } >nothing-behind
size=$(stat -c %s tensors)
for ((n = 7; n < size; n += 41)); do
    head -c "$n" tensors >"cut-$n"
    cp tensors "hurt-$n"
    printf '\377' | dd of="hurt-$n" bs=1 seek="$n" conv=notrunc status=none
done
"$program" "$folder"
