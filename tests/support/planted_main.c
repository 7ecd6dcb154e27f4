/* Writes datasets of planted scenes (planted.h):
 *
 *   planted facts NAME=VALUE...              facts as JSON lines on stdout
 *   planted features DATASET NAME=VALUE...   shards of the same clips, in the catalog
 *   planted ceiling TEMPLATES QUESTIONS NAME=VALUE...
 *       what of the questions (avqa export jsonl) is to be known without the order of
 *       seconds: template, questions, per cent
 *
 * Names: seed, clips, kinds, noise, clock, turns, shuffled, light, volume, inserts.
 * Clips that the catalog does not have (no question was made of them) get no features.
 */
#include "planted.h"
#include "planted_order.h"

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/extraction.h"
#include "pipeline/dataset.h"
#include "pipeline/shards_folder.h"
#include "pipeline/stage_run.h"
#include "shard/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char SHARD[] = AVQA_SHARDS_FOLDER "/planted.tar.zst";
static const char *const encoders[] = {"resnet18", "vggish"};

struct feature_run {
    const struct planted_options *options;
    const char *dataset;
    struct avqa_catalog *cat;
    struct avqa_extraction_store *store;
    struct avqa_packer *packer;
    struct avqa_shard_writer *writer;
    int64_t run_id;
    int lock;
    int64_t *clip_ids; /* of the samples, in order */
    size_t n;
    float *maps;
    float sound[PLANTED_SECONDS * PLANTED_SOUND];
};

/* Where the number of a name goes: a count, or else any. */
struct place {
    const char *name;
    size_t *count;
    double *number;
};

static enum avqa_status parse_one(const struct place *places, const char *arg)
{
    const struct place *p = places;
    struct avqa_buf names = AVQA_BUF_INIT;
    size_t len = strcspn(arg, "=");
    char *end = NULL;
    double value = arg[len] ? strtod(arg + len + 1, &end) : 0;
    while (p->name && (strncmp(p->name, arg, len) != 0 || p->name[len]))
        p++;
    if (p->name && end && !*end && value >= 0 && value <= 1e6) {
        if (p->count)
            *p->count = (size_t)value;
        else
            *p->number = value;
        return AVQA_OK;
    }
    for (p = places; p->name; p++)
        avqa_buf_addf(&names, "%s%s=", p == places ? "" : ", ", p->name);
    enum avqa_status rc = avqa_fail(AVQA_EINVAL, "'%s' is none of %s with a number",
                                    arg, avqa_buf_str(&names));
    avqa_buf_release(&names);
    return rc;
}

static enum avqa_status parse(struct planted_options *out, int n, char **args)
{
    enum avqa_status rc = AVQA_OK;
    const struct place places[] = {{"seed", &out->seed, NULL},
                                   {"clips", &out->n_clips, NULL},
                                   {"kinds", &out->n_kinds, NULL},
                                   {"noise", NULL, &out->noise},
                                   {"clock", NULL, &out->clock},
                                   {"turns", NULL, &out->turns},
                                   {"shuffled", NULL, &out->shuffled},
                                   {"light", NULL, &out->light},
                                   {"volume", NULL, &out->volume},
                                   {"inserts", &out->inserts, NULL},
                                   {NULL, NULL, NULL}};
    for (int i = 0; rc == AVQA_OK && i < n; i++)
        rc = parse_one(places, args[i]);
    if (rc != AVQA_OK)
        return rc;
    if (out->n_kinds < 2 || out->n_kinds > PLANTED_MAX_KINDS)
        return avqa_fail(AVQA_EINVAL, "kinds are 2 to %d", PLANTED_MAX_KINDS);
    if (out->inserts > PLANTED_SECONDS)
        return avqa_fail(AVQA_EINVAL, "inserts are 0 to %d seconds", PLANTED_SECONDS);
    return AVQA_OK;
}

static enum avqa_status print_facts(const struct planted_options *options)
{
    struct avqa_buf line = AVQA_BUF_INIT;
    struct planted_scene scene;
    for (size_t i = 0; i < options->n_clips; i++) {
        planted_make(&scene, options, i);
        struct avqa_json *facts = planted_facts(&scene);
        avqa_buf_clear(&line);
        avqa_json_print(&line, facts, 0);
        avqa_json_free(facts);
        puts(avqa_buf_str(&line));
    }
    avqa_buf_release(&line);
    return fflush(stdout) == 0 ? AVQA_OK : avqa_fail(AVQA_EIO, "cannot write");
}

static enum avqa_status add_clip(struct feature_run *run,
                                 const struct planted_scene *scene)
{
    int64_t clip_id;
    struct avqa_shard_packed *packed = NULL;
    struct avqa_shard_input arrays[] = {
        {.name = "res14",
         .npy = {AVQA_NPY_F4,
                 4,
                 {PLANTED_SECONDS, PLANTED_CHANNELS, PLANTED_SIDE, PLANTED_SIDE}},
         .data = run->maps,
         .by_row = true,
         .encoding = AVQA_SHARD_SPARSE16},
        {.name = "vggish",
         .npy = {AVQA_NPY_F4, 2, {PLANTED_SECONDS, PLANTED_SOUND}},
         .data = run->sound,
         .encoding = AVQA_SHARD_AS_IS}};
    struct avqa_shard_clip clip = {.key = scene->name,
                                   .clip = scene->name,
                                   .source = scene->name,
                                   .arrays = arrays,
                                   .n_arrays = 2};
    enum avqa_status rc = avqa_extraction_find_clip(run->store, scene->name, &clip_id);
    if (rc != AVQA_OK || clip_id == 0)
        return rc;
    planted_maps(run->maps, scene, run->options);
    planted_sound(run->sound, scene, run->options);
    rc = avqa_shard_pack(&packed, run->packer, &clip);
    if (rc == AVQA_OK)
        rc = avqa_shard_writer_add(run->writer, packed);
    avqa_shard_packed_free(packed);
    run->clip_ids[run->n++] = clip_id;
    return rc;
}

