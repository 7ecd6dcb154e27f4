/* Expressions without arguments: facts, and the words of slots as what they stand for.
 */
#include "qa/encode_run.h"

#include <string.h>

static struct avqa_encode_value number(struct avqa_encode_run *r, int64_t n)
{
    struct avqa_encode_value v = avqa_encode_nothing();
    if (n < 0 || n >= AVQA_ENCODE_LEVELS)
        return avqa_encode_unknown(r);
    v.is_number = true;
    v.number = n;
    for (int64_t k = 0; k < n; k++)
        v.literals[k] = AVQA_SAT_TRUE;
    return v;
}

size_t avqa_encode_find_word(const char *const *words, size_t n, const char *word)
{
    size_t i = 0;
    while (i < n && strcmp(words[i], word) != 0)
        i++;
    return i;
}

struct avqa_encode_value avqa_encode_scenes_of(struct avqa_encode_run *r,
                                               const struct avqa_domain *d,
                                               size_t position)
{
    struct avqa_encode_value v = avqa_encode_nothing();
    const struct avqa_symbolic_words *words = r->s->words;
    for (size_t i = 0; i < words->n_scenes; i++) {
        size_t at = avqa_domain_scene(d, words->scenes[i]);
        if (at == position)
            v.literals[i] = AVQA_SAT_TRUE;
        if (at >= d->n_values)
            avqa_encode_must(r, -r->s->scene[i]);
    }
    return v;
}

static struct avqa_encode_value slot_value(struct avqa_encode_run *r,
                                           const struct avqa_program_node *n)
{
    static const int places[] = {0, 1, 2}; /* left, right, middle, as domains say it */
    struct avqa_encode_value v = avqa_encode_nothing();
    const char *word = r->values[n->slot];
    const struct avqa_domain *d = r->scope->slots[n->slot];
    size_t position = avqa_domain_find(d, word);
    size_t kind;
    if (position >= d->n_values)
        return avqa_encode_unknown(r);
    switch (n->type) {
    case AVQA_TYPE_PLACE:
        v.literals[places[position]] = AVQA_SAT_TRUE;
        break;
    case AVQA_TYPE_COUNT:
        v = number(r, (int64_t)position);
        break;
    case AVQA_TYPE_SCENE:
        v = avqa_encode_scenes_of(r, d, position);
        break;
    case AVQA_TYPE_KIND:
        kind = avqa_encode_find_word(r->s->words->kinds, r->s->words->n_kinds, word);
        v.literals[kind] = AVQA_SAT_TRUE;
        break;
    default:
        break;
    }
    v.word = word;
    return v;
}

struct avqa_encode_value avqa_encode_leaf(struct avqa_encode_run *r,
                                          const struct avqa_program_node *n)
{
    struct avqa_encode_value v = avqa_encode_nothing();
    switch (n->op) {
    case AVQA_OP_ALL:
        memcpy(v.literals, r->s->there, r->s->n * sizeof *v.literals);
        return v;
    case AVQA_OP_SCENE:
        memcpy(v.literals, r->s->scene, r->s->words->n_scenes * sizeof *v.literals);
        return v;
    case AVQA_OP_VOICEOVER:
        return avqa_encode_truth(r->s->voiceover);
    case AVQA_OP_SLOT:
        return slot_value(r, n);
    case AVQA_OP_NUMBER:
        return number(r, n->number);
    default:
        v.word = n->text;
        v.texts[0].when = AVQA_SAT_TRUE;
        v.texts[0].word = n->text;
        v.n_texts = 1;
        return v;
    }
}
