/* Questions about clips in shards, small enough to be read row by row beside the
 * loader: two shards, clips of FIXTURE_ROWS rows, each asked a few times. */
#ifndef AVQA_TESTS_LOADER_FIXTURE_H
#define AVQA_TESTS_LOADER_FIXTURE_H

#include "shard/reader.h"
#include "shard_fixture.h"
#include "train/loader.h"

enum { LOADER_CLIPS = 7, LOADER_QUESTIONS = 23, LOADER_WORDS = 4 };

struct loader_fixture {
    char *dir, *shards[2];
    struct avqa_train_set set;
};

static const char *const loader_keys[LOADER_CLIPS + 1] = {"a", "b", "c", "d",
                                                          "e", "f", "g", NULL};

static inline struct avqa_train_feature
loader_feature(const char *shard, const char *key, const char *array)
{
    return (struct avqa_train_feature){shard, key, array, FIXTURE_ROWS};
}

/* Clips a, b and c in one shard, the others in a second one. */
static inline void loader_fixture_make(struct loader_fixture *f,
                                       enum avqa_shard_encoding encoding)
{
    struct avqa_train_set *set = &f->set;
    const char *first[] = {"a", "b", "c", NULL};
    f->dir = check_folder();
    f->shards[0] = avqa_io_join(f->dir, "000000.tar.zst");
    f->shards[1] = avqa_io_join(f->dir, "000001.tar.zst");
    fixture_write(f->shards[0], first, encoding);
    fixture_write(f->shards[1], loader_keys + 3, encoding);
    *set = (struct avqa_train_set){.n_questions = LOADER_QUESTIONS,
                                   .n_clips = LOADER_CLIPS,
                                   .length = LOADER_WORDS,
                                   .sound = FIXTURE_SOUND,
                                   .channels = 3,
                                   .places = 35};
    set->clips = avqa_mem_new(LOADER_CLIPS * sizeof *set->clips);
    set->questions = avqa_mem_new(LOADER_QUESTIONS * sizeof *set->questions);
    set->words = avqa_mem_new(LOADER_QUESTIONS * LOADER_WORDS * sizeof *set->words);
    for (size_t i = 0; i < LOADER_CLIPS; i++) {
        const char *shard = f->shards[i >= 3];
        set->clips[i] = (struct avqa_train_clip){
            .id = (int64_t)i + 100,
            .name = loader_keys[i],
            .heard = loader_feature(shard, loader_keys[i], "vggish"),
            .seen = loader_feature(shard, loader_keys[i], "res14")};
    }
    for (size_t i = 0; i < LOADER_QUESTIONS; i++) {
        set->questions[i] = (struct avqa_train_question){
            .id = (int64_t)i + 1000,
            .clip = (uint32_t)((i * 5 + i / 3) % LOADER_CLIPS),
            .answer = i % 5 ? (int32_t)(i % 5) : AVQA_TRAIN_NO_ANSWER};
        for (size_t k = 0; k < LOADER_WORDS; k++)
            set->words[i * LOADER_WORDS + k] = (int32_t)(10 * i + k);
    }
}

static inline void loader_fixture_free(struct loader_fixture *f)
{
    free(f->set.clips);
    free(f->set.questions);
    free(f->set.words);
    free(f->shards[0]);
    free(f->shards[1]);
    check_remove(f->dir);
}

/* Options for it: batches of 5, rows 0, 2 and 4. */
static inline struct avqa_loader_options loader_fixture_options(const char *model)
{
    struct avqa_loader_options o = AVQA_LOADER_DEFAULTS;
    o.model = avqa_model_find(model);
    o.sampler =
        (struct avqa_sampler){.seed = 3, .batch = 5, .world = 1, .shuffle = true};
    o.stride = 2;
    o.n_seconds = 3;
    return o;
}

/* A map's numbers, dense. */
static inline void loader_unpack(float out[FIXTURE_ROW], const struct avqa_map *map)
{
    struct avqa_map_cursor cursor = {.map = map};
    assert_true(avqa_map_holds(map, FIXTURE_ROW));
    if (map->kind == AVQA_MAP_REAL)
        memcpy(out, map->values, FIXTURE_ROW * sizeof *out);
    else
        avqa_map_unpack_plain(&cursor, out, FIXTURE_ROW);
}

#endif
