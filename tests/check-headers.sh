#!/usr/bin/env bash
# Every header compiles alone, as C11.
set -u
cd "${AVQA_SOURCE:-$(dirname "$0")/..}" || exit 1
bad=0
n=0
while read -r header; do
    n=$((n + 1))
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ilib -Itools -fsyntax-only \
        -x c "$header" || bad=1
done < <(find lib tools -name '*.h' | sort)
[[ $bad -eq 0 ]] && echo "$n headers compile alone"
exit $bad
