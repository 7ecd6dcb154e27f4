/* See governor.h. A host's items wait in a heap by the time from which they may be
 * asked for, first come first served among equals; hosts take turns. */
#include "net/governor.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/rng.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct waiting {
    int64_t ready_us;
    uint64_t turn; /* in which it was queued */
    size_t item;
};

struct host {
    struct waiting *heap;
    size_t n, cap;
    size_t active;
    double tokens;
    int64_t filled_us;     /* when tokens was right */
    int64_t not_before_us; /* paused until then */
    size_t failures;       /* in a row */
    size_t pauses;         /* in a row */
    bool probing;          /* after a pause: one at a time until one is answered */
    bool given_up;
};

struct entry {
    struct avqa_rng rng;
    uint32_t host;
    size_t tries, throttles;
    bool active;
};

/* An item that a host turns away so often while it serves others is done with. */
enum { THROTTLES_MAX = 10 };

struct avqa_governor {
    struct avqa_governor_options o;
    struct avqa_intern names; /* of hosts */
    struct host *hosts;
    size_t cap_hosts;
    struct entry *entries; /* by item */
    size_t cap_entries;
    size_t active, queued, pauses;
    uint64_t turns;
    uint32_t at; /* the host whose turn it is */
};

struct avqa_governor *avqa_governor_new(const struct avqa_governor_options *options)
{
    struct avqa_governor *g = avqa_mem_new(sizeof *g);
    g->o = *options;
    assert(g->o.max_active && g->o.max_per_host && g->o.tries && g->o.breaker);
    return g;
}

void avqa_governor_free(struct avqa_governor *g)
{
    if (!g)
        return;
    for (uint32_t i = 0; i < g->names.n; i++)
        free(g->hosts[i].heap);
    free(g->hosts);
    free(g->entries);
    avqa_intern_release(&g->names);
    free(g);
}

/* ---- the heap ----------------------------------------------------------------------
 */

static bool before(const struct waiting *a, const struct waiting *b)
{
    return a->ready_us != b->ready_us ? a->ready_us < b->ready_us : a->turn < b->turn;
}

static void push(struct host *h, struct waiting w)
{
    avqa_mem_need(&h->heap, &h->cap, h->n + 1, sizeof *h->heap);
    size_t i = h->n++;
    for (; i > 0 && before(&w, &h->heap[(i - 1) / 2]); i = (i - 1) / 2)
        h->heap[i] = h->heap[(i - 1) / 2];
    h->heap[i] = w;
}

static struct waiting pop(struct host *h)
{
    struct waiting top = h->heap[0];
    struct waiting last = h->heap[--h->n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < h->n && before(&h->heap[child + 1], &h->heap[child]))
            child++;
        if (child >= h->n || !before(&h->heap[child], &last))
            break;
        h->heap[i] = h->heap[child];
        i = child;
    }
    h->heap[i] = last;
    return top;
}

static void enqueue(struct avqa_governor *g, size_t item, int64_t ready_us)
{
    push(&g->hosts[g->entries[item].host],
         (struct waiting){.ready_us = ready_us, .turn = g->turns++, .item = item});
    g->queued++;
}

void avqa_governor_add(struct avqa_governor *g, size_t item, const char *name,
                       const char *host)
{
    bool is_new;
    uint32_t id = avqa_intern_add(&g->names, host, strlen(host), &is_new);
    avqa_mem_need(&g->hosts, &g->cap_hosts, (size_t)id + 1, sizeof *g->hosts);
    avqa_mem_need(&g->entries, &g->cap_entries, item + 1, sizeof *g->entries);
    if (is_new)
        g->hosts[id] = (struct host){.tokens = g->o.burst, .filled_us = INT64_MIN};
    g->entries[item] = (struct entry){.host = id};
    avqa_rng_init(&g->entries[item].rng, g->o.seed, name);
    enqueue(g, item, INT64_MIN);
}

/* ---- whose turn it is --------------------------------------------------------------
 */

/* Fills the bucket up to now; how long until it holds a token. */
static int64_t until_token(const struct avqa_governor *g, struct host *h,
                           int64_t now_us)
{
    if (g->o.rate <= 0)
        return 0;
    if (h->filled_us != INT64_MIN)
        h->tokens += (double)(now_us - h->filled_us) / 1e6 * g->o.rate;
    if (h->tokens > g->o.burst)
        h->tokens = g->o.burst;
    h->filled_us = now_us;
    return h->tokens >= 1 ? 0 : (int64_t)((1 - h->tokens) / g->o.rate * 1e6) + 1;
}

/* How long this host's next item must wait; INT64_MAX: until one comes back. */
static int64_t host_wait(const struct avqa_governor *g, struct host *h, int64_t now_us)
{
    size_t limit = h->probing ? 1 : g->o.max_per_host;
    if (h->n == 0 || h->active >= limit)
        return INT64_MAX;
    int64_t from =
        h->heap[0].ready_us > h->not_before_us ? h->heap[0].ready_us : h->not_before_us;
    int64_t wait = from > now_us ? from - now_us : 0;
    int64_t token = until_token(g, h, now_us);
    return wait > token ? wait : token;
}

