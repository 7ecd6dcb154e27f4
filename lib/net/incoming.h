/* A file that is coming in: from the first header, through its part (part.h), to the
 * last word on whether the part is the file. Whoever runs libcurl (transfer.h) says
 * when it has ended; nothing here waits or runs on its own. */
#ifndef AVQA_NET_INCOMING_H
#define AVQA_NET_INCOMING_H

#include "net/part.h"
#include "net/request.h"
#include "net/response.h"
#include "net/sniff.h"
#include "net/space.h"
#include "net/transfer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What all that comes in has in common. Borrowed. */
struct avqa_incoming_place {
    const struct avqa_transfer_options *options;
    struct avqa_space *space;
    int64_t *received; /* bytes of all of them so far; counted on */
};

struct avqa_incoming {
    struct avqa_incoming_place place;
    struct avqa_request *request; /* NULL if it was taken */
    char *expected_sha256;
    int64_t expected_bytes;
    struct avqa_part part;
    struct avqa_response response;
    size_t header_bytes;
    enum avqa_verdict verdict;
    bool judged, sniffed, again, restarted, is_full;
    unsigned char head[AVQA_SNIFF_BYTES];
    size_t n_head;
    size_t swallowed;
    int64_t held; /* of the disk */
    int64_t space_checked;
    struct avqa_transfer_result result;
};

/* The strings of `r` are copied. Releasing leaves the part alone. */
void avqa_incoming_init(struct avqa_incoming *in,
                        const struct avqa_incoming_place *place,
                        const struct avqa_transfer_request *r);
void avqa_incoming_release(struct avqa_incoming *in);

/* Opens the part and has libcurl tell what comes for `request`, which is taken. False:
 * the outcome says why not. */
bool avqa_incoming_open(struct avqa_incoming *in, const struct avqa_transfer_request *r,
                        struct avqa_request *request);

/* Takes `file`, which came in another way, as the part. False: likewise. */
bool avqa_incoming_take(struct avqa_incoming *in, const struct avqa_transfer_request *r,
                        const char *file);

/* libcurl is done with it (`code` is a CURLcode): what that means for the outcome. */
void avqa_incoming_settle(struct avqa_incoming *in, int code);

/* Whether it is to be asked for once more from the first byte; then it is ready for
 * that. Once only, or two servers behind one name that answer with two versions would
 * keep us for ever. */
bool avqa_incoming_again(struct avqa_incoming *in);

/* Closes the part of one that failed; what can be continued stays. */
void avqa_incoming_give_up(struct avqa_incoming *in);

/* Everything that decides whether the part is the file; from any thread. A part that
 * was not verified well goes, since it is no start for another try. */
void avqa_incoming_verify(struct avqa_incoming *in);

#endif
