#!/usr/bin/env bash
# fetch beside aria2c and curl, from nginx on the loopback: many small files and a few
# large ones. Wall and CPU seconds of each client; the server's are not counted.
#   AVQA=build/release/bin/avqa AVQA_FAULT_SERVER=... tests/bench/fetch.sh [SMALL [LARGE_MB]]
# avqa does more: it hashes, decodes a beginning of and syncs every file, and writes a ledger.
set -eu
: "${AVQA:?names the program}" "${AVQA_FAULT_SERVER:?makes the files}"
SMALL=${1:-2000} LARGE_MB=${2:-500}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/avqa-bench.XXXXXX")
trap 'kill "$(cat "$TMP/pid" 2>/dev/null)" 2>/dev/null; rm -rf "$TMP"' EXIT
cd "$TMP"
unset http_proxy https_proxy all_proxy
mkdir www
chmod 755 "$TMP" www
for i in $(seq "$SMALL"); do "$AVQA_FAULT_SERVER" "s$i" 0 200000 >"www/s$i.wav"; done
for i in 1 2 3 4 5 6 7 8; do
    { "$AVQA_FAULT_SERVER" "l$i" 0 $((LARGE_MB * 1000000)) || true; } 2>/dev/null | head -c 4096 >"www/l$i.wav"
    truncate -s $((LARGE_MB * 1000000)) "www/l$i.wav"
done
cat >nginx.conf <<END
worker_processes 1; pid $TMP/pid; error_log /dev/null;
events { worker_connections 256; }
http { access_log off; sendfile on; root $TMP/www; server { listen 127.0.0.1:8471; } }
END
nginx -c "$TMP/nginx.conf"
sleep 0.5
measure() { # NAME COMMAND...
    local name=$1
    shift
    sync
    /usr/bin/time -o time -f '%e %U %S' "$@" >/dev/null 2>err || { cat err; exit 1; }
    awk -v n="$name" '{ printf "%-22s wall %6.2f s   CPU %6.2f s\n", n, $1, $2 + $3 }' time
}
for set in s l; do
    files=$(cd www && ls $set*.wav)
    awk '{ print "http://127.0.0.1:8471/" $0 }' <<<"$files" >list
    awk '{ print "url=http://127.0.0.1:8471/" $0 "\noutput=" $0 }' <<<"$files" >config
    awk 'BEGIN { print "video_id,url" } { sub(/\.wav$/, ""); print $0 ",http://127.0.0.1:8471/" $0 ".wav" }' <<<"$files" >videos.csv
    for round in 1 2 3; do
        rm -rf a c d
        mkdir a c
        measure "$set aria2c -j8" aria2c -q -j8 -x1 --file-allocation=none --no-conf -d a -i list
        (cd c && measure "$set curl --parallel" curl -s --parallel --parallel-max 8 -K ../config)
        rm -rf a c
        "$AVQA" init d -q && "$AVQA" -C d import videos videos.csv -q
        measure "$set avqa fetch" "$AVQA" -C d fetch --resolver none --connections 8 --per-host 8 -q --progress none
        [[ $set == l && $round == 1 ]] && break
    done
done
