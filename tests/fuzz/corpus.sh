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
