/* See train_set.h. Questions are read once, in the order of the catalog; then features
 * are looked for; then what has none is taken out, so that the numbers of clips and
 * questions have no gaps. */
#include "pipeline/train_set.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "catalog/clip.h"
#include "catalog/question.h"
#include "pipeline/question_words.h"
#include "pipeline/train_features.h"
#include "shard/index.h"

#include <stdlib.h>
#include <string.h>

/* ---- a vocabulary ---------------------------------------------------------------- */

struct making {
    struct avqa_vocabulary *out;
    struct avqa_question_words words;
    size_t longest, n;
};

static enum avqa_status learn(void *user, const struct avqa_question *q)
{
    struct making *m = user;
    const char *const *words;
    size_t n;
    if (q->deleted)
        return AVQA_OK;
    enum avqa_status rc =
        avqa_question_words_cut(&words, &n, &m->words, m->out->way, q);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        (void)avqa_intern_add(&m->out->words, words[i], strlen(words[i]), NULL);
    const char *answer = avqa_question_words_text(&m->words, q->answer_id);
    (void)avqa_intern_add(&m->out->answers, answer, strlen(answer), NULL);
    m->longest = n > m->longest ? n : m->longest;
    m->n++;
    return AVQA_OK;
}

enum avqa_status avqa_vocabulary_make(struct avqa_vocabulary *out,
                                      struct avqa_catalog *cat, const char *split,
                                      enum avqa_tokens_way way, size_t length)
{
    struct making m = {.out = out};
    int64_t split_id = 0;
    out->way = way;
    if (way == AVQA_TOKENS_MUSIC_AVQA)
        m.longest = AVQA_VOCABULARY_MUSIC_AVQA_LENGTH;
    (void)avqa_intern_add(&out->words, AVQA_VOCABULARY_PAD, strlen(AVQA_VOCABULARY_PAD),
                          NULL);
    enum avqa_status rc = avqa_split_find(cat, split, &split_id);
    if (rc == AVQA_OK)
        rc = avqa_question_words_load(&m.words, cat);
    if (rc == AVQA_OK)
        rc = avqa_question_each(cat, split_id, learn, &m);
    if (rc == AVQA_OK && m.n == 0)
        rc = avqa_fail(AVQA_ENOENT, "split '%s' has no questions", split);
    out->length = length ? length : m.longest;
    if (rc != AVQA_OK)
        avqa_vocabulary_release(out);
    avqa_question_words_release(&m.words);
    return rc;
}

/* ---- questions ------------------------------------------------------------------- */

/* A clip of the catalog. */
struct known_clip {
    const char *name, *key; /* NULL: there is none of this id */
    uint32_t place;         /* 1 + into the set's clips; 0: not there yet */
};

struct loading {
    const struct avqa_train_set_config *config;
    struct avqa_train_set *set;
    struct avqa_train_set_counts *counts;
    struct avqa_question_words words;
    struct known_clip *known; /* by id */
    size_t n_known, cap_known, cap_questions, cap_clips, cap_words;
    int64_t *wanted; /* sorted; NULL: all */
    size_t n_found;  /* of them */
};

void avqa_train_set_counts_release(struct avqa_train_set_counts *counts)
{
    free(counts->first_unknown_word);
    free(counts->first_without);
    *counts = (struct avqa_train_set_counts){.questions = 0};
}

/* A clip's name and key as extract has them: with that of its sound if it is another.
 */
static enum avqa_status know_clip(void *user, const struct avqa_clip *clip)
{
    struct loading *l = user;
    const size_t id = (size_t)clip->id;
    struct avqa_buf name = AVQA_BUF_INIT;
    struct avqa_buf key = AVQA_BUF_INIT;
    enum avqa_status rc =
        avqa_mem_grow(&l->known, &l->cap_known, id + 1, sizeof *l->known);
    if (rc != AVQA_OK)
        return rc;
    avqa_buf_adds(&name, clip->picture);
    avqa_shard_make_key(&key, clip->picture);
    if (strcmp(clip->picture, clip->sound) != 0) {
        avqa_buf_addf(&name, "+%s", clip->sound);
        avqa_buf_addc(&key, '+');
        avqa_shard_make_key(&key, clip->sound);
    }
    l->known[id] =
        (struct known_clip){avqa_arena_strdup(&l->set->arena, avqa_buf_str(&name)),
                            avqa_arena_strdup(&l->set->arena, avqa_buf_str(&key)), 0};
    l->n_known = id + 1;
    avqa_buf_release(&name);
    avqa_buf_release(&key);
    return AVQA_OK;
}

