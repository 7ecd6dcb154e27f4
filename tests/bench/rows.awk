# Writes N annotation rows in MUSIC-AVQA's format, about five to a clip, out of a fixed
# formula: awk -v n=1000000 -f rows.awk
BEGIN {
    split("accordion acoustic_guitar bagpipe banjo bassoon cello clarinet congas drum electric_bass erhu flute guzheng piano pipa saxophone suona trumpet tuba ukulele violin xylophone", o, " ")
    split("zero one two three four five", number, " ")
    split("yes no", yn, " ")
    printf "["
    for (i = 0; i < n; i++) {
        x = (i * 2654435761) % 4294967296
        a = o[int(x / 7) % 22 + 1]; b = o[int(x / 1009) % 22 + 1]
        k = i % 5
        if (k == 0) { type = "Audio\\\", \\\"Counting"; text = "How many musical instruments were heard throughout the video?"; slots = ""; answer = number[int(x / 131) % 6 + 1] }
        if (k == 1) { type = "Audio\\\", \\\"Comparative"; text = "Is the <Object> louder than the <Object>?"; slots = "\\\"" a "\\\", \\\"" b "\\\""; answer = yn[int(x / 131) % 2 + 1] }
        if (k == 2) { type = "Visual\\\", \\\"Counting"; text = "How many <Object> are in the entire video?"; slots = "\\\"" a "\\\""; answer = number[int(x / 131) % 6 + 1] }
        if (k == 3) { type = "Audio-Visual\\\", \\\"Existential"; text = "Is the <Object> in the video always playing?"; slots = "\\\"" a "\\\""; answer = yn[int(x / 131) % 2 + 1] }
        if (k == 4) { type = "Visual\\\", \\\"Location"; text = "What kind of musical instrument is it?"; slots = ""; answer = b }
        printf "%s\n  {\"video_id\": \"%08d\", \"question_id\": %d, \"type\": \"[\\\"%s\\\"]\", \"question_content\": \"%s\", \"templ_values\": \"[%s]\", \"question_deleted\": 0, \"anser\": \"%s\"}", i ? "," : "", int(i / 5), i, type, text, slots, answer
    }
    print "\n]"
}
