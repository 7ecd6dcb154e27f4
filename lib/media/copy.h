/* The copied cut, see cut.h. For the files of this room. */
#ifndef AVQA_MEDIA_COPY_H
#define AVQA_MEDIA_COPY_H

#include "media/cutting.h"

/* After the first pass. What cannot be copied has its reason in the report. */
AVQA_CHECK enum avqa_status avqa_copy(struct avqa_cutting *c);

#endif
