/* See domain.h. Domains are short lists; a look-up walks them. */
#include "qa/domain.h"

#include <string.h>

size_t avqa_domain_find(const struct avqa_domain *domain, const char *word)
{
    for (size_t i = 0; i < domain->n_values; i++) {
        if (strcmp(domain->values[i], word) == 0)
            return i;
    }
    return AVQA_DOMAIN_NONE;
}

const char *avqa_domain_mirror(const struct avqa_domain *domain, const char *word)
{
    size_t i = avqa_domain_find(domain, word);
    return i == AVQA_DOMAIN_NONE ? word : domain->mirror[i];
}
