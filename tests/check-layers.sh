#!/usr/bin/env bash
# Fails on a quoted include that the table of docs/architecture.md does not allow.
set -u
cd "${AVQA_SOURCE:-$(dirname "$0")/..}" || exit 1
declare -A may=(
    [base]=""
    [catalog]="base" [net]="base" [media]="base" [shard]="base" [nn]="base" [plot]="base"
    [encoder]="base nn media"
    [studio]="base media plot"
    [qa]="base catalog"
    [model]="base nn"
    [train]="base nn model shard qa"
    [audit]="base catalog qa"
    [label]="base catalog qa"
    [pipeline]="base catalog net media shard nn plot encoder studio qa model train audit label"
)
# The external headers and the one file or folder of ours that may name each.
declare -A owner=(
    [cjson/]="lib/base/json.c" [xxhash.h]="lib/base/hash.c" [nettle/]="lib/base/hash.c"
    [unistr.h]="lib/base/text.c" [uninorm.h]="lib/base/text.c"
    [unicase.h]="lib/base/text.c" [unictype.h]="lib/base/text.c" [uniwbrk.h]="lib/base/text.c" [sqlite3.h]="lib/catalog/" [cairo]="lib/plot/"
    [ccadical.h]="lib/qa/sat.c" [pango/]="lib/plot/" [fontconfig/]="lib/plot/"
    [curl/]="lib/net/" [zstd.h]="lib/shard/frame.c" [oneapi/dnnl]="lib/nn/onednn" [dnnl]="lib/nn/onednn"
    [libav]="lib/media/" [libsw]="lib/media/" [chromaprint.h]="lib/media/fingerprint.c"
    [ebur128.h]="lib/media/loudness.c"
)
bad=0
complain() {
    echo "$1"
    bad=1
}
while IFS=: read -r file line include; do
    to=${include#*\"}
    to=${to%%/*}
    case $file in
    lib/*)
        from=${file#lib/}
        from=${from%%/*}
        [[ -v may[$from] ]] || { complain "$file:$line: room '$from' is not in the table"; continue; }
        [[ $to == "$from" || " ${may[$from]} " == *" $to "* ]] ||
            complain "$file:$line: $from may not include $to"
        ;;
    tools/*)
        [[ $to == base || $to == pipeline || $to == cli || $to == commands.h\" ]] ||
            complain "$file:$line: tools may not include $to"
        ;;
    esac
done < <(grep -rnE '^#include "' lib tools --include='*.[ch]')
while IFS=: read -r file line include; do
    header=${include#*<}
    for prefix in "${!owner[@]}"; do
        if [[ $header == "$prefix"* && $file != "${owner[$prefix]}"* ]]; then
            complain "$file:$line: only ${owner[$prefix]} may include <${header%>*}>"
        fi
        if [[ $header == "$prefix"* && $file == *.h ]]; then
            complain "$file:$line: types of a library may not appear in our headers"
        fi
    done
done < <(grep -rnE '^#include <' lib tools --include='*.[ch]')
[[ $bad -eq 0 ]] && echo "every include is in the table"
exit $bad
