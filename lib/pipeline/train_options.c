/* See train_options.h. */
#include "pipeline/train_options.h"
#include "base/buf.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* NAME is a text that may be null: nothing was said. */
enum kind { NAME, TEXT, WHOLE, REAL };

/* An option by its name in JSON. */
struct field {
    const char *name;
    enum kind kind;
    size_t offset;
    bool may_change;  /* from one attempt to the next */
    int64_t min, max; /* of numbers */
};

#define MAX_SEED (((int64_t)1 << 53) - 1) /* that JSON keeps */
#define FIELD(name, kind, may_change, ...)                                             \
    {                                                                                  \
#name, kind, offsetof(struct avqa_train_options, name), may_change,            \
            __VA_ARGS__                                                                \
    }

static const struct field fields[] = {
    FIELD(model, TEXT, false, 0, 0),
    FIELD(stage, NAME, false, 0, 0),
    FIELD(train_split, TEXT, false, 0, 0),
    FIELD(val_split, TEXT, false, 0, 0),
    FIELD(visual, NAME, false, 0, 0),
    FIELD(audio, NAME, false, 0, 0),
    FIELD(init, NAME, false, 0, 0),
    FIELD(tokens, TEXT, false, 0, 0),
    FIELD(vocabulary, NAME, false, 0, 0),
    FIELD(negatives, TEXT, false, 0, 0),
    FIELD(optimiser, TEXT, false, 0, 0),
    FIELD(schedule, TEXT, false, 0, 0),
    FIELD(seed, WHOLE, false, 0, MAX_SEED),
    FIELD(batch, WHOLE, false, AVQA_TRAIN_MIN, AVQA_TRAIN_MAX_BATCH),
    FIELD(stride, WHOLE, false, AVQA_TRAIN_MIN, AVQA_TRAIN_MAX_STRIDE),
    FIELD(seconds, WHOLE, false, AVQA_TRAIN_MIN, AVQA_TRAIN_MAX_SECONDS),
    FIELD(rate, REAL, false, 0, AVQA_TRAIN_MAX_RATE),
    FIELD(warm_up, REAL, false, 0, AVQA_TRAIN_MAX_EPOCHS),
    FIELD(clip_norm, REAL, false, 0, AVQA_TRAIN_MAX_CLIP),
    FIELD(weight_decay, REAL, false, 0, AVQA_TRAIN_MAX_DECAY),
    FIELD(momentum, REAL, false, 0, AVQA_TRAIN_MAX_MOMENTUM),
    FIELD(epochs, WHOLE, true, AVQA_TRAIN_MIN, AVQA_TRAIN_MAX_EPOCHS),
    FIELD(patience, WHOLE, true, 0, AVQA_TRAIN_MAX_EPOCHS),
    FIELD(cache_mb, WHOLE, true, 0, AVQA_TRAIN_MAX_CACHE_MB),
    FIELD(save_steps, WHOLE, true, 0, AVQA_TRAIN_MAX_SAVE_STEPS),
    FIELD(save_minutes, REAL, true, 0, AVQA_TRAIN_MAX_SAVE_MINUTES),
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

/* The value of an option; only the member of its kind is set. */
struct value {
    const char *text;
    int64_t whole;
    double real;
};

static struct value get(const struct avqa_train_options *o, const struct field *f)
{
    const char *at = (const char *)o + f->offset;
    struct value v = {0};
    if (f->kind <= TEXT)
        memcpy(&v.text, at, sizeof v.text);
    else if (f->kind == WHOLE)
        memcpy(&v.whole, at, sizeof v.whole);
    else
        memcpy(&v.real, at, sizeof v.real);
    return v;
}

static void set(struct avqa_train_options *o, const struct field *f,
                const struct value *v)
{
    char *at = (char *)o + f->offset;
    if (f->kind <= TEXT)
        memcpy(at, &v->text, sizeof v->text);
    else if (f->kind == WHOLE)
        memcpy(at, &v->whole, sizeof v->whole);
    else
        memcpy(at, &v->real, sizeof v->real);
}

static bool is_same(const struct value *a, const struct value *b)
{
    const char *x = a->text ? a->text : "";
    const char *y = b->text ? b->text : "";
    return strcmp(x, y) == 0 && a->whole == b->whole &&
           !(a->real < b->real || a->real > b->real);
}

struct avqa_json *avqa_train_options_json(const struct avqa_train_options *options)
{
    struct avqa_json *json = avqa_json_new_object();
    for (size_t i = 0; i < N_FIELDS; i++) {
        struct value v = get(options, &fields[i]);
        if (fields[i].kind == WHOLE)
            avqa_json_put_int(json, fields[i].name, v.whole);
        else if (fields[i].kind == REAL)
            avqa_json_put_exact(json, fields[i].name, v.real);
        else if (v.text)
            avqa_json_put_string(json, fields[i].name, v.text);
        else
            avqa_json_put_null(json, fields[i].name);
    }
    return json;
}

/* The value of an option as JSON has it; false if it can have no such value. */
static bool read_value(struct value *v, const struct field *f,
                       const struct avqa_json *node)
{
    *v = (struct value){.text = NULL};
    if (f->kind == WHOLE)
        return avqa_json_int(node, &v->whole) && v->whole >= f->min &&
               v->whole <= f->max;
    if (f->kind == REAL)
        return avqa_json_double(node, &v->real) && v->real >= (double)f->min &&
               v->real <= (double)f->max;
    v->text = avqa_json_string(node);
    return v->text ||
           (f->kind == NAME && node && avqa_json_type(node) == AVQA_JSON_NULL);
}

enum avqa_status avqa_train_options_read(struct avqa_train_options *out,
                                         const struct avqa_json *json)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < N_FIELDS; i++) {
        const struct avqa_json *node = avqa_json_get(json, fields[i].name);
        struct value v;
        if (!read_value(&v, &fields[i], node))
            return avqa_fail(AVQA_EFORMAT, "the option \"%s\" is missing or wrong",
                             fields[i].name);
        set(out, &fields[i], &v);
    }
    return AVQA_OK;
}

