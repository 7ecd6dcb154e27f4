/* Components: videos that must not be parted, because one tells about the other: the
 * same source, one made from the other (flips, derived and composed media), the same
 * sound, or files that are the same, look alike or sound alike (audit/twin.h). */
#ifndef AVQA_AUDIT_COMPONENT_H
#define AVQA_AUDIT_COMPONENT_H

#include "audit/table.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_components {
    uint32_t *of_video; /* by video of the table: its component, from 0 */
    size_t n_videos;
    size_t n;       /* components, videos without questions included */
    size_t n_twins; /* so many more they were if only names and records counted */
};

/* Joins the videos of the table. Components are numbered by the first of their videos.
 */
AVQA_CHECK enum avqa_status avqa_components_find(struct avqa_components *out,
                                                 const struct avqa_audit_table *t);
void avqa_components_release(struct avqa_components *components);

#endif
