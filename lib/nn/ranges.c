/* See ranges.h. Each thread that computes has helpers of its own, started when they are
 * first asked for and kept until it ends. A loop is a job with a counter of pieces. Who
 * comes when all pieces are taken is not waited for: on cores that others use, too, a
 * helper may not have been running at all. Before they sleep helpers look for the next
 * job for some microseconds, since a step is hundreds of short loops. */
#include "nn/ranges.h"
#include "base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum { PIECES = 4, LOOKS = 4000 };

/* oneDNN computes on the thread that calls it (onednn_gemm.c). */
void omp_set_num_threads(int n);

struct job {
    avqa_range_fn *fn;
    void *user;
    size_t n, n_pieces;
    atomic_size_t next;
};

struct team {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    struct job *job;      /* NULL: none that may be joined */
    size_t n_free;        /* how many more may join it */
    size_t n_inside;      /* how many are at it */
    atomic_size_t n_jobs; /* so far */
    bool ends;
    pthread_t *threads;
    size_t n, cap;
};

static pthread_key_t team_key;
static pthread_once_t team_once = PTHREAD_ONCE_INIT;

static void work_on(struct job *job)
{
    size_t i;
    while ((i = atomic_fetch_add(&job->next, 1)) < job->n_pieces) {
        size_t share = job->n / job->n_pieces;
        size_t more = job->n % job->n_pieces; /* the first ones get one item more */
        size_t from = i * share + (i < more ? i : more);
        job->fn(job->user, from, from + share + (i < more));
    }
}

/* Joins the job if there is one; the lock is held before and after. */
static void join_job(struct team *team)
{
    struct job *job = team->job;
    if (!job || team->n_free == 0)
        return;
    team->n_free--;
    team->n_inside++;
    pthread_mutex_unlock(&team->lock);
    work_on(job);
    pthread_mutex_lock(&team->lock);
    if (--team->n_inside == 0)
        pthread_cond_signal(&team->done);
}

static void *help(void *user)
{
    struct team *team = user;
    size_t seen = 0;
    omp_set_num_threads(1);
    pthread_mutex_lock(&team->lock);
    while (!team->ends) {
        if (atomic_load(&team->n_jobs) != seen) {
            seen = atomic_load(&team->n_jobs);
            join_job(team);
            pthread_mutex_unlock(&team->lock);
            for (int i = 0; i < LOOKS && atomic_load(&team->n_jobs) == seen; i++)
                atomic_signal_fence(memory_order_seq_cst);
            pthread_mutex_lock(&team->lock);
        } else {
            pthread_cond_wait(&team->work, &team->lock);
        }
    }
    pthread_mutex_unlock(&team->lock);
    return NULL;
}

static void end_team(void *user)
{
    struct team *team = user;
    pthread_mutex_lock(&team->lock);
    team->ends = true;
    atomic_fetch_add(&team->n_jobs, 1);
    pthread_cond_broadcast(&team->work);
    pthread_mutex_unlock(&team->lock);
    for (size_t i = 0; i < team->n; i++)
        pthread_join(team->threads[i], NULL);
    pthread_cond_destroy(&team->work);
    pthread_cond_destroy(&team->done);
    pthread_mutex_destroy(&team->lock);
    free(team->threads);
    free(team);
}

static void make_key(void)
{
    if (pthread_key_create(&team_key, end_team) != 0)
        avqa_mem_exhausted();
}

/* This thread's helpers, `n` if as many can be started. Signals are not for them. */
static struct team *team_of(size_t n)
{
    sigset_t all, before;
    pthread_once(&team_once, make_key);
    struct team *team = pthread_getspecific(team_key);
    if (!team) {
        team = avqa_mem_new(sizeof *team);
        pthread_mutex_init(&team->lock, NULL);
        pthread_cond_init(&team->work, NULL);
        pthread_cond_init(&team->done, NULL);
        if (pthread_setspecific(team_key, team) != 0)
            avqa_mem_exhausted();
    }
    if (team->n >= n)
        return team;
    avqa_mem_need(&team->threads, &team->cap, n, sizeof *team->threads);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (team->n < n &&
           pthread_create(&team->threads[team->n], NULL, help, team) == 0)
        team->n++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return team;
}

static void run_job(struct job *job, size_t n_threads)
{
    struct team *team = team_of(n_threads - 1);
    pthread_mutex_lock(&team->lock);
    team->job = job;
    team->n_free = n_threads - 1;
    atomic_fetch_add(&team->n_jobs, 1);
    pthread_cond_broadcast(&team->work);
    pthread_mutex_unlock(&team->lock);
    work_on(job);
    pthread_mutex_lock(&team->lock);
    team->job = NULL;
    while (team->n_inside)
        pthread_cond_wait(&team->done, &team->lock);
    pthread_mutex_unlock(&team->lock);
}

static void run(size_t n_threads, struct job *job)
{
    if (n_threads > 1)
        run_job(job, n_threads);
    else if (job->n > 0)
        job->fn(job->user, 0, job->n);
}

void avqa_ranges_run(size_t n_threads, size_t n, size_t least, avqa_range_fn *fn,
                     void *user)
{
    size_t useful = least ? n / least : n;
    if (n_threads > useful)
        n_threads = useful;
    size_t pieces = useful < PIECES * n_threads ? useful : PIECES * n_threads;
    run(n_threads, &(struct job){.fn = fn, .user = user, .n = n, .n_pieces = pieces});
}

void avqa_ranges_share(size_t n_threads, size_t n, avqa_range_fn *fn, void *user)
{
    run(n_threads < n ? n_threads : n,
        &(struct job){.fn = fn, .user = user, .n = n, .n_pieces = n});
}
