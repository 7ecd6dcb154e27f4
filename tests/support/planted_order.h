/* What is to be known of planted scenes (planted.h) by somebody to whom the seconds of
 * a clip are a set: the best share of right answers without order, by counting. */
#ifndef AVQA_TESTS_PLANTED_ORDER_H
#define AVQA_TESTS_PLANTED_ORDER_H

#include "planted.h"

#include "base/status.h"

enum { PLANTED_MAX_ORDERS = 24 }; /* of four who take turns */

/* The scenes that are as likely as this one and whose seconds are the same ones in
 * another order, and this one itself: the players in any order where they take turns,
 * forwards and backwards where they overlap. Returns how many. */
size_t planted_orders(struct planted_scene out[PLANTED_MAX_ORDERS],
                      const struct planted_scene *scene);

/* Prints, for each template of the questions in `jsonl` (avqa export jsonl, about clips
 * of these options) and for all of them, how many there are and the share that somebody
 * has right who knows everything of each scene but its order: of the answers that the
 * question has in these scenes the commonest one; where it cannot be asked, it was not.
 */
AVQA_CHECK enum avqa_status
planted_print_ceiling(const char *templates, const char *jsonl,
                      const struct planted_options *options);

#endif
