/* See slot.h. Sound is copied, because a batch has it in one piece; maps stay where
 * they are. */
#include "train/slot.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(avqa_real) == sizeof(float), "sound is read as float");

enum avqa_status avqa_slot_init(struct avqa_slot *s, const struct avqa_needs *needs,
                                size_t n)
{
    size_t n_maps = needs->model->sees ? 2 * n * needs->n_seconds : 0;
    size_t n_sound = needs->model->hears ? n * needs->n_seconds : 0;
    enum avqa_status rc = avqa_mem_array(&s->questions, n, sizeof *s->questions);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s->words, n * needs->set->length, sizeof *s->words);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s->answers, n, sizeof *s->answers);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s->rows, avqa_needs_room(needs, n),
                            sizeof(struct avqa_row *));
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s->maps, n_maps, sizeof *s->maps);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s->sound, n_sound, needs->set->sound * sizeof *s->sound);
    s->batch = (struct avqa_batch){.n_seconds = needs->n_seconds,
                                   .length = needs->set->length,
                                   .words = s->words,
                                   .sound = n_sound ? s->sound : NULL,
                                   .maps = n_maps ? s->maps : NULL,
                                   .answers = s->answers};
    return rc;
}

void avqa_slot_release(struct avqa_slot *s)
{
    free(s->questions);
    free(s->words);
    free(s->answers);
    free(s->sound);
    free(s->maps);
    free(s->rows);
    *s = (struct avqa_slot){.questions = NULL};
}

void avqa_slot_ask(struct avqa_slot *s, const struct avqa_needs *needs,
                   const uint32_t *questions, size_t n)
{
    size_t length = needs->set->length;
    s->batch.n = n;
    for (size_t i = 0; i < n; i++) {
        s->questions[i] = questions[i];
        s->answers[i] = needs->set->questions[questions[i]].answer;
        memcpy(s->words + i * length, needs->set->words + questions[i] * length,
               length * sizeof *s->words);
    }
}

enum avqa_status avqa_slot_fill(struct avqa_slot *s, const struct avqa_needs *needs)
{
    size_t n_sound = needs->model->hears ? s->batch.n : 0;
    size_t values = needs->n_seconds * needs->set->sound;
    for (size_t i = 0; i < s->n_rows; i++) {
        const struct avqa_row *row = s->rows[i];
        if (row->state == AVQA_ROW_FAILED)
            return avqa_fail(row->rc, "%s", row->message);
        if (i < n_sound)
            memcpy(s->sound + i * values, row->room, values * sizeof *s->sound);
        else
            s->maps[i - n_sound] = row->map;
    }
    return AVQA_OK;
}
