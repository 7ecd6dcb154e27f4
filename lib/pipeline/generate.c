/* Reads all facts into memory in order of the clips' names, lets the generator choose,
 * and writes the questions in that order: the catalog's own order does not matter. */
#include "pipeline/generate.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/phrase.h"
#include "catalog/question_batch.h"
#include "catalog/run.h"
#include "pipeline/dataset.h"
#include "pipeline/generate_report.h"
#include "pipeline/template_set.h"
#include "qa/entail.h"
#include "qa/evidence.h"
#include "qa/facts_load.h"
#include "qa/paraphrase.h"
#include "qa/version.h"

#include <stdlib.h>
#include <string.h>

/* Phrases that most questions of a template share; 0 before they are stored. */
struct known_ids {
    int64_t text; /* its own */
    int64_t answers[AVQA_GENERATOR_MAX_ANSWERS];
};

struct generation {
    const struct avqa_generate_config *config;
    struct avqa_catalog *cat;
    struct avqa_arena arena; /* the scenes */
    const struct avqa_scene **scenes;
    size_t n_scenes;
    struct avqa_templates *templates;
    struct avqa_paraphrases *paraphrases;
    int64_t *template_ids;
    int64_t *program_ids;        /* by template: phrase of its version */
    struct known_ids *known_ids; /* by template */
    struct avqa_generator generator;
    struct avqa_entailments entailments;
    size_t first; /* question of the clip in hand */
    int64_t run_id, split_id;
    struct avqa_buf evidence, entails, text; /* of the question in hand */
    struct avqa_arena scratch;
};

/* ---- reading ----------------------------------------------------------------------
 */

/* Clips mostly come in the order of their names already. */
static void order_scenes(struct generation *g)
{
    size_t i = 1;
    while (i < g->n_scenes &&
           avqa_generator_order(&g->scenes[i - 1], &g->scenes[i]) <= 0)
        i++;
    if (i < g->n_scenes)
        qsort(g->scenes, g->n_scenes, sizeof *g->scenes, avqa_generator_order);
}

static enum avqa_status load_facts(struct generation *g)
{
    enum avqa_status rc =
        avqa_facts_load(&g->scenes, &g->n_scenes, &g->arena, g->cat, g->config->log);
    if (rc == AVQA_ESTOPPED)
        rc = avqa_fail(rc, "stopped; nothing was generated");
    if (rc == AVQA_OK && g->n_scenes == 0)
        rc = avqa_fail(AVQA_ENOENT, "there are no facts yet; bring some in with avqa "
                                    "import facts");
    if (rc == AVQA_OK)
        order_scenes(g);
    return rc;
}

static enum avqa_status load_paraphrases(struct generation *g)
{
    const char *path = g->config->paraphrases;
    struct avqa_buf document = AVQA_BUF_INIT;
    if (!path)
        return AVQA_OK;
    enum avqa_status rc = avqa_io_read(&document, path, AVQA_PARAPHRASE_MAX_BYTES);
    if (rc == AVQA_OK) {
        rc = avqa_paraphrases_parse(&g->paraphrases, avqa_buf_str(&document),
                                    document.len, g->templates);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s", path);
    }
    avqa_buf_release(&document);
    return rc;
}

/* ---- writing ----------------------------------------------------------------------
 */

static enum avqa_status store_known(struct avqa_phrases *phrases, const char *text,
                                    int64_t *known, int64_t *id)
{
    enum avqa_status rc = *known ? AVQA_OK : avqa_phrases_id(phrases, text, known);
    *id = *known;
    return rc;
}

static enum avqa_status store_text(struct generation *g, struct avqa_phrases *phrases,
                                   size_t i, int64_t *id)
{
    size_t ti = g->generator.questions[i].template;
    const struct avqa_template *t = &g->templates->items[ti];
    if (!g->paraphrases)
        return store_known(phrases, avqa_paraphrase_text(NULL, t, 0),
                           &g->known_ids[ti].text, id);
    uint64_t hash = avqa_generator_hash(&g->generator, i, "text");
    return avqa_phrases_id(phrases, avqa_paraphrase_text(g->paraphrases, t, hash), id);
}

static enum avqa_status store_slots(struct avqa_phrases *phrases,
                                    const struct avqa_template *t,
                                    const struct avqa_generated *q,
                                    struct avqa_buf *text, int64_t *id)
{
    avqa_buf_clear(text);
    avqa_buf_addc(text, '[');
    for (size_t s = 0; s < t->n_slots; s++) {
        avqa_buf_adds(text, s ? ", " : "");
        avqa_json_quote(text, q->values[s], false);
    }
    avqa_buf_addc(text, ']');
    return avqa_phrases_id(phrases, avqa_buf_str(text), id);
}

