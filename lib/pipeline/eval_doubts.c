/* See eval_doubts.h. */
#include "pipeline/eval_doubts.h"
#include "base/io.h"
#include "base/text.h"
#include "catalog/extraction.h"
#include "pipeline/run_progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum avqa_status doubt_end(const struct avqa_trained *t,
                                  const struct avqa_log *log)
{
    struct avqa_run_progress p;
    enum avqa_status rc = avqa_run_progress_read(&p, t->folder, t->run);
    if (rc == AVQA_OK && !p.is_finished)
        avqa_log_write(log, AVQA_LOG_WARNING,
                       "%s is not finished: %" PRId64 " of %" PRId64 " epoch%s",
                       t->folder, p.n_done, p.n_epochs, avqa_text_plural(p.n_epochs));
    return rc;
}

/* ---- features -------------------------------------------------------------------- */

struct meeting {
    const struct avqa_json *shards; /* that the run learnt from */
    size_t n_same;
};

static enum avqa_status meet_shard(void *user, const char *path, int64_t bytes,
                                   const char *sha256)
{
    struct meeting *m = user;
    const struct avqa_json *s = avqa_json_first(m->shards);
    (void)bytes; /* the hash says it */
    for (; s; s = avqa_json_next(s)) {
        const char *name = avqa_json_string(avqa_json_get(s, "path"));
        const char *hash = avqa_json_string(avqa_json_get(s, "sha256"));
        if (name && hash && strcmp(name, path) == 0)
            m->n_same += strcmp(hash, sha256) == 0;
    }
    return AVQA_OK;
}

static bool lies_in(const char *folder, const char *dataset)
{
    struct stat above;
    struct stat here;
    char *path = avqa_io_join(folder, "../..");
    bool same = stat(path, &above) == 0 && stat(dataset, &here) == 0 &&
                above.st_dev == here.st_dev && above.st_ino == here.st_ino;
    free(path);
    return same;
}

static enum avqa_status doubt_features(const struct avqa_trained *t,
                                       struct avqa_catalog *cat,
                                       const struct avqa_log *log)
{
    struct meeting m = {.shards = avqa_json_get(t->run, "shards")};
    size_t n = m.shards ? avqa_json_count(m.shards) : 0;
    if (n == 0)
        return AVQA_OK;
    enum avqa_status rc = avqa_extraction_shard_each(cat, meet_shard, &m);
    if (rc == AVQA_OK && m.n_same < n)
        avqa_log_write(log, AVQA_LOG_WARNING,
                       "features were made anew since %s was trained: %zu of its %zu "
                       "shard%s %s now, so it may not know what it is shown",
                       t->folder, n - m.n_same, n, avqa_text_plural((int64_t)n),
                       n - m.n_same == 1 ? "is another" : "are others");
    return rc;
}

enum avqa_status avqa_eval_doubt(const struct avqa_trained *trained,
                                 const char *dataset, struct avqa_catalog *cat,
                                 const struct avqa_log *log)
{
    enum avqa_status rc = doubt_end(trained, log);
    if (rc == AVQA_OK && lies_in(trained->folder, dataset))
        rc = doubt_features(trained, cat, log);
    return rc;
}
