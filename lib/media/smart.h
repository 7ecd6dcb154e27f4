/* The smart cut, see cut.h. For the files of this room. */
#ifndef AVQA_MEDIA_SMART_H
#define AVQA_MEDIA_SMART_H

#include "media/cutting.h"

/* After the first pass. AVQA_OK and no clip written: report->fell_back says why, and
 * the cut is to be made exactly. */
AVQA_CHECK enum avqa_status avqa_smart(struct avqa_cutting *c);

#endif
