/* See explain_page.h. */
#include "pipeline/explain_page.h"
#include "base/mem.h"
#include "pipeline/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEARLY_EVEN 1.02 /* times the even share */

/* What a panel is made of, besides what is borrowed. */
struct making {
    struct avqa_explain_frame *frames;
    struct avqa_buf note, model, question, truth, choices[AVQA_EXPLAIN_N_CHOICES];
};

static const struct avqa_explain_pictures *clip_of(const struct avqa_explain_page *page,
                                                   const struct avqa_explain_reply *r)
{
    for (size_t i = 0; i < page->n_clips; i++) {
        if (page->clips[i].clip_id == r->question->clip_id)
            return &page->clips[i];
    }
    return NULL;
}

void avqa_explain_grid(size_t *rows, size_t *cols, const struct avqa_explain_page *page)
{
    const size_t places = page->trained->size.places;
    const struct avqa_feature_info *info = page->seen;
    *rows = *cols = 0;
    if (places == 0)
        return;
    if (info && info->shape[1] * info->shape[2] == places) {
        *rows = info->shape[1];
        *cols = info->shape[2];
        return;
    }
    *rows = (size_t)sqrt((double)places);
    while (places % *rows)
        --*rows;
    *cols = places / *rows;
}

/* The part of a clip's pictures that the model saw. */
static struct avqa_heat_region region_of(const struct avqa_feature_info *info,
                                         const struct avqa_explain_pictures *clip)
{
    const struct avqa_explain_picture *p = NULL;
    for (size_t i = 0; clip && !p && i < clip->n_seconds; i++)
        p = clip->items[i].rgb ? &clip->items[i] : NULL;
    return p ? avqa_view_region(info, p->width, p->height) : AVQA_HEAT_WHOLE;
}

/* ---- words ----------------------------------------------------------------------- */

void avqa_explain_lack(struct avqa_buf *out, const struct avqa_model *model,
                       const struct avqa_explain_reply *reply)
{
    const bool has_time = reply->heard || reply->seen;
    if (reply->n_choices == 0)
        avqa_buf_addf(out,
                      "%s only learns which place a sound comes from: it gives no "
                      "answers and has no attention over time.",
                      model->name);
    else if (!model->hears && !model->sees)
        avqa_buf_addf(out,
                      "%s is given the question alone, so there is nothing that it "
                      "attended to; the pictures are for the reader.",
                      model->name);
    else if (!model->sees)
        avqa_buf_addf(out,
                      "%s hears the clip and does not see it; the pictures are for the "
                      "reader.",
                      model->name);
    else if (!reply->places && !has_time)
        avqa_buf_addf(out,
                      "%s gives every place and every second the same weight: it has "
                      "no attention that could be drawn.",
                      model->name);
    else if (!reply->places)
        avqa_buf_addf(out, "%s has no spatial grounding: the pictures are as they are.",
                      model->name);
}

static void add_sentence(struct avqa_buf *out, const char *sentence)
{
    if (!sentence || !*sentence)
        return;
    if (out->len)
        avqa_buf_addc(out, ' ');
    avqa_buf_adds(out, sentence);
}

/* Colours show differences however small they are. */
static void warn_of_even(struct avqa_buf *out, const struct avqa_explain_page *page,
                         const struct avqa_explain_reply *reply)
{
    const size_t n = page->trained->size.places;
    char sentence[128];
    double most = 0;
    for (size_t i = 0; reply->places && i < n * page->trained->loader.n_seconds; i++)
        most = fmax(most, (double)reply->places[i] * (double)n);
    if (!reply->places || most >= NEARLY_EVEN)
        return;
    snprintf(sentence, sizeof sentence,
             "The maps are nearly even: no place has more than %.2f times its even "
             "share.",
             most);
    add_sentence(out, sentence);
}

static void write_note(struct avqa_buf *out, const struct avqa_explain_page *page,
                       const struct avqa_explain_reply *reply)
{
    const struct avqa_explain_pictures *clip = clip_of(page, reply);
    avqa_explain_lack(out, page->trained->model, reply);
    warn_of_even(out, page, reply);
    add_sentence(out, clip ? clip->note : NULL);
    if (clip && clip->n_found == 0 && reply->places)
        add_sentence(out,
                     "The maps stand alone, squashed to the grid of the features.");
    if (!reply->knows_truth && reply->n_choices)
        add_sentence(out,
                     "The model does not know the true answer: it was not among those "
                     "it was trained with.");
}

/* "avst, run first" */
static void write_model(struct avqa_buf *out, const struct avqa_trained *trained)
{
    const char *slash = strrchr(trained->folder, '/');
    const char *name = slash && slash[1] ? slash + 1 : trained->folder;
    avqa_buf_adds(out, trained->model->name);
    if (strcmp(name, trained->model->name) != 0)
        avqa_buf_addf(out, ", run %s", name);
}

/* ---- the page -------------------------------------------------------------------- */

