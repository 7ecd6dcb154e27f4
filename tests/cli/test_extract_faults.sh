#!/usr/bin/env bash
# What the world does to an extraction: reads and allocations that fail, each in its turn,
# a disk that is full, files that vanish while it runs. It ends by itself with a line that
# says why, no half shard bears a name, every clip without features has its reason, and
# run again it makes what is missing.
set -u
. "$(dirname "$0")/../support/cli.sh"
need ffmpeg jq sqlite3
extract=(extract --visual frames --audio logmel:music-avqa --per-shard 2)
shards() { (cd "$1" && sha256sum -- shards/*.zst); }
# FOLDER: the catalog is whole, and the shards that it names are those that are there.
sound() {
    expect_equal "the catalog" ok "$(ask "$1" 'PRAGMA integrity_check; PRAGMA foreign_key_check')"
    local path
    for path in $(ask "$1" 'SELECT path FROM shard'); do
        check "$path is as the catalog says" test "$(sha256sum <"$1/$path" | cut -c1-64)" = "$(ask "$1" "SELECT sha256 FROM shard WHERE path = '$path'")"
    done
}

mkdir in
for i in 1 2 3 4 5 6; do
    ffmpeg -v fatal -nostdin -y -f lavfi -i "testsrc2=s=160x120:r=10:d=$((i % 3 + 2))" -f lavfi -i "sine=f=$((i * 100)):r=16000:d=$((i % 3 + 2))" \
        -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -shortest "in/v$i.mp4" || exit 1
done
avqa init empty -q
run avqa -C empty import media in -q --no-measure
cp -r empty whole
run avqa -C whole "${extract[@]}" -q
expect_ok
shards whole >whole.txt
check "there are three shards" test "$(wc -l <whole.txt)" -eq 3

# ---- reads and allocations that fail, in turn
failing() { # KIND N
    rm -rf f && cp -r empty f
    run_failing "$1" "$2" "$AVQA" -C f "${extract[@]}" -j1 --json
}
again() {
    run avqa -C f "${extract[@]}" -q
    expect_ok
    check "again: the same shards" cmp whole.txt <(shards f)
    check "again: nothing temporary" not compgen -G 'f/shards/*.tmp'
}
if ! can_fail; then
    note "failing reads and allocations: they need malloc for themselves"
else
    failing FAIL_NOTHING 0
    expect_exit 0
    read -r reads allocs <counts
    check "there are reads ($reads) and allocations ($allocs) to fail" test "$reads" -ge 6 -a "$allocs" -gt 1000
    for n in $(seq "$reads"); do
        failing FAIL_READ "$n"
        check "it ends well (exit $got)" test "$got" -eq 0 -o "$got" -eq 3
        sound f
        expect_equal "every clip is accounted for" 6 "$(jq '.clips + .n_failed' out)"
        expect_equal "what fails has a reason" "$(jq .n_failed out)" \
            "$(ask f "SELECT count(*) FROM attempt WHERE stage = 'extract' AND outcome = 'failed' AND reason = 'unreadable'")"
        run avqa -C f "${extract[@]}" -q
        expect_ok
        expect_equal "again: all clips have all" 12 "$(ask f 'SELECT count(*) FROM feature')"
        expect_equal "no rows are missing" "$(ask whole 'SELECT sum(n_rows) FROM feature')" "$(ask f 'SELECT sum(n_rows) FROM feature')"
    done
    for n in $(awk -v n="$allocs" 'BEGIN { for (i = 1; i < n; i = i < 30 ? i + 9 : int(i * 1.3)) print i }'); do
        failing FAIL_ALLOC "$n"
        check "it ends, by itself (exit $got)" test "$got" -eq 0 -o "$got" -eq 1 -o "$got" -eq 3 -o "$got" -eq 134
        [[ $got -eq 1 ]] && check "it says why" test -s err
        sound f
        [[ $got -eq 1 || $got -eq 134 ]] && again
    done
fi

# ---- no room for a shard
for kib in 100 200 400; do
    rm -rf f && cp -r empty f
    (
        ulimit -f $kib
        trap '' XFSZ
        exec "$AVQA" -C f "${extract[@]}" -q
    ) >out 2>err
    got=$? ran="extract with files of at most $kib KiB"
    expect_exit 1
    check "it says why, in a line" test "$(grep -c '^avqa extract: .*\(too large\|full\)' err)" -eq 1
    check "no shard that the catalog does not have" test "$(find f/shards -name '*.zst' 2>/dev/null | wc -l)" -eq "$(ask f 'SELECT count(*) FROM shard')"
    sound f
    again
done

# ---- files that vanish while it runs
rm -rf f && cp -r empty f
"$AVQA" -C f "${extract[@]}" -j1 --json >out 2>err &
mv in/v5.mp4 in/v6.mp4 .
wait $!
got=$? ran='extract of files that vanish'
check "it ends well (exit $got)" test "$got" -eq 0 -o "$got" -eq 3
expect_equal "every clip is accounted for" 6 "$(jq '.clips + .n_failed' out)"
expect_equal "reasons" "" "$(jq -r '[.failed[].reason] | unique - ["no-file"] | join(" ")' out)"
sound f
mv v5.mp4 v6.mp4 in
again
finish
