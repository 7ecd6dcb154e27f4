/* How many of what: by template, type, origin, answer, slot and video; and which
 * objects are named together; against naive counts over random rows. */
#include "random_set.h"

#include "audit/counts.h"

static void test_templates(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    random_fill(&t, 1);
    struct avqa_template_count *counts = avqa_count_templates(&t.audit);
    for (size_t k = 0; k < t.table.templates->n; k++) {
        uint32_t real = 0;
        uint32_t synthetic = 0;
        for (size_t i = t.audit.on.from; i < t.audit.on.to; i++) {
            const char *video = random_video(&t, i);
            bool made = strspn(video, "eva") >= 2 || strncmp(video, "es", 2) == 0;
            const struct avqa_audit_clip *c = &t.table.clips[t.table.rows[i].clip];
            made = (made && strlen(video) >= 10) || c->sound != c->video;
            real += t.table.rows[i].template == k && !made;
            synthetic += t.table.rows[i].template == k && made;
        }
        assert_int_equal(counts[k].real, real);
        assert_int_equal(counts[k].synthetic, synthetic);
    }
    free(counts);
    tiny_free(&t);
}

static void test_report(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    random_fill(&t, 4);
    const struct avqa_json *c = avqa_json_get(t.audit.report, "counts");
    size_t videos = 0;
    size_t per[200] = {0};
    assert_int_equal(check_int(c, "questions", NULL), 150);
    for (size_t v = 0; v < N_OF(random_videos); v++) {
        size_t n = 0;
        for (size_t i = t.audit.on.from; i < t.audit.on.to; i++)
            n += strcmp(random_video(&t, i), random_videos[v]) == 0;
        videos += n > 0;
        per[n] += n > 0;
    }
    assert_int_equal(check_int(c, "clips", NULL), videos);
    assert_int_equal(avqa_count_videos(&t.audit), videos);
    size_t distinct = 0;
    for (size_t n = 1; n < N_OF(per); n++) {
        char key[16];
        snprintf(key, sizeof key, "%zu", n);
        distinct += per[n] > 0;
        if (per[n])
            assert_int_equal(check_int(c, "questions_per_clip", key, NULL), per[n]);
    }
    assert_int_equal(avqa_json_count(avqa_json_get(c, "questions_per_clip")), distinct);
    int64_t sum = 0;
    const struct avqa_json *n = avqa_json_first(avqa_json_get(c, "by_type"));
    for (; n; n = avqa_json_next(n))
        sum += check_int(n, NULL);
    assert_int_equal(sum, 150);
    tiny_free(&t);
}

static void test_slots(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_slot_count *list;
    size_t n;
    random_fill(&t, 2);
    assert_ok(avqa_count_slots(&t.audit, &list, &n));
    for (size_t k = 0; k < n; k++) {
        uint32_t rows = 0;
        for (size_t i = t.audit.on.from; i < t.audit.on.to; i++) {
            const struct avqa_audit_row *r = &t.table.rows[i];
            const struct avqa_template *p = avqa_audit_template(&t.table, r);
            for (size_t s = 0; s < p->n_slots; s++)
                rows += strcmp(p->slot_names[s], list[k].slot) == 0 &&
                        t.table.slots[r->slots].values[s] == list[k].word;
        }
        assert_int_equal(list[k].n, rows);
        if (k == 0)
            continue;
        int order = strcmp(list[k - 1].slot, list[k].slot);
        assert_true(order < 0 || (order == 0 &&
                                  strcmp(avqa_audit_word(&t.table, list[k - 1].word),
                                         avqa_audit_word(&t.table, list[k].word)) < 0));
    }
    free(list);
    tiny_free(&t);
}

/* 0 for what is not among them. */
static uint32_t together(const struct avqa_together *g, const char *a, const char *b)
{
    for (size_t x = 0; x < g->n; x++) {
        for (size_t y = 0; y < g->n; y++) {
            if (strcmp(g->objects[x], a) == 0 && strcmp(g->objects[y], b) == 0)
                return g->counts[x * g->n + y];
        }
    }
    return 0;
}