/* The shard and what is in it, in one transaction. */
static enum avqa_status tell(struct feature_run *run,
                             const struct avqa_shard_written *written)
{
    static const char provenance[] = "{\"origin\":\"imported\",\"preset\":\"planted\"}";
    int64_t shard_id;
    struct avqa_extraction_shard shard = {.path = SHARD,
                                          .bytes = written->bytes,
                                          .n_samples = (int64_t)written->n_samples,
                                          .sha256 = written->sha256,
                                          .encoding = "sparse16"};
    enum avqa_status rc = avqa_catalog_begin(run->cat);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_extraction_put_shard(run->store, &shard, &shard_id);
    for (size_t i = 0; rc == AVQA_OK && i < 2 * run->n; i++) {
        struct avqa_extraction_feature f = {.clip_id = run->clip_ids[i / 2],
                                            .shard_id = shard_id,
                                            .sample = (int64_t)(i / 2),
                                            .n_rows = PLANTED_SECONDS,
                                            .encoder = encoders[i % 2],
                                            .provenance = provenance};
        rc = avqa_extraction_put_feature(run->store, &f);
    }
    if (rc == AVQA_OK)
        rc = avqa_catalog_commit(run->cat);
    else
        avqa_catalog_rollback(run->cat);
    return rc;
}

static enum avqa_status write_shard(struct feature_run *run)
{
    struct planted_scene scene;
    struct avqa_shard_written written;
    char *path = avqa_io_join(run->dataset, SHARD);
    enum avqa_status rc = avqa_shard_writer_open(&run->writer, path, run->packer);
    free(path);
    for (size_t i = 0; rc == AVQA_OK && i < run->options->n_clips; i++) {
        planted_make(&scene, run->options, i);
        rc = add_clip(run, &scene);
    }
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_shard_writer_commit(run->writer, &written);
    run->writer = NULL;
    if (rc == AVQA_OK)
        rc = tell(run, &written);
    if (rc == AVQA_OK)
        printf("%zu clips, %.1f MB\n", run->n, (double)written.bytes / 1e6);
    return rc;
}

static enum avqa_status write_features(const struct planted_options *options,
                                       const char *dataset)
{
    struct feature_run run = {.options = options, .dataset = dataset, .lock = -1};
    size_t n_values = (size_t)PLANTED_SECONDS * PLANTED_CHANNELS * PLANTED_PLACES;
    enum avqa_status rc = avqa_dataset_open(&run.cat, dataset, AVQA_CATALOG_WRITE);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&run.maps, n_values, sizeof *run.maps);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&run.clip_ids, options->n_clips + 1, sizeof *run.clip_ids);
    if (rc == AVQA_OK)
        rc = avqa_shards_folder_take(&run.lock, dataset, true);
    if (rc == AVQA_OK)
        rc = avqa_stage_start(&run.run_id, run.cat, "import features",
                              avqa_json_new_object());
    if (rc == AVQA_OK)
        rc = avqa_extraction_store_open(&run.store, run.cat, run.run_id);
    if (rc == AVQA_OK)
        rc = avqa_packer_new(&run.packer, AVQA_SHARD_SPARSE_LEVEL);
    if (rc == AVQA_OK)
        rc = write_shard(&run);
    if (rc == AVQA_OK)
        rc = avqa_stage_finish(
            run.cat, run.run_id,
            &(struct avqa_stage_end){
                .whole = true, .changed = true, .counts = avqa_json_new_object()});
    avqa_shard_writer_abort(run.writer);
    avqa_packer_free(run.packer);
    avqa_extraction_store_close(run.store);
    avqa_catalog_close(run.cat);
    free(run.maps);
    free(run.clip_ids);
    if (run.lock >= 0)
        close(run.lock);
    return rc;
}

int main(int argc, char **argv)
{
    struct planted_options options = PLANTED_DEFAULTS;
    const char *what = argc > 1 ? argv[1] : "";
    bool facts = strcmp(what, "facts") == 0;
    bool features = strcmp(what, "features") == 0;
    bool ceiling = strcmp(what, "ceiling") == 0;
    int skip = facts ? 2 : features ? 3 : 4;
    if ((!facts && !features && !ceiling) || argc < skip) {
        fputs("usage: planted facts|features DATASET|ceiling TEMPLATES QUESTIONS "
              "NAME=VALUE...\n",
              stderr);
        return 2;
    }
    enum avqa_status rc = parse(&options, argc - skip, argv + skip);
    if (rc == AVQA_OK && facts)
        rc = print_facts(&options);
    if (rc == AVQA_OK && features)
        rc = write_features(&options, argv[2]);
    if (rc == AVQA_OK && ceiling)
        rc = planted_print_ceiling(argv[2], argv[3], &options);
    if (rc != AVQA_OK)
        fprintf(stderr, "planted: %s\n", avqa_message());
    return rc != AVQA_OK;
}
