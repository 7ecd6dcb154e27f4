/* The state of a run on disk, from which it goes on as if nothing had happened: weights
 * with what the optimiser keeps of each, and a JSON object of the caller's.
 *
 *   state.json                what is valid: the object, and which file has the tensors
 *   state-0.safetensors,      weights under their names; with ".state.0" and ".state.1"
 *   state-1.safetensors       behind them, what the optimiser keeps
 *
 * A save writes the tensors into the file that state.json does not name, then
 * state.json. So a kill at any moment, or a full disk, leaves the state before or the
 * state after, both whole. */
#ifndef AVQA_TRAIN_CHECKPOINT_H
#define AVQA_TRAIN_CHECKPOINT_H

#include "base/json.h"
#include "base/status.h"
#include "nn/weights.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a folder has a state. */
bool avqa_checkpoint_exists(const char *folder);

/* Saves. `n_states` of the optimiser's arrays are kept (SGD has one, Adam two). A
 * "tensors" key of `state` is replaced. AVQA_EFORMAT if a number is not finite, naming
 * its parameter; then nothing is written. */
AVQA_CHECK enum avqa_status avqa_checkpoint_save(const char *folder,
                                                 const struct avqa_weights *weights,
                                                 size_t n_states,
                                                 const struct avqa_json *state);

/* Loads into weights of the same names and shapes; `*state` is yours. AVQA_ENOENT if
 * there is no state; AVQA_EFORMAT if the files do not belong together or are damaged.
 */
AVQA_CHECK enum avqa_status avqa_checkpoint_load(struct avqa_json **state,
                                                 struct avqa_weights *weights,
                                                 size_t n_states, const char *folder);

/* Writes the weights alone to `path`, whole or not at all. */
AVQA_CHECK enum avqa_status avqa_checkpoint_write(const char *path,
                                                  const struct avqa_weights *weights);

#endif
