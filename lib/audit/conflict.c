/* See conflict.h. */
#include "audit/conflict.h"
#include "audit/condition.h"

bool avqa_conflict_is(const struct avqa_clip_rows *r, const struct avqa_rule_case *c)
{
    return (!c->when || avqa_condition_is_true(r, c->when)) &&
           !avqa_condition_is_true(r, c->holds);
}

/* Counts all that a row attests, or takes it back. */
static void count_row(struct avqa_clip_rows *r, size_t row, bool there)
{
    avqa_clip_rows_count(r, r->rows[row].attested, r->rows[row + 1].attested, there);
}

/* How many words each row attests to the witnesses a case asks. */
static void count_words(const struct avqa_clip_rows *r, const struct avqa_rule_case *c,
                        uint16_t words[AVQA_RULE_MAX_CLIP_ROWS])
{
    for (size_t i = 0; i < r->n_attested; i++) {
        const struct avqa_clip_attested *at = &r->attested[i];
        words[at->row] = (uint16_t)(words[at->row] + (c->sets >> at->set & 1));
    }
}

void avqa_conflict_find(struct avqa_clip_rows *r, const struct avqa_rule_case *c,
                        bool needed[AVQA_RULE_MAX_CLIP_ROWS])
{
    uint16_t words[AVQA_RULE_MAX_CLIP_ROWS] = {0};
    count_words(r, c, words);
    for (int many = 0; many <= 1; many++) {
        for (size_t row = 0; row < r->n_rows; row++) {
            if (words[row] == 0 || (words[row] > 1) != many)
                continue;
            count_row(r, row, false);
            needed[row] = !avqa_conflict_is(r, c);
            if (needed[row])
                count_row(r, row, true);
        }
    }
}

void avqa_conflict_restore(struct avqa_clip_rows *r, const struct avqa_rule_case *c,
                           const bool needed[AVQA_RULE_MAX_CLIP_ROWS])
{
    uint16_t words[AVQA_RULE_MAX_CLIP_ROWS] = {0};
    count_words(r, c, words);
    for (size_t row = 0; row < r->n_rows; row++) {
        if (words[row] && !needed[row])
            count_row(r, row, true);
    }
}

/* A word as a person writes it. */
static void add_word(struct avqa_buf *out, const struct avqa_clip_rows *r,
                     uint32_t symbol)
{
    for (const char *s = avqa_intern_text(&r->rules->symbols, symbol); *s; s++)
        avqa_buf_addc(out, *s == '_' ? ' ' : *s);
}

/* The members of a set, in the order of the rows that attest them. */
static void add_set(struct avqa_buf *out, const struct avqa_clip_rows *r,
                    const struct avqa_condition *set)
{
    uint32_t last = AVQA_INTERN_NONE;
    size_t n = 0;
    for (size_t i = 0; i < r->n_attested; i++) {
        uint32_t symbol = r->attested[i].symbol;
        bool known =
            r->attested[i].set != set->set || !avqa_condition_has(r, set, symbol);
        for (size_t k = 0; k < i && !known; k++)
            known = r->attested[k].set == set->set && r->attested[k].symbol == symbol;
        if (known)
            continue;
        if (n++ > 1)
            avqa_buf_adds(out, ", ");
        if (n > 1)
            add_word(out, r, last);
        last = symbol;
    }
    if (n > 1)
        avqa_buf_adds(out, " and ");
    if (n)
        add_word(out, r, last);
}

static void add_piece(struct avqa_buf *out, const struct avqa_clip_rows *r,
                      const struct avqa_rule_piece *p)
{
    if (p->text)
        avqa_buf_adds(out, p->text);
    else if (!p->expr)
        avqa_audit_name_clip(out, r->table, r->table->rows[r->rows[0].number].clip);
    else if (p->expr->type == AVQA_CONDITION_TYPE_WORD)
        add_word(out, r, avqa_condition_symbol(r, p->expr));
    else if (p->expr->type == AVQA_CONDITION_TYPE_NUMBER)
        avqa_buf_addf(out, "%lld", (long long)avqa_condition_number(r, p->expr));
    else
        add_set(out, r, p->expr);
}

void avqa_conflict_tell(struct avqa_buf *out, const struct avqa_clip_rows *r,
                        const struct avqa_rule_case *c)
{
    for (size_t i = 0; i < c->n_pieces; i++)
        add_piece(out, r, &c->pieces[i]);
}
