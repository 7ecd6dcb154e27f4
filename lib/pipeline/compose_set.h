/* The clips that others can be made from: their files, facts and instruments, which of
 * them are of one source, and which of them are fit. */
#ifndef AVQA_PIPELINE_COMPOSE_SET_H
#define AVQA_PIPELINE_COMPOSE_SET_H

#include "base/arena.h"
#include "base/intern.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "catalog/material.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_compose_clip {
    struct avqa_material of; /* strings belong to the set */
    uint32_t group;          /* clips that tell about each other have the same */
    uint32_t kind;           /* its one instrument, or AVQA_PAIRING_NO_KIND */
    bool composed;           /* of others */
    bool has_file;
    bool soundless;    /* as measured, or as facts say */
    const char *unfit; /* why it is not chosen, in one word; or NULL */
};

struct avqa_compose_set {
    struct avqa_arena arena;
    struct avqa_compose_clip *clips; /* by name */
    size_t n, cap;
    struct avqa_intern names; /* of clips: their index */
    struct avqa_intern kinds; /* instruments */
};

/* Reads all clips. With `any`, a clip does not have to have exactly one instrument that
 * is known. Release the set in any case. */
AVQA_CHECK enum avqa_status avqa_compose_set_load(struct avqa_compose_set *set,
                                                  struct avqa_catalog *cat,
                                                  const char *dataset, bool any);
void avqa_compose_set_release(struct avqa_compose_set *set);

/* The clip of this name, or NULL. */
const struct avqa_compose_clip *
avqa_compose_set_find(const struct avqa_compose_set *set, const char *name);

#endif