static enum avqa_status clip_of(struct loading *l, const struct avqa_question *q,
                                uint32_t *clip)
{
    const uint64_t id = (uint64_t)q->clip_id;
    struct avqa_train_set *set = l->set;
    if (id >= l->n_known || !l->known[id].name)
        return avqa_fail(AVQA_EFORMAT, "the catalog is damaged: row %lld has no clip",
                         (long long)q->row);
    struct known_clip *known = &l->known[id];
    if (known->place == 0) {
        enum avqa_status rc = avqa_mem_grow(&set->clips, &l->cap_clips,
                                            set->n_clips + 1, sizeof *set->clips);
        if (rc != AVQA_OK)
            return rc;
        set->clips[set->n_clips++] =
            (struct avqa_train_clip){.id = q->clip_id,
                                     .name = known->name,
                                     .heard = {.key = known->key},
                                     .seen = {.key = known->key}};
        known->place = (uint32_t)set->n_clips;
    }
    *clip = known->place - 1;
    return AVQA_OK;
}

/* The words of a question as numbers, into the set's next row; unknown ones are
 * counted later (drop_without). */
static void number_words(struct loading *l, const char *const *words, size_t n)
{
    const struct avqa_vocabulary *v = l->config->vocabulary;
    int32_t *row = &l->set->words[l->set->n_questions * v->length];
    for (size_t i = 0; i < v->length; i++) {
        row[i] = i < n ? avqa_vocabulary_word(v, words[i]) : 0;
        if (row[i] == AVQA_VOCABULARY_UNKNOWN && !l->counts->first_unknown_word)
            l->counts->first_unknown_word = avqa_mem_strdup(words[i]);
    }
    l->counts->cut += n > v->length;
}

static int by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool is_wanted(struct loading *l, int64_t id)
{
    if (!l->wanted)
        return true;
    const bool found = bsearch(&id, l->wanted, l->config->n_questions,
                               sizeof *l->wanted, by_number) != NULL;
    l->n_found += found;
    return found;
}

static enum avqa_status take(void *user, const struct avqa_question *q)
{
    struct loading *l = user;
    struct avqa_train_set *set = l->set;
    const struct avqa_vocabulary *v = l->config->vocabulary;
    const char *const *words = NULL;
    uint32_t clip = 0;
    size_t n = 0;
    size_t n_numbers;
    if (!is_wanted(l, q->id))
        return AVQA_OK;
    if (q->deleted) {
        l->counts->deleted++;
        return AVQA_OK;
    }
    if (set->n_questions == UINT32_MAX - 1 ||
        !avqa_mem_product(&n_numbers, set->n_questions + 1, v->length))
        return avqa_fail(AVQA_ENOMEM, "too many questions in split '%s'",
                         l->config->split);
    enum avqa_status rc = clip_of(l, q, &clip);
    if (rc == AVQA_OK)
        rc = avqa_question_words_cut(&words, &n, &l->words, v->way, q);
    if (rc == AVQA_OK)
        rc = avqa_mem_grow(&set->questions, &l->cap_questions, set->n_questions + 1,
                           sizeof *set->questions);
    if (rc == AVQA_OK)
        rc = avqa_mem_grow(&set->words, &l->cap_words, n_numbers, sizeof *set->words);
    if (rc != AVQA_OK)
        return rc;
    number_words(l, words, n);
    const char *answer = avqa_question_words_text(&l->words, q->answer_id);
    set->questions[set->n_questions++] = (struct avqa_train_question){
        .id = q->id, .clip = clip, .answer = avqa_vocabulary_answer(v, answer)};
    return AVQA_OK;
}

/* ---- what has no features -------------------------------------------------------- */