static enum avqa_status make_frames(struct making *m,
                                    const struct avqa_explain_page *page,
                                    const struct avqa_explain_reply *reply)
{
    const struct avqa_loader_options *read = &page->trained->loader;
    const struct avqa_explain_pictures *clip = clip_of(page, reply);
    enum avqa_status rc =
        avqa_mem_array(&m->frames, read->n_seconds, sizeof *m->frames);
    for (size_t i = 0; rc == AVQA_OK && i < read->n_seconds; i++) {
        struct avqa_explain_frame *f = &m->frames[i];
        f->at_s = (double)(i * read->stride);
        f->heard = reply->heard ? reply->heard[i] : (double)NAN;
        f->seen = reply->seen ? reply->seen[i] : (double)NAN;
        if (reply->places)
            f->places = reply->places + i * page->trained->size.places;
        if (clip && clip->items[i].rgb)
            f->picture = (struct avqa_pixels){
                clip->items[i].width, clip->items[i].height, clip->items[i].rgb};
    }
    return rc;
}

/* Boxes are of whole pictures: a map alone that an encoder made of the middle is none.
 */
static void put_boxes(struct making *m, const struct avqa_explain_page *page,
                      const struct avqa_explain_reply *reply)
{
    const size_t n_seconds = page->trained->loader.n_seconds;
    const struct avqa_explain_clip_facts *facts =
        avqa_explain_facts_of(page->facts, reply->question->clip_id);
    const bool crops = page->seen && page->seen->shorter != 0;
    for (size_t i = 0; facts && i < n_seconds; i++) {
        if (crops && !m->frames[i].picture.rgb)
            continue;
        m->frames[i].boxes = facts->boxes + i * facts->n;
        m->frames[i].n_boxes = facts->n;
    }
}

/* acoustic_guitar as people write it; NULL stays it. */
static const char *spell(struct avqa_buf *out, const char *text)
{
    for (const char *s = text; s && *s; s++)
        avqa_buf_addc(out, *s == '_' ? ' ' : *s);
    return text ? avqa_buf_str(out) : NULL;
}

static enum avqa_status make_panel(struct avqa_explain_panel *panel, struct making *m,
                                   const struct avqa_explain_page *page,
                                   const struct avqa_explain_reply *reply)
{
    const struct avqa_explain_pictures *clip = clip_of(page, reply);
    const struct avqa_explain_question *q = reply->question;
    enum avqa_status rc = make_frames(m, page, reply);
    if (rc != AVQA_OK)
        return rc;
    put_boxes(m, page, reply);
    write_note(&m->note, page, reply);
    write_model(&m->model, page->trained);
    *panel = (struct avqa_explain_panel){.question = spell(&m->question, q->text),
                                         .truth = spell(&m->truth, q->truth),
                                         .type = q->type,
                                         .clip = clip ? clip->name : NULL,
                                         .reference = q->reference,
                                         .model = avqa_buf_str(&m->model),
                                         .n_choices = reply->n_choices,
                                         .right = reply->right,
                                         .frames = m->frames,
                                         .n_frames = page->trained->loader.n_seconds,
                                         .region = region_of(page->seen, clip),
                                         .note = avqa_buf_str(&m->note)};
    avqa_explain_grid(&panel->rows, &panel->cols, page);
    for (size_t k = 0; k < reply->n_choices; k++)
        panel->choices[k] = (struct avqa_explain_choice){
            spell(&m->choices[k], reply->answers[k]), reply->probabilities[k]};
    return AVQA_OK;
}

enum avqa_status avqa_explain_page_draw(struct avqa_canvas *canvas,
                                        const struct avqa_explain_page *page)
{
    struct avqa_explain_panel *panels = NULL;
    struct making *makings = NULL;
    enum avqa_status rc = avqa_mem_array(&panels, page->n_replies + 1, sizeof *panels);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&makings, page->n_replies + 1, sizeof *makings);
    for (size_t i = 0; rc == AVQA_OK && i < page->n_replies; i++)
        rc = make_panel(&panels[i], &makings[i], page, &page->replies[i]);
    const struct avqa_explain_figure figure = {
        .panels = panels, .n_panels = page->n_replies, .columns = page->columns};
    if (rc == AVQA_OK)
        rc = avqa_explain_draw(canvas, &figure);
    for (size_t i = 0; makings && i < page->n_replies; i++) {
        free(makings[i].frames);
        avqa_buf_release(&makings[i].note);
        avqa_buf_release(&makings[i].model);
        avqa_buf_release(&makings[i].question);
        avqa_buf_release(&makings[i].truth);
        for (size_t k = 0; k < AVQA_EXPLAIN_N_CHOICES; k++)
            avqa_buf_release(&makings[i].choices[k]);
    }
    free(makings);
    free(panels);
    return rc;
}

/* ---- JSON ------------------------------------------------------------------------ */

static void put_numbers(struct avqa_json *out, const char *key, const double *numbers,
                        size_t n)
{
    if (!numbers) {
        avqa_json_put_null(out, key);
        return;
    }
    struct avqa_json *array = avqa_json_put_array(out, key);
    for (size_t i = 0; i < n; i++)
        avqa_json_put_exact(array, NULL, numbers[i]);
}

