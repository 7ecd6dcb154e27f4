/* Threads live for one loop: starting a few costs tens of microseconds, and nothing is
 * left behind. Messages are per thread, so a worker copies its failure's into the
 * loop's own record before it ends. */
#include "base/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum { MAX_THREADS = 64 };

struct loop {
    pthread_mutex_t lock;
    size_t next;
    size_t n_items;
    avqa_pool_fn *fn;
    void *user;
    size_t failed_item; /* n_items while all is well */
    enum avqa_status failed;
    char message[1024];
};

static bool take(struct loop *loop, size_t *i)
{
    pthread_mutex_lock(&loop->lock);
    *i = loop->next;
    bool more = *i < loop->n_items && *i < loop->failed_item;
    if (more)
        loop->next++;
    pthread_mutex_unlock(&loop->lock);
    return more;
}

static void record_failure(struct loop *loop, size_t i, enum avqa_status rc)
{
    pthread_mutex_lock(&loop->lock);
    if (i < loop->failed_item) {
        loop->failed_item = i;
        loop->failed = rc;
        snprintf(loop->message, sizeof loop->message, "%s", avqa_message());
    }
    pthread_mutex_unlock(&loop->lock);
}

static void *work(void *arg)
{
    struct loop *loop = arg;
    size_t i;
    while (take(loop, &i)) {
        enum avqa_status rc = loop->fn(loop->user, i);
        if (rc != AVQA_OK)
            record_failure(loop, i, rc);
    }
    return NULL;
}

enum avqa_status avqa_pool_run(size_t n_jobs, size_t n_items, avqa_pool_fn *fn,
                               void *user)
{
    struct loop loop = {.lock = PTHREAD_MUTEX_INITIALIZER,
                        .n_items = n_items,
                        .fn = fn,
                        .user = user,
                        .failed_item = n_items};
    pthread_t threads[MAX_THREADS];
    size_t n_threads = 0;
    if (n_jobs == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        n_jobs = cores > 0 ? (size_t)cores : 1;
    }
    if (n_jobs > n_items)
        n_jobs = n_items;
    if (n_jobs > MAX_THREADS)
        n_jobs = MAX_THREADS;
    while (n_threads + 1 < n_jobs &&
           pthread_create(&threads[n_threads], NULL, work, &loop) == 0)
        n_threads++;
    work(&loop); /* the caller works too, so a refused thread costs only speed */
    for (size_t t = 0; t < n_threads; t++)
        pthread_join(threads[t], NULL);
    if (loop.failed_item == n_items)
        return AVQA_OK;
    return avqa_fail(loop.failed, "%s", loop.message);
}
