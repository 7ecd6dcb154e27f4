/* What part of a clip's picture an encoder saw: some scale the shorter side and keep
 * the middle, so that a cell of their maps is elsewhere in the picture than in the map.
 * One place for all who put maps and pictures together. */
#ifndef AVQA_PIPELINE_VIEW_H
#define AVQA_PIPELINE_VIEW_H

#include "base/status.h"
#include "catalog/catalog.h"
#include "encoder/feature.h"
#include "pipeline/trained.h"
#include "plot/heat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The encoder that a run's maps were made by, as the catalog says of a clip of the
 * split; NULL if it is none of ours, or the run has no maps. */
AVQA_CHECK enum avqa_status avqa_view_encoder(const struct avqa_feature_info **out,
                                              struct avqa_catalog *cat,
                                              const char *split,
                                              const struct avqa_trained *trained);

/* The part of a picture of this size that the encoder sees; all of it if it is NULL. */
struct avqa_heat_region avqa_view_region(const struct avqa_feature_info *info,
                                         int width, int height);

struct avqa_view_file;

/* The regions of clips. Zero is valid: all of every picture. */
struct avqa_views {
    const struct avqa_feature_info *info; /* NULL: not known */
    struct avqa_view_file *files;         /* by clip; only if the encoder crops */
    size_t n, cap;
};

void avqa_views_release(struct avqa_views *views);

/* Remembers where the clips' files are. `*out` starts zero; release it in any case. */
AVQA_CHECK enum avqa_status avqa_views_open(struct avqa_views *out,
                                            struct avqa_catalog *cat,
                                            const char *dataset,
                                            const struct avqa_feature_info *info);

/* What is seen of a clip (its id in the catalog). NULL if the encoder crops and the
 * picture's size is not known: the clip has no file, or not the one that it had. The
 * file is opened once. Borrowed. */
AVQA_CHECK enum avqa_status avqa_views_find(const struct avqa_heat_region **out,
                                            struct avqa_views *views, int64_t clip_id);

#endif
