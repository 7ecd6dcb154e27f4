/* See ranges.h. GOMP_parallel is what a compiler makes of "#pragma omp parallel" (the
 * ABI of libgomp, which libomp has too); called by hand it needs no flag of the
 * compiler and works where the pragma would be ignored. */
#include "nn/ranges.h"

#include <stdatomic.h>

void GOMP_parallel(void (*fn)(void *), void *data, unsigned n_threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);

struct loop {
    avqa_range_fn *fn;
    void *user;
    size_t n;
};

static void run_share(void *data)
{
    const struct loop *loop = data;
    size_t id = (size_t)omp_get_thread_num();
    size_t n_ids = (size_t)omp_get_num_threads();
    size_t share = loop->n / n_ids;
    size_t more = loop->n % n_ids; /* the first ones get one item more */
    size_t from = id * share + (id < more ? id : more);
    size_t to = from + share + (id < more);
    if (from < to)
        loop->fn(loop->user, from, to);
}

struct items {
    avqa_range_fn *fn;
    void *user;
    size_t n;
    atomic_size_t next;
};

static void take_items(void *data)
{
    struct items *items = data;
    size_t i;
    while ((i = atomic_fetch_add(&items->next, 1)) < items->n)
        items->fn(items->user, i, i + 1);
}

void avqa_ranges_run(size_t n_threads, size_t n, size_t least, avqa_range_fn *fn,
                     void *user)
{
    struct loop loop = {.fn = fn, .user = user, .n = n};
    size_t useful = least ? n / least : n;
    if (n_threads > useful)
        n_threads = useful;
    if (n_threads > 1)
        GOMP_parallel(run_share, &loop, (unsigned)n_threads, 0);
    else if (n > 0)
        fn(user, 0, n);
}

void avqa_ranges_share(size_t n_threads, size_t n, avqa_range_fn *fn, void *user)
{
    struct items items = {.fn = fn, .user = user, .n = n};
    if (n_threads > n)
        n_threads = n;
    if (n_threads > 1)
        GOMP_parallel(take_items, &items, (unsigned)n_threads, 0);
    else if (n > 0)
        take_items(&items);
}
