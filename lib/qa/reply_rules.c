/* See reply_rules.h. */
#include "qa/reply_rules.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LIST = 10000, MAX_NUMBERS = 1000 };

/* ---- text to words --------------------------------------------------------------- */

/* Appends the form that is cut into words: lower case, compatibility forms, spaces for
 * what joins words, one kind of apostrophe. */
static enum avqa_status plain(struct avqa_buf *out, const char *text)
{
    struct avqa_buf normal = AVQA_BUF_INIT;
    struct avqa_buf lower = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_text_normal(&normal, text);
    if (rc == AVQA_OK)
        rc = avqa_text_lower(&lower, avqa_buf_str(&normal));
    for (const char *s = avqa_buf_str(&lower); *s;) {
        const char *from = s;
        uint32_t c = avqa_text_next(&s);
        if (c == '_' || c == '<' || c == '>')
            avqa_buf_addc(out, ' ');
        else if (c == 0x2019)
            avqa_buf_addc(out, '\'');
        else if (c == '+') /* no word otherwise: 10+ would be 10 */
            avqa_buf_adds(out, " plus ");
        else
            avqa_buf_add(out, from, (size_t)(s - from));
    }
    avqa_buf_release(&normal);
    avqa_buf_release(&lower);
    return rc == AVQA_OK ? avqa_buf_status(out) : rc;
}

/* What a word of digits says, as far as anybody counts, or -1. 1.0 is 1, 1.5 nothing.
 */
static int64_t digits(const char *word, size_t len)
{
    int64_t n = 0;
    size_t whole = len;
    while (whole > 0 && word[whole - 1] == '0')
        whole--;
    if (whole > 1 && whole < len && word[whole - 1] == '.')
        len = whole - 1;
    for (size_t i = 0; i < len; i++) {
        if (word[i] < '0' || word[i] > '9')
            return -1;
        n = n > 100000000 ? n : 10 * n + (word[i] - '0');
    }
    return n;
}

/* Adds a word; `grow`, the list of known words or NULL, takes it in if it is new. */
static void add_word(struct avqa_reply_words *out, const struct avqa_reply_rules *r,
                     const char *word, size_t len, struct avqa_intern *grow)
{
    uint32_t number = avqa_intern_find(&r->numbers, word, len);
    int64_t said = number == AVQA_INTERN_NONE ? digits(word, len) : (int64_t)number;
    if (number == AVQA_INTERN_NONE && said >= 0 && said < r->numbers.n) {
        word = avqa_intern_text(&r->numbers, (uint32_t)said);
        len = strlen(word);
    }
    if (avqa_intern_find(&r->dropped, word, len) != AVQA_INTERN_NONE)
        return;
    out->numbers[out->n] = said;
    out->doubts[out->n] = avqa_intern_find(&r->doubts, word, len) != AVQA_INTERN_NONE;
    out->ids[out->n++] = grow ? avqa_intern_add(grow, word, len, NULL)
                              : avqa_intern_find(&r->words, word, len);
}

enum avqa_status avqa_reply_cut(struct avqa_reply_words *out,
                                const struct avqa_reply_rules *r, const char *text,
                                struct avqa_intern *grow)
{
    struct avqa_buf form = AVQA_BUF_INIT;
    struct avqa_word *list = NULL;
    size_t n = 0;
    out->n = 0;
    enum avqa_status rc = plain(&form, text);
    if (rc == AVQA_OK)
        rc = avqa_text_words(&list, &n, avqa_buf_str(&form));
    for (size_t i = 0; rc == AVQA_OK && i < n && out->n < AVQA_REPLY_MAX_WORDS; i++)
        add_word(out, r, form.data + list[i].start, list[i].len, grow);
    free(list);
    avqa_buf_release(&form);
    return rc;
}

/* ---- reading the rules ----------------------------------------------------------- */

enum kind { OWN, OTHER, FOREIGN };

