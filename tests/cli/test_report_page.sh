#!/usr/bin/env bash
# The report page in a real browser (report_page.mjs). Skips where node, playwright-core
# or chromium are missing. AVQA_NODE_MODULES names a folder that holds playwright-core;
# AVQA_NPM=1 permits to install it into a temporary folder.
set -u
. "$(dirname "$0")/../support/cli.sh"
need node
have chromium || skip "chromium is not installed"
if [[ -z ${AVQA_NODE_MODULES:-} && ${AVQA_NPM:-} == 1 ]]; then
    need npm
    run npm install --no-save --no-audit --no-fund --prefix "$TMP/npm" playwright-core
    [[ $got -eq 0 ]] || skip "npm cannot install playwright-core: $(tail -n 1 err)"
    export AVQA_NODE_MODULES=$TMP/npm/node_modules
fi
make_demo data
run avqa -C data audit --split test --against val -o report
expect_ok
run node "$SOURCE/tests/cli/report_page.mjs" "$TMP/report/report.html"
[[ $got -eq 77 ]] && skip "$(sed -n 's/^skipped: //p' out)"
cat out
expect_exit 0
finish