static enum avqa_status fail_changed(const struct field *f,
                                     const struct avqa_train_options *begun)
{
    struct avqa_json *json = avqa_train_options_json(begun);
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_json_print(&text, avqa_json_get(json, f->name), 0);
    enum avqa_status rc =
        avqa_fail(AVQA_EINVAL,
                  "the run began with %s = %s, which cannot change; leave that option "
                  "out, or begin another run",
                  f->name, avqa_buf_str(&text));
    avqa_buf_release(&text);
    avqa_json_free(json);
    return rc;
}

/* Half a wave that becomes longer on the way is another wave. */
static bool bends_schedule(const struct field *f,
                           const struct avqa_train_options *begun)
{
    return f->offset == offsetof(struct avqa_train_options, epochs) &&
           strcmp(begun->schedule, "cosine") == 0;
}

/* Whether an option was given; the model is a word of its own. */
static bool is_typed(const struct field *f, const struct avqa_train_options *given,
                     const char *const *typed, size_t n)
{
    if (f->offset == offsetof(struct avqa_train_options, model))
        return given->model != NULL;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (f->name[k] && f->name[k] == (typed[i][k] == '-' ? '_' : typed[i][k]))
            k++;
        if (!f->name[k] && !typed[i][k])
            return true;
    }
    return false;
}

enum avqa_status avqa_train_options_resume(struct avqa_train_options *given,
                                           const struct avqa_train_options *begun,
                                           const char *const *typed, size_t n)
{
    for (size_t i = 0; i < N_FIELDS; i++) {
        struct value now = get(given, &fields[i]);
        struct value before = get(begun, &fields[i]);
        bool said = is_typed(&fields[i], given, typed, n) && !is_same(&now, &before);
        if (said && (!fields[i].may_change || bends_schedule(&fields[i], begun)))
            return fail_changed(&fields[i], begun);
        if (!said)
            set(given, &fields[i], &before);
    }
    return AVQA_OK;
}

/* ---- what they mean -------------------------------------------------------------- */

static enum avqa_status fail_no_model(const char *name)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    for (size_t i = 0; avqa_model_at(i); i++)
        avqa_buf_addf(&list, "%s%s", i ? ", " : "", avqa_model_at(i)->name);
    enum avqa_status rc =
        name ? avqa_fail(AVQA_EINVAL, "there is no model '%s'; there are: %s", name,
                         avqa_buf_str(&list))
             : avqa_fail(AVQA_EINVAL, "MODEL is missing, one of: %s",
                         avqa_buf_str(&list));
    avqa_buf_release(&list);
    return rc;
}

