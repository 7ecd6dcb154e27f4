/* See planted_order.h. Answers are those of the program that made the questions. */
#include "planted_order.h"

#include "base/arena.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/rows.h"
#include "qa/facts.h"
#include "qa/question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the other orders ------------------------------------------------------------ */

/* The k-th permutation of n; its digits in factorial base say which of those that are
 * left comes next. */
static void permute(size_t *out, size_t n, size_t k)
{
    size_t left[PLANTED_MAX_PLAYERS];
    for (size_t i = 0; i < n; i++)
        left[i] = i;
    for (size_t i = 0; i < n; i++) {
        size_t take = k % (n - i);
        k /= n - i;
        out[i] = left[take];
        memmove(left + take, left + take + 1, (n - i - take - 1) * sizeof *left);
    }
}

static size_t other_turns(struct planted_scene *out, const struct planted_scene *scene)
{
    size_t who[PLANTED_MAX_PLAYERS];
    size_t n = 0;
    size_t n_orders = 1;
    for (size_t i = 0; i < scene->n_players; i++) {
        if (scene->players[i].to > scene->players[i].from)
            who[n++] = i;
    }
    for (size_t i = 2; i <= n; i++)
        n_orders *= i;
    for (size_t k = 0; k < n_orders; k++) {
        size_t turn[PLANTED_MAX_PLAYERS];
        out[k] = *scene;
        permute(turn, n, k);
        for (size_t i = 0; i < n; i++) {
            out[k].players[who[i]].from = scene->players[who[turn[i]]].from;
            out[k].players[who[i]].to = scene->players[who[turn[i]]].to;
        }
    }
    return n_orders;
}

static void turn_round(int *from, int *to)
{
    int end = PLANTED_SECONDS - *from;
    if (*from == *to)
        return;
    *from = PLANTED_SECONDS - *to;
    *to = end;
}

size_t planted_orders(struct planted_scene out[PLANTED_MAX_ORDERS],
                      const struct planted_scene *scene)
{
    if (scene->times == PLANTED_TURNS)
        return other_turns(out, scene);
    out[0] = *scene;
    out[1] = *scene;
    for (size_t i = 0; i < scene->n_players; i++)
        turn_round(&out[1].players[i].from, &out[1].players[i].to);
    turn_round(&out[1].voice_from, &out[1].voice_to);
    return 2;
}

/* ---- what they answer ------------------------------------------------------------ */

struct ceiling {
    const struct planted_options *options;
    struct avqa_templates *templates;
    size_t *n; /* questions, by template */
    double *right;
};

/* The answer in one order; NULL if it cannot be asked. */
static enum avqa_status answer_in(const char **out, const struct avqa_template *t,
                                  const char *const *values,
                                  const struct planted_scene *order)
{
    const struct avqa_margins margins = AVQA_MARGINS_DEFAULTS;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    struct avqa_scene *scene;
    struct avqa_json *facts = planted_facts(order);
    enum avqa_status rc = avqa_scene_read(&scene, &arena, facts);
    if (rc == AVQA_OK) {
        struct avqa_evaluation e = avqa_question_pose(t, values, scene, &margins);
        *out = e.reason == AVQA_WELL_POSED ? e.answer : NULL;
    }
    avqa_arena_release(&arena);
    avqa_json_free(facts);
    return rc;
}

/* The share of the commonest one among those that are there. */
static double commonest(const char *const *answers, size_t n)
{
    size_t best = 0;
    size_t n_asked = 0;
    for (size_t i = 0; i < n; i++) {
        size_t same = 0;
        for (size_t k = 0; answers[i] && k < n; k++)
            same += answers[k] && strcmp(answers[i], answers[k]) == 0;
        n_asked += answers[i] != NULL;
        best = same > best ? same : best;
    }
    return n_asked ? (double)best / (double)n_asked : 0;
}

static enum avqa_status count_question(struct ceiling *c, const struct avqa_json *row)
{
    static struct planted_scene orders[PLANTED_MAX_ORDERS];
    const char *values[AVQA_TEMPLATE_MAX_SLOTS] = {NULL};
    const char *answers[PLANTED_MAX_ORDERS];
    const char *code = avqa_json_string(avqa_json_get(row, "template"));
    const char *clip = avqa_json_string(avqa_json_get(row, "video"));
    const struct avqa_json *slot = avqa_json_first(avqa_json_get(row, "slots"));
    struct planted_scene scene;
    size_t k = code ? avqa_templates_find(c->templates, code) : AVQA_TEMPLATE_NONE;
    if (k == AVQA_TEMPLATE_NONE || !clip || strncmp(clip, "planted", 7) != 0)
        return avqa_fail(AVQA_EFORMAT, "a row is no question about a planted clip");
    for (size_t i = 0; slot && i < AVQA_TEMPLATE_MAX_SLOTS; i++) {
        values[i] = avqa_json_string(slot);
        slot = avqa_json_next(slot);
    }
    planted_make(&scene, c->options, strtoul(clip + 7, NULL, 10));
    size_t n = planted_orders(orders, &scene);
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n; i++)
        rc = answer_in(&answers[i], &c->templates->items[k], values, &orders[i]);
    if (rc != AVQA_OK)
        return rc;
    c->n[k]++;
    c->right[k] += commonest(answers, n);
    return AVQA_OK;
}

static void print_ceiling(const struct ceiling *c)
{
    size_t n = 0;
    double right = 0;
    for (size_t k = 0; k < c->templates->n; k++) {
        n += c->n[k];
        right += c->right[k];
        if (c->n[k])
            printf("%s\t%zu\t%.1f\n", c->templates->items[k].code, c->n[k],
                   100 * c->right[k] / (double)c->n[k]);
    }
    printf("all\t%zu\t%.1f\n", n, n ? 100 * right / (double)n : 0);
}

enum avqa_status planted_print_ceiling(const char *templates, const char *jsonl,
                                       const struct planted_options *options)
{
    struct ceiling c = {.options = options};
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_rows *rows = NULL;
    const struct avqa_json *row = NULL;
    enum avqa_status rc = avqa_io_read(&text, templates, AVQA_TEMPLATES_MAX_BYTES);
    if (rc == AVQA_OK)
        rc = avqa_templates_parse(&c.templates, avqa_buf_str(&text), text.len);
    if (rc == AVQA_OK)
        rc = avqa_rows_open(&rows, jsonl);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&c.n, c.templates->n, sizeof *c.n);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&c.right, c.templates->n, sizeof *c.right);
    while (rc == AVQA_OK && (rc = avqa_rows_next(rows, &row)) == AVQA_OK && row)
        rc = count_question(&c, row);
    if (rc == AVQA_OK)
        print_ceiling(&c);
    avqa_rows_close(rows);
    avqa_templates_free(c.templates);
    avqa_buf_release(&text);
    free(c.n);
    free(c.right);
    return rc;
}
