/* See set.h. */
#include "train/set.h"

#include <stdlib.h>

void avqa_train_set_release(struct avqa_train_set *set)
{
    avqa_arena_release(&set->arena);
    free(set->questions);
    free(set->clips);
    free(set->words);
    *set = (struct avqa_train_set){.n_questions = 0};
}
