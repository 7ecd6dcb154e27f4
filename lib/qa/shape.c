/* See shape.h. A program that has the word for a kind in it ("is it a drum?") does not
 * treat kinds alike; its questions keep their words. Words end with a byte that no word
 * has in it, so that two sets of words cannot be spelled alike. */
#include "qa/shape.h"

#include <string.h>

enum { KIND = '#', WORD = '=' };

static bool is_kind(const struct avqa_domain *d, const char *word)
{
    return d->kind == AVQA_DOMAIN_OBJECT &&
           avqa_domain_find(d, word) != AVQA_DOMAIN_NONE;
}

/* Whether a word of the program is one of a kind. */
static bool names_kinds(const struct avqa_template *t,
                        const struct avqa_program_node *n)
{
    bool names = false;
    for (size_t i = 0; i < n->n_args; i++)
        names = names || names_kinds(t, n->args[i]);
    if (n->op != AVQA_OP_STRING)
        return names;
    for (size_t s = 0; s < t->n_slots; s++)
        names = names || is_kind(t->slots[s], n->text);
    for (size_t a = 0; a < t->n_answers; a++)
        names = names || is_kind(t->answers[a], n->text);
    return names;
}

static void add_text(struct avqa_buf *key, const char *word)
{
    avqa_buf_addc(key, WORD);
    avqa_buf_adds(key, word);
    avqa_buf_addc(key, '\0');
}

static void add_word(struct avqa_buf *key, struct avqa_intern *kinds,
                     const struct avqa_domain *d, const char *word)
{
    if (d->kind != AVQA_DOMAIN_OBJECT) {
        add_text(key, word);
        return;
    }
    avqa_buf_addc(key, KIND);
    avqa_buf_adds(key, d->name);
    avqa_buf_addc(key, '\0');
    avqa_buf_addf(key, "%u", avqa_intern_add(kinds, word, strlen(word), NULL));
    avqa_buf_addc(key, '\0');
}

bool avqa_shape_names_kinds(const struct avqa_template *t)
{
    return names_kinds(t, t->answer);
}

void avqa_shape_add(struct avqa_buf *key, struct avqa_intern *kinds,
                    const struct avqa_answered *question)
{
    const struct avqa_template *t = question->template;
    bool keeps_words = names_kinds(t, t->answer);
    add_text(key, t->code);
    for (size_t s = 0; s < t->n_slots; s++)
        add_word(key, kinds, t->slots[s], question->values[s]);
    add_word(key, kinds, avqa_template_answer_domain(t, question->answer),
             question->answer);
    for (size_t s = 0; keeps_words && s < t->n_slots; s++)
        add_text(key, question->values[s]);
    if (keeps_words)
        add_text(key, question->answer);
}
