#!/usr/bin/env bash
# Whatever a file holds, an import that cannot be done ends with exit 1 and one line that
# names the file (and the row, where there is one), in little time and memory, and leaves
# the catalog exactly as it was. The same for template files and for what stands in the
# catalog's place.
set -u
. "$(dirname "$0")/../support/cli.sh"
need jq
make_demo data
dump data >before
unchanged() { check "the catalog is as before" cmp before <(dump data); }

# refused FILE PATTERN...: as annotations. refused_row JSON PATTERN...: behind a good row.
OWN='import music-avqa'
GOOD='{"video_id": "00000001", "question_id": 1, "type": "[\"Audio-Visual\", \"Existential\"]", "question_content": "Is there a voiceover?", "templ_values": "[]", "question_deleted": 0, "anser": "yes"}'
refused() {
    run avqa -C data import music-avqa "$1" --split new
    expect_failure "$OWN" "^avqa $OWN: $1: " "${@:2}"
}
refused_row() {
    printf '%s\n%s\n' "$GOOD" "$1" >row.jsonl
    refused row.jsonl 'row.jsonl: row 2: ' "${@:2}"
}
changed() { jq -c "$1" <<<"$GOOD"; }

# ---- what is no annotation file at all
: >empty.json
refused empty.json 'is empty'
printf ' \n\t ' >blank.json
refused blank.json 'is empty'
printf '\357\273\277' >mark.json
refused mark.json 'is empty'
mkdir folder.json
refused folder.json 'is a directory'
refused missing.json 'No such file'
ln -s missing.json dangling.json
refused dangling.json 'No such file'
refused missing/x.json 'No such file'
refused empty.json/x 'Not a directory'
printf '"a string"' >string.json
refused string.json 'neither a JSON array nor JSON lines'
printf '\0\0\0\0' >nul.json
refused nul.json 'neither'
printf '\377\376[\0{\0' >utf16.json
refused utf16.json 'neither'
cp "$AVQA" program.json
refused program.json 'neither'
gzip -c "$DEMO/val.json" >val.json.gz
refused val.json.gz 'neither'
if can_be_nobody; then
    cp "$DEMO/val.json" locked.json
    chmod 600 locked.json
    cp -r data nobodys
    chmod 711 "$TMP" && chown -R 65534:65534 nobodys
    run as_nobody "$AVQA" -C nobodys import music-avqa locked.json --split new
    expect_failure "$OWN" 'locked.json: cannot open: Permission denied'
else
    note "an unreadable file: needs root and setpriv"
fi

# ---- cut at many places, as one list and as lines
jq -c '.[0:3]' "$DEMO/val.json" | tr -d '\n' >short.json
jq -c '.[0:3][]' "$DEMO/val.json" | head -c -1 >short.jsonl
whole=$(wc -c <short.json)
for at in $(seq 1 17 $((whole - 2))) $((whole - 1)); do
    head -c "$at" short.json >cut.json
    refused cut.json '(row [1-4]: |the file ends)'
done
second=$(head -n 1 short.jsonl | wc -c)
for at in $(seq $((second + 1)) 17 $((second + $(sed -n 2p short.jsonl | wc -c) - 2))); do
    head -c "$at" short.jsonl >cut.jsonl
    refused cut.jsonl 'row 2: the file ends inside this row'
done
printf '[]]' >tail.json
refused tail.json 'something follows the closing bracket'
printf '[%s %s]' "$GOOD" "$GOOD" >comma.json
refused comma.json 'row 2: a comma is missing'
printf '[%s,]' "$GOOD" >comma.json
refused comma.json 'row 1: a comma too many'
printf '[%s,,%s]' "$GOOD" "$GOOD" >comma.json
refused comma.json 'row 2: '
unchanged

# ---- rows: every key with a wrong type, missing, and out of its range
for key in video_id question_content templ_values type anser; do
    for value in 7 true null '{}' '{"a": 1}' '"\u0000"'; do
        without=$(jq -c --arg k $key 'del(.[$k])' <<<"$GOOD")
        refused_row "${without%\}}, \"$key\": $value}" "($key|NUL)"
    done
done
for key in video_id question_content templ_values anser; do
    refused_row "$(changed "del(.$key)")" "'$key'"
    refused_row "$(changed ".$key = \"\"")"
done
for value in '"1"' 1.5 true '[]' 1e300 -1e300; do
    refused_row "$(changed . | sed "s/\"question_id\":1/\"question_id\": $value/")" "'question_id' is .*, not a whole number"
    refused_row "$(changed . | sed "s/\"question_deleted\":0/\"question_deleted\": $value/")" "'question_deleted' is "
