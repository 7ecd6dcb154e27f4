/* Files over the network, many at the same time on one thread, each resumable and none
 * called done before it was verified: length, checksum when known, and what the
 * caller's `verify` says of the bytes. http, https, file and s3.
 *
 * A transfer ends as a whole, synced temporary file that the caller gives its name
 * (avqa_part_publish), or with an outcome that says why not; what can be continued is
 * kept. Hashing, verifying and syncing happen on threads of their own. */
#ifndef AVQA_NET_TRANSFER_H
#define AVQA_NET_TRANSFER_H

#include "base/hash.h"
#include "base/status.h"
#include "net/outcome.h"
#include "net/sniff.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decides whether `path` is what it should be; called from several threads. Fails the
 * outcome if not, and writes the file's ending ("mp4") into `extension`. */
typedef void avqa_transfer_verify_fn(void *user, const char *path,
                                     struct avqa_net_outcome *outcome,
                                     char extension[8]);

struct avqa_transfer_options {
    int64_t connect_us; /* until a connection stands */
    int64_t stall_us;   /* slower than stall_rate for so long is an end */
    int64_t stall_rate; /* bytes a second */
    int64_t wall_us;    /* of a whole transfer; 0: no limit */
    int64_t max_rate;   /* bytes a second of one transfer; 0: no limit */
    int64_t keep_free;  /* bytes of the disk that are not ours to fill */
    int max_redirects;
    int64_t note_bytes; /* files known to be smaller are not worth resuming */
    const char *user_agent;
    const char *proxy;                         /* NULL: as libcurl finds it */
    const char *cookies;                       /* a Netscape cookie file, or NULL */
    const char *ca_file;                       /* NULL: the system's */
    const char *s3_region, *s3_endpoint;       /* endpoint NULL: Amazon's */
    const char *s3_key, *s3_secret, *s3_token; /* key NULL: unsigned requests */
    size_t verifiers;                          /* threads */
    avqa_transfer_verify_fn *verify;
    void *verify_user;
};

#define AVQA_TRANSFER_DEFAULTS                                                         \
    {                                                                                  \
        .connect_us = 30000000, .stall_us = 30000000, .stall_rate = 1000,              \
        .wall_us = 7200000000, .keep_free = 256 << 20, .max_redirects = 10,            \
        .note_bytes = 1 << 20, .user_agent = "avqa", .s3_region = "us-east-1",         \
        .verifiers = 2, .verify = avqa_sniff_verify                                    \
    }

struct avqa_transfers;

/* Options and the strings in them are borrowed until close. */
AVQA_CHECK enum avqa_status
avqa_transfers_open(struct avqa_transfers **out,
                    const struct avqa_transfer_options *options);
/* Breaks off what is under way; parts that can be continued stay. NULL is legal. */
void avqa_transfers_close(struct avqa_transfers *ts);

struct avqa_transfer_request {
    const char *url;
    const char *key;            /* names the thing across runs; NULL: the url */
    const char *part;           /* the temporary file, beside its target */
    const char *const *headers; /* "Name: value", for a resolved url */
    size_t n_headers;
    int64_t expected_bytes;      /* -1: not known */
    const char *expected_sha256; /* NULL: not known */
    size_t item;                 /* the caller's number, given back */
};

/* Starts one; strings are copied. Failing to start is an outcome like others, so this
 * only fails for want of memory. */
AVQA_CHECK enum avqa_status
avqa_transfers_start(struct avqa_transfers *ts,
                     const struct avqa_transfer_request *request);

/* Takes `file`, which was brought in another way, as the part: renamed, and verified
 * as one that was received. Its url is not asked. */
AVQA_CHECK enum avqa_status
avqa_transfers_take(struct avqa_transfers *ts,
                    const struct avqa_transfer_request *request, const char *file);

struct avqa_transfer_result {
    size_t item;
    struct avqa_net_outcome outcome;
    bool page;     /* a page or playlist came; a resolver may know what is in it */
    int64_t bytes; /* of the whole file */
    char sha256[AVQA_SHA256_HEX];
    char extension[8];
};

/* Works for at most `wait_us`, or until something ended. */
AVQA_CHECK enum avqa_status avqa_transfers_work(struct avqa_transfers *ts,
                                                int64_t wait_us);

/* The next one that ended; false if there is none yet. */
bool avqa_transfers_next(struct avqa_transfers *ts,
                         struct avqa_transfer_result *result);

size_t avqa_transfers_active(const struct avqa_transfers *ts);
int64_t avqa_transfers_bytes(const struct avqa_transfers *ts); /* received so far */

#endif
