/* Files already on disk become sources and clips: read once for their hash, looked
 * into, and written down with what they turned out to be. So do the files that sources
 * have already, as those that were fetched, if no path is named. What fails has its
 * reason in the ledger and stops nothing; what was done is kept if the rest is not. */
#ifndef AVQA_PIPELINE_IMPORT_MEDIA_H
#define AVQA_PIPELINE_IMPORT_MEDIA_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "pipeline/remarks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_import_media_config {
    const char *dataset;
    const char *const *paths; /* files and folders; none: the sources' own files */
    size_t n_paths;
    bool copy;     /* into the dataset's media folder */
    bool measure;  /* decode each to its end and note what the audit looks for */
    size_t n_jobs; /* 0: one per core */
    bool dry_run;
    const struct avqa_log *log;
};

struct avqa_import_media_counts {
    int64_t files, sources, clips, updated, unchanged, failed, ignored;
    int64_t absent; /* of the failed: paths with nothing there, which are no items */
    int64_t flawed; /* imported, but without sound, picture, or not whole */
    int64_t duplicates; /* the bytes of another source */
    struct avqa_remarks failures, remarks;
};

void avqa_import_media_counts_release(struct avqa_import_media_counts *counts);
struct avqa_json *
avqa_import_media_counts_json(const struct avqa_import_media_counts *counts);

/* `counts` starts zero and is filled on failure too. A file that cannot be imported is
 * no failure of the command. */
AVQA_CHECK enum avqa_status
avqa_import_media(const struct avqa_import_media_config *config,
                  struct avqa_import_media_counts *counts);

#endif