static enum avqa_status add_phrase(struct avqa_reply_rules *r, const char *text,
                                   uint32_t answer, enum kind kind)
{
    struct avqa_reply_words words;
    enum avqa_status rc = avqa_reply_cut(&words, r, text, &r->words);
    if (rc != AVQA_OK)
        return rc;
    if (words.n == 0) /* only words that say nothing, or signs: matched as it is */
        return AVQA_OK;
    uint32_t *ids = avqa_arena_alloc(&r->arena, words.n * sizeof *ids);
    memcpy(ids, words.ids, words.n * sizeof *ids);
    avqa_mem_need(&r->phrases, &r->cap_phrases, r->n_phrases + 1, sizeof *r->phrases);
    r->phrases[r->n_phrases++] =
        (struct avqa_reply_phrase){.ids = ids,
                                   .n = words.n,
                                   .answer = answer,
                                   .own = kind == OWN,
                                   .letter = kind != OWN && strlen(text) == 1,
                                   .foreign = kind == FOREIGN};
    return AVQA_OK;
}

/* The vocabulary itself, and the plurals that domains have. */
static enum avqa_status add_vocabulary(struct avqa_reply_rules *r)
{
    const struct avqa_templates *t = r->templates;
    enum avqa_status rc = AVQA_OK;
    for (size_t a = 0; rc == AVQA_OK && a < t->n_answers; a++) {
        uint32_t id =
            avqa_intern_add(&r->answers, t->answers[a], strlen(t->answers[a]), NULL);
        rc = add_phrase(r, t->answers[a], id, OWN);
        for (size_t d = 0; rc == AVQA_OK && d < t->n_domains; d++) {
            size_t place = avqa_domain_find(&t->domains[d], t->answers[a]);
            if (place != AVQA_DOMAIN_NONE && t->domains[d].plurals)
                rc = add_phrase(r, t->domains[d].plurals[place], id, OTHER);
        }
    }
    return rc;
}

const char *avqa_reply_answer(const struct avqa_reply_rules *r, const char *word)
{
    uint32_t a = avqa_intern_find(&r->answers, word, strlen(word));
    return a == AVQA_INTERN_NONE ? NULL : avqa_intern_text(&r->answers, a);
}

/* A list of at most `max` texts that are not empty. */
static enum avqa_status check_list(const struct avqa_json *list, const char *key,
                                   size_t max)
{
    if (avqa_json_type(list) != AVQA_JSON_ARRAY || avqa_json_count(list) > max)
        return avqa_fail(AVQA_EFORMAT, "'%.80s' must be a list of at most %zu texts",
                         key, max);
    for (list = avqa_json_first(list); list; list = avqa_json_next(list)) {
        const char *text = avqa_json_string(list);
        if (!text || !*text)
            return avqa_fail(AVQA_EFORMAT, "'%.80s' has what is no text, or empty",
                             key);
    }
    return AVQA_OK;
}

/* A list of single words, in lower case as they are met. */
static enum avqa_status read_words(struct avqa_intern *out,
                                   const struct avqa_json *root, const char *key,
                                   size_t max)
{
    const struct avqa_json *list = avqa_json_get(root, key);
    enum avqa_status rc = list ? check_list(list, key, max) : AVQA_OK;
    const struct avqa_json *w = rc == AVQA_OK ? avqa_json_first(list) : NULL;
    for (; rc == AVQA_OK && w; w = avqa_json_next(w)) {
        struct avqa_buf word = AVQA_BUF_INIT;
        bool is_new = false;
        rc = plain(&word, avqa_json_string(w));
        if (rc == AVQA_OK)
            avqa_intern_add(out, avqa_buf_str(&word), word.len, &is_new);
        if (rc == AVQA_OK && !is_new)
            rc = avqa_fail(AVQA_EFORMAT, "'%s' has '%.80s' twice", key,
                           avqa_json_string(w));
        avqa_buf_release(&word);
    }
    return rc;
}

static enum avqa_status read_answers(struct avqa_reply_rules *r,
                                     const struct avqa_json *root, const char *name,
                                     enum kind kind)
{
    enum avqa_status rc = AVQA_OK;
    const struct avqa_json *answers = avqa_json_get(root, name);
    if (answers && avqa_json_type(answers) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT, "'%s' must be an object, a list for each answer",
                         name);
    for (const struct avqa_json *a = avqa_json_first(answers); rc == AVQA_OK && a;
         a = avqa_json_next(a)) {
        const char *key = avqa_json_key(a);
        uint32_t answer = avqa_intern_find(&r->answers, key, strlen(key));
        rc = check_list(a, key, MAX_LIST);
        if (rc != AVQA_OK || answer == AVQA_INTERN_NONE)
            continue;
        for (const struct avqa_json *w = avqa_json_first(a); rc == AVQA_OK && w;
             w = avqa_json_next(w))
            rc = add_phrase(r, avqa_json_string(w), answer, kind);
    }
    return rc;
}