/* Rows that a clip has of each feature the model uses. */
static size_t rows_of(const struct loading *l, const struct avqa_train_clip *clip)
{
    const struct avqa_model *model = l->config->model;
    size_t heard = clip->heard.shard ? clip->heard.n_rows : 0;
    size_t seen = clip->seen.shard ? clip->seen.n_rows : 0;
    heard = model->hears ? heard : SIZE_MAX;
    seen = model->sees ? seen : SIZE_MAX;
    return heard < seen ? heard : seen;
}

/* Whether there are unknown words in a row, which become <pad>. */
static bool pad_unknown(int32_t *row, size_t length)
{
    bool any = false;
    for (size_t i = 0; i < length; i++) {
        any = any || row[i] == AVQA_VOCABULARY_UNKNOWN;
        row[i] = row[i] == AVQA_VOCABULARY_UNKNOWN ? 0 : row[i];
    }
    return any;
}

/* Takes out clips without features and the questions about them. */
static enum avqa_status drop_without(struct loading *l)
{
    struct avqa_train_set *set = l->set;
    const size_t length = set->length;
    uint32_t *moved = NULL; /* 1 + where a clip is now; 0: taken out */
    uint32_t n_clips = 0;
    size_t n = 0;
    enum avqa_status rc = avqa_mem_array(&moved, set->n_clips + 1, sizeof *moved);
    for (size_t i = 0; rc == AVQA_OK && i < set->n_clips; i++) {
        const size_t n_rows = rows_of(l, &set->clips[i]);
        if (n_rows && n_rows >= l->config->n_rows) {
            set->clips[n_clips] = set->clips[i];
            moved[i] = ++n_clips;
            continue;
        }
        if (l->counts->clips_without++ == 0)
            l->counts->first_without = avqa_mem_strdup(set->clips[i].name);
        if (n_rows > l->counts->most_rows)
            l->counts->most_rows = n_rows;
    }
    for (size_t i = 0; rc == AVQA_OK && i < set->n_questions; i++) {
        const struct avqa_train_question q = set->questions[i];
        if (moved[q.clip] == 0)
            continue;
        set->questions[n] = q;
        set->questions[n].clip = moved[q.clip] - 1;
        memmove(&set->words[n * length], &set->words[i * length],
                length * sizeof *set->words);
        set->questions[n].has_unknown = pad_unknown(&set->words[n * length], length);
        l->counts->unknown_words += set->questions[n].has_unknown;
        l->counts->unknown_answers += q.answer == AVQA_TRAIN_NO_ANSWER;
        n++;
    }
    free(moved);
    if (rc != AVQA_OK)
        return rc;
    l->counts->no_features = (int64_t)(set->n_questions - n);
    l->counts->questions = (int64_t)n;
    set->n_clips = n_clips;
    set->n_questions = n;
    return AVQA_OK;
}

static enum avqa_status fail_none(const struct loading *l)
{
    const struct avqa_train_set_config *config = l->config;
    const struct avqa_train_set_counts *c = l->counts;
    struct avqa_buf most = AVQA_BUF_INIT;
    if (c->most_rows)
        avqa_buf_addf(&most, "; the most that one has is %zu", c->most_rows);
    enum avqa_status rc = avqa_fail(
        AVQA_ENOENT,
        "split '%s': none of its %lld clip%s has the features that %s needs with %zu "
        "row%s (the first is %s)%s",
        config->split, (long long)c->clips_without, avqa_text_plural(c->clips_without),
        config->model->name, config->n_rows, avqa_text_plural((int64_t)config->n_rows),
        c->first_without, avqa_buf_str(&most));
    avqa_buf_release(&most);
    return rc;
}

/* ---- all of it ------------------------------------------------------------------- */

static enum avqa_status read_questions(struct loading *l, struct avqa_catalog *cat,
                                       int64_t split_id)
{
    const size_t n = l->config->n_questions;
    enum avqa_status rc = AVQA_OK;
    if (l->config->questions) {
        rc = avqa_mem_array(&l->wanted, n + 1, sizeof *l->wanted);
        if (rc != AVQA_OK)
            return rc;
        memcpy(l->wanted, l->config->questions, n * sizeof *l->wanted);
        qsort(l->wanted, n, sizeof *l->wanted, by_number);
    }
    rc = avqa_question_words_load(&l->words, cat);
    if (rc == AVQA_OK)
        rc = avqa_clip_each(cat, know_clip, l);
    if (rc == AVQA_OK)
        rc = avqa_question_each(cat, split_id, take, l);
    if (rc == AVQA_OK && l->wanted && l->n_found < n)
        rc = avqa_fail(AVQA_ENOENT, "split '%s' has %zu of the %zu questions",
                       l->config->split, l->n_found, n);
    if (rc == AVQA_OK && l->set->n_questions == 0)
        rc = avqa_fail(AVQA_ENOENT, "split '%s' has no questions", l->config->split);
    return rc;
}

