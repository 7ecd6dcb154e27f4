#!/usr/bin/env bash
# avqa fetch from a server that speaks TLS and HTTP/2 (nginx): that is what is spoken, every
# byte is right, and a part is continued over it too.
set -u
. "$(dirname "$0")/../support/cli.sh"
need nginx openssl jq sqlite3
: "${AVQA_FAULT_SERVER:?makes the files}"
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
nginx -V 2>&1 | grep -q http_v2_module || skip "this nginx has no HTTP/2"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem 2>/dev/null || skip "openssl makes no certificate"
mkdir www
chmod 755 "$TMP" www
for i in $(seq 20); do "$AVQA_FAULT_SERVER" "s$i" 0 $((50000 * i)) >"www/s$i.wav"; done
PORT=
for try in 1 2 3 4 5; do
    PORT=$((20000 + (RANDOM + try) % 20000))
    cat >nginx.conf <<END
worker_processes 1; pid $TMP/pid; error_log $TMP/error.log;
events { worker_connections 64; }
http {
    log_format plain '\$server_protocol \$status \$request_uri \$http_range';
    access_log $TMP/access.log plain; root $TMP/www;
    server { listen 127.0.0.1:$PORT ssl http2; ssl_certificate $TMP/cert.pem; ssl_certificate_key $TMP/key.pem; }
}
END
    nginx -e "$TMP/error.log" -c "$TMP/nginx.conf" 2>/dev/null && break
    PORT=
done
[[ -n $PORT ]] || skip "nginx cannot start here"
clean_up() { kill "$(cat "$TMP/pid" 2>/dev/null)" 2>/dev/null; }
for _ in $(seq 50); do [[ -s pid ]] && break; sleep 0.1; done

{ echo video_id,url; for i in $(seq 20); do echo "s$i,https://127.0.0.1:$PORT/s$i.wav"; done; } >videos.csv
avqa init d -q && avqa -C d import videos videos.csv -q
run avqa -C d fetch --resolver none --keep-free 0 --ca-file cert.pem --json
expect_exit 0
expect_stderr_empty
expect_equal "fetched" 20 "$(jq .fetched out)"
for i in $(seq 20); do expect_same "d/media/s$i.wav" "www/s$i.wav"; done
expect_equal "what was spoken" "20 HTTP/2.0 200" "$(cut -d' ' -f1,2 access.log | sort | uniq -c | xargs)"

# A part with nginx's own validator is continued.
head -c 300000 www/s20.wav >d/media/.s20.part
etag=$(curl -sI --cacert cert.pem "https://127.0.0.1:$PORT/s20.wav" | tr -d '\r' | sed -n 's/^etag: //p')
if [[ -n $etag ]]; then
    rm d/media/s20.wav
    jq -nc --arg k "https://127.0.0.1:$PORT/s20.wav" --arg v "$etag" '{key: $k, validator: $v, total: 1000000}' >d/media/.s20.part.note
    run avqa -C d fetch --resolver none --keep-free 0 --ca-file cert.pem --json
    expect_exit 0
    expect_equal "what was missing" 700000 "$(jq .bytes out)"
    expect_same d/media/s20.wav www/s20.wav
    check "by a range" grep -q '^HTTP/2.0 206 /s20.wav bytes=300000-$' access.log
else
    note "a part: curl is not installed"
fi

# Nobody vouches for it: refused, with the reason.
avqa init strange -q && avqa -C strange import videos videos.csv -q
run avqa -C strange fetch --resolver none --keep-free 0 --tries 1 --json
expect_exit 3
expect_equal "reasons" tls "$(jq -r '[.reasons[].reason] | unique | join(" ")' out)"
finish
