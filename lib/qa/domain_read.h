/* Reading the domains of a template file: their words, families, plurals and mirrored
 * words. Private to qa. */
#ifndef AVQA_QA_DOMAIN_READ_H
#define AVQA_QA_DOMAIN_READ_H

#include "base/json.h"
#include "base/status.h"
#include "qa/template.h"

/* Reads "domains" into templates->domains. AVQA_EFORMAT names the domain. */
AVQA_CHECK enum avqa_status avqa_domains_read(struct avqa_templates *t,
                                              const struct avqa_json *root);

/* The domain of that name; AVQA_EFORMAT if there is none. */
AVQA_CHECK enum avqa_status avqa_domain_named(const struct avqa_templates *t,
                                              const char *name,
                                              const struct avqa_domain **out);

#endif
