/* A file on a server, read at any place: http, https and s3, by Range requests (RFC
 * 9110, 14). The first request brings the last bytes and with them the size; what
 * identifies the file then (ETag, date, size) must stand in every later answer, so that
 * pieces of two versions are never put together. A request that fails and may go well
 * another time is asked again from the byte where it broke off, after a pause, a
 * bounded number of times. */
#ifndef AVQA_NET_RANGE_H
#define AVQA_NET_RANGE_H

#include "base/status.h"
#include "net/transfer.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_net_range_options {
    struct avqa_transfer_options
        transfer;        /* limits, proxy, s3; wall_us is a request's */
    size_t tail_bytes;   /* read with the first request and kept */
    int tries;           /* of a request */
    int64_t backoff_us;  /* before the second; doubles */
    int64_t max_wait_us; /* a server that asks for more is given up */
};

#define AVQA_NET_RANGE_DEFAULTS                                                        \
    {                                                                                  \
        .transfer = AVQA_TRANSFER_DEFAULTS, .tail_bytes = 1 << 20, .tries = 4,         \
        .backoff_us = 500000, .max_wait_us = 30000000                                  \
    }

struct avqa_net_range;

/* Opens `url`. AVQA_ENOENT if the server says there is none; AVQA_EINVAL if it does not
 * answer ranges. Texts in the options are borrowed until close. `*out` is yours. */
AVQA_CHECK enum avqa_status
avqa_net_range_open(struct avqa_net_range **out, const char *url,
                    const struct avqa_net_range_options *options);
void avqa_net_range_close(struct avqa_net_range *range); /* NULL is legal */

uint64_t avqa_net_range_size(const struct avqa_net_range *range);
const char *avqa_net_range_url(const struct avqa_net_range *range);
/* Requests made so far. */
size_t avqa_net_range_requests(const struct avqa_net_range *range);

/* Reads exactly the `len` bytes at `at`, which must lie within the file; what lies in
 * the tail costs no request. One request at a time; may be called from several threads.
 * AVQA_EIO says what the network or the server did, AVQA_EFORMAT that the file is
 * another one by now. */
AVQA_CHECK enum avqa_status avqa_net_range_read(struct avqa_net_range *range, void *out,
                                                uint64_t at, size_t len);

/* A piece that is wanted. */
struct avqa_net_piece {
    uint64_t at;
    size_t len;
    void *out;
};

enum { AVQA_NET_PIECE_GAP = 64 << 10 }; /* bytes not worth a request of their own */

/* Reads several pieces, in order of `at` and not overlapping: those that are next to
 * each other, or nearly so, with one request. */
AVQA_CHECK enum avqa_status avqa_net_range_fetch(struct avqa_net_range *range,
                                                 const struct avqa_net_piece *pieces,
                                                 size_t n);

#endif
