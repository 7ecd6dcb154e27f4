/* See beginnings.h. Step by step: a question shares a row with the first one before it
 * that came from the same row with the same word. */
#include "model/beginnings.h"

/* Beginnings while they are found. */
struct finding {
    size_t *begin;
    uint32_t *before;
    int32_t *words;
    int32_t *at, *next; /* [n], each question's row after the last and this step */
};

/* Of the rows of this step, from `from` on, the question's; *n_rows if it is none. */
static size_t find_row(const struct finding *f, size_t from, size_t n_rows,
                       uint32_t before, int32_t word)
{
    size_t i = from;
    while (i < n_rows && (f->before[i] != before || f->words[i] != word))
        i++;
    return i;
}

static size_t find_step(struct finding *f, size_t from, const int32_t *words,
                        const size_t n_length[2])
{
    size_t n_rows = from;
    for (size_t i = 0; i < n_length[0]; i++) {
        uint32_t before = (uint32_t)f->at[i];
        int32_t word = words[i * n_length[1]];
        size_t row = find_row(f, from, n_rows, before, word);
        if (row == n_rows) {
            f->before[row] = before;
            f->words[row] = word;
            n_rows++;
        }
        f->next[i] = (int32_t)row;
    }
    return n_rows;
}

void avqa_beginnings_find(struct avqa_beginnings *out, struct avqa_tape *tape,
                          const int32_t *words, size_t n, size_t length)
{
    struct finding f = {
        .begin = avqa_tape_array(tape, length + 1, sizeof *f.begin),
        .before = avqa_tape_array(tape, n * length, sizeof *f.before),
        .words = avqa_tape_array(tape, n * length, sizeof *f.words),
        .at = avqa_tape_array(tape, n, sizeof *f.at),
        .next = avqa_tape_array(tape, n, sizeof *f.next),
    };
    *out = (struct avqa_beginnings){.n_rows = 0};
    if (avqa_tape_failed(tape))
        return;
    for (size_t i = 0; i < n; i++)
        f.at[i] = 0;
    f.begin[0] = 0;
    for (size_t s = 0; s < length; s++) {
        f.begin[s + 1] = find_step(&f, f.begin[s], words + s, (size_t[]){n, length});
        int32_t *at = f.at;
        f.at = f.next;
        f.next = at;
    }
    for (size_t i = 0; i < n; i++)
        f.at[i] -= (int32_t)f.begin[length - 1];
    *out = (struct avqa_beginnings){.rows = {length, f.begin, f.before},
                                    .words = f.words,
                                    .last = f.at,
                                    .n_rows = f.begin[length],
                                    .n_last = f.begin[length] - f.begin[length - 1]};
}
