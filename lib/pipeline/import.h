/* Bringing data into the catalog: question annotations, video manifests, facts.
 *
 * An import is one transaction: after any error the catalog is as it was before. Rows
 * are read in bounded memory, so the size of a file does not matter. */
#ifndef AVQA_PIPELINE_IMPORT_H
#define AVQA_PIPELINE_IMPORT_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_IMPORT_MAX_REJECTED = 20 }; /* reading stops after so many bad rows */

/* Why a row was refused. */
struct avqa_rejection {
    const char *file; /* borrowed from the config */
    int64_t row;
    char *reason;
};

/* What an import did; see docs/commands/import-music-avqa.md for each number. */
struct avqa_import_counts {
    int64_t rows, questions, clips, updated, duplicates, conflicts;
    int64_t repeats; /* duplicates within the file, which are kept: among `questions` */
    int64_t described; /* facts: clips that had none */
    char *first_new; /* facts: a clip that a dataset with clips did not have; or NULL */
    struct avqa_rejection rejected[AVQA_IMPORT_MAX_REJECTED];
    size_t n_rejected;
};

void avqa_import_counts_release(struct avqa_import_counts *counts);
/* The counts as --json prints them. `*out` is the caller's. */
struct avqa_json *avqa_import_counts_json(const struct avqa_import_counts *counts);

struct avqa_import_config {
    const char *dataset;      /* folder that holds catalog.sqlite */
    const char *const *files; /* in order */
    size_t n_files;
    const char *split;      /* questions only */
    const char *templates;  /* template file; used if the catalog has none, or asked;
                             * facts: to compare words with, may be NULL */
    bool replace_templates; /* `templates` was asked for */
    bool replace;           /* questions only: the split's old ones go first */
    bool dry_run;           /* do all, keep nothing */
    const struct avqa_log *log;
};

/* Imports annotation files as MUSIC-AVQA published them, v1 and v2. `counts` starts
 * zero and is filled on failure too (it then tells which rows were refused). */
AVQA_CHECK enum avqa_status
avqa_import_music_avqa(const struct avqa_import_config *config,
                       struct avqa_import_counts *counts);

/* Imports questions as avqa_export writes them (AVQA_EXPORT_JSONL), each into the split
 * that it names; `templates` is used if the catalog has none. Exported again they are
 * the same. */
AVQA_CHECK enum avqa_status avqa_import_jsonl(const struct avqa_import_config *config,
                                              struct avqa_import_counts *counts);

/* Imports manifests of videos (CSV, TSV, JSON lines): sources and clips. */
AVQA_CHECK enum avqa_status avqa_import_videos(const struct avqa_import_config *config,
                                               struct avqa_import_counts *counts);

/* Imports facts (docs/facts.md), one object a clip. A clip's other facts of an earlier
 * import are replaced and counted as updated, the same ones as duplicates. Instruments
 * and scenes that the templates have no word for are imported with a warning. */
AVQA_CHECK enum avqa_status avqa_import_facts(const struct avqa_import_config *config,
                                              struct avqa_import_counts *counts);

#endif
