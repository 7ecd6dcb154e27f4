/* See shape.h. A program that compares a kind with a word of its own ("is it a drum?")
 * does not treat kinds alike; its questions keep their words. */
#include "qa/shape.h"

#include <string.h>

static bool names_kinds(const struct avqa_program_node *n)
{
    bool names = false;
    bool slot = false;
    bool string = false;
    for (size_t i = 0; i < n->n_args; i++) {
        names = names || names_kinds(n->args[i]);
        slot = slot ||
               (n->args[i]->op == AVQA_OP_SLOT && n->args[i]->type == AVQA_TYPE_KIND);
        string = string || n->args[i]->op == AVQA_OP_STRING;
    }
    return names || (slot && string && n->op == AVQA_OP_EQUAL);
}

static void add_word(struct avqa_buf *key, struct avqa_intern *kinds,
                     const struct avqa_domain *d, const char *word)
{
    if (d->kind != AVQA_DOMAIN_OBJECT) {
        avqa_buf_adds(key, word);
        avqa_buf_addc(key, '|');
        return;
    }
    avqa_buf_addf(key, "%s.%u|", d->name,
                  avqa_intern_add(kinds, word, strlen(word), NULL));
}

void avqa_shape_add(struct avqa_buf *key, struct avqa_intern *kinds,
                    const struct avqa_answered *question)
{
    const struct avqa_template *t = question->template;
    avqa_buf_adds(key, t->code);
    avqa_buf_addc(key, '|');
    for (size_t s = 0; s < t->n_slots; s++)
        add_word(key, kinds, t->slots[s], question->values[s]);
    add_word(key, kinds, avqa_template_answer_domain(t, question->answer),
             question->answer);
    for (size_t s = 0; names_kinds(t->answer) && s < t->n_slots; s++) {
        avqa_buf_adds(key, question->values[s]);
        avqa_buf_addc(key, '|');
    }
}
