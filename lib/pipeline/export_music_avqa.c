/* See export_music_avqa.h. */
#include "pipeline/export_music_avqa.h"
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

struct row {
    const struct avqa_export_refs *refs;
    const struct avqa_question *q;
    const struct avqa_template *t;
};

/* '["Audio", "Counting"]' */
static void add_type(struct avqa_buf *out, const struct avqa_template *t)
{
    avqa_buf_addc(out, '[');
    avqa_json_quote(out, t->modality, true);
    avqa_buf_adds(out, ", ");
    avqa_json_quote(out, t->type, true);
    avqa_buf_addc(out, ']');
}

/* A list as it stands, or inside a string. */
static void add_list(struct avqa_buf *out, const char *list, bool as_string)
{
    if (as_string)
        avqa_json_quote(out, list, true);
    else
        avqa_buf_adds(out, list);
}

static void add_known(struct avqa_buf *out, const struct row *row, const char *key,
                      bool list)
{
    struct avqa_buf type = AVQA_BUF_INIT;
    if (strcmp(key, "video_id") == 0) {
        avqa_json_quote(out, avqa_export_clip(row->refs, row->q)->picture, true);
    } else if (strcmp(key, "unmatch_audio") == 0) {
        avqa_json_quote(out, avqa_export_clip(row->refs, row->q)->sound, true);
    } else if (strcmp(key, "question_id") == 0) {
        avqa_buf_addf(out, "%" PRId64, row->q->number);
    } else if (strcmp(key, "question_content") == 0) {
        avqa_json_quote(out, avqa_export_text(row->refs, row->q->text_id), true);
    } else if (strcmp(key, "templ_values") == 0) {
        add_list(out, avqa_export_text(row->refs, row->q->slots_id), !list);
    } else if (strcmp(key, "type") == 0) {
        add_type(&type, row->t);
        add_list(out, avqa_buf_str(&type), !list);
    } else if (strcmp(key, "anser") == 0 || strcmp(key, "answer") == 0) {
        avqa_json_quote(out, avqa_export_text(row->refs, row->q->answer_id), true);
    } else if (strcmp(key, "template") == 0) {
        avqa_json_quote(out, row->t->code, true);
    } else {
        avqa_buf_adds(out, "0"); /* question_deleted: another value is an extra */
    }
    avqa_buf_release(&type);
}

/* The keys of a row in their order; "templ_values[]" was a list, not a string. A key
 * that the extra object has is written from there. */
static void add_members(struct avqa_buf *out, const struct row *row,
                        const struct avqa_json *shape, const struct avqa_json *extra)
{
    char key[256];
    bool first = true;
    for (const struct avqa_json *k = avqa_json_first(shape); k; k = avqa_json_next(k)) {
        const char *name = avqa_json_string(k) ? avqa_json_string(k) : "";
        size_t len = strlen(name);
        bool list = len > 2 && strcmp(name + len - 2, "[]") == 0 &&
                    !avqa_json_get(extra, name); /* or a key that ends so itself */
        len = len < sizeof key ? len
                               : sizeof key - 1; /* the import refuses longer ones */
        memcpy(key, name, len);
        key[list ? len - 2 : len] = '\0';
        const struct avqa_json *kept = avqa_json_get(extra, key);
        avqa_buf_adds(out, first ? "\n    " : ",\n    ");
        avqa_json_quote(out, key, true);
        avqa_buf_adds(out, ": ");
        if (kept)
            avqa_json_print(out, kept, 0);
        else
            add_known(out, row, key, list);
        first = false;
    }
}

/* The keys of a question that was not imported from such a file. */
static const char DEFAULT_SHAPE[] =
    "[\"video_id\", \"question_id\", \"type\", \"question_content\", \"templ_values\", "
    "\"question_deleted\", \"anser\"]";

/* With the template's id, because nobody could tell it by the text. */
static const char SHAPE_IN_OTHER_WORDS[] =
    "[\"video_id\", \"question_id\", \"type\", \"question_content\", \"templ_values\", "
    "\"question_deleted\", \"anser\", \"template\"]";

static const char *made_shape(const struct avqa_export_refs *refs,
                              const struct avqa_question *q)
{
    const char *text = avqa_export_text(refs, q->text_id);
    return avqa_templates_match(refs->templates, text) == AVQA_TEMPLATE_NONE
               ? SHAPE_IN_OTHER_WORDS
               : DEFAULT_SHAPE;
}

enum avqa_status avqa_export_music_avqa(struct avqa_buf *out,
                                        const struct avqa_export_refs *refs,
                                        const struct avqa_question *q,
                                        const struct avqa_template *t)
{
    struct avqa_json *shape = NULL;
    struct avqa_json *extra = NULL;
    const char *text =
        q->shape_id ? avqa_export_text(refs, q->shape_id) : made_shape(refs, q);
    const char *more = q->extra_id ? avqa_export_text(refs, q->extra_id) : "{}";
    enum avqa_status rc = avqa_json_parse(&shape, text, strlen(text));
    if (rc == AVQA_OK)
        rc = avqa_json_parse(&extra, more, strlen(more));
    if (rc == AVQA_OK) {
        avqa_buf_adds(out, "  {");
        add_members(out, &(struct row){refs, q, t}, shape, extra);
        avqa_buf_adds(out, "\n  }");
    }
    avqa_json_free(shape);
    avqa_json_free(extra);
    return rc;
}
