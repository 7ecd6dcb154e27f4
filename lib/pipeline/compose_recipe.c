/* See compose_recipe.h. */
#include "pipeline/compose_recipe.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"
#include "pipeline/compose_method.h"
#include "qa/derive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)AVQA_DERIVE_MAX_PARTS == (int)AVQA_COMPOSE_MAX_PARTS,
               "what can be composed has facts");

enum { NAME_MAX_BYTES = 180 }; /* room for .mp4 and a process in a file's name */

static char *make_name(const struct avqa_compose_recipe *r, const char *kind)
{
    struct avqa_buf name = AVQA_BUF_INIT;
    uint64_t hash = 0;
    bool plain = true;
    avqa_buf_adds(&name, kind);
    for (size_t i = 0; i < r->n; i++) {
        const char *parent = r->parents[i]->of.clip;
        avqa_buf_addf(&name, "%c%s", i ? '+' : '_', parent);
        hash = avqa_hash_str(hash, parent);
        plain = plain && !strchr(parent, '+');
    }
    if (!plain || name.len > NAME_MAX_BYTES) {
        avqa_buf_clear(&name);
        avqa_buf_addf(&name, "%s_%016" PRIx64, kind, hash);
    }
    char *out = avqa_mem_strdup(avqa_buf_str(&name));
    avqa_buf_release(&name);
    return out;
}

/* `n_heard` of the parts, by lot; of those that have sound, if they are enough. */
static void draw_heard(struct avqa_compose_recipe *r, uint64_t seed, size_t n_heard)
{
    struct avqa_rng rng;
    size_t left = n_heard;
    size_t n_sound = 0;
    for (size_t i = 0; i < r->n; i++)
        n_sound += !r->parents[i]->soundless;
    bool enough = n_sound >= n_heard;
    size_t n_left = enough ? n_sound : r->n;
    avqa_rng_init(&rng, seed, r->name);
    for (size_t i = 0; i < r->n; i++) {
        if (enough && r->parents[i]->soundless)
            continue;
        r->parts[i].heard = avqa_rng_below(&rng, n_left--) < left;
        left -= r->parts[i].heard;
    }
}

static void make_parts(struct avqa_compose_recipe *r,
                       const struct avqa_compose_config *config)
{
    for (size_t i = 0; i < r->n; i++)
        r->parts[i] = (struct avqa_compose_part){.shown = true};
    if (config->kind == AVQA_COMPOSE_STITCH) {
        draw_heard(r, config->seed, config->sounding ? config->sounding : r->n);
        return;
    }
    r->parts[0].heard = config->kind == AVQA_COMPOSE_OVERLAY;
    r->parts[1] = (struct avqa_compose_part){.heard = true, .gain_db = config->gain_db};
}

static char *print(struct avqa_json *json)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_json_print(&text, json, 0);
    avqa_json_free(json);
    char *out = avqa_mem_strdup(avqa_buf_str(&text));
    avqa_buf_release(&text);
    return out;
}

static void put_pair(struct avqa_json *out, const char *key, int a, int b)
{
    struct avqa_json *list = avqa_json_put_array(out, key);
    avqa_json_put_int(list, NULL, a);
    avqa_json_put_int(list, NULL, b);
}

static char *make_text(const struct avqa_compose_recipe *r,
                       const struct avqa_compose_config *config)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_string(out, "mode", avqa_compose_method(config->kind));
    struct avqa_json *list = avqa_json_put_array(out, "parts");
    for (size_t i = 0; i < r->n; i++) {
        struct avqa_json *part = avqa_json_put_object(list, NULL);
        avqa_json_put_string(part, "clip", r->parents[i]->of.clip);
        avqa_json_put_string(part, "sha256", r->parents[i]->of.sha256);
        avqa_json_put_bool(part, "shown", r->parts[i].shown);
        avqa_json_put_bool(part, "heard", r->parts[i].heard);
        avqa_json_put_double(part, "gain_db", r->parts[i].gain_db);
    }
    if (config->kind == AVQA_COMPOSE_STITCH) {
        put_pair(out, "grid", config->columns, config->rows);
        put_pair(out, "cell", config->cell_width, config->cell_height);
    }
    avqa_json_put_double(out, "loudness_lufs", config->loudness_lufs);
    avqa_json_put_string(out, "sound", config->lossless ? "flac" : "aac");
    avqa_json_put_int(out, "crf", config->crf);
    return print(out);
}