static enum avqa_governor_turn take(struct avqa_governor *g, struct host *h,
                                    size_t *item)
{
    *item = pop(h).item;
    g->queued--;
    if (h->given_up)
        return AVQA_GOVERNOR_GIVE_UP;
    struct entry *e = &g->entries[*item];
    e->active = true;
    h->active++;
    g->active++;
    h->tokens -= g->o.rate > 0;
    return AVQA_GOVERNOR_START;
}

enum avqa_governor_turn avqa_governor_next(struct avqa_governor *g, int64_t now_us,
                                           size_t *item, int64_t *wait_us)
{
    *wait_us = INT64_MAX;
    if (g->queued == 0)
        return g->active ? AVQA_GOVERNOR_WAIT : AVQA_GOVERNOR_IDLE;
    for (uint32_t i = 0; i < g->names.n; i++) {
        uint32_t id = (g->at + i) % g->names.n;
        struct host *h = &g->hosts[id];
        bool full = g->active >= g->o.max_active;
        int64_t wait = h->given_up && h->n ? 0
                       : full              ? INT64_MAX
                                           : host_wait(g, h, now_us);
        if (wait == 0) {
            g->at = id + 1;
            return take(g, h, item);
        }
        if (wait < *wait_us)
            *wait_us = wait;
    }
    return AVQA_GOVERNOR_WAIT;
}

/* ---- what came back ----------------------------------------------------------------
 */

/* base * 2^n, at most max; between half of it and all of it. */
static int64_t jittered(struct avqa_rng *rng, int64_t base, size_t n, int64_t max)
{
    int64_t us = base;
    for (size_t i = 0; i < n && us < max; i++)
        us *= 2;
    if (us > max)
        us = max;
    int64_t half = us - us / 2;
    return us - half + (int64_t)(avqa_rng_unit(rng) * (double)half);
}

/* Leaves the host alone for a while, or for good. */
static void pause_host(struct avqa_governor *g, struct host *h, int64_t now_us,
                       int64_t pause_us)
{
    g->pauses++;
    h->failures = 0;
    h->probing = true;
    if (++h->pauses > g->o.host_patience || pause_us > g->o.pause_max_us)
        h->given_up = true;
    if (h->not_before_us < now_us + pause_us)
        h->not_before_us = now_us + pause_us;
}

/* Answers that were under way when a host paused do not pause it once more. */
static bool is_paused(const struct host *h, int64_t now_us)
{
    return h->not_before_us > now_us;
}

static void throttled(struct avqa_governor *g, struct host *h, struct entry *e,
                      int64_t now_us, int64_t retry_after_us)
{
    int64_t pause = retry_after_us;
    if (pause < 0)
        pause = jittered(&e->rng, g->o.pause_us, h->pauses, g->o.pause_max_us);
    if (!is_paused(h, now_us))
        pause_host(g, h, now_us, pause);
    else if (retry_after_us >= 0 && h->not_before_us < now_us + pause)
        h->not_before_us = now_us + pause;
}

static void works(struct host *h)
{
    h->failures = h->pauses = 0;
    h->probing = false;
}

static void failed(struct avqa_governor *g, struct host *h, struct entry *e,
                   int64_t now_us)
{
    h->failures++;
    if (!is_paused(h, now_us) && (h->probing || h->failures >= g->o.breaker))
        pause_host(g, h, now_us,
                   jittered(&e->rng, g->o.pause_us, h->pauses, g->o.pause_max_us));
}

bool avqa_governor_done(struct avqa_governor *g, size_t item, int64_t now_us,
                        enum avqa_governor_result result, int64_t retry_after_us)
{
    struct entry *e = &g->entries[item];
    struct host *h = &g->hosts[e->host];
    int64_t ready = now_us;
    assert(e->active);
    e->active = false;
    h->active--;
    g->active--;
    switch (result) {
    case AVQA_GOVERNOR_ANSWERED:
        works(h);
        return false;
    case AVQA_GOVERNOR_DROPPED:
        return false;
    case AVQA_GOVERNOR_THROTTLED:
        throttled(g, h, e, now_us, retry_after_us);
        if (++e->throttles >= THROTTLES_MAX)
            return false;
        break;
    case AVQA_GOVERNOR_SPOILED:
    case AVQA_GOVERNOR_FAILED:
        if (result == AVQA_GOVERNOR_SPOILED)
            works(h);
        else
            failed(g, h, e, now_us);
        if (++e->tries >= g->o.tries)
            return false;
        ready += jittered(&e->rng, g->o.backoff_us, e->tries - 1, g->o.backoff_max_us);
        if (retry_after_us > 0 && ready < now_us + retry_after_us)
            ready = now_us + retry_after_us;
        break;
    }
    enqueue(g, item, ready);
    return true;
}

size_t avqa_governor_pauses(const struct avqa_governor *g)
{
    return g->pauses;
}

char *avqa_governor_host(const char *url)
{
    const char *sep = strstr(url, "://");
    if (!sep)
        return avqa_mem_strdup("");
    const char *host = sep + 3;
    size_t len = strcspn(host, "/?#");
    const char *at = memrchr(host, '@', len);
    if (at) {
        len -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    size_t scheme = (size_t)(sep + 3 - url);
    char *out = avqa_mem_new(scheme + len + 1);
    memcpy(out, url, scheme);
    memcpy(out + scheme, host, len);
    for (char *s = out; *s; s++)
        *s = (char)tolower((unsigned char)*s);
    return out;
}
