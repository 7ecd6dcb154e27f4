/* The templates that a dataset keeps in its catalog. */
#ifndef AVQA_QA_TEMPLATE_LOAD_H
#define AVQA_QA_TEMPLATE_LOAD_H

#include "base/status.h"
#include "catalog/catalog.h"
#include "qa/template.h"

/* `*out` is yours; NULL if the dataset has none. */
AVQA_CHECK enum avqa_status avqa_templates_load(struct avqa_templates **out,
                                                struct avqa_catalog *cat);

#endif
