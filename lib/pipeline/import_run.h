/* What the imports share: one transaction with its run record around a body that reads
 * files, the list of refused rows, and what a name may look like. */
#ifndef AVQA_PIPELINE_IMPORT_RUN_H
#define AVQA_PIPELINE_IMPORT_RUN_H

#include "base/status.h"
#include "catalog/catalog.h"
#include "catalog/clip.h"
#include "catalog/question.h"
#include "pipeline/import.h"

#include <stdint.h>

#define AVQA_IMPORT_NAME_MAX 255 /* bytes of a video id */

/* Reads everything into the open transaction. */
typedef enum avqa_status avqa_import_body(void *user, struct avqa_catalog *cat,
                                          int64_t run_id);

/* Opens the catalog, runs `body` in a transaction, and commits if all went well, no row
 * was refused and it is no dry run. */
AVQA_CHECK enum avqa_status avqa_import_run(const struct avqa_import_config *config,
                                            struct avqa_import_counts *counts,
                                            const char *command, avqa_import_body *body,
                                            void *user);

/* For a row that failed with `rc`: a bad row (AVQA_EFORMAT) is remembered and AVQA_OK
 * returned until there are too many, so that one run tells of several. */
AVQA_CHECK enum avqa_status avqa_import_refuse(struct avqa_import_counts *counts,
                                               enum avqa_status rc, const char *file,
                                               int64_t row);

/* Whether a video id can serve as one: 1 to 255 bytes, no space, slash or control byte
 * (it becomes part of file names). `key` is its name in the file. */
AVQA_CHECK enum avqa_status avqa_import_check_name(const char *name, const char *key);

/* Makes sure that the clip of a question exists and counts it if it is new; `sound` is
 * NULL if it is the picture's own. */
AVQA_CHECK enum avqa_status avqa_import_clip(struct avqa_clip_store *clips,
                                             const char *picture, const char *sound,
                                             struct avqa_import_counts *counts,
                                             int64_t *id);

/* Counts what became of a question. */
void avqa_import_count(struct avqa_import_counts *counts,
                       enum avqa_question_outcome outcome);

/* Room for what a video id says of its clip. */
struct avqa_import_origin {
    char parent[AVQA_IMPORT_NAME_MAX + 1];
    char method[4];
};

/* Fills in synthetic, method and parent by the clip's picture, as MUSIC-AVQA names
 * videos: ID_flip is the mirrored ID; va|sa|vv and 8 digits are synthetic, with an e in
 * front when they are built from the real video of these digits. The clip then points
 * into `memory`. */
void avqa_import_origin(struct avqa_clip *clip, struct avqa_import_origin *memory);

#endif