/* {"nothing": 12, "same thing": 4}; {} if every neighbour can be asked. */
static enum avqa_status store_neighbours(struct avqa_phrases *phrases,
                                         const struct avqa_generated *q,
                                         struct avqa_buf *text, int64_t *id)
{
    avqa_buf_clear(text);
    avqa_buf_addc(text, '{');
    for (size_t r = AVQA_WELL_POSED + 1; r < AVQA_N_ILL_POSED; r++) {
        if (!q->refused[r])
            continue;
        avqa_buf_adds(text, text->len > 1 ? ", \"" : "\"");
        avqa_buf_adds(text, avqa_ill_posed_name((enum avqa_ill_posed)r));
        avqa_buf_adds(text, "\": ");
        avqa_buf_addi(text, q->refused[r]);
    }
    avqa_buf_addc(text, '}');
    return avqa_phrases_id(phrases, avqa_buf_str(text), id);
}

static enum avqa_status store_versions(struct generation *g,
                                       struct avqa_phrases *phrases)
{
    const struct avqa_templates *t = g->templates;
    enum avqa_status rc = AVQA_OK;
    g->program_ids = avqa_arena_alloc(&g->arena, (t->n + 1) * sizeof *g->program_ids);
    g->known_ids = avqa_arena_alloc(&g->arena, (t->n + 1) * sizeof *g->known_ids);
    for (size_t i = 0; rc == AVQA_OK && i < t->n; i++) {
        char version[AVQA_VERSION_HEX];
        avqa_program_version(version, &t->items[i], &g->config->opts.margins);
        if (t->items[i].answer)
            rc = avqa_phrases_id(phrases, version, &g->program_ids[i]);
    }
    return rc;
}

/* The numbers of the questions of its clip that a question gives away; NULL if none. */
static const char *entailed_numbers(struct generation *g, size_t i)
{
    uint64_t places = g->entailments.given_away ? g->entailments.given_away[i] : 0;
    avqa_buf_clear(&g->entails);
    for (size_t place = 0; places >> place; place++) {
        if (places >> place & 1) {
            avqa_buf_adds(&g->entails, g->entails.len ? ", " : "[");
            avqa_buf_addi(&g->entails, (int64_t)(g->first + place + 1));
        }
        if (place + 1 == AVQA_ENTAIL_MAX_QUESTIONS)
            break;
    }
    if (g->entails.len == 0)
        return NULL;
    avqa_buf_addc(&g->entails, ']');
    return avqa_buf_str(&g->entails);
}

static enum avqa_status store_question(struct generation *g,
                                       struct avqa_phrases *phrases,
                                       struct avqa_question_batch *batch, size_t i)
{
    const struct avqa_generated *from = &g->generator.questions[i];
    const struct avqa_template *t = &g->templates->items[from->template];
    const struct avqa_scene *scene = g->scenes[from->clip];
    if (i == 0 || from->clip != g->generator.questions[g->first].clip)
        g->first = i;
    avqa_buf_clear(&g->evidence);
    avqa_arena_reset(&g->scratch);
    avqa_evidence_text(&g->evidence, &g->scratch, &from->evaluation, scene);
    struct avqa_question q = {.split_id = g->split_id,
                              .clip_id = scene->clip_id,
                              .template_id = g->template_ids[from->template],
                              .number = (int64_t)i + 1,
                              .has_number = true,
                              .row = (int64_t)i + 1,
                              .generated = true,
                              .program_id = g->program_ids[from->template],
                              .evidence = avqa_buf_str(&g->evidence),
                              .entails = entailed_numbers(g, i)};
    enum avqa_status rc = store_text(g, phrases, i, &q.text_id);
    if (rc == AVQA_OK)
        rc = store_known(
            phrases, from->evaluation.answer,
            &g->known_ids[from->template].answers[from->evaluation.position],
            &q.answer_id);
    if (rc == AVQA_OK)
        rc = store_slots(phrases, t, from, &g->text, &q.slots_id);
    if (rc == AVQA_OK)
        rc = store_neighbours(phrases, from, &g->text, &q.neighbours_id);
    if (rc == AVQA_OK)
        rc = avqa_question_batch_add(batch, &q);
    return rc;
}

static enum avqa_status list_split(void *user, int64_t id, const char *name)
{
    struct avqa_buf *list = user;
    (void)id;
    avqa_buf_addf(list, "%s%s", list->len ? ", " : "", name);
    return AVQA_OK;
}

/* What was generated and then shared out would stay beside what is generated now. */
static enum avqa_status check_moved(struct generation *g)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_split_each_moved(g->cat, list_split, &list);
    if (rc == AVQA_OK && list.len)
        rc = avqa_fail(AVQA_EINVAL,
                       "questions that were generated before have been moved to %s; "
                       "--replace deletes all that was generated",
                       avqa_buf_str(&list));
    avqa_buf_release(&list);
    return rc;
}

/* Makes room in the catalog: all that was generated goes, or that of the split. */
static enum avqa_status clear_generated(struct generation *g)
{
    if (!g->config->replace)
        return check_moved(g);
    enum avqa_status rc = avqa_question_clear_generated(g->cat);
    return rc == AVQA_OK ? avqa_split_tidy(g->cat) : rc;
}

