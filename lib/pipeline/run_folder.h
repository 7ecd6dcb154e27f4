/* The folder of a run of training, runs/NAME: where it is, what is written there before
 * the first step, and who may write. docs/runs.md says what the files are. */
#ifndef AVQA_PIPELINE_RUN_FOLDER_H
#define AVQA_PIPELINE_RUN_FOLDER_H

#include "base/json.h"
#include "base/status.h"
#include "qa/vocabulary.h"

#include <stdbool.h>

#define AVQA_RUNS_FOLDER "runs"

/* Whether a new run may be called so: AVQA_EINVAL if it is a path, hidden or empty. */
AVQA_CHECK enum avqa_status avqa_run_folder_check_name(const char *name);
/* DATASET/runs/NAME, which need not be there; AVQA_EINVAL as above. Yours. */
AVQA_CHECK enum avqa_status avqa_run_folder_path(char **out, const char *dataset,
                                                 const char *name);
/* The same for a run that must be there: AVQA_ENOENT lists those that there are. */
AVQA_CHECK enum avqa_status avqa_run_folder_find_own(char **out, const char *dataset,
                                                     const char *name);
/* The same, or NAME itself if that is the path of a run's folder, as who only reads
 * may say. */
AVQA_CHECK enum avqa_status avqa_run_folder_find(char **out, const char *dataset,
                                                 const char *name);

/* Calls `fn` for each run of a dataset in the order of names; there may be none. A
 * damaged run, without its run.json, is one. */
typedef enum avqa_status avqa_run_folder_fn(void *user, const char *name,
                                            const char *folder);
AVQA_CHECK enum avqa_status avqa_run_folder_each(const char *dataset,
                                                 avqa_run_folder_fn *fn, void *user);

/* Fails with AVQA_ENOENT: "QUESTION; there are: NAME, NAME". */
AVQA_CHECK enum avqa_status avqa_run_folder_ask(const char *dataset,
                                                const char *question);

/* Whether there is anything that training gave: what was told of epochs, or weights. */
bool avqa_run_folder_has_results(const char *folder);

/* Takes the folder until *lock is closed, which is yours also after a failure (-1 if
 * there is none), and removes temporary files of ours that a kill left. AVQA_EEXIST if
 * another process trains there. */
AVQA_CHECK enum avqa_status avqa_run_folder_take(int *lock, const char *folder);

/* run.json as it is (what it must have: train_record.h), and vocabulary.json; `*out` is
 * the caller's. */
AVQA_CHECK enum avqa_status avqa_run_folder_read(struct avqa_json **out,
                                                 const char *folder);
AVQA_CHECK enum avqa_status avqa_run_folder_vocabulary(struct avqa_vocabulary *out,
                                                       const char *folder);
/* Makes the folder's vocabulary.json, then its run.json, which makes it a run. */
AVQA_CHECK enum avqa_status
avqa_run_folder_write(const char *folder, const struct avqa_json *run,
                      const struct avqa_vocabulary *vocabulary);

#endif