enum avqa_status avqa_train_set_load(struct avqa_train_set *out,
                                     struct avqa_train_set_counts *counts,
                                     struct avqa_catalog *cat,
                                     const struct avqa_train_set_config *config)
{
    struct loading l = {.config = config, .set = out, .counts = counts};
    int64_t split_id = 0;
    out->length = config->vocabulary->length;
    enum avqa_status rc = avqa_split_find(cat, config->split, &split_id);
    if (rc == AVQA_OK)
        rc = read_questions(&l, cat, split_id);
    if (rc == AVQA_OK)
        rc = avqa_train_features_place(out, cat, split_id, config);
    if (rc == AVQA_OK)
        rc = drop_without(&l);
    if (rc == AVQA_OK && out->n_questions == 0)
        rc = fail_none(&l);
    avqa_question_words_release(&l.words);
    free(l.known);
    free(l.wanted);
    return rc;
}

enum avqa_status avqa_train_set_check_sizes(const struct avqa_train_set *set,
                                            const char *split,
                                            const struct avqa_model *model,
                                            const struct avqa_model_size *size,
                                            const char *whose)
{
    if (model->hears && set->sound != size->sound)
        return avqa_fail(AVQA_EINVAL,
                         "split '%s' has rows of sound of %zu numbers, %s has %zu; the "
                         "features are of another encoder",
                         split, set->sound, whose, size->sound);
    if (model->sees && (set->channels != size->channels || set->places != size->places))
        return avqa_fail(AVQA_EINVAL,
                         "split '%s' has maps of %zu channels and %zu places, %s has "
                         "%zu and %zu; the features are of another encoder",
                         split, set->channels, set->places, whose, size->channels,
                         size->places);
    return AVQA_OK;
}

/* "resnet18:music-avqa, weights random:5" */
static void name_encoder(struct avqa_buf *out, const struct avqa_train_encoder *e,
                         bool with_weights)
{
    avqa_buf_adds(out, e->name);
    if (e->preset)
        avqa_buf_addf(out, ":%s", e->preset);
    if (with_weights)
        avqa_buf_addf(out, " with the weights %s", e->weights);
}

static bool differ(const char *a, const char *b)
{
    return a && b && strcmp(a, b) != 0;
}

static enum avqa_status check_encoder(const struct avqa_train_encoder *has,
                                      const struct avqa_train_encoder *wanted,
                                      const char *split, const char *whose)
{
    struct avqa_buf is = AVQA_BUF_INIT;
    struct avqa_buf should = AVQA_BUF_INIT;
    const bool other_weights = differ(has->weights, wanted->weights);
    if (!has->name || !wanted->name ||
        (!differ(has->name, wanted->name) && !differ(has->preset, wanted->preset) &&
         !other_weights))
        return AVQA_OK;
    name_encoder(&is, has, other_weights);
    name_encoder(&should, wanted, other_weights);
    enum avqa_status rc =
        avqa_fail(AVQA_EINVAL,
                  "split '%s' has features of %s, %s has those of %s: the same numbers "
                  "mean something else; avqa extract --replace makes them anew",
                  split, avqa_buf_str(&is), whose, avqa_buf_str(&should));
    avqa_buf_release(&is);
    avqa_buf_release(&should);
    return rc;
}

enum avqa_status avqa_train_set_check_made(const struct avqa_train_set *set,
                                           const char *split,
                                           const struct avqa_train_made *wanted,
                                           const char *whose)
{
    enum avqa_status rc = check_encoder(&set->heard, &wanted->heard, split, whose);
    return rc == AVQA_OK ? check_encoder(&set->seen, &wanted->seen, split, whose) : rc;
}