/* What is denied is not named: a "no", a count of zero, an answer of no domain. */
static void test_together(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_together g;
    tiny_add(&t, "a", "A04", "violin,piano", "yes"); /* both */
    tiny_add(&t, "a", "X15", "violin", "erhu");      /* and erhu */
    tiny_add(&t, "a", "A06", "tuba", "no");          /* no tuba */
    tiny_add(&t, "a", "V02", "drum", "zero");        /* no drum */
    tiny_add(&t, "a", "V02", "flute", "many");       /* who knows */
    tiny_add(&t, "b", "V02", "violin", "two");
    tiny_add(&t, "b", "V07", "", "piano");
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_ok(avqa_count_together(&t.audit, &g));
    assert_int_equal(g.n, 3); /* what no video names is not counted */
    assert_int_equal(g.n_named, 3);
    assert_int_equal(together(&g, "violin", "piano"), 2);
    assert_int_equal(together(&g, "piano", "violin"), 2);
    assert_int_equal(together(&g, "violin", "erhu"), 1);
    assert_int_equal(together(&g, "violin", "violin"), 2);
    assert_int_equal(together(&g, "erhu", "erhu"), 1);
    assert_int_equal(together(&g, "tuba", "tuba"), 0);
    assert_int_equal(together(&g, "drum", "drum"), 0);
    assert_int_equal(together(&g, "flute", "flute"), 0);
    avqa_together_release(&g);
    tiny_free(&t);
}

static void test_deleted_rows(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_put(&t, &(struct tiny_row){"v", "X10", "", "no", NULL, 1,
                                    "\"question_deleted\": 1"});
    tiny_put(&t, &(struct tiny_row){"v", "X10", "", "no", NULL, 2,
                                    "\"question_deleted\": 0"});
    tiny_import(&t, "s");
    const struct avqa_json *c = avqa_json_get(tiny_audit(&t, "s", NULL), "counts");
    assert_int_equal(check_int(c, "questions", NULL), 1);
    assert_has(tiny_finding(&t, "counts", AVQA_NOTE, 0)->message,
               "1 row is marked as deleted");
    tiny_free(&t);
}

/* A template file whose objects are as many more words: "w0", "w1", ... */
static void more_objects(struct tiny *t, size_t n)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *root;
    assert_ok(avqa_json_read(&root, t->template_path, AVQA_TEMPLATES_MAX_BYTES));
    const char *domain = avqa_objects_domain(t->templates)->name;
    struct avqa_json *values =
        (struct avqa_json *)check_at(root, "domains", domain, "values", NULL);
    for (size_t i = 0; i < n; i++) {
        char word[24];
        snprintf(word, sizeof word, "w%zu", i);
        avqa_json_put_string(values, NULL, word);
    }
    avqa_json_print(&text, root, 0);
    free(t->template_path);
    avqa_templates_free(t->templates);
    t->template_path =
        check_write_text(t->folder, "templates.json", avqa_buf_str(&text));
    assert_ok(avqa_templates_parse(&t->templates, avqa_buf_str(&text), text.len));
    avqa_json_free(root);
    avqa_buf_release(&text);
}

/* Of too many objects, those that most videos name, in the domain's order. */
static void test_many_objects(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_together g;
    more_objects(&t, 30000);
    for (size_t i = 0; i < 250; i++) {
        char word[24];
        snprintf(word, sizeof word, "w%zu", i);
        tiny_add(&t, word, "A06", word, "yes");
        if (i >= 100) /* twice, so these come first */
            tiny_add(&t, "all", "A06", word, "yes");
    }
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_ok(avqa_count_together(&t.audit, &g));
    assert_int_equal(g.n, AVQA_TOGETHER_MAX);
    assert_int_equal(g.n_named, 250);
    assert_string_equal(g.objects[0], "w0"); /* of equal ones the first */
    assert_string_equal(g.objects[49], "w49");
    assert_string_equal(g.objects[50], "w100");
    assert_string_equal(g.objects[199], "w249");
    assert_int_equal(together(&g, "w100", "w249"), 1);
    assert_int_equal(together(&g, "w100", "w100"), 2);
    assert_int_equal(together(&g, "w0", "w100"), 0);
    avqa_together_release(&g);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_templates),    cmocka_unit_test(test_report),
        cmocka_unit_test(test_slots),        cmocka_unit_test(test_together),
        cmocka_unit_test(test_deleted_rows), cmocka_unit_test(test_many_objects)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
