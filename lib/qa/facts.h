/* Reading the facts of a clip (qa/scene.h), out of a file or the catalog. Who reads
 * facts asks what follows from them, so that comes along. docs/facts.md has the format.
 */
#ifndef AVQA_QA_FACTS_H
#define AVQA_QA_FACTS_H

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "qa/place.h"
#include "qa/scene.h"
#include "qa/sounding.h"

/* The facts object `json` as a scene whose memory belongs to `arena`; nothing refers to
 * `json` afterwards. AVQA_EFORMAT names the field: "instances[1].sounding: [5, 4] ends
 * before it begins". */
AVQA_CHECK enum avqa_status avqa_scene_read(struct avqa_scene **out,
                                            struct avqa_arena *arena,
                                            const struct avqa_json *json);

/* "labelled", "studio", ... */
const char *avqa_facts_origin_name(enum avqa_facts_origin origin);
/* The origin of that name, which is one of them. */
enum avqa_facts_origin avqa_facts_origin_find(const char *name);

/* Calls `fn` for every clip that has facts, in order of clip id. The scene is borrowed
 * for the call. */
typedef enum avqa_status avqa_facts_fn(void *user, const struct avqa_scene *scene);
AVQA_CHECK enum avqa_status avqa_facts_each(struct avqa_catalog *cat, avqa_facts_fn *fn,
                                            void *user);

#endif
