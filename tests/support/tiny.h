/* A small dataset for a test: rows are named by template code, written as an annotation
 * file of the published form, imported, and loaded as an audit sees them. */
#ifndef AVQA_TESTS_TINY_H
#define AVQA_TESTS_TINY_H

#include "audit/audit.h"
#include "pipeline/dataset.h"
#include "pipeline/import.h"
#include "templates.h"

/* One row. What is not given is left out (number: id 0). */
struct tiny_row {
    const char *video, *code, *slots; /* "violin,piano"; "" or NULL: none */
    const char *answer;
    const char *sound; /* unmatch_audio */
    int id;
    const char *more; /* further members, as JSON text: "\"person\": 1" */
};

struct tiny {
    char *folder;  /* everything of the test */
    char *dataset; /* folder/set */
    char *template_path;
    struct avqa_templates *templates;
    struct avqa_buf rows; /* not imported yet */
    int n_files;
    struct avqa_audit_table table;
    struct avqa_audit audit;
};

/* A dataset whose template file is a path of the source tree. */
static inline struct tiny tiny_new_with(const char *template_file)
{
    struct tiny t = {.folder = check_folder()};
    t.dataset = avqa_io_join(t.folder, "set");
    t.template_path = check_source(template_file);
    t.templates = templates_of(template_file);
    assert_ok(avqa_dataset_init(t.dataset, "tiny"));
    return t;
}

static inline struct tiny tiny_new(void)
{
    return tiny_new_with("templates/music-avqa.json");
}

static inline void tiny_forget_audit(struct tiny *t)
{
    avqa_audit_release(&t->audit);
    avqa_audit_table_release(&t->table);
}

static inline void tiny_free(struct tiny *t)
{
    tiny_forget_audit(t);
    avqa_templates_free(t->templates);
    avqa_buf_release(&t->rows);
    free(t->template_path);
    free(t->dataset);
    check_remove(t->folder);
}

/* "a,b" as the JSON list ["a", "b"]. */
/* Of a test whose state is a dataset. */
static inline int tiny_setup(void **state)
{
    struct tiny *t = calloc(1, sizeof *t);
    *t = tiny_new();
    *state = t;
    return 0;
}

static inline int tiny_teardown(void **state)
{
    tiny_free(*state);
    free(*state);
    return 0;
}

static inline void tiny_list(struct avqa_buf *out, const char *words)
{
    struct avqa_json *list = avqa_json_new_array();
    while (words && *words) {
        char word[256];
        size_t n = strcspn(words, ",");
        assert_true(n < sizeof word);
        memcpy(word, words, n);
        word[n] = '\0';
        avqa_json_put_string(list, NULL, word);
        words += n + (words[n] == ',');
    }
    avqa_json_print(out, list, 0);
    avqa_json_free(list);
}

static inline void tiny_member(struct avqa_buf *out, const char *key, const char *value)
{
    avqa_buf_addf(out, ", \"%s\": ", key);
    avqa_json_quote(out, value, true);
}

/* Adds a row to those that the next tiny_import writes. */
static inline void tiny_put(struct tiny *t, const struct tiny_row *r)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    size_t i = avqa_templates_find(t->templates, r->code);
    assert_true(i != AVQA_TEMPLATE_NONE);
    avqa_buf_adds(&t->rows,
                  t->rows.len ? ",\n {\"video_id\": " : "[\n {\"video_id\": ");
    avqa_json_quote(&t->rows, r->video, true);
    if (r->id)
        avqa_buf_addf(&t->rows, ", \"question_id\": %d", r->id);
    tiny_member(&t->rows, "question_content", t->templates->items[i].text);
    tiny_list(&list, r->slots);
    tiny_member(&t->rows, "templ_values", avqa_buf_str(&list));
    if (r->sound)
        tiny_member(&t->rows, "unmatch_audio", r->sound);
    if (r->more)
        avqa_buf_addf(&t->rows, ", %s", r->more);
    tiny_member(&t->rows, "anser", r->answer);
    avqa_buf_addc(&t->rows, '}');
    avqa_buf_release(&list);
}

static inline void tiny_add(struct tiny *t, const char *video, const char *code,
                            const char *slots, const char *answer)
{
    tiny_put(t, &(struct tiny_row){
                    .video = video, .code = code, .slots = slots, .answer = answer});
}

/* Imports a text as an annotation file and gives what the import said. */
static inline enum avqa_status tiny_import_text(struct tiny *t, const char *split,
                                                const char *text,
                                                struct avqa_import_counts *counts)
{
    char name[32];
    snprintf(name, sizeof name, "file%d.json", t->n_files++);
    char *path = check_write_text(t->folder, name, text);
    const char *const files[] = {path};
    struct avqa_import_config config = {.dataset = t->dataset,
                                        .files = files,
                                        .n_files = 1,
                                        .split = split,
                                        .templates = t->template_path};
    enum avqa_status rc = avqa_import_music_avqa(&config, counts);
    free(path);
    for (size_t i = 0; i < counts->n_rejected; i++)
        counts->rejected[i].file = NULL;
    return rc;
}

/* Imports the rows that were put, as this split. */
static inline struct avqa_import_counts tiny_import(struct tiny *t, const char *split)
{
    struct avqa_import_counts counts = {0};
    if (t->rows.len == 0)
        avqa_buf_addc(&t->rows, '[');
    avqa_buf_adds(&t->rows, "\n]");
    assert_ok(tiny_import_text(t, split, avqa_buf_str(&t->rows), &counts));
    avqa_buf_clear(&t->rows);
    return counts;
}

/* Imports facts, as JSON lines. */
static inline void tiny_facts(struct tiny *t, const char *text)
{
    struct avqa_import_counts counts = {0};
    char *path = check_write_text(t->folder, "facts.jsonl", text);
    const char *const files[] = {path};
    struct avqa_import_config config = {
        .dataset = t->dataset, .files = files, .n_files = 1};
    assert_ok(avqa_import_facts(&config, &counts));
    avqa_import_counts_release(&counts);
    free(path);
}

/* Loads the table and runs the whole audit. */
static inline const struct avqa_json *
tiny_audit_with(struct tiny *t, const struct avqa_audit_opts *opts)
{
    struct avqa_catalog *cat;
    tiny_forget_audit(t);
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_audit_table_load(&t->table, cat));
    avqa_catalog_close(cat);
    assert_ok(avqa_audit_run(&t->audit, &t->table, "tiny", opts));
    return t->audit.report;
}

static inline const struct avqa_json *tiny_audit(struct tiny *t, const char *split,
                                                 const char *against)
{
    struct avqa_audit_opts opts = AVQA_AUDIT_DEFAULTS;
    opts.split = split;
    opts.against = against;
    opts.jobs = 1;
    return tiny_audit_with(t, &opts);
}

/* The n-th finding of a check with this severity, or NULL. */
static inline const struct avqa_finding *tiny_finding(const struct tiny *t,
                                                      const char *check,
                                                      enum avqa_severity severity,
                                                      size_t nth)
{
    for (size_t i = 0; i < t->audit.findings.n; i++) {
        const struct avqa_finding *f = &t->audit.findings.items[i];
        if (f->severity == severity && strcmp(f->check, check) == 0 && nth-- == 0)
            return f;
    }
    return NULL;
}

/* How many questions and clips the catalog holds. */
static inline int64_t tiny_total(const struct tiny *t, const char *name)
{
    struct avqa_json *status;
    assert_ok(avqa_dataset_status(&status, t->dataset));
    int64_t n = check_int(status, "counts", name, NULL);
    avqa_json_free(status);
    return n;
}

#endif
