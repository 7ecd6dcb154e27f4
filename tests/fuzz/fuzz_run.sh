#!/usr/bin/env bash
# Makes the corpus of fuzz_run and runs PROGRAM on it:
#   fuzz_run.sh PROGRAM [FOLDER]     FOLDER keeps it, as a start for a fuzzer
# run.json with options and sizes of all kinds; some with a vocabulary, epochs and weights
# behind it, each after a NUL.
set -eu
source "$(dirname "$0")/corpus.sh"
cd "$folder"
good='"model": "q", "stage": null, "train_split": "train", "val_split": "val", "visual": null, "audio": null, "init": null, "tokens": "music-avqa", "vocabulary": null, "negatives": "corpus", "optimiser": "adam", "schedule": "step:8:0.1", "seed": 0, "batch": 64, "stride": 6, "seconds": 10, "rate": 0.0001, "warm_up": 0, "clip_norm": 0, "weight_decay": 0, "momentum": 0.9, "epochs": 30, "patience": 0, "cache_mb": 256, "save_steps": 0, "save_minutes": 10'
sizes='"words": 3, "answers": 2, "sound": 128, "channels": 512, "places": 196'
# NAME OPTIONS [SIZES]
run() { printf '{"schema": 1, "options": {%s}, "size": {%s}, "vocabulary_sha256": "0", "train": null, "val": null, "shards": [{"path": "a", "sha256": "b"}]}' "$2" "${3:-$sizes}" >"$1"; }
# NAME FROM TO: the good options, but for one
but() { run "$1" "${good/"$2"/$3}"; }
run whole "$good"
run huge-size "$good" "${sizes/128/16777216}"
run huge-words "$good" "${sizes/3/16777216}"
run no-size "$good" '"words": 3'
run nothing ''
but no-model '"q"' '"none"'
but avst '"q", "stage": null' '"avst", "stage": "grounding"'
but null-schedule '"step:8:0.1"' null
but null-optimiser '"adam"' null
but null-split '"val_split": "val"' '"val_split": null'
but no-batch '"batch": 64' '"batch": 0'
but negative-stride '"stride": 6' '"stride": -6'
but far-seconds '"seconds": 10' '"seconds": 9007199254740991'
but much-cache '"cache_mb": 256' '"cache_mb": 9007199254740991'
but often '"save_minutes": 10' '"save_minutes": 1e300'
but fraction '"epochs": 30' '"epochs": 1.5'
but no-step step:8:0.1 step:0:1
but cosine '"step:8:0.1", "seed": 0' '"cosine", "seed": 1'
but long-warm-up '"warm_up": 0' '"warm_up": 100'
printf '[]' >list
: >empty
{ cat whole; printf '\0{"tokens": "unicode", "length": 1, "words": ["<pad>"], "answers": ["a"]}'; } >other-vocabulary
{ cat whole; printf '\0[]'; } >no-vocabulary
{ cat whole; printf '\0{"tokens": "music-avqa", "length": 4, "words": ["<pad>", "a", "b"], "answers": ["c", "d"]}\0{"best": true}\n{"best"'; } >cut-epochs
{ cat whole; printf '\0{"tokens": "music-avqa", "length": 4, "words": ["<pad>", "a", "b"], "answers": ["c", "d"]}\0\0\76\0\0\0\0\0\0\0%-62s0000' '{"word2vec.weight":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}'; } >other-weights
"$program" "$folder"
