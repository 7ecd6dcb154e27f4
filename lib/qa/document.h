/* A file that a dataset's language stands in (templates, paraphrases, how replies are
 * read): JSON, an object that says of which schema it is. */
#ifndef AVQA_QA_DOCUMENT_H
#define AVQA_QA_DOCUMENT_H

#include "base/json.h"
#include "base/status.h"

#include <stddef.h>

/* The root of a document of schema 1; `*out` is yours. AVQA_EFORMAT if it is no object,
 * with `what` it should be ("a template file"), AVQA_EVERSION if it is of another
 * schema. */
AVQA_CHECK enum avqa_status avqa_document_parse(struct avqa_json **out,
                                                const char *text, size_t len,
                                                const char *what);

#endif
