/* See bootstrap.h. A draw first counts how often each cluster came, then goes over the
 * rows once; rows stand by cluster, so that this is one pass through memory. */
#include "audit/bootstrap.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS_A_JOB = 64 };

struct work {
    const struct avqa_bootstrap *b;
    uint32_t *starts; /* [n_clusters + 1]: its rows in `rows` */
    uint32_t *rows;   /* [n_rows], by cluster */
    const double *values;
    double *means; /* [n_groups, n_draws]; NaN where a draw has no row of it */
};

double avqa_quantile(const double *sorted, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    if (i + 1 >= n)
        return sorted[n - 1];
    return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

/* Rows by cluster: a counting sort. */
static enum avqa_status sort_rows(struct work *w)
{
    const struct avqa_bootstrap *b = w->b;
    enum avqa_status rc =
        avqa_mem_array(&w->starts, b->n_clusters + 2, sizeof *w->starts);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&w->rows, b->n_rows, sizeof *w->rows);
    if (rc != AVQA_OK)
        return rc;
    uint32_t *at = w->starts + 1; /* begins of the next one, while counting */
    for (size_t i = 0; i < b->n_rows; i++) {
        assert(b->clusters[i] < b->n_clusters);
        at[b->clusters[i] + 1]++;
    }
    for (size_t c = 0; c < b->n_clusters; c++)
        at[c + 1] += at[c];
    for (size_t i = 0; i < b->n_rows; i++)
        w->rows[at[b->clusters[i]]++] = (uint32_t)i;
    return AVQA_OK;
}

/* Adds the rows of a cluster `times` times. */
static void add_cluster(const struct work *w, size_t cluster, double times,
                        double *sums, double *counts)
{
    const struct avqa_bootstrap *b = w->b;
    for (uint32_t k = w->starts[cluster]; k < w->starts[cluster + 1]; k++) {
        uint32_t row = w->rows[k];
        const uint32_t *groups = b->groups + (size_t)row * b->n_kinds;
        double value = times * w->values[row];
        for (size_t kind = 0; kind < b->n_kinds; kind++) {
            if (groups[kind] == AVQA_INTERN_NONE)
                continue;
            sums[groups[kind]] += value;
            counts[groups[kind]] += times;
        }
    }
}

static void draw(const struct work *w, size_t number, uint32_t *times, double *sums,
                 double *counts)
{
    const struct avqa_bootstrap *b = w->b;
    struct avqa_rng rng;
    char item[40];
    snprintf(item, sizeof item, "bootstrap %zu", number);
    avqa_rng_init(&rng, b->seed, item);
    memset(times, 0, b->n_clusters * sizeof *times);
    memset(sums, 0, b->n_groups * sizeof *sums);
    memset(counts, 0, b->n_groups * sizeof *counts);
    for (size_t i = 0; i < b->n_clusters; i++)
        times[avqa_rng_below(&rng, b->n_clusters)]++;
    for (size_t c = 0; c < b->n_clusters; c++) {
        if (times[c])
            add_cluster(w, c, times[c], sums, counts);
    }
    for (size_t g = 0; g < b->n_groups; g++)
        w->means[g * b->n_draws + number] =
            counts[g] > 0 ? sums[g] / counts[g] : (double)NAN;
}

static enum avqa_status run_draws(void *user, size_t job)
{
    const struct work *w = user;
    uint32_t *times = NULL;
    double *sums = NULL;
    double *counts = NULL;
    enum avqa_status rc = avqa_mem_array(&times, w->b->n_clusters, sizeof *times);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&sums, w->b->n_groups, sizeof *sums);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&counts, w->b->n_groups, sizeof *counts);
    size_t end = (job + 1) * DRAWS_A_JOB;
    if (end > w->b->n_draws)
        end = w->b->n_draws;
    for (size_t i = job * DRAWS_A_JOB; rc == AVQA_OK && i < end; i++)
        draw(w, i, times, sums, counts);
    free(times);
    free(sums);
    free(counts);
    return rc;
}

/* In how many clusters each group has rows. */
static enum avqa_status count_clusters(struct avqa_interval *out, const struct work *w)
{
    const struct avqa_bootstrap *b = w->b;
    uint32_t *seen; /* by group: the last cluster that had it, plus one */
    enum avqa_status rc = avqa_mem_array(&seen, b->n_groups, sizeof *seen);
    if (rc != AVQA_OK)
        return rc;
    for (size_t k = 0; k < b->n_rows; k++) {
        uint32_t mark = b->clusters[w->rows[k]] + 1;
        const uint32_t *groups = b->groups + (size_t)w->rows[k] * b->n_kinds;
        for (size_t kind = 0; kind < b->n_kinds; kind++) {
            if (groups[kind] == AVQA_INTERN_NONE || seen[groups[kind]] == mark)
                continue;
            seen[groups[kind]] = mark;
            out[groups[kind]].n_clusters++;
        }
    }
    free(seen);
    return AVQA_OK;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The interval out of a group's means; those that are NaN are left out. */
static void find_interval(struct avqa_interval *out, double *means, size_t n,
                          double level)
{
    size_t kept = 0;
    out->lo = out->hi = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(means[i]))
            means[kept++] = means[i];
    }
    if (out->n_clusters < 2 || kept == 0)
        return;
    qsort(means, kept, sizeof *means, by_size);
    out->lo = avqa_quantile(means, kept, (1 - level) / 2);
    out->hi = avqa_quantile(means, kept, (1 + level) / 2);
}

enum avqa_status avqa_bootstrap_means(struct avqa_interval *out,
                                      const struct avqa_bootstrap *b,
                                      const double *values)
{
    struct work w = {.b = b, .values = values};
    size_t n_means = 0;
    assert(b->n_draws > 0 && b->n_draws <= AVQA_BOOTSTRAP_MAX_DRAWS);
    memset(out, 0, b->n_groups * sizeof *out);
    enum avqa_status rc =
        avqa_mem_product(&n_means, b->n_groups, b->n_draws)
            ? avqa_mem_array(&w.means, n_means, sizeof *w.means)
            : avqa_fail(AVQA_ENOMEM, "too many groups to draw %zu times", b->n_draws);
    if (rc == AVQA_OK)
        rc = sort_rows(&w);
    if (rc == AVQA_OK)
        rc = count_clusters(out, &w);
    if (rc == AVQA_OK && b->n_clusters)
        rc = avqa_pool_run(b->jobs, (b->n_draws + DRAWS_A_JOB - 1) / DRAWS_A_JOB,
                           run_draws, &w);
    for (size_t g = 0; rc == AVQA_OK && g < b->n_groups; g++)
        find_interval(&out[g], w.means + g * b->n_draws, b->n_draws, b->level);
    free(w.starts);
    free(w.rows);
    free(w.means);
    return rc;
}

void avqa_interval_doubt(struct avqa_interval *interval)
{
    if (interval->n_clusters < AVQA_BOOTSTRAP_MIN_CLUSTERS)
        interval->lo = interval->hi = (double)NAN;
}

void avqa_interval_of_hits(struct avqa_interval *interval, size_t hits, size_t total,
                           double level)
{
    double bound = pow((1 - level) / 2, 1 / (double)interval->n_clusters);
    if (total && hits == 0)
        *interval = (struct avqa_interval){0, 1 - bound, interval->n_clusters};
    else if (total && hits == total)
        *interval = (struct avqa_interval){bound, 1, interval->n_clusters};
    avqa_interval_doubt(interval);
}