static enum avqa_status store_all(struct generation *g)
{
    struct avqa_phrases *phrases = NULL;
    struct avqa_question_batch *batch = NULL;
    int64_t imported;
    enum avqa_status rc = clear_generated(g);
    if (rc == AVQA_OK)
        rc = avqa_split_ensure(g->cat, g->config->split, &g->split_id);
    if (rc == AVQA_OK)
        rc = avqa_split_clear_generated(g->cat, g->split_id);
    if (rc == AVQA_OK)
        rc = avqa_split_last_row(g->cat, g->split_id, &imported);
    if (rc == AVQA_OK && imported > 0)
        rc = avqa_fail(AVQA_EINVAL,
                       "split '%s' has imported questions; generate into another",
                       g->config->split);
    if (rc == AVQA_OK)
        rc = avqa_phrases_open(&phrases, g->cat);
    if (rc == AVQA_OK)
        rc = store_versions(g, phrases);
    if (rc == AVQA_OK)
        rc = avqa_question_batch_open(&batch, g->cat, g->run_id, g->split_id);
    for (size_t i = 0; rc == AVQA_OK && i < g->generator.n_questions; i++) {
        rc = store_question(g, phrases, batch, i);
        if (i % 4096)
            continue;
        avqa_log_progress(g->config->log, "questions", (int64_t)i,
                          (int64_t)g->generator.n_questions);
        if (rc == AVQA_OK && avqa_log_stopped(g->config->log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped; nothing was generated");
    }
    if (rc == AVQA_OK)
        rc = avqa_question_batch_finish(batch);
    avqa_question_batch_close(batch);
    avqa_phrases_close(phrases);
    return rc;
}

/* ---- the whole --------------------------------------------------------------------
 */

static enum avqa_status start_run(struct generation *g)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_string(o, "split", g->config->split);
    avqa_json_put_int(o, "seed", (int64_t)g->config->opts.seed);
    avqa_json_put_int(o, "per_clip", (int64_t)g->config->opts.per_clip);
    avqa_json_put_double(o, "max_share", g->config->opts.max_share);
    avqa_json_put_double(o, "max_ratio", g->config->opts.max_ratio);
    avqa_json_put_double(o, "min_entropy", g->config->opts.min_entropy);
    avqa_margins_put(o, &g->config->opts.margins);
    if (g->config->paraphrases)
        avqa_json_put_string(o, "paraphrases", g->config->paraphrases);
    avqa_json_print(&text, o, 0);
    avqa_json_free(o);
    enum avqa_status rc = avqa_run_start(&g->run_id, g->cat, "generate",
                                         avqa_buf_str(&text), avqa_clock_wall_us());
    avqa_buf_release(&text);
    return rc;
}

static enum avqa_status finish_run(struct generation *g, const struct avqa_json *report)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_json_print(&text, report, 0);
    enum avqa_status rc = avqa_run_finish(g->cat, g->run_id, "done",
                                          avqa_buf_str(&text), avqa_clock_wall_us());
    if (rc == AVQA_OK && !g->config->dry_run)
        rc = avqa_catalog_commit(g->cat);
    avqa_buf_release(&text);
    return rc;
}

static enum avqa_status generate(struct generation *g, struct avqa_json **report)
{
    enum avqa_status rc = start_run(g);
    if (rc == AVQA_OK)
        rc = avqa_template_set_use(&g->templates, &g->template_ids, &g->arena, g->cat,
                                   g->config->templates);
    if (rc == AVQA_OK)
        rc = load_paraphrases(g);
    if (rc == AVQA_OK)
        rc = load_facts(g);
    if (rc == AVQA_OK) {
        g->generator = (struct avqa_generator){.templates = g->templates,
                                               .scenes = g->scenes,
                                               .n_scenes = g->n_scenes,
                                               .opts = g->config->opts};
        g->generator.opts.log = g->config->log;
        rc = avqa_generator_run(&g->generator);
    }
    if (rc == AVQA_OK && g->config->entailments)
        rc = avqa_entailments_find(&g->entailments, &g->generator);
    if (rc == AVQA_OK)
        rc = store_all(g);
    if (rc == AVQA_OK) {
        *report = avqa_generate_report(&g->generator,
                                       g->config->entailments ? &g->entailments : NULL);
        rc = finish_run(g, *report);
    }
    if (rc != AVQA_OK) {
        avqa_json_free(*report);
        *report = NULL;
    }
    return rc;
}

enum avqa_status avqa_generate(const struct avqa_generate_config *config,
                               struct avqa_json **report)
{
    struct generation g = {.config = config};
    *report = NULL;
    enum avqa_status rc =
        avqa_dataset_open(&g.cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_catalog_begin(g.cat);
    if (rc == AVQA_OK)
        rc = generate(&g, report);
    avqa_catalog_close(g.cat);
    avqa_entailments_release(&g.entailments);
    avqa_generator_release(&g.generator);
    avqa_paraphrases_free(g.paraphrases);
    avqa_templates_free(g.templates);
    avqa_arena_release(&g.arena);
    avqa_arena_release(&g.scratch);
    avqa_buf_release(&g.evidence);
    avqa_buf_release(&g.entails);
    avqa_buf_release(&g.text);
    free(g.scenes);
    return rc;
}
