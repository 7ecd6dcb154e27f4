/* Reading the rules of a template file, and what reading its witnesses needs, too.
 * Private to qa: others ask avqa_rules_read. */
#ifndef AVQA_QA_RULE_READ_H
#define AVQA_QA_RULE_READ_H

#include "base/arena.h"
#include "base/intern.h"
#include "base/json.h"
#include "base/status.h"
#include "qa/condition.h"
#include "qa/rule.h"

#include <stddef.h>
#include <stdint.h>

/* The words of one domain: the id in `places` is the place, `symbols` is by place. */
struct avqa_rules_domain {
    struct avqa_intern places;
    uint32_t *symbols;
};

struct avqa_rules_index {
    struct avqa_arena arena;
    const struct avqa_templates *templates;
    struct avqa_rules_domain *domains; /* by number in templates->domains */
    struct avqa_witness witnesses[AVQA_WITNESSES_MAX];
    const char *names[AVQA_WITNESSES_MAX];
    size_t cap_cases, cap_members;
};

/* The first member of a list that has one to `max` of them. */
AVQA_CHECK enum avqa_status avqa_rules_list(const struct avqa_json *node,
                                            const char *key, size_t max,
                                            const struct avqa_json **first);

/* The number of the template that `node` names. */
AVQA_CHECK enum avqa_status avqa_rules_template(const struct avqa_rules *r,
                                                const struct avqa_json *node,
                                                size_t *out);

/* What an expression may speak of, without rows. */
struct avqa_condition_scope avqa_rules_scope(struct avqa_rules *r);

/* The condition under `key`; NULL if it is optional and not there. */
AVQA_CHECK enum avqa_status avqa_rules_condition(const struct avqa_json *node,
                                                 const char *key,
                                                 struct avqa_condition_scope *scope,
                                                 const struct avqa_condition **out);

/* Reads "rules" of a file whose witnesses are read already. AVQA_EFORMAT names the rule
 * and what is wrong with it. */
AVQA_CHECK enum avqa_status avqa_rules_read_items(struct avqa_rules *r,
                                                  const struct avqa_json *root);

#endif
