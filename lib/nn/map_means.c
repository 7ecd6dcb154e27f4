/* See map_means.h. */
#include "nn/map_means.h"
#include "nn/ranges.h"
#include "nn/rowmath.h"

struct means {
    avqa_real *out, *rooms;
    const struct avqa_map *maps;
    size_t n, n_workers, channels, places;
};

/* The share of one worker, eight channels at a time. */
static void mean_share(const struct means *m, size_t worker)
{
    avqa_real *room = m->rooms + worker * 8 * m->places;
    for (size_t i = worker; i < m->n; i += m->n_workers) {
        struct avqa_map_cursor cursor = {.map = &m->maps[i]};
        for (size_t c = 0; c < m->channels; c += 8) {
            size_t n = m->channels - c < 8 ? m->channels - c : 8;
            const avqa_real *x = avqa_map_next(&cursor, room, n * m->places);
            for (size_t k = 0; k < n; k++)
                m->out[i * m->channels + c + k] =
                    avqa_row_sum(x + k * m->places, m->places) / (avqa_real)m->places;
        }
    }
}

static void mean_workers(void *user, size_t from, size_t to)
{
    for (size_t worker = from; worker < to; worker++)
        mean_share(user, worker);
}

struct avqa_node *avqa_map_means(struct avqa_tape *tape, const struct avqa_map *maps,
                                 size_t n, size_t channels, size_t places)
{
    size_t n_workers = avqa_tape_threads(tape);
    avqa_real *out = avqa_tape_array(tape, n * channels, sizeof *out);
    avqa_real *rooms = avqa_tape_array(tape, n_workers * 8 * places, sizeof *rooms);
    if (!out || !rooms)
        return NULL;
    struct means m = {out, rooms, maps, n, n_workers, channels, places};
    avqa_ranges_run(n_workers, n_workers, 1, mean_workers, &m);
    return avqa_input(tape, 2, (size_t[]){n, channels}, out);
}
