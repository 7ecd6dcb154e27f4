/* Texts that recur, stored once: questions, slots, answers, row shapes. The importer
 * asks for the same few again and again, so the latest are remembered, within a bound.
 */
#ifndef AVQA_CATALOG_PHRASE_H
#define AVQA_CATALOG_PHRASE_H

#include "base/arena.h"
#include "catalog/catalog.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_phrases;

AVQA_CHECK enum avqa_status avqa_phrases_open(struct avqa_phrases **out,
                                              struct avqa_catalog *cat);

/* The id of a text, which is stored if it is new. */
AVQA_CHECK enum avqa_status avqa_phrases_id(struct avqa_phrases *ph, const char *text,
                                            int64_t *id);

/* Every text by id in one array (texts[0] and gaps are NULL), kept by `arena`; the
 * array itself is the caller's to free. For readers that need them all. */
AVQA_CHECK enum avqa_status avqa_phrases_load(struct avqa_catalog *cat,
                                              struct avqa_arena *arena,
                                              const char ***texts, size_t *n);

void avqa_phrases_close(struct avqa_phrases *ph); /* NULL is legal */

#endif