done
refused_row "$(changed '.type = "[\"Audio\"]"')" "'type' is not a list of two words"
refused_row "$(changed '.type = ["Audio", 7]')" "'type' is not a list of two words"
refused_row "$(changed '.type = "[\"Audio\", "')" "'type': "
refused_row "$(changed '.templ_values = "[7]"')" "'templ_values' holds a number, not only strings"
refused_row "$(changed '.templ_values = "[\"piano\""')" "'templ_values': "
refused_row "$(changed '.templ_values = "{}"')" "'templ_values' is an object, not a list"
refused_row "$(changed '.templ_values = "[\"piano\"]"')" "'templ_values' has 1 values?, template X10 has 0"
refused_row "$(changed '.question_content = "Is there a <Object> in the entire video?"')" "'templ_values' has 0 values?, template V04 has 1"
refused_row "$(changed '.question_content = "Who composed this?"')" 'no template of .* has the text "Who composed this\?"'
refused_row "$(changed '.question_content = ([range(3000)] | map("long ") | add)')" 'nothing was imported'
refused_row "$(changed '.unmatch_audio = 7')" "'unmatch_audio' is a number, not a string"
for id in 'a b' 'a/b' '../../etc/passwd' $'a\nb' $'a\x7f'; do
    refused_row "$(jq -c --arg v "$id" '.video_id = $v' <<<"$GOOD")" "'video_id' has a space, slash or control byte"
done
refused_row "$(changed '.video_id = ([range(256)] | map("x") | add)')" "'video_id' is longer than 255 bytes"
refused_row "$(changed '.[([range(300)] | map("k") | add)] = 1')" 'a key is longer than'
refused_row "${GOOD%\}}, \"anser\": \"no\"}" "'anser' stands twice"
refused_row "${GOOD%\}}, \"answer\": \"no\"}" "stands twice"
refused_row "${GOOD%\}}, \"more\": [{\"x\": -1e999}]}" 'a number is too large'
refused_row '[1, 2]' 'is not an object'
refused_row 'null' 'is not an object'
refused_row '{"a" 1}'
refused_row "${GOOD%\"yes\"\}}$(printf '"\377\376"}')" 'not valid UTF-8'
refused_row "${GOOD%\"yes\"\}}$(printf '"\355\240\200"}')" 'not valid UTF-8'
refused_row "${GOOD%\"yes\"\}}\"\\ud800\"}"
refused_row "${GOOD%\}}, \"\\u0000\": 1}" '(NUL|u0000)'
printf '%s\n{"video_id": "a\0b"}\n' "$GOOD" >nulrow.jsonl
refused nulrow.jsonl 'row 2: .*NUL'
unchanged

# Several bad rows: the first one is told, and how many more.
for bad in 1 2 3 4 5; do echo "{\"video_id\": $bad}"; done >five.jsonl
refused five.jsonl "row 1: 'video_id' is a number.*4 more bad rows, --json lists them; nothing was imported"
many_rows 30 | sed 's/"no"/7/' >thirty.jsonl
refused thirty.jsonl 'row 1: .*19 more bad rows'
run avqa -C data import music-avqa "$DEMO/test.json" five.jsonl --split new
expect_failure "$OWN" 'five.jsonl: row 1: '
unchanged

# ---- large and hostile: in seconds and in bounded memory
modest() { # PATTERN COMMAND...
    local pattern=$1 began=$SECONDS
    shift
    if has_asan; then
        run "$@"
    elif [[ -x /usr/bin/time ]]; then
        run /usr/bin/time -f '%M' -o memory "$@"
        check "less than 64 MB (were $(tail -n 1 memory) kB)" test "$(tail -n 1 memory)" -lt 65536
    else
        run bash -c 'ulimit -v 262144 && "$@"' - "$@"
    fi
    check "in seconds" test $((SECONDS - began)) -lt 15
    expect_exit 1
    expect_stdout_empty
    check "stderr is one line" test "$(wc -l <err)" -eq 1
    expect_stderr "$pattern"
}
head -c 10000000 /dev/zero | tr '\0' '[' >brackets.json
modest 'brackets.json: row 1: ' "$AVQA" -C data import music-avqa brackets.json --split new
(printf '{"video_id": '; cat brackets.json) >nested.json
modest 'nested.json: row 1: brackets nested too deep' "$AVQA" -C data import music-avqa nested.json --split new
(printf '[{"a": "'; head -c 5000000 brackets.json) >quoted.json
modest 'quoted.json: row 1: longer than 1 MiB' "$AVQA" -C data import music-avqa quoted.json --split new
jq -nc '[range(200000)] | map({key: "k\(.)", value: 1}) | from_entries' >keys.json
modest 'keys.json: row 1: longer than 1 MiB' "$AVQA" -C data import music-avqa keys.json --split new
printf '[{"video_id": "' >sparse.json
truncate -s 2G sparse.json
check "the file is sparse" test "$(du -k sparse.json | cut -f 1)" -lt 1000
modest 'sparse.json: row 1: ' "$AVQA" -C data import music-avqa sparse.json --split new
truncate -s 2G line.csv
modest 'line.csv: line 1: a NUL byte' "$AVQA" -C data import videos line.csv
modest 'longer than 1 MiB' bash -c "head -c 2G /dev/zero | tr '\0' x | '$AVQA' -C data import videos /dev/stdin"
modest 'row 1: longer than 1 MiB' bash -c "(printf '[{\"a\": \"'; head -c 2G /dev/zero | tr '\0' x) | '$AVQA' -C data import music-avqa /dev/stdin --split new"
truncate -s 2G templates.json
modest 'templates.json: larger than' "$AVQA" -C data import music-avqa "$DEMO/val.json" --split new --templates templates.json
unchanged

# ---- manifests
manifest() { # FILE PATTERN...
    run avqa -C data import videos "$1"
    expect_failure 'import videos' "^avqa import videos: $1: " "${@:2}"
}
: >empty.csv
manifest empty.csv 'is empty'
manifest missing.csv 'No such file'
mkdir folder.csv
manifest folder.csv 'is a directory'
printf 'id,url\nx,y\n' >m.csv
manifest m.csv "the first line names no column 'video_id'"
printf 'video_id,start_time\nok1,0:10\nok2\n' >m.csv
manifest m.csv 'line 3: 1 fields?, the first line has 2'
printf 'video_id,start_time\nok1,0:10\n"ok2,1\n' >m.csv
manifest m.csv 'line 3: the file ends inside quotes'
printf 'video_id,start_time\n"ok1"x,0:10\n' >m.csv
manifest m.csv 'line 2: text behind a closing quote'
printf 'video_id,start_time\nok\377,0:10\n' >m.csv
manifest m.csv 'line 2: not valid UTF-8'
printf 'video_id,start_time\nok\0,0:10\n' >m.csv
manifest m.csv 'line 2: a NUL byte'
head -c 3000 /dev/zero | tr '\0' , >m.csv
manifest m.csv 'line 1: more than 256 fields'
for time in 1:60 1:2:3:4 -5 x '1 ' 1e400 1: 99999999999; do
    printf 'video_id,start_time\nok1,0:10\nok2,%s\n' "$time" >m.csv
    manifest m.csv "row 2: 'start_time' is not a time"
done
printf 'video_id,has_flip\nok1,maybe\n' >m.csv
manifest m.csv "row 1: 'has_flip' is neither Y nor N"
printf 'video_id\na b\n' >m.csv
manifest m.csv "row 1: 'video_id' has a space"
printf 'video_id,duration\nok1,5\nok1,6\n' >m.csv
manifest m.csv 'row 2: ok1 stands in an earlier row with another time'
printf 'video_id,video_id\nok1,ok2\n' >m.csv
manifest m.csv "'video_id' stands twice"
printf '{"video_id": "ok1"}\n{"video_id": ' >m.jsonl
manifest m.jsonl 'row 2: the file ends inside this row'
printf '{"video_id": "ok1"}\n{"video_id": 7}' >m.jsonl
manifest m.jsonl "row 2: 'video_id' is a number, not a string"
printf '{"video_id": "ok1", "url": {}}' >m.jsonl
manifest m.jsonl "row 1: 'url' is an object, not a string"
printf '{"video_id": "ok1", "video_id": "ok2"}' >m.jsonl
manifest m.jsonl "row 1: 'video_id' stands twice"
unchanged

# ---- template files: file, template and what is wrong in it
templates() { # JQ-CHANGE PATTERN...
    jq -c "$1" "$SOURCE/templates/music-avqa.json" >t.json
    run avqa -C data import music-avqa "$DEMO/val.json" --split new --templates t.json
    expect_failure "$OWN" "^avqa $OWN: t.json: " "${@:2}"
}
templates '[]' 'a template file is an object'
templates '.schema = 2' "'schema' must be 1"
templates 'del(.schema)' "'schema' must be 1"
templates 'del(.name)' "'name' must be a string"
templates '.domains = []' "'domains' must be an object"
templates 'del(.answers)' "'answers' must be a list"
templates '.answers[1] = ""' "answers: value 2 is not a word"
templates '.templates = {}' "'templates' must be a list"
templates '.domains |= with_entries(.value.kind = "fruit")' "domain [^ ]*: unknown kind 'fruit'"
templates '.domains |= with_entries(.value.values[0] = 7)' 'domain [^ ]*: value 1 is not a word'
templates '.templates[2].id = .templates[0].id' 'template 3 \(A01\): the id stands twice'
templates '.templates[2].text = .templates[0].text' 'template 3 \([A-Z0-9]+\): another template has the same text'
templates '.templates[4].program = 7' "template 5 \([A-Z0-9]+\): 'program' must be a string"
templates '.templates[0].slots = ["Objekt"]' "template 1 \(A01\): slot 1 is not among 'slots'"
templates '.templates[0].answers = ["nothing"]' "template 1 \(A01\): there is no domain 'nothing'"
templates '.templates[0].text += " <Object>"' 'template 1 \(A01\): the text has [0-9]+ markers for [0-9]+ slots'
templates '.templates[0].referents = [[9]]' 'template 1 \(A01\): a slot number must be from 0 to'
templates '.templates[0].program = ""' 'template 1 \(A01\): program: column 1: the program ends'
templates '.templates[0].program = "count(all"' 'program: column 6: this parenthesis is not closed'
templates '.templates[0].program = "count(all))"' 'program: column 11: something follows'
# shellcheck disable=SC2016
templates '.templates[0].program = "count($9)"' 'program: column 7: the template has no such slot'
templates '.templates[0].program = "count(ALL)"' 'program: column 7: expected a name'
templates '.templates[0].program = "is(all, \"x)"' 'program: column 9: a string without its closing quote'
templates '.templates[0].program = ([range(500)] | map("not(") | add)' 'program: column [0-9]+: nested too deep'
printf '{"schema": 1,' >t.json
run avqa -C data import music-avqa "$DEMO/val.json" --split new --templates t.json
expect_failure "$OWN" 't.json: '
run avqa -C data import music-avqa "$DEMO/val.json" --split new --templates missing.json
expect_failure "$OWN" 'missing.json: cannot open: No such file'
unchanged

# ---- what stands in the catalog's place
for command in status 'audit --split test' 'export jsonl -o x.jsonl' "import music-avqa $DEMO/val.json --split val" "import videos $DEMO/videos.csv"; do
    name=$(sed 's/ [^ ]*[/-].*//' <<<"$command")
    [[ $command == 'import music'* ]] && name='import music-avqa'
    [[ $command == export* ]] && name='export'
    stands() { # FOLDER PATTERN
        # shellcheck disable=SC2086
        run avqa -C "$1" $command
        expect_failure "$name" "catalog.sqlite: $2"
    }
    rm -rf fake
    mkdir fake
    echo "this is a text file, and not a short one either; it goes on for a while" >fake/catalog.sqlite
    stands fake 'is damaged or not a catalog'
    : >fake/catalog.sqlite
    stands fake 'is not an avqa catalog'
    rm fake/catalog.sqlite && mkdir fake/catalog.sqlite
    stands fake 'is a folder, not a catalog'
    rm -r fake/catalog.sqlite && ln -s /dev/null fake/catalog.sqlite
    # shellcheck disable=SC2086
    run avqa -C fake $command
    expect_exit 1
    check "one line" test "$(wc -l <err)" -eq 1
    rm fake/catalog.sqlite && head -c 20000 data/catalog.sqlite >fake/catalog.sqlite
    # shellcheck disable=SC2086
    run avqa -C fake $command
    expect_failure "$name" 'catalog.sqlite: (is damaged|is not)'
    if have sqlite3; then
        rm fake/catalog.sqlite && sqlite3 fake/catalog.sqlite 'CREATE TABLE question (id)'
        stands fake 'is not an avqa catalog'
        cp data/catalog.sqlite fake/catalog.sqlite
        sqlite3 fake/catalog.sqlite 'PRAGMA user_version = 99'
        dump fake >newer
        stands fake 'made by a newer avqa \(schema 99, this one knows [0-9]+\); update avqa'
        check "a newer catalog is left alone" cmp newer <(dump fake)
        cp data/catalog.sqlite fake/catalog.sqlite
        sqlite3 fake/catalog.sqlite 'DROP TABLE question'
        [[ $command == *videos* ]] || stands fake '.*question' # which a manifest does not touch
    fi
done
check "no export of any of them" test ! -e x.jsonl
unchanged
finish
