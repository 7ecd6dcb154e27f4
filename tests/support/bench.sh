# What the shell benches share.

# median FILE [COLUMN [FORMAT]]: the middle one of the numbers in a column (the first), as
# printf writes it.
median() {
    sort -n -k"${2:-1},${2:-1}" "$1" |
        awk -v k="${2:-1}" -v f="${3:-%s}" '{v[NR] = $k} END {printf f, v[int((NR + 1) / 2)]}'
}
