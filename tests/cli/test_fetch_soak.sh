#!/usr/bin/env bash
# Every fault mixed, and kill -9 at random moments: afterwards every byte on disk is right,
# every failure has its true reason, and a further run does only what is missing.
#   AVQA_SOAK_ITEMS=2000 AVQA_SOAK_KILLS=200    the long form, by hand
set -u
. "$(dirname "$0")/../support/cli.sh"
need sqlite3 jq
: "${AVQA_FAULT_SERVER:?names the server}"
ITEMS=${AVQA_SOAK_ITEMS:-200} KILLS=${AVQA_SOAK_KILLS:-12}
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy

serve 5

# A row an item: id, name of its content, version, size, the reason it ends with, url.
awk -v n="$ITEMS" 'BEGIN { srand(4711) }
    { port[NR] = $1 }
    END {
        split("|drop=H&times=1|drop=H&times=2|drop=H&times=1&norange=1|drop=H&times=1&change=1|" \
              "status=429&retry=0&times=1|status=503&times=1|status=404|html=1|claim=L|claim=H|" \
              "loop=1|nolength=1|gzip=1|drop=H&times=1&noval=1|drop=H&times=1&date=1|" \
              "drop=H&times=1&wrongrange=1|status=500|drip=D|drop=H&nolength=1&times=1", fault, "|")
        split("done|done|done|done|done|done|done|http-404|page|dropped|cut-off|" \
              "redirects|done|encoded|done|done|done|http-500|done|done", reason, "|")
        for (i = 1; i <= n; i++) {
            f = i % 20 + 1
            size = f == 10 || rand() < 0.8 ? 64 + int(rand() * 100000) : 1100000 + int(rand() * 900000)
            q = fault[f]
            gsub("H", int(32 + rand() * (size - 33)), q)
            gsub("L", size + 1000, q)
            gsub("D", int(size / 8) + 1, q)
            name = f == 1 && i % 40 == 20 ? "same" : "c" i
            if (name == "same") size = 5000
            p = reason[f] == "http-500" ? port[5] : port[i % 4 + 1]
            print "id" i, name, (q ~ /change/ ? 1 : 0), size, reason[f], \
                "http://127.0.0.1:" p "/f/" name "?n=" i "&size=" size (q == "" ? "" : "&" q)
        }
    }' ports >plan
check "as many rows as items" test "$(wc -l <plan)" -eq "$ITEMS"
{ echo video_id,url; awk '{ print $1 "," $6 }' plan; } >plan.csv
avqa init d -q && avqa -C d import videos plan.csv -q
fetch=("$AVQA" -C d fetch --resolver none --connections 24 --per-host 8 --backoff 0.02 --pause 0.05
    --max-wait 5 --keep-free 0 --tries 5 --stall 5)

# ---- kill -9
RANDOM=20240229
killed=0
for _ in $(seq "$KILLS"); do
    "${fetch[@]}" -q >out 2>err &
    nap $((20 + RANDOM % 300))
    kill -9 $! 2>/dev/null && killed=$((killed + 1))
    wait $! 2>/dev/null
    ran="fetch number $killed, killed" got=$?
    expect_equal "the catalog" ok "$(sqlite3 d/catalog.sqlite 'PRAGMA integrity_check')"
    check "every recorded file is there with its bytes" test -z "$(comm -23 \
        <(sqlite3 -separator ' ' d/catalog.sqlite 'SELECT DISTINCT path, bytes FROM source WHERE path IS NOT NULL' | sort) \
        <(find d/media -type f -printf 'media/%f %s\n' | sort))"
done
there=$(sqlite3 d/catalog.sqlite 'SELECT count(*) FROM source WHERE path IS NOT NULL')
[[ $KILLS -gt 0 ]] && check "there were kills ($killed, then $there of $ITEMS were there)" test "$killed" -gt 0

# ---- to the end; a host may have been given up in the middle of it
for _ in 1 2 3 4 5; do
    ran="${fetch[*]:2}"
    "${fetch[@]}" --json >out 2>err
    got=$?
    expect_exit 3
    expect_stderr_empty
    "${fetch[@]}" --dry-run --json >more
    [[ $(jq .pending more) -eq $(awk '$5 ~ /dropped|cut-off|http-500/' plan | wc -l) ]] && break
done
cp out last

# ---- every byte, every reason
sqlite3 -separator ' ' d/catalog.sqlite "SELECT s.name, coalesce(s.path, '-'), coalesce(s.sha256, '-'),
    CASE a.outcome WHEN 'done' THEN 'done' ELSE coalesce(a.reason, 'none') END FROM source s
    LEFT JOIN attempt a ON a.id = 
    (SELECT max(id) FROM attempt WHERE item = s.name AND reason IS NOT 'host-paused') ORDER BY s.id" >got_rows
wrong=0 files=0
while read -r id name version size want _ && read -r _ path sha256 reason <&3; do
    [[ $want == http-500 && $reason == none ]] && reason=$want # its host was given up first
    if [[ $reason != "$want" ]]; then
        wrong=$((wrong + 1))
        [[ $wrong -le 5 ]] && echo "$id: $reason, not $want"
    elif [[ $want == done ]]; then
        files=$((files + 1))
        real=$("$AVQA_FAULT_SERVER" "$name" "$version" "$size" | sha256sum | cut -d' ' -f1)
        if [[ $real != "$sha256" || $real != $(sha256sum <"d/$path" | cut -d' ' -f1) ]]; then
            wrong=$((wrong + 1))
            [[ $wrong -le 5 ]] && echo "$id: $path has wrong bytes"
        fi
    elif [[ $path != - ]]; then
        wrong=$((wrong + 1))
        echo "$id: failed, yet has $path"
    fi
done <plan 3<got_rows
expect_equal "items that are not as they should be" 0 "$wrong"
expect_equal "what is recorded as done" "$files" "$(awk '$5 == "done"' plan | wc -l)"
check "nothing temporary" test -z "$(find d/media -name '.*.part*')"
expect_equal "files in media/" "$(sqlite3 d/catalog.sqlite 'SELECT count(DISTINCT path) FROM source')" \
    "$(find d/media -type f ! -name '.*' | wc -l)"
expect_equal "runs that ended" 0 "$(sqlite3 d/catalog.sqlite "SELECT count(*) FROM run WHERE outcome IS NULL AND id > 1 + 1 + $killed")"

# ---- once more: only what may have passed
"${fetch[@]}" --json --tries 1 >out 2>err
expect_equal "what is tried again" "$(awk '$5 ~ /dropped|cut-off|http-500/' plan | wc -l)" "$(jq .pending out)"
expect_equal "what is not" "$(awk '$5 ~ /http-404|page|redirects|encoded/' plan | wc -l)" "$(jq .refused out)"
expect_equal "fetched by it" 0 "$(jq .fetched out)"
note "$(jq -c '{attempts, seconds, pauses}' last) after $killed kills with $there of $ITEMS there" | sed 's/not tried: //'
finish
