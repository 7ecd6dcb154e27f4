#!/usr/bin/env bash
# kill -9 at random moments of an extraction, then a rerun: shards and what the catalog
# tells of features are byte for byte those of an undisturbed run.
#   AVQA_SOAK_ITEMS=50 AVQA_SOAK_KILLS=100    the long form, by hand
set -u
. "$(dirname "$0")/../support/cli.sh"
need ffmpeg jq sqlite3
ITEMS=${AVQA_SOAK_ITEMS:-12} KILLS=${AVQA_SOAK_KILLS:-10}
extract=("$AVQA" -C data extract --visual frames --audio logmel:music-avqa --per-shard 4 -q)
# All that is told of features, but for runs and times. The ledger has one row for each
# clip whose shard was finished, however many runs that took.
told() {
    sqlite3 data/catalog.sqlite "SELECT path, bytes, samples, sha256, encoding FROM shard ORDER BY path;
        SELECT c.picture, encoder, h.path, sample, n_rows, provenance, f.recipe FROM feature f
            JOIN clip c ON c.id = clip_id JOIN shard h ON h.id = shard_id ORDER BY 1, 2;
        SELECT c.picture, encoder, f.recipe, reason, detail FROM featureless f JOIN clip c ON c.id = clip_id ORDER BY 1, 2;
        SELECT item, outcome, reason, detail, bytes FROM attempt WHERE stage = 'extract' ORDER BY item, id;
        SELECT count(*) FROM run WHERE command = 'extract' AND outcome IS NOT NULL"
    (cd data/shards && sha256sum -- *)
}

mkdir in
for i in $(seq "$ITEMS"); do
    size=$((96 + i % 5 * 32))x64 seconds=$((2 + i % 4))
    sound=(-f lavfi -i "sine=frequency=$((200 + i * 10)):sample_rate=16000:d=$seconds" -c:a aac)
    [[ $((i % 7)) -eq 3 ]] && sound=(-an)
    ffmpeg -v fatal -nostdin -y -f lavfi -i "testsrc2=s=$size:r=15:d=$seconds" "${sound[@]}" \
        -c:v libx264 -preset ultrafast -pix_fmt yuv420p "in/$(printf 'clip%03d' "$i").mp4"
done
head -c 3000 in/clip005.mp4 >cut && mv cut in/clip005.mp4
avqa init data -q
run avqa -C data import media in -q --no-measure
cp -r data fresh

start=$(date +%s%N)
run "${extract[@]}" -j2
took_ms=$((($(date +%s%N) - start) / 1000000))
expect_exit 3
told >undisturbed
check "there are shards" test "$(find data/shards -name '*.zst' | wc -l)" -gt 1

RANDOM=4711 killed=0 round=0
rm -rf data && cp -r fresh data
while [[ $killed -lt $KILLS ]]; do
    "${extract[@]}" -j2 2>/dev/null &
    pid=$!
    nap $((RANDOM % (took_ms + took_ms / 4 + 1)))
    if kill -9 "$pid" 2>/dev/null; then killed=$((killed + 1)); fi
    wait "$pid" 2>/dev/null
    round=$((round + 1))
    # Begin anew now and then, so that kills come at every stage of the work.
    if [[ $((round % 3)) -eq 0 ]]; then
        run "${extract[@]}" -j2
        told | sed '/^[0-9]*$/d' >after
        expect_equal "after $killed kills" "$(sed '/^[0-9]*$/d' undisturbed | sha256sum)" "$(sha256sum <after)"
        check "no temporary file is left" not compgen -G "data/shards/*.tmp"
        rm -rf data && cp -r fresh data
    fi
done
run "${extract[@]}" -j2
expect_exit 3
told >after
expect_same undisturbed after
check "every shard is good" avqa shard verify data/shards/*.zst
echo "$killed kills, $round rounds"
finish
