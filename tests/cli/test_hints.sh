#!/usr/bin/env bash
# What the program says to who took the wrong way: annotations for facts, templates that
# replace others, a word that no command is.
set -u
. "$(dirname "$0")/../support/cli.sh"

cat >rows.json <<'END'
[{"video_id": "v", "type": "[\"Audio-Visual\", \"Existential\"]",
  "question_content": "Is there a voiceover?", "templ_values": "[]", "anser": "no"}]
END
run avqa init d -q
run avqa -C d import facts rows.json
expect_failure 'import facts' 'rows.json: row 1: this is a question, not facts; avqa import music-avqa FILE'

sed 's/"language": "en"/"language": "en-GB"/' "$SOURCE/templates/music-avqa.json" >other.json
run avqa -C d import music-avqa rows.json --split a -q
expect_ok
run avqa -C d import music-avqa rows.json --split b --templates other.json --dry-run -q
expect_ok # -q: nothing but errors
run avqa -C d import music-avqa rows.json --split b --templates other.json
expect_exit 0
expect_stderr "warning: other.json replaces this dataset's templates 'music-avqa'"
run avqa -C d import music-avqa rows.json --split b --templates other.json -q
expect_ok

run avqa --help
expect_stdout 'avqa manual markdown\|man\|bash -o DIR'
finish
