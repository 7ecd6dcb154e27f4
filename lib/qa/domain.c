/* See domain.h. A domain out of a template file has an index; one made by hand is short
 * enough to walk. */
#include "qa/domain.h"
#include "base/intern.h"

#include <string.h>

size_t avqa_domain_find(const struct avqa_domain *domain, const char *word)
{
    if (domain->words) {
        uint32_t id = avqa_intern_find(domain->words, word, strlen(word));
        return id == AVQA_INTERN_NONE ? AVQA_DOMAIN_NONE : domain->places[id];
    }
    for (size_t i = 0; i < domain->n_values; i++) {
        if (strcmp(domain->values[i], word) == 0)
            return i;
    }
    return AVQA_DOMAIN_NONE;
}

size_t avqa_domain_scene(const struct avqa_domain *domain, const char *scene)
{
    size_t position = avqa_domain_find(domain, scene);
    if (position != AVQA_DOMAIN_NONE || domain->n_values != 2)
        return position;
    return strcmp(scene, "indoor") == 0    ? 0
           : strcmp(scene, "outdoor") == 0 ? 1
                                           : AVQA_DOMAIN_NONE;
}

const char *avqa_domain_mirror(const struct avqa_domain *domain, const char *word)
{
    size_t i = avqa_domain_find(domain, word);
    return i == AVQA_DOMAIN_NONE ? word : domain->mirror[i];
}
