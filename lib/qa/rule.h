/* Rules: what the answers about one clip must have to do with each other, read out of
 * the template file, so that nothing of a dataset is compiled in (docs/templates.md).
 *
 * A rule has cases; a case is about one, two or three questions of the same clip, named
 * a, b and c, says when it can be judged and what must then hold, and has a sentence
 * for a person. Witnesses are sets of words that the rows of a clip attest, such as the
 * types that somebody saw. */
#ifndef AVQA_QA_RULE_H
#define AVQA_QA_RULE_H

#include "base/intern.h"
#include "base/json.h"
#include "base/status.h"
#include "qa/condition.h"
#include "qa/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVQA_RULES_MAX 256
#define AVQA_RULE_MAX_CASES 64
#define AVQA_WITNESS_MAX_MEMBERS 1024

enum avqa_rule_kind {
    AVQA_RULE_LOGIC,          /* the answers cannot all be true; ids C01 to C99 */
    AVQA_RULE_PRESUPPOSITION, /* one takes for granted what another denies; P00 to P99
                               */
    AVQA_RULE_READING, /* true only if a question is read differently; I00 to I99 */
};

/* One rule, as the report names it. */
struct avqa_rule {
    const char *id;
    enum avqa_rule_kind kind;
    const char *definition; /* one sentence */
};

/* A piece of a sentence: text, the clip's name, or what an expression gives. */
struct avqa_rule_piece {
    const char *text;                  /* or NULL */
    const struct avqa_condition *expr; /* NULL without text: the clip */
};

/* A rule for certain templates. Two rows of the same template are a pair once. */
struct avqa_rule_case {
    size_t rule; /* into rules */
    size_t templates[AVQA_RULE_MAX_ROWS];
    size_t n_rows;
    const struct avqa_condition *when; /* NULL: always */
    const struct avqa_condition *holds;
    const struct avqa_rule_piece *pieces;
    size_t n_pieces;
    uint32_t sets; /* bit i: witness i is asked by when or holds */
};

/* What a row of one template attests. */
struct avqa_rule_member {
    size_t template;
    uint32_t set;
    const struct avqa_condition *when; /* NULL: always */
    const struct avqa_condition *const *words;
    size_t n_words;
};

struct avqa_rules {
    struct avqa_rule *rules;
    size_t n;
    struct avqa_rule_case *cases; /* by first template, then in the file's order */
    size_t *cases_at;             /* by template: its first case; n_templates + 1 */
    size_t n_cases;
    struct avqa_rule_member *members; /* likewise */
    size_t *members_at;
    size_t n_members;
    const char *const *witnesses; /* names of the sets */
    size_t n_witnesses;
    struct avqa_intern symbols; /* every word of the file, the same word once */
    const uint32_t *plurals;    /* by symbol: its form for any number but one */
    size_t n_plurals;           /* symbols behind have none */
    int64_t most; /* what the last word of the largest number domain counts */
    struct avqa_rules_index *index;
};

/* A word of a row: which, and its place in its domain. */
struct avqa_rule_word {
    uint32_t symbol;
    uint32_t place;
};

/* Reads "witnesses" and "rules" of a template file whose templates are read already;
 * *out is NULL if it has no rules. AVQA_EFORMAT names the rule and, for an expression,
 * its column. `*out` is yours; it borrows from `templates`. */
AVQA_CHECK enum avqa_status avqa_rules_read(struct avqa_rules **out,
                                            const struct avqa_templates *templates,
                                            const struct avqa_json *root);
void avqa_rules_free(struct avqa_rules *rules); /* NULL is legal */

/* A word as rules see it; false if the domain does not have it. */
bool avqa_rules_word(const struct avqa_rules *rules, const struct avqa_domain *domain,
                     const char *text, struct avqa_rule_word *out);

#endif
