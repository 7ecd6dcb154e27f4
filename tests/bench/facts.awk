# Facts of n clips with one to four instruments, as tests/bench/generate.sh needs them:
# awk -v n=10000 -f facts.awk > facts.jsonl
function whole(below) { return int(rand() * below) }
function instance(i,    from) {
    visible = whole(10) > 0
    from = whole(30)
    printf "%s{\"id\":\"i%d\",\"instrument\":\"%s\",\"visible\":%s,\"x\":%s,", i ? "," : "", i,
        kinds[1 + whole(n_kinds)], visible ? "true" : "false",
        visible ? sprintf("%.3f", rand()) : "null"
    if (whole(6) == 0)
        printf "\"sounding\":[],"
    else if (whole(4) == 0)
        printf "\"sounding\":[[0,60]],"
    else
        printf "\"sounding\":[[%d,%d]],", from, from + 1 + whole(29)
    printf "\"loudness_db\":%.1f,\"rhythmicity\":%.2f}", -30 + 25 * rand(), rand()
}
BEGIN {
    srand(1)
    n_kinds = split("violin piano cello flute drum erhu", kinds, " ")
    for (c = 0; c < n; c++) {
        printf "{\"clip\":\"clip%08d\",\"duration\":60,\"scene\":\"%s\",\"voiceover\":%s,\"instances\":[",
            c, whole(3) ? "indoor" : "outdoor", whole(4) ? "[]" : "[[1,2]]"
        m = 1 + whole(4)
        for (i = 0; i < m; i++)
            instance(i)
        print "]}"
    }
}