/* The least and the most weight of each second, and where the most is. */
static void put_grounding(struct avqa_json *out, const struct avqa_explain_page *page,
                          const struct avqa_explain_reply *reply)
{
    const size_t places = page->trained->size.places;
    size_t rows, cols;
    if (!reply->places) {
        avqa_json_put_null(out, "grounding");
        return;
    }
    avqa_explain_grid(&rows, &cols, page);
    struct avqa_json *o = avqa_json_put_object(out, "grounding");
    avqa_json_put_int(o, "rows", (int64_t)rows);
    avqa_json_put_int(o, "cols", (int64_t)cols);
    struct avqa_json *seconds = avqa_json_put_array(o, "seconds");
    for (size_t i = 0; i < page->trained->loader.n_seconds; i++) {
        const float *w = reply->places + i * places;
        size_t least = 0;
        size_t most = 0;
        for (size_t k = 1; k < places; k++) {
            least = w[k] < w[least] ? k : least;
            most = w[k] > w[most] ? k : most;
        }
        struct avqa_json *s = avqa_json_put_object(seconds, NULL);
        avqa_json_put_exact(s, "least", (double)w[least]);
        avqa_json_put_exact(s, "most", (double)w[most]);
        avqa_json_put_int(s, "row", (int64_t)(most / cols));
        avqa_json_put_int(s, "col", (int64_t)(most % cols));
    }
}

/* What the figure has boxes of, as the facts call it. */
static void put_facts(struct avqa_json *out, const struct avqa_explain_page *page,
                      const struct avqa_explain_reply *reply)
{
    const struct avqa_explain_clip_facts *facts =
        avqa_explain_facts_of(page->facts, reply->question->clip_id);
    struct avqa_json *array = avqa_json_put_array(out, "boxes");
    for (size_t k = 0; facts && k < facts->n; k++) {
        const struct avqa_explain_box *b = &facts->boxes[k];
        const double sides[] = {b->x, b->y, b->width, b->height};
        struct avqa_json *o = avqa_json_put_object(array, NULL);
        avqa_json_put_string(o, "name", b->name);
        put_numbers(o, "box", sides, sizeof sides / sizeof *sides);
        struct avqa_json *sounds = avqa_json_put_array(o, "sounds");
        for (size_t i = 0; i < page->trained->loader.n_seconds; i++)
            avqa_json_put_bool(sounds, NULL, b[i * facts->n].sounds);
    }
}

static void put_answers(struct avqa_json *out, const struct avqa_explain_reply *reply)
{
    if (reply->n_choices == 0) {
        avqa_json_put_null(out, "answer");
        return;
    }
    avqa_json_put_string(out, "answer", reply->answers[0]);
    avqa_json_put_double(out, "probability", reply->probabilities[0]);
    avqa_json_put_bool(out, "right", reply->right);
    struct avqa_json *next = avqa_json_put_array(out, "next");
    for (size_t k = 1; k < reply->n_choices; k++) {
        struct avqa_json *o = avqa_json_put_object(next, NULL);
        avqa_json_put_string(o, "answer", reply->answers[k]);
        avqa_json_put_double(o, "probability", reply->probabilities[k]);
    }
}

static void put_reply(struct avqa_json *array, const struct avqa_explain_page *page,
                      const struct avqa_explain_reply *reply)
{
    const struct avqa_explain_question *q = reply->question;
    const struct avqa_explain_pictures *clip = clip_of(page, reply);
    const struct avqa_loader_options *read = &page->trained->loader;
    struct avqa_json *o = avqa_json_put_object(array, NULL);
    struct avqa_buf note = AVQA_BUF_INIT;
    avqa_json_put_string(o, "question", q->reference);
    avqa_json_put_string(o, "text", q->text);
    avqa_json_put_string(o, "template", q->code);
    avqa_json_put_string(o, "type", q->type);
    avqa_json_put_string(o, "clip", clip && clip->name ? clip->name : "");
    put_answers(o, reply);
    avqa_json_put_string(o, "truth", q->truth);
    struct avqa_json *seconds = avqa_json_put_array(o, "seconds");
    for (size_t i = 0; i < read->n_seconds; i++)
        avqa_json_put_int(seconds, NULL, (int64_t)(i * read->stride));
    put_numbers(o, "heard", reply->heard, read->n_seconds);
    put_numbers(o, "seen", reply->seen, read->n_seconds);
    put_grounding(o, page, reply);
    put_facts(o, page, reply);
    avqa_json_put_int(o, "pictures", clip ? (int64_t)clip->n_found : 0);
    write_note(&note, page, reply);
    avqa_json_put_string(o, "note", avqa_buf_str(&note));
    avqa_buf_release(&note);
}

void avqa_explain_page_json(struct avqa_json *out, const struct avqa_explain_page *page)
{
    struct avqa_json *array = avqa_json_put_array(out, "questions");
    for (size_t i = 0; i < page->n_replies; i++)
        put_reply(array, page, &page->replies[i]);
}