void avqa_compose_recipe_make(struct avqa_compose_recipe *recipe,
                              const struct avqa_compose_config *config)
{
    recipe->name = make_name(recipe, avqa_compose_method(config->kind));
    make_parts(recipe, config);
    recipe->text = make_text(recipe, config);
}

void avqa_compose_recipe_release(struct avqa_compose_recipe *recipe)
{
    free(recipe->name);
    free(recipe->text);
    recipe->name = recipe->text = NULL;
}

/* ---- what came of it ------------------------------------------------------------- */

char *avqa_compose_recipe_made(const struct avqa_compose_recipe *recipe,
                               const struct avqa_compose_config *config,
                               const struct avqa_compose_report *report)
{
    char seed[24];
    struct avqa_json *out = avqa_json_new_object();
    snprintf(seed, sizeof seed, "%" PRIu64, config->seed); /* may be beyond 2^53 */
    avqa_json_put_string(out, "seed", seed);
    avqa_json_put_int(out, "duration_us", report->duration_us);
    avqa_json_put_double(out, "common_gain_db", report->common_gain_db);
    struct avqa_json *list = avqa_json_put_array(out, "parts");
    for (size_t i = 0; i < recipe->n; i++) {
        const struct avqa_compose_placed *placed = &report->placed[i];
        struct avqa_json *part = avqa_json_put_object(list, NULL);
        if (recipe->parts[i].shown) {
            struct avqa_json *place = avqa_json_put_array(part, "place");
            for (int k = 0; k < 4; k++)
                avqa_json_put_double(place, NULL, placed->place[k]);
        }
        if (recipe->parts[i].heard) {
            avqa_json_put_double(part, "gain_db", placed->gain_db);
            avqa_json_put_double(part, "lufs", placed->lufs);
        }
    }
    return print(out);
}

/* ---- facts ----------------------------------------------------------------------- */

static double number(const struct avqa_json *node)
{
    double value = 0;
    return avqa_json_double(node, &value) ? value : 0;
}

static void read_part(struct avqa_derive_part *part, const struct avqa_json *made)
{
    double *const place[] = {&part->x, &part->y, &part->width, &part->height};
    const struct avqa_json *m = avqa_json_first(avqa_json_get(made, "place"));
    for (int i = 0; i < 4 && m; i++, m = avqa_json_next(m))
        *place[i] = number(m);
    part->gain_db = number(avqa_json_get(made, "gain_db"));
}

static enum avqa_status read_parts(struct avqa_derive_part *parts,
                                   struct avqa_json **facts,
                                   const struct avqa_compose_recipe *recipe,
                                   const struct avqa_json *made)
{
    const struct avqa_json *m = avqa_json_first(avqa_json_get(made, "parts"));
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < recipe->n; i++, m = avqa_json_next(m)) {
        const struct avqa_material *of = &recipe->parents[i]->of;
        if (!m)
            return avqa_fail(AVQA_EFORMAT, "what came of it has no part %zu", i + 1);
        if (of->facts)
            rc = avqa_json_parse(&facts[i], of->facts, strlen(of->facts));
        parts[i] = (struct avqa_derive_part){.clip = of->clip,
                                             .facts = facts[i],
                                             .shown = recipe->parts[i].shown,
                                             .heard = recipe->parts[i].heard};
        read_part(&parts[i], m);
    }
    return rc;
}

enum avqa_status avqa_compose_recipe_facts(struct avqa_json **out,
                                           const struct avqa_compose_recipe *recipe,
                                           const char *made)
{
    struct avqa_derive_part parts[AVQA_COMPOSE_MAX_PARTS];
    struct avqa_json *facts[AVQA_COMPOSE_MAX_PARTS] = {NULL};
    struct avqa_derive_form form = {
        .clip = recipe->name, .parts = parts, .n_parts = recipe->n};
    struct avqa_json *json;
    *out = NULL;
    enum avqa_status rc = avqa_json_parse(&json, made, strlen(made));
    if (rc != AVQA_OK)
        return rc;
    if (!avqa_json_int(avqa_json_get(json, "duration_us"), &form.duration_us))
        rc = avqa_fail(AVQA_EFORMAT, "what came of it has no duration");
    if (rc == AVQA_OK)
        rc = read_parts(parts, facts, recipe, json);
    if (rc == AVQA_OK)
        rc = avqa_derive_facts(out, &form);
    for (size_t i = 0; i < recipe->n; i++)
        avqa_json_free(facts[i]);
    avqa_json_free(json);
    return rc;
}
