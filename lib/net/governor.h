/* Which item may be asked of which host, and when: concurrency in all and per host, a
 * token bucket per host, the waits that hosts ask for, back-off with jitter, and a
 * circuit breaker that leaves a failing host alone while its items wait.
 *
 * Pure logic: the clock is a parameter, chance comes from a seed and the item's name,
 * so a run can be replayed in a test without a network. Times are microseconds of any
 * clock that does not go backwards.
 *
 * An item that a host throttled has not used up a try: a rate limit must not burn the
 * batch. A host that does nothing but fail or throttle is given up for this run after
 * `host_patience` pauses; its items come out unasked. */
#ifndef AVQA_NET_GOVERNOR_H
#define AVQA_NET_GOVERNOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_governor_options {
    size_t max_active; /* items at the same time, in all */
    size_t max_per_host;
    double rate;        /* items a second and host; 0: no limit */
    double burst;       /* items that may go at once after a rest */
    size_t tries;       /* of an item within this run */
    int64_t backoff_us; /* before the second try; doubles from there */
    int64_t backoff_max_us;
    size_t breaker;       /* failures in a row that make a host pause */
    int64_t pause_us;     /* of its first pause; doubles from there */
    int64_t pause_max_us; /* a host that asks for a longer wait is given up */
    size_t host_patience; /* pauses in a row after which a host is given up */
    uint64_t seed;
};

#define AVQA_GOVERNOR_DEFAULTS                                                         \
    {                                                                                  \
        .max_active = 16, .max_per_host = 4, .burst = 1, .tries = 4,                   \
        .backoff_us = 1000000, .backoff_max_us = 60000000, .breaker = 5,               \
        .pause_us = 10000000, .pause_max_us = 900000000, .host_patience = 5            \
    }

struct avqa_governor;

struct avqa_governor *
avqa_governor_new(const struct avqa_governor_options *options); /* never NULL */
void avqa_governor_free(struct avqa_governor *g);               /* NULL is legal */

/* Queues item number `item` (the caller's) of this name at this host. */
void avqa_governor_add(struct avqa_governor *g, size_t item, const char *name,
                       const char *host);

enum avqa_governor_turn {
    AVQA_GOVERNOR_START,   /* *item may be asked for now and is active from now on */
    AVQA_GOVERNOR_GIVE_UP, /* *item's host was given up; the item is done with */
    AVQA_GOVERNOR_WAIT,    /* nothing before *wait_us have passed, or one is done with
                            * (INT64_MAX: only then) */
    AVQA_GOVERNOR_IDLE,    /* nothing is queued and nothing active */
};

enum avqa_governor_turn avqa_governor_next(struct avqa_governor *g, int64_t now_us,
                                           size_t *item, int64_t *wait_us);

enum avqa_governor_result {
    AVQA_GOVERNOR_ANSWERED,  /* well, or with a lasting no: the host works */
    AVQA_GOVERNOR_FAILED,    /* may go well another time; counts against the host */
    AVQA_GOVERNOR_SPOILED,   /* the same, but the host works: what it sent was wrong */
    AVQA_GOVERNOR_THROTTLED, /* the host asked for patience */
    AVQA_GOVERNOR_DROPPED,   /* says nothing of the host (our disk, for instance) */
};

/* An active item came back. `retry_after_us` is what the host asked for, or -1. True if
 * the item is queued again, false if it is done with. */
bool avqa_governor_done(struct avqa_governor *g, size_t item, int64_t now_us,
                        enum avqa_governor_result result, int64_t retry_after_us);

/* ---- for those who report ----------------------------------------------------------
 */

size_t avqa_governor_pauses(const struct avqa_governor *g); /* of all hosts, so far */
/* "scheme://host:port" of a URL in lower case, user and password left out; "" if it has
 * no host. Caller frees. */
char *avqa_governor_host(const char *url);

#endif
