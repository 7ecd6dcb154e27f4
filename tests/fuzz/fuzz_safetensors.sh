#!/usr/bin/env bash
# Makes the corpus of fuzz_safetensors, which would be binary files, and runs PROGRAM on it:
#   fuzz_safetensors.sh PROGRAM [FOLDER]     FOLDER keeps it, as a start for a fuzzer
# Whole files, cut and hurt ones, and headers that lie.
set -eu
source "$(dirname "$0")/corpus.sh"
cd "$folder"
# NAME HEADER N
put() { tensors_file "$2" "$3" >"$1"; }
put empty '{}' 0
put one "{$(tensor a F32 2,3 0,24)}" 24
put several "{\"__metadata__\":{\"format\":\"pt\"},$(tensor a F16 2 0,4),$(tensor b BF16 1,2 4,8),$(
    tensor c F64 '' 8,16),$(tensor d I64 1 16,24),$(tensor e I32 1 24,28),$(tensor f U8 0 28,28)}" 28
put gap "{$(tensor a U8 1 0,1),$(tensor b U8 1 2,3)}" 3
put overlap "{$(tensor a U8 2 0,2),$(tensor b U8 2 1,3)}" 3
put twice "{$(tensor a U8 1 0,1),$(tensor a U8 1 1,2)}" 2
put beyond "{$(tensor a U8 9 0,9)}" 3
put wraps "{$(tensor a F64 4294967296,4294967296 0,0)}" 0
put huge "{$(tensor a U8 9007199254740991 0,9007199254740991)}" 1
put negative "{$(tensor a U8 -1 0,-1)}" 1
put fraction "{$(tensor a U8 1.5 0,1)}" 1
put deep "{\"a\":$(printf '[%.0s' {1..40})$(printf ']%.0s' {1..40})}" 0
put nul '{"a\u0000b":{}}' 0
printf '\377\377\377\377\377\377\377\377{}' >length-huge
printf '\1\0\0' >short
size=$(stat -c %s several)
for ((n = 0; n < size; n += 11)); do
    head -c "$n" several >"cut-$n"
    cp several "hurt-$n"
    printf '\377' | dd of="hurt-$n" bs=1 seek="$n" conv=notrunc status=none
done
"$program" "$folder"
