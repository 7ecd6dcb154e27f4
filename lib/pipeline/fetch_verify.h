/* Whether what was fetched is media: its first picture and its first sound are decoded,
 * as import media will do, before it counts as there. */
#ifndef AVQA_PIPELINE_FETCH_VERIFY_H
#define AVQA_PIPELINE_FETCH_VERIFY_H

#include "net/transfer.h"

/* Fails the outcome of what cannot be used, with the word of the decoder's verdict
 * (verdict.h) as its reason: cut off is transient, no time to look or no room is ours,
 * all else is permanent. What lacks a picture or a sound is done, and its detail says
 * so. `user` is not used; safe to call from several threads. */
avqa_transfer_verify_fn avqa_fetch_verify;

#endif
