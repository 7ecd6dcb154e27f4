#!/usr/bin/env bash
# The report folder: report.json follows its schema, tables and figures are well formed
# and say the same as the page, the page needs nothing from outside; the same input gives
# the same bytes, whatever the number of threads; --fail-on, --dry-run and unknown splits
# do as they say; Chinese templates are drawn like English ones.
set -u
. "$(dirname "$0")/../support/cli.sh"
need jq python3
make_demo data

# One look at a report folder: json, tables, figures, page.
examine() {
    local folder=$1 file
    check "$folder/report.json is JSON" jq -e . "$folder/report.json"
    if python3 -c 'import jsonschema' 2>/dev/null; then
        check "$folder/report.json follows its schema" python3 -c '
import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
            "$folder/report.json" "$SOURCE/schema/report.schema.json"
    else
        note "the schema: python3 has no jsonschema"
        expect_equal "the keys the schema requires" \
            "$(jq -c '.required | sort' "$SOURCE/schema/report.schema.json")" "$(jq -c keys "$folder/report.json")"
    fi
    python3 - "$folder" >check.txt <<'END'
import csv, html.parser, json, os, re, sys
folder = sys.argv[1]
page = open(folder + "/report.html", encoding="utf-8").read()
def say(what): print(what)
blocks = dict(re.findall(r'<script[^>]*id="avqa-(\w+)"[^>]*>(.*?)</script>', page, re.S))
if sorted(blocks) != ["report", "rows", "tables"]: say(f"the page's data blocks are {sorted(blocks)}")
if json.loads(blocks["report"]) != json.load(open(folder + "/report.json")): say("the page holds another report")
tables = {t["id"]: t for t in json.loads(blocks["tables"])}
files = {f[:-4] for f in os.listdir(folder + "/tables")}
if files != set(tables) | {"findings"}: say(f"tables {sorted(files)} are not those of the page {sorted(tables)}")
for name, t in tables.items():
    lines = list(csv.reader(open(f"{folder}/tables/{name}.csv", encoding="utf-8", newline="")))
    if lines[0] != [c["name"] for c in t["columns"]]: say(f"{name}.csv: header {lines[0]}")
    if len(lines) != len(t["rows"]) + 1: say(f"{name}.csv: {len(lines)} lines for {len(t['rows'])} rows")
    if any(len(l) != len(t["columns"]) for l in lines): say(f"{name}.csv: a row has another width")
    if not t["rows"]: say(f"{name}.csv is empty")
    if not t["title"] or not t["caption"]: say(f"{name} has no title or caption")
if "AVQA:" in page: say("a marker was left in the page")
for link in re.findall(r'(\S*)((?:https?|ftp):)?//([\w.-]+)', re.sub(r'xmlns(:\w+)?="[^"]*"', "", page)):
    if link[1]: say(f"the page refers to {''.join(link)}")
for link in re.findall(r'(?:href|src)="([^"#]*)"', page):
    if link and not link.startswith("data:") and not os.path.exists(os.path.join(folder, link)):
        say(f"the page links to {link}, which is not there")
svgs = [f for f in os.listdir(folder + "/figures") if f.endswith(".svg")]
if page.count("<figure") != len(svgs): say(f"{page.count('<figure')} figures on the page, {len(svgs)} files")
rows = json.loads(blocks["rows"])
for f in json.loads(blocks["report"])["findings"]:
    if f["severity"] not in ("error", "warning", "note") or not f["message"]: say(f"a finding without severity or message: {f}")
    for q in f["questions"][:200]:
        if q not in rows: say(f"row {q} of finding {f['check']} is not on the page")
END
    check "$folder: tables and page say the same, nothing from outside" test ! -s check.txt
    [[ -s check.txt ]] && sed 's/^/  | /' check.txt | head -n 8
    for file in "$folder"/figures/*.svg; do
        if have xmllint; then
            check "$file is XML" xmllint --noout "$file"
        else
            check "$file is XML" python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$file"
        fi
        check "$file has a pdf beside it" test -s "${file%svg}pdf"
    done
    for file in "$folder"/figures/*.pdf; do
        check "$file is PDF" grep -q '^%PDF-1' "$file"
        have pdfinfo && check "$file opens" pdfinfo "$file"
    done
    check "$folder has no temporary files" test -z "$(find "$folder" -name '*.tmp')"
}

run avqa -C data audit --split test --against val -o pair
expect_ok
examine pair
for file in report.html report.json tables/templates.csv tables/answers.csv figures/templates.svg figures/pies.pdf figures/drift.svg; do
    check "$file is there" test -s "pair/$file"
done
run avqa -C data audit -o all
expect_ok
examine all
check "no drift without something to compare with" test ! -e all/figures/drift.svg
expect_equal "split and against of everything" '[null,null]' "$(jq -c '[.split, .against]' all/report.json)"
if have pdftotext; then
    run pdftotext pair/figures/pies.pdf -
    expect_stdout 'Modality'
    expect_stdout 'Comparative'
fi

# Text in the dataset that looks like markup stays text.
avqa init hostile -q --name '</script><script>alert(1)</script> & <!--AVQA:FIGURES-->'
jq -c '.[] | .video_id |= "<b>" + .' "$DEMO/val.json" >hostile.jsonl
avqa -C hostile import music-avqa hostile.jsonl --split '<i>x' -q
run avqa -C hostile audit --split '<i>x' -o markup
expect_ok
check "the name of a dataset opens no script" not grep -qF '<script>alert' markup/report.html
check "the name of a split is no markup" not grep -qF '<i>x' markup/report.html
check "a name is no marker" grep -qF '&lt;!--AVQA:FIGURES--&gt;' markup/report.html

# The same bytes: twice, and with one or two threads.
for jobs in 1 2; do
    for time in first second; do
        run avqa -C data audit --split test --against val -j$jobs -o "$time-$jobs"
        expect_ok
        check "-j$jobs, $time run: the same report folder" diff -r pair "$time-$jobs"
    done
done
run avqa -C data audit --split test --against val -o pair
check "over an older report: the same" diff -r pair first-1

# Where it goes by default, and what leaves figures out.
run avqa -C data audit --split test --no-figures
expect_ok
check "reports/test" test -s data/reports/test/report.html
check "no figures" test ! -e data/reports/test/figures
check "and no links to them" not grep -q 'figures/' data/reports/test/report.html

# --dry-run computes the same and writes nothing.
dump data >before
run avqa -C data audit --split test --against val --dry-run --json -o dry
expect_ok
expect_equal "a dry run's report" "$(jq -S . pair/report.json)" "$(jq -S . out)"
check "no folder" test ! -e dry
check "nothing in the catalog" cmp before <(dump data)
run avqa -C data audit --split test --against val --dry-run
check "no report is promised" not grep -q '^report:' out

# --fail-on: the demo has all severities; a dataset of one good row has none but notes.
for severity in error warning note; do
    run avqa -C data audit --split test --dry-run --fail-on $severity -q
    expect_exit 1
    expect_stdout_empty
    expect_stderr_empty
done
run avqa -C data audit --split test --dry-run --fail-on never
expect_ok
avqa init small -q
many_rows 40 >small.jsonl
avqa -C small import music-avqa small.jsonl --split one -q
run avqa -C small audit --json --dry-run
expect_ok
worst=$(jq -r '[.findings[].severity] | if any(. == "error") then "error" elif any(. == "warning") then "warning" elif length > 0 then "note" else "never" end' out)
code=0
for severity in error warning note; do
    [[ $severity == "$worst" ]] && code=1
    run avqa -C small audit --dry-run --fail-on $severity
    expect_exit $code
done

# Splits that are not there; a report that cannot be written.
for words in '--split tset' '--split test --against tset'; do
    # shellcheck disable=SC2086
    run avqa -C data audit $words -o x
    expect_failure audit "no split is called 'tset'" train val test
done
check "no report of them" test ! -e x
run avqa -C data audit -o "$DEMO/README.md"
expect_failure audit 'README.md: is there and is not a folder'
run avqa -C data audit -o "$DEMO/README.md/report"
expect_failure audit 'README.md'

# Chinese templates, from import to figures.
python3 - "$SOURCE/tests/data/templates-zh.json" >zh.json <<'END'
import json, sys
t = json.load(open(sys.argv[1]))
slots, domains = t["slots"], t["domains"]
rows = []
for n in range(60):
    item = t["templates"][n % len(t["templates"])]
    pick = lambda domain, k: domains[domain]["values"][(n * 7 + k) % len(domains[domain]["values"])]
    rows.append({"video_id": "视频%d" % (n % 20), "question_id": n, "type": json.dumps([item["modality"], item["type"]]),
                 "question_content": item["text"], "templ_values": json.dumps([pick(slots[s], k) for k, s in enumerate(item["slots"])]),
                 "question_deleted": 0, "anser": pick(item["answers"][0], 3)})
print(json.dumps(rows))
END
avqa init 中文 -q
run avqa -C 中文 import music-avqa zh.json --split 测试 --templates "$SOURCE/tests/data/templates-zh.json"
expect_ok
run avqa -C 中文 audit --split 测试 -o 报告
expect_ok
examine 报告
expect_equal "questions by type" '{"视听/位置":15,"视听/时间":15,"视听/比较":15,"视听/计数":15}' "$(jq -cS .counts.by_type 报告/report.json)"
if have pdftotext && have fc-list && fc-list :lang=zh | grep -q .; then
    run pdftotext 报告/figures/pies.pdf -
    expect_stdout '视听'
    run bash -c "pdftotext -raw 报告/figures/templates.pdf - | tr -d '\n'"
    expect_stdout '视频中有几件<物体>在发声'
fi
run avqa -C 中文 export jsonl -o zh.jsonl
expect_ok
check "filled in" grep -q '视频中有几件钢琴在发声？' zh.jsonl
run avqa -C 中文 import music-avqa "$DEMO/val.json" --split 测试
expect_failure 'import music-avqa' "no template of 'demo-zh' has the text"
finish
