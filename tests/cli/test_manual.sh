#!/usr/bin/env bash
# The four dresses of the option tables agree: docs/commands/*.md are what the program
# writes, help names every option of the pages, man pages are flawless roff, and the bash
# completion completes commands, options and files.
set -u
. "$(dirname "$0")/../support/cli.sh"

# ---- docs/commands; to renew: avqa manual markdown -o docs/commands
run avqa manual markdown -o pages
expect_ok
expect_stdout_empty
check "docs/commands has the same pages" diff <(ls pages) <(ls "$SOURCE/docs/commands")
for page in pages/*.md; do
    check "docs/commands/$(basename "$page") is up to date" diff "$SOURCE/docs/commands/$(basename "$page")" "$page"
    command=$(sed -n '1s/^# avqa //p' "$page")
    # shellcheck disable=SC2086
    run avqa $command --help
    expect_ok
    while read -r option; do
        expect_stdout "^  (-., )?--$option( |$)"
    done < <(sed -n 's/^| `\(-., \)\{0,1\}--\([a-z0-9-]*\).*/\2/p' "$page")
    expect_equal "options in $page and in --help" \
        "$(grep -c '^| `-' "$page")" "$(grep -cE '^  (-., )?--' out)"
    check "every row of the table has two cells" not grep -nE '^\| .*[^\\]\|.*[^\\]\|.*[^\\]\|' "$page"
done
run avqa manual pdf
expect_failure manual "WHAT is markdown, man or bash, not 'pdf'"
run avqa manual man -o "$DEMO/README.md/x"
expect_failure manual README.md

# ---- man pages
run avqa manual man -o man
expect_ok
expect_equal "man pages" "$(ls pages | sed 's/^/avqa-/; s/md$/1/' | cat - <(echo avqa.1) | sort)" "$(ls man | sort)"
for page in man/*.1; do
    check "$page has its sections" test "$(grep -cE '^\.SH (NAME|SYNOPSIS|EXIT STATUS)$' "$page")" -eq 3
    if have groff; then
        run groff -ww -man -Tutf8 -rLL=78n "$page"
        expect_ok
    fi
    if have man && have groff; then
        run env MANWIDTH=78 man --warnings -l "$page"
        expect_ok
        expect_stdout '^EXIT STATUS'
    fi
    have lexgrog && check "$page can be indexed" lexgrog "$page"
done
if have man && have groff; then
    run env MANWIDTH=78 MAN_KEEP_FORMATTING= man -l man/avqa-audit.1
    expect_stdout '^ +(--split|-o, --output)'
    expect_stdout 'avqa audit --split test --against val --fail-on error'
else
    note "man or groff is not installed"
fi

# ---- completion
run avqa manual bash -o .
expect_ok
run bash -n avqa.bash
expect_ok
mkdir folder
touch 'file one.json' file2.json
cat >complete.sh <<'END'
set -u
complete() { :; }
. ./avqa.bash
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_avqa
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
END
completes() { # WORDS... = EXPECTED
    local words=()
    while [[ $1 != = ]]; do words+=("$1"); shift; done
    shift
    run bash complete.sh "${words[@]}"
    expect_ok
    expect_equal "completion of '${words[*]}'" "$*" "$(sort out | tr '\n' ' ' | sed 's/ $//')"
}
completes avqa imp = import
completes avqa '' = audit balance compose eval explain export extract fetch generate import init segment shard split status train weights
completes avqa import '' = facts features jsonl media music-avqa videos
completes avqa import m = media music-avqa
completes avqa import music-avqa --sp = --split
completes avqa audit --fa = --fail-on
completes avqa audit --split test --aga = --against
completes avqa -C folder imp = import
completes avqa -C folder import v = videos
completes avqa -C fo = folder
completes avqa -C folder audit --js = --json
completes avqa status --j = --json
completes avqa import videos file2 = file2.json
completes avqa import videos file = file one.json file2.json
completes avqa import music-avqa file2.json --spl = --split
completes avqa export jsonl -o fo = folder
completes avqa audit --fail-on e = error
completes avqa audit --group '' = all template type
completes avqa audit --fail-on never --pro = --progress
completes avqa import videos '' = $(ls | sort | tr '\n' ' ' | sed 's/ $//')
completes avqa export jsonl -o file2 = file2.json
completes avqa imprt '' = $(ls | sort | tr '\n' ' ' | sed 's/ $//')
completes avqa help imp = import
completes avqa help import v = videos
for command in init status 'import music-avqa' 'import videos' export audit; do
    # shellcheck disable=SC2086
    run bash complete.sh avqa $command --
    expect_equal "options of $command" "$(sed -n 's/^| `\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' "pages/${command/ /-}.md" | sort)" "$(sort out)"
done
finish