static enum avqa_status add_bound(struct avqa_reply_rules *r, const char *text,
                                  bool behind)
{
    struct avqa_reply_words words;
    enum avqa_status rc = avqa_reply_cut(&words, r, text, &r->words);
    if (rc != AVQA_OK || words.n == 0)
        return rc;
    uint32_t *ids = avqa_arena_alloc(&r->arena, words.n * sizeof *ids);
    memcpy(ids, words.ids, words.n * sizeof *ids);
    avqa_mem_need(&r->bounds, &r->cap_bounds, r->n_bounds + 1, sizeof *r->bounds);
    r->bounds[r->n_bounds++] = (struct avqa_reply_bound){ids, words.n, behind};
    return AVQA_OK;
}

static enum avqa_status read_bounds(struct avqa_reply_rules *r,
                                    const struct avqa_json *root)
{
    static const char *const keys[] = {"before", "behind"};
    const struct avqa_json *bounds = avqa_json_get(root, "bounds");
    if (!bounds)
        return AVQA_OK;
    if (avqa_json_type(bounds) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT, "'bounds' must be an object");
    enum avqa_status rc = avqa_json_only(bounds, "before behind");
    for (size_t k = 0; rc == AVQA_OK && k < sizeof keys / sizeof *keys; k++) {
        const struct avqa_json *list = avqa_json_get(bounds, keys[k]);
        rc = list ? check_list(list, keys[k], MAX_LIST) : AVQA_OK;
        const struct avqa_json *w = rc == AVQA_OK ? avqa_json_first(list) : NULL;
        for (; rc == AVQA_OK && w; w = avqa_json_next(w))
            rc = add_bound(r, avqa_json_string(w), k == 1);
    }
    return rc;
}

/* The longest first; of equal ones those of the vocabulary's first answers. */
static int by_length(const void *a, const void *b)
{
    const struct avqa_reply_phrase *x = a;
    const struct avqa_reply_phrase *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return x->answer < y->answer ? -1 : x->answer > y->answer;
}

static enum avqa_status read_root(struct avqa_reply_rules *r,
                                  const struct avqa_json *root)
{
    int64_t schema;
    if (avqa_json_type(root) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT, "a file of reply rules is an object");
    if (!avqa_json_int(avqa_json_get(root, "schema"), &schema) || schema != 1)
        return avqa_fail(AVQA_EVERSION, "'schema' must be 1");
    enum avqa_status rc =
        avqa_json_only(root, "schema language description drop doubt numbers bounds "
                             "answers not_answers");
    if (rc == AVQA_OK)
        rc = read_words(&r->numbers, root, "numbers", MAX_NUMBERS);
    if (rc == AVQA_OK)
        rc = read_words(&r->dropped, root, "drop", MAX_LIST);
    if (rc == AVQA_OK)
        rc = read_words(&r->doubts, root, "doubt", MAX_LIST);
    if (rc == AVQA_OK)
        rc = read_bounds(r, root);
    if (rc == AVQA_OK)
        rc = add_vocabulary(r);
    if (rc == AVQA_OK)
        rc = read_answers(r, root, "answers", OTHER);
    if (rc == AVQA_OK)
        rc = read_answers(r, root, "not_answers", FOREIGN);
    if (rc == AVQA_OK && r->n_phrases)
        qsort(r->phrases, r->n_phrases, sizeof *r->phrases, by_length);
    return rc;
}

enum avqa_status avqa_reply_rules_parse(struct avqa_reply_rules **out, const char *json,
                                        size_t len,
                                        const struct avqa_templates *templates)
{
    struct avqa_json *root;
    enum avqa_status rc = avqa_json_parse(&root, json, len);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_reply_rules *r = avqa_mem_new(sizeof *r);
    r->templates = templates;
    rc = read_root(r, root);
    avqa_json_free(root);
    if (rc == AVQA_OK)
        *out = r;
    else
        avqa_reply_rules_free(r);
    return rc;
}

void avqa_reply_rules_free(struct avqa_reply_rules *r)
{
    if (!r)
        return;
    avqa_intern_release(&r->words);
    avqa_intern_release(&r->dropped);
    avqa_intern_release(&r->doubts);
    avqa_intern_release(&r->numbers);
    avqa_intern_release(&r->answers);
    avqa_arena_release(&r->arena);
    free(r->phrases);
    free(r->bounds);
    free(r);
}
