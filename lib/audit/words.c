/* Words are counted over distinct questions, not over rows: nine thousand rows are
 * about thirteen hundred questions, and splitting is the dear part. */
#include "audit/words.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FIRST = sizeof((struct avqa_beginning *)0)->words / sizeof(char *) };

/* Splits a text and adds the ids of its words to the list. */
static enum avqa_status add_words(struct avqa_wordings *list, const char *text)
{
    struct avqa_word *words;
    size_t n;
    enum avqa_status rc = avqa_text_words(&words, &n, text);
    if (rc == AVQA_OK)
        rc = avqa_mem_grow(&list->word_ids, &list->cap_word_ids, list->n_word_ids + n,
                           sizeof *list->word_ids);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++)
        list->word_ids[list->n_word_ids++] =
            avqa_intern_add(&list->words, text + words[i].start, words[i].len, NULL);
    free(words);
    return rc;
}

static enum avqa_status fill_group(struct avqa_buf *out,
                                   const struct avqa_audit_table *t, uint64_t group)
{
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    const struct avqa_audit_slots *slots = &t->slots[(uint32_t)group];
    for (size_t s = 0; s < slots->n; s++)
        values[s] = avqa_audit_word(t, slots->values[s]);
    return avqa_template_fill(out, t->templates->items[group >> 32].text, values,
                              slots->n);
}

enum avqa_status avqa_wordings_collect(struct avqa_wordings *list,
                                       const struct avqa_audit_table *t,
                                       const struct avqa_tally *tally)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    enum avqa_status rc = AVQA_OK;
    uint64_t n;
    for (size_t i = 0; rc == AVQA_OK && i < tally->n;) {
        uint64_t group = tally->cells[i].group;
        i = avqa_tally_group_end(tally, i, &n);
        rc = avqa_mem_grow(&list->items, &list->cap, list->n + 1, sizeof *list->items);
        if (rc != AVQA_OK)
            break;
        struct avqa_wording *w = &list->items[list->n++];
        *w = (struct avqa_wording){(uint16_t)(group >> 32), (uint32_t)group,
                                   (uint32_t)n, list->n_word_ids, 0};
        avqa_buf_clear(&text);
        rc = fill_group(&text, t, group);
        if (rc != AVQA_OK)
            break;
        avqa_intern_add(&list->texts, avqa_buf_str(&text), text.len, NULL);
        rc = add_words(list, avqa_buf_str(&text));
        w->n_words = list->n_word_ids - w->first;
    }
    avqa_buf_release(&text);
    return rc;
}

void avqa_wordings_release(struct avqa_wordings *list)
{
    avqa_intern_release(&list->words);
    avqa_intern_release(&list->texts);
    free(list->items);
    free(list->word_ids);
    *list = (struct avqa_wordings){0};
}

/* ---- beginnings ------------------------------------------------------------------ */

static int by_count(const void *a, const void *b)
{
    const struct avqa_beginning *x = a;
    const struct avqa_beginning *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    for (size_t i = 0; i < x->n_words && i < y->n_words; i++) {
        int order = strcmp(x->words[i], y->words[i]);
        if (order)
            return order;
    }
    return x->n_words < y->n_words ? -1 : x->n_words > y->n_words;
}

/* Adds `n` questions whose words begin at `words`; `known` maps joined words to items.
 */
static enum avqa_status add_beginning(struct avqa_beginnings *list,
                                      struct avqa_intern *known,
                                      const char *const *words, size_t n_words,
                                      uint32_t n)
{
    struct avqa_buf key = AVQA_BUF_INIT;
    bool is_new;
    for (size_t i = 0; i < n_words; i++)
        avqa_buf_add(&key, words[i], strlen(words[i]) + 1);
    uint32_t id = avqa_intern_add(known, key.data ? key.data : "", key.len, &is_new);
    avqa_buf_release(&key);
    enum avqa_status rc =
        avqa_mem_grow(&list->items, &list->cap, list->n + 1, sizeof *list->items);
    if (rc != AVQA_OK)
        return rc;
    if (is_new) {
        list->n++;
        list->items[id] = (struct avqa_beginning){.n_words = n_words};
        for (size_t i = 0; i < n_words; i++)
            list->items[id].words[i] = avqa_arena_strdup(&list->arena, words[i]);
    }
    list->items[id].n += n;
    return AVQA_OK;
}

