/* Other texts for the templates of a set, as MUSIC-AVQA-R has them: a question keeps
 * its template, slots and answer and is asked in other words. Which text is taken is a
 * pure function of a hash, so it depends on the question and the seed only.
 *
 * A text has the markers of its template, in their order, because published rows name
 * the words of a question's slots by position; a text that has not is refused. */
#ifndef AVQA_QA_PARAPHRASE_H
#define AVQA_QA_PARAPHRASE_H

#include "qa/template.h"

#include <stdint.h>

#define AVQA_PARAPHRASE_MAX_TEXTS 1000 /* of a template */
#define AVQA_PARAPHRASE_MAX_BYTES ((size_t)64 << 20)

struct avqa_paraphrases;

/* Reads {"schema": 1, "texts": {TEMPLATE: [TEXT, ...]}}
 * (schema/paraphrases.schema.json) for a set of templates, which stays borrowed.
 * AVQA_EFORMAT names the template and the number of the text. `*out` is yours. */
AVQA_CHECK enum avqa_status
avqa_paraphrases_parse(struct avqa_paraphrases **out, const char *json, size_t len,
                       const struct avqa_templates *templates);
void avqa_paraphrases_free(struct avqa_paraphrases *paraphrases); /* NULL is legal */

/* One of the template's texts by hash; its own if the file has none for it, or if
 * `paraphrases` is NULL. Borrowed. */
const char *avqa_paraphrase_text(const struct avqa_paraphrases *paraphrases,
                                 const struct avqa_template *template, uint64_t hash);

#endif
