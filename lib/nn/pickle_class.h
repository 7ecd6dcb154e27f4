/* The opcodes of pickle.c that name classes or would call them. A name is looked for in
 * a list of what state dicts are made of; a call becomes a value that says what it
 * would have made. */
#ifndef AVQA_NN_PICKLE_CLASS_H
#define AVQA_NN_PICKLE_CLASS_H

#include "base/status.h"

struct avqa_pickle;

/* Each runs the opcode of its name; `arg` is not used. */
AVQA_CHECK enum avqa_status avqa_pickle_global(struct avqa_pickle *p, int arg);
AVQA_CHECK enum avqa_status avqa_pickle_stack_global(struct avqa_pickle *p, int arg);
AVQA_CHECK enum avqa_status avqa_pickle_reduce(struct avqa_pickle *p, int arg);
AVQA_CHECK enum avqa_status avqa_pickle_newobj(struct avqa_pickle *p, int arg);
AVQA_CHECK enum avqa_status avqa_pickle_build(struct avqa_pickle *p, int arg);
AVQA_CHECK enum avqa_status avqa_pickle_persid(struct avqa_pickle *p, int arg);

#endif
