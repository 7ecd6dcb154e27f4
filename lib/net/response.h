/* The headers of an HTTP response as far as a file's wholeness depends on them, and
 * what they mean for the bytes that are there already (RFC 9110, 13 to 15).
 *
 * Other downloaders corrupt files here: they append a 200 to half a file, take a 416
 * for a failure, or join halves of two versions. Pure functions over bytes from
 * outside; they refuse to guess: what is not certain starts anew. */
#ifndef AVQA_NET_RESPONSE_H
#define AVQA_NET_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_VALIDATOR_MAX = 256 };

struct avqa_response {
    int status;                                   /* 0 before a status line was read */
    int64_t length;                               /* Content-Length; -1 if none */
    int64_t range_first, range_last, range_total; /* Content-Range; -1 if not said */
    int64_t retry_after_s;                        /* relative; -1 if none */
    int64_t retry_at_s;                           /* as a date since 1970; -1 if none */
    int64_t date_s, modified_s;                   /* since 1970; -1 if not said */
    char etag[AVQA_VALIDATOR_MAX];                /* with quotes and W/; "" if none */
    char modified[64];                            /* Last-Modified as it stands; "" */
    bool encoded; /* Content-Encoding other than identity */
};

void avqa_response_init(struct avqa_response *r);

/* Reads one header line, with or without its line end. A status line starts anew, so
 * that after redirects the last response counts. What is malformed counts as not
 * said. */
void avqa_response_line(struct avqa_response *r, const char *line, size_t len);

/* What If-Range may be sent with later: the ETag if it is strong, else the date if it
 * is (older than the response), else "" and what was received cannot be resumed. */
void avqa_response_validator(const struct avqa_response *r,
                             char out[AVQA_VALIDATOR_MAX]);

/* Microseconds to wait from `now_us` (wall clock), -1 if the server did not say. */
int64_t avqa_response_retry_after(const struct avqa_response *r, int64_t now_us);

/* What is on disk of the file that was asked for. */
struct avqa_partial {
    int64_t bytes; /* 0: nothing, and no range was asked for */
    int64_t total; /* as an earlier response said; -1 if none did */
    char validator[AVQA_VALIDATOR_MAX];
};

enum avqa_verdict {
    AVQA_VERDICT_WHOLE,    /* the body is the file from its first byte */
    AVQA_VERDICT_CONTINUE, /* the body is what is missing, exactly */
    AVQA_VERDICT_COMPLETE, /* nothing is missing */
    AVQA_VERDICT_AGAIN,    /* throw away what is there and ask for all of it */
    AVQA_VERDICT_REFUSED,  /* no file; the status tells why */
};

enum avqa_verdict avqa_response_judge(const struct avqa_response *r,
                                      const struct avqa_partial *have);

/* Bytes of the whole file as this response says; -1 if it does not. */
int64_t avqa_response_total(const struct avqa_response *r);

#endif