static enum avqa_status plan_model(struct avqa_train_plan *out,
                                   const struct avqa_train_options *o)
{
    if (!o->model)
        return fail_no_model(NULL);
    struct avqa_buf name = AVQA_BUF_INIT;
    avqa_buf_addf(&name, "%s%s%s", o->model, o->stage ? "-" : "",
                  o->stage ? o->stage : "");
    out->model = avqa_model_find(avqa_buf_str(&name));
    avqa_buf_release(&name);
    if (!out->model && o->stage && avqa_model_find(o->model))
        return avqa_fail(AVQA_EINVAL, "the model '%s' has no stage '%s'", o->model,
                         o->stage);
    return out->model ? AVQA_OK : fail_no_model(o->model);
}

static enum avqa_status plan_schedule(struct avqa_schedule *out,
                                      const struct avqa_train_options *o)
{
    const char *text = o->schedule;
    char *end = NULL;
    *out = (struct avqa_schedule){
        .rate = o->rate, .warm_up = o->warm_up, .total = (double)o->epochs};
    if (strcmp(text, "constant") == 0) {
        out->kind = AVQA_CONSTANT;
        return AVQA_OK;
    }
    if (strcmp(text, "cosine") == 0) {
        out->kind = AVQA_COSINE;
        return AVQA_OK;
    }
    out->kind = AVQA_STEP;
    if (strncmp(text, "step:", 5) == 0) {
        out->every = strtod(text + 5, &end);
        if (*end == ':' && end > text + 5) {
            const char *factor = end + 1;
            out->factor = strtod(factor, &end);
            if (end > factor && *end == '\0' && out->every > 0 &&
                isfinite(out->every) && out->factor > 0 && out->factor <= 1)
                return AVQA_OK;
        }
    }
    return avqa_fail(AVQA_EINVAL,
                     "--schedule is step:EPOCHS:FACTOR (as step:8:0.1; both above 0, "
                     "FACTOR at most 1), cosine or constant, not '%s'",
                     text);
}

static enum avqa_status choose(size_t *out, const char *option, const char *text,
                               const char *const *names, size_t n)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    for (*out = 0; *out < n; ++*out) {
        if (strcmp(text, names[*out]) == 0)
            break;
        avqa_buf_addf(&list, "%s%s", *out ? ", " : "", names[*out]);
    }
    enum avqa_status rc = *out < n
                              ? AVQA_OK
                              : avqa_fail(AVQA_EINVAL, "--%s is one of %s, not '%s'",
                                          option, avqa_buf_str(&list), text);
    avqa_buf_release(&list);
    return rc;
}

enum avqa_status avqa_train_options_plan(struct avqa_train_plan *out,
                                         const struct avqa_train_options *o)
{
    static const char *const optimisers[] = {"sgd", "adam", "adamw"};
    static const char *const negatives[] = {"corpus", "batch"};
    size_t kind = 0;
    size_t others = 0;
    *out = (struct avqa_train_plan){.optimiser = AVQA_OPTIMISER_DEFAULTS,
                                    .loader = AVQA_LOADER_DEFAULTS};
    enum avqa_status rc = plan_model(out, o);
    if (rc == AVQA_OK)
        rc = plan_schedule(&out->schedule, o);
    if (rc == AVQA_OK)
        rc = choose(&kind, "optimiser", o->optimiser, optimisers, 3);
    if (rc == AVQA_OK)
        rc = choose(&others, "negatives", o->negatives, negatives, 2);
    out->optimiser.kind = (enum avqa_optimiser_kind)kind;
    out->optimiser.weight_decay = o->weight_decay;
    out->optimiser.momentum = o->momentum;
    out->loader.model = out->model;
    out->loader.negatives = (enum avqa_negatives)others;
    out->loader.sampler = (struct avqa_sampler){
        .seed = (uint64_t)o->seed, .batch = (size_t)o->batch, .world = 1};
    out->loader.stride = (size_t)o->stride;
    out->loader.n_seconds = (size_t)o->seconds;
    out->loader.cache_bytes = (size_t)o->cache_mb << 20;
    if (rc == AVQA_OK && out->model->compares && o->batch < 2 &&
        out->loader.negatives == AVQA_NEGATIVES_BATCH)
        rc = avqa_fail(AVQA_EINVAL,
                       "--negatives batch finds no other clip in a --batch of 1; take "
                       "a larger one, or --negatives corpus");
    return rc;
}