static enum avqa_status add_text(struct avqa_beginnings *list,
                                 struct avqa_intern *known, const char *text,
                                 size_t max_words, uint32_t n)
{
    struct avqa_arena arena = AVQA_ARENA_INIT;
    const char *first[MAX_FIRST];
    struct avqa_word *words;
    size_t n_words;
    enum avqa_status rc = avqa_text_words(&words, &n_words, text);
    if (n_words > max_words)
        n_words = max_words;
    for (size_t i = 0; rc == AVQA_OK && i < n_words; i++)
        first[i] = avqa_arena_strndup(&arena, text + words[i].start, words[i].len);
    if (rc == AVQA_OK)
        rc = add_beginning(list, known, first, n_words, n);
    free(words);
    avqa_arena_release(&arena);
    return rc;
}

enum avqa_status avqa_beginnings_collect(struct avqa_beginnings *list,
                                         const struct avqa_audit *a, bool filled)
{
    const struct avqa_tally *tally =
        &a->tallies[filled ? AVQA_GROUP_SLOTS : AVQA_GROUP_TEMPLATE];
    size_t max = a->opts.first_words < MAX_FIRST ? a->opts.first_words : MAX_FIRST;
    struct avqa_intern known = AVQA_INTERN_INIT;
    struct avqa_buf text = AVQA_BUF_INIT;
    enum avqa_status rc = AVQA_OK;
    uint64_t n;
    for (size_t i = 0; rc == AVQA_OK && i < tally->n;) {
        uint64_t group = tally->cells[i].group;
        i = avqa_tally_group_end(tally, i, &n);
        avqa_buf_clear(&text);
        if (filled)
            fill_group(&text, a->t, group);
        else
            avqa_buf_adds(&text, a->t->templates->items[group].text);
        rc = add_text(list, &known, avqa_buf_str(&text), max, (uint32_t)n);
    }
    if (list->n)
        qsort(list->items, list->n, sizeof *list->items, by_count);
    avqa_intern_release(&known);
    avqa_buf_release(&text);
    return rc;
}

void avqa_beginnings_release(struct avqa_beginnings *list)
{
    avqa_arena_release(&list->arena);
    free(list->items);
    *list = (struct avqa_beginnings){0};
}

/* ---- report ---------------------------------------------------------------------- */

static enum avqa_status beginnings_json(const struct avqa_audit *a, bool filled,
                                        struct avqa_json *array)
{
    struct avqa_beginnings list = {0};
    struct avqa_buf text = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_beginnings_collect(&list, a, filled);
    for (size_t i = 0; rc == AVQA_OK && i < list.n; i++) {
        struct avqa_json *o = avqa_json_put_object(array, NULL);
        avqa_buf_clear(&text);
        for (size_t w = 0; w < list.items[i].n_words; w++)
            avqa_buf_addf(&text, "%s%s", w ? " " : "", list.items[i].words[w]);
        avqa_json_put_string(o, "words", avqa_buf_str(&text));
        avqa_json_put_int(o, "count", list.items[i].n);
    }
    avqa_buf_release(&text);
    avqa_beginnings_release(&list);
    return rc;
}

enum avqa_status avqa_words_json(const struct avqa_audit *a, struct avqa_json *counts)
{
    struct avqa_wordings list = {0};
    struct avqa_json *first = avqa_json_put_object(counts, "first_words");
    avqa_json_put_int(first, "n", (int64_t)a->opts.first_words);
    enum avqa_status rc =
        avqa_wordings_collect(&list, a->t, &a->tallies[AVQA_GROUP_SLOTS]);
    if (rc == AVQA_OK)
        rc = beginnings_json(a, false, avqa_json_put_array(first, "raw"));
    if (rc == AVQA_OK)
        rc = beginnings_json(a, true, avqa_json_put_array(first, "filled"));
    avqa_json_put_int(counts, "filled_questions", list.texts.n);
    avqa_json_put_int(counts, "words", list.words.n);
    avqa_wordings_release(&list);
    return rc;
}
