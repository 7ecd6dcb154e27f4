/* The facts of all clips at once, out of the rows that the catalog keeps beside the
 * objects: what is asked of every clip does not have to parse them. A test holds both
 * to be the same. */
#ifndef AVQA_QA_FACTS_LOAD_H
#define AVQA_QA_FACTS_LOAD_H

#include "base/arena.h"
#include "base/log.h"
#include "catalog/catalog.h"
#include "qa/facts.h"

#include <stddef.h>

/* Scenes as avqa_facts_each gives them, but for what no question asks: boxes, the name
 * of what is seen, the clips it was made from. In order of clip ids; their memory
 * belongs to `arena`, the list is yours. AVQA_ESTOPPED if the log says so, AVQA_EFORMAT
 * if the catalog is damaged. */
AVQA_CHECK enum avqa_status avqa_facts_load(const struct avqa_scene ***out, size_t *n,
                                            struct avqa_arena *arena,
                                            struct avqa_catalog *cat,
                                            const struct avqa_log *log);

#endif
