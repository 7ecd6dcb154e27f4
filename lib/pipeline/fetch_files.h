/* The whole files of a fetch. A file gets its name first and its row afterwards; a kill
 * between the two is mended at the next start, where whole files that nobody recorded
 * are taken as found. */
#ifndef AVQA_PIPELINE_FETCH_FILES_H
#define AVQA_PIPELINE_FETCH_FILES_H

#include "base/status.h"
#include "net/transfer.h"
#include "pipeline/fetch_ledger.h"
#include "pipeline/fetch_plan.h"
#include "pipeline/media_folder.h"

#include <stdbool.h>

/* Gives an item's part its name, or drops it where the same bytes are there, and
 * records the file. A failure of the disk is the item's, not the run's. */
AVQA_CHECK enum avqa_status avqa_fetch_files_place(
    struct avqa_fetch_ledger *ledger, const struct avqa_media_folder *media,
    struct avqa_fetch_item *item, const struct avqa_transfer_result *result);

/* Records the whole file of an item that a killed run named but did not record;
 * *adopted is whether there was one. */
AVQA_CHECK enum avqa_status
avqa_fetch_files_adopt(struct avqa_fetch_ledger *ledger,
                       const struct avqa_media_folder *media,
                       struct avqa_fetch_item *item, bool *adopted);

#endif
