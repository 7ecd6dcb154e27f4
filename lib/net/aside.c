/* See aside.h. */
#include "net/aside.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct avqa_aside {
    pthread_mutex_t lock;
    pthread_cond_t pushed;
    void **jobs; /* a ring of cap */
    size_t first, n, cap;
    bool closing;
    avqa_aside_fn *fn;
    void *user;
    pthread_t *threads;
    size_t n_threads;
};

/* The next job; NULL when there will be none. */
static void *wait_for_job(struct avqa_aside *a)
{
    void *job = NULL;
    pthread_mutex_lock(&a->lock);
    while (a->n == 0 && !a->closing)
        pthread_cond_wait(&a->pushed, &a->lock);
    if (a->n) {
        job = a->jobs[a->first];
        a->first = (a->first + 1) % a->cap;
        a->n--;
    }
    pthread_mutex_unlock(&a->lock);
    return job;
}

static void *work(void *user)
{
    struct avqa_aside *a = user;
    void *job;
    while ((job = wait_for_job(a)) != NULL)
        a->fn(a->user, job);
    return NULL;
}

enum avqa_status avqa_aside_open(struct avqa_aside **out, size_t n_threads,
                                 avqa_aside_fn *fn, void *user)
{
    struct avqa_aside *a = avqa_mem_new(sizeof *a);
    a->fn = fn;
    a->user = user;
    a->threads = avqa_mem_new(n_threads * sizeof *a->threads);
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->pushed, NULL);
    while (a->n_threads < n_threads) {
        int code = pthread_create(&a->threads[a->n_threads], NULL, work, a);
        if (code != 0 && a->n_threads == 0) {
            avqa_aside_close(a);
            return avqa_fail(AVQA_ENOMEM, "cannot start a thread: %s", strerror(code));
        }
        if (code != 0)
            break; /* fewer will do */
        a->n_threads++;
    }
    *out = a;
    return AVQA_OK;
}

static void grow(struct avqa_aside *a)
{
    size_t cap = a->cap ? 2 * a->cap : 16;
    void **jobs = avqa_mem_new(cap * sizeof *jobs);
    for (size_t i = 0; i < a->n; i++)
        jobs[i] = a->jobs[(a->first + i) % a->cap];
    free(a->jobs);
    a->jobs = jobs;
    a->cap = cap;
    a->first = 0;
}

void avqa_aside_push(struct avqa_aside *a, void *job)
{
    pthread_mutex_lock(&a->lock);
    if (a->n == a->cap)
        grow(a);
    a->jobs[(a->first + a->n++) % a->cap] = job;
    pthread_cond_signal(&a->pushed);
    pthread_mutex_unlock(&a->lock);
}

void avqa_aside_close(struct avqa_aside *a)
{
    if (!a)
        return;
    pthread_mutex_lock(&a->lock);
    a->closing = true;
    pthread_cond_broadcast(&a->pushed);
    pthread_mutex_unlock(&a->lock);
    for (size_t i = 0; i < a->n_threads; i++)
        pthread_join(a->threads[i], NULL);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->pushed);
    free(a->threads);
    free(a->jobs);
    free(a);
}
