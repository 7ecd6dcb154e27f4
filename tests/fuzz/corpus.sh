# What makes a corpus begins with this: `MAKER PROGRAM [FOLDER]`. $program is what runs
# on it, $folder where it goes, which is gone afterwards unless it was named.
program=$1
if [[ $# -gt 1 ]]; then
    folder=$2
    mkdir -p "$folder"
else
    folder=$(mktemp -d "${TMPDIR:-/tmp}/avqa-corpus.XXXXXX")
    trap 'rm -rf "$folder"' EXIT
fi
# HEADER N: a file of tensors: a length, the header, N bytes of numbers
tensors_file() {
    local n=${#1} i
    for ((i = 0; i < 8; i++)); do
        # shellcheck disable=SC2059
        printf "\\$(printf %o $((n >> (8 * i) & 255)))"
    done
    printf %s "$1"
    head -c "$2" /dev/zero
}
# NAME TYPE SHAPE OFFSETS: of a header
tensor() { printf '"%s":{"dtype":"%s","shape":[%s],"data_offsets":[%s]}' "$@"; }
