/* Questions and facts out of the catalog into files that other programs read. */
#ifndef AVQA_PIPELINE_EXPORT_H
#define AVQA_PIPELINE_EXPORT_H

#include "base/log.h"
#include "base/status.h"

#include <stdint.h>

enum avqa_export_format {
    AVQA_EXPORT_MUSIC_AVQA, /* the published rows, key by key, in their own order */
    AVQA_EXPORT_JSONL,      /* one object a line, in our own words */
    AVQA_EXPORT_CSV,
    AVQA_EXPORT_FACTS,  /* the facts of every clip as they came, an object a line */
    AVQA_EXPORT_LEDGER, /* every attempt at anything, an object a line */
};

struct avqa_export_config {
    const char *dataset;
    enum avqa_export_format format;
    const char *split;  /* NULL: all; facts and the ledger have none: AVQA_EINVAL */
    const char *output; /* a path, or "-" for output_fd */
    int output_fd;      /* used for "-" only */
    const struct avqa_log *log;
};

/* Writes one file, atomically. *rows is how many questions, objects or attempts went
 * into it. */
AVQA_CHECK enum avqa_status avqa_export(const struct avqa_export_config *config,
                                        int64_t *rows);

#endif
