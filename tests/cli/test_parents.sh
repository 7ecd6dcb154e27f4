#!/usr/bin/env bash
# A clip made from several others (the picture of one, the sound of another, further
# material): a split keeps it with all of them, and an audit sees each of them where they
# are apart. From facts to splits, as typed.
set -u
. "$(dirname "$0")/../support/cli.sh"
need jq

# mixN is made from pN (picture), sN (sound) and bN (base); eN has nothing to do with it.
facts() {
    local n
    for n in "$@"; do
        for name in p s b e; do
            printf '{"clip": "%s%d", "duration": 20, "scene": "indoor", "voiceover": [], "instances": [{"id": "1", "instrument": "cello", "visible": true, "x": 0.5, "sounding": [[0, %d]]}]}\n' $name "$n" $((n + 5))
        done
        printf '{"clip": "mix%d", "duration": 20, "scene": "outdoor", "voiceover": [[1, 2]], "media": {"video": "p%d", "audio": "s%d", "base": ["b%d"]}, "instances": [{"id": "1", "instrument": "piano", "visible": true, "x": 0.2, "sounding": [[1, 3]]}], "origin": "composed"}\n' "$n" "$n" "$n" "$n"
    done
}
rows() { # VIDEO...: a question about each
    local video list=
    for video in "$@"; do
        list+="${list:+,}{\"video_id\": \"$video\", \"question_id\": 1, \"type\": \"[\\\"Audio-Visual\\\", \\\"Existential\\\"]\", \"question_content\": \"Is there a voiceover?\", \"templ_values\": \"[]\", \"anser\": \"no\"}"
    done
    echo "[$list]"
}

avqa init made -q
facts {1..8} >facts.jsonl
run avqa -C made import facts facts.jsonl -q
expect_ok
run avqa -C made generate --split all -q
expect_ok
run avqa -C made split --ratios a=1,b=1,c=1 --seed 3 --json
expect_ok
expect_equal "components: a family of four and one alone, eight times" 16 "$(jq .components out)"
run avqa -C made export jsonl -o questions.jsonl -q
expect_ok
expect_equal "videos with questions" 40 "$(jq -r .video questions.jsonl | sort -u | wc -l)"
for n in {1..8}; do
    expect_equal "splits of the family of mix$n" 1 \
        "$(jq -r "select(.video | test(\"^(mix|p|s|b)$n\$\")).split" questions.jsonl | sort -u | wc -l)"
done
for pair in a:b b:c c:a; do
    run avqa -C made audit --split ${pair%:*} --against ${pair#*:} --no-figures --json
    expect_ok
    expect_equal "what leaks between $pair" '[0,0]' "$(jq -c '[.leakage.video.clips, .leakage.derived.clips]' out)"
done

# Apart, by hand: each parent alone gives the composition away, a stranger does not.
facts 1 >facts.jsonl
rows mix1 >train.json
for video in p1 s1 b1 e1; do
    rows $video >test.json
    avqa init apart-$video -q
    avqa -C apart-$video import facts facts.jsonl -q
    avqa -C apart-$video import music-avqa train.json --split train -q
    avqa -C apart-$video import music-avqa test.json --split test -q
    run avqa -C apart-$video audit --split test --against train --no-figures --json
    expect_ok
    [[ $video == e1 ]] && leaks=0 || leaks=1
    expect_equal "derived clips that leak if $video is in the other split" "$leaks" "$(jq .leakage.derived.clips out)"
    expect_equal "findings of it" "$leaks" "$(jq '[.findings[] | select(.check == "leakage_derived")] | length' out)"
done
finish
