#!/usr/bin/env bash
# What is installed works where it is put, away from the source and build folders: the
# program finds its templates, man finds its pages, bash its completion, and a C program
# is built against the library, shared and static, with nothing but pkg-config.
set -u
. "$(dirname "$0")/../support/cli.sh"
need cmake pkg-config jq
BUILD=$(dirname "$AVQA")/..
[[ -e $BUILD/cmake_install.cmake ]] || skip "the program is not in a build folder"
[[ -e $BUILD/libavqa.so && -e $BUILD/libavqa.a ]] || skip "the libraries are not built; build all targets"
CC=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$BUILD/CMakeCache.txt")
CFLAGS=$(sed -n 's/^CMAKE_C_FLAGS:[A-Z]*=//p' "$BUILD/CMakeCache.txt")

run cmake --install "$BUILD" --prefix "$TMP/first prefix"
expect_exit 0
mv 'first prefix' prefix # whatever was installed must not know where
PREFIX=$TMP/prefix
check "no file names the build folder" test -z "$(grep -rIl "$(readlink -f "$BUILD")" "$PREFIX")"
BUILT=$AVQA
AVQA=$PREFIX/bin/avqa

# The program, with its templates and its page.
run avqa --version
expect_ok
make_demo data
run avqa -C data audit --split test -o report
expect_ok
check "the report" test -s report/report.html
check "the page is the installed one" test -s "$PREFIX/share/avqa/templates/report.html"
check "the schema" jq -e . "$PREFIX/share/avqa/schema/report.schema.json"
mv "$PREFIX/share/avqa" away
avqa init other -q
run avqa -C other import music-avqa "$DEMO/val.json" --split val
expect_failure 'import music-avqa' "$PREFIX/share/avqa/templates/music-avqa.json: cannot open"
mv away "$PREFIX/share/avqa"
ln -s "$PREFIX/bin/avqa" linked
run ./linked -C other import music-avqa "$DEMO/val.json" --split val
expect_ok

# Manual and completion are those of the program.
run avqa manual man -o man
check "man pages" diff -r man "$PREFIX/share/man/man1"
run avqa manual bash -o .
expect_same avqa.bash "$PREFIX/share/bash-completion/completions/avqa"
if have man && have groff; then
    run env MANPATH="$PREFIX/share/man" man avqa-import-videos
    expect_exit 0
    expect_stdout 'has_flip'
fi

# The library.
PKG_CONFIG_PATH=$(dirname "$(find "$PREFIX" -name avqa.pc)")
export PKG_CONFIG_PATH
run pkg-config --modversion avqa
expect_ok
expect_equal "version" "$("$BUILT" --version)" "avqa $(cat out)"
cat >program.c <<'END'
#include <catalog/catalog.h>
#include <stdio.h>

int main(void)
{
    printf("%d\n", avqa_catalog_schema_version());
    return avqa_catalog_create("made.sqlite", "made") == AVQA_OK ? 0 : 1;
}
END
schema=$("$BUILT" init schema --json | jq .schema)
for kind in shared static; do
    flags=$(pkg-config --cflags --libs $([[ $kind == static ]] && echo --static) avqa)
    [[ $kind == static ]] && flags=${flags/-lavqa /-l:libavqa.a }
    rm -f program made.sqlite
    # shellcheck disable=SC2086
    run $CC $CFLAGS -std=c11 -Wall -Wextra -Werror program.c -o program $flags
    expect_ok
    run env LD_LIBRARY_PATH="$(dirname "$PKG_CONFIG_PATH")" ./program
    expect_ok
    expect_equal "schema version of the $kind library" "$schema" "$(cat out)"
    [[ $kind == static ]] && check "nothing of ours is loaded" not grep -q libavqa <(ldd program)
    [[ $kind == shared ]] && check "the shared library is used" grep -q libavqa.so <(ldd program)
done
finish
