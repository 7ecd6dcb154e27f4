/* The page gets the report, tables, figures and proving rows in place of its markers;
 * no data can end a script or open an element; a page without a marker is an error. */
#include "tiny.h"

#include "pipeline/audit_page.h"
#include "pipeline/audit_tables.h"

static const char page_text[] =
    "<title><!--AVQA:TITLE--></title><main><!--AVQA:FIGURES--></main>\n"
    "<script id=a>/*AVQA:REPORT*/</script><script id=b>/*AVQA:TABLES*/</script>"
    "<script id=c>/*AVQA:ROWS*/</script>end";

static const char evil[] = "</script><!--<b>&";

static void make_audit(struct tiny *t)
{
    tiny_put(t, &(struct tiny_row){"v", "X10", "", evil, NULL, 7, NULL});
    tiny_put(t, &(struct tiny_row){"v", "X10", "", "no", "w", 0, NULL});
    tiny_put(t, &(struct tiny_row){"v", "X10", "", "no", NULL, 0, NULL});
    tiny_import(t, "a<b>&c");
    struct avqa_audit_opts opts = AVQA_AUDIT_DEFAULTS;
    opts.split = "a<b>&c";
    tiny_audit_with(t, &opts);
}

static enum avqa_status write_page(struct tiny *t, const char *text)
{
    struct avqa_json *tables;
    char *path = check_write_text(t->folder, "page.html", text);
    assert_ok(avqa_audit_tables(&tables, &t->audit));
    struct avqa_audit_page page = {path, t->folder, "<figure>F</figure>", tables};
    enum avqa_status rc = avqa_audit_page_write(&t->audit, &page);
    avqa_json_free(tables);
    free(path);
    return rc;
}

/* The text between two markers of the finished page. */
static char *between(const char *html, const char *from, const char *to)
{
    const char *a = strstr(html, from);
    assert_non_null(a);
    a += strlen(from);
    const char *b = strstr(a, to);
    assert_non_null(b);
    return avqa_mem_strndup(a, (size_t)(b - a));
}

static void test_parts(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    make_audit(&t);
    assert_ok(write_page(&t, page_text));
    char *path = avqa_io_join(t.folder, "report.html");
    struct avqa_buf html = check_read(path);
    assert_has(html.data, "<title>tiny, a&lt;b&gt;&amp;c</title>"
                          "<main><figure>F</figure></main>");
    assert_true(strcmp(html.data + html.len - 12, "</script>end") == 0);
    static const char *const ids[] = {"<script id=a>", "<script id=b>",
                                      "<script id=c>"};
    for (size_t i = 0; i < N_OF(ids); i++) {
        char *json = between(html.data, ids[i], "</script>");
        struct avqa_json *value = check_parse(json);
        assert_null(strchr(json, '<'));
        if (i == 0)
            assert_true(check_same(value, t.audit.report));
        if (i == 2) {
            const struct avqa_json *row = avqa_json_get(value, "a<b>&c#1");
            assert_string_equal(check_string(row, "answer", NULL), evil);
            assert_int_equal(check_int(row, "id", NULL), 7);
            assert_string_equal(check_string(row, "question", NULL),
                                "Is there a voiceover?");
            assert_string_equal(check_string(row, "video", NULL), "v");
        }
        avqa_json_free(value);
        free(json);
    }
    avqa_buf_release(&html);
    free(path);
    tiny_free(&t);
}

static void test_missing_markers(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const char *const markers[] = {"<!--AVQA:TITLE-->", "<!--AVQA:FIGURES-->",
                                          "/*AVQA:REPORT*/", "/*AVQA:TABLES*/",
                                          "/*AVQA:ROWS*/"};
    make_audit(&t);
    char *report = avqa_io_join(t.folder, "report.html");
    for (size_t i = 0; i < N_OF(markers); i++) {
        char text[sizeof page_text];
        memcpy(text, page_text, sizeof text);
        *strstr(text, markers[i]) = '#';
        assert_fails(write_page(&t, text), AVQA_EFORMAT, "page.html: lacks the marker");
        assert_has(avqa_message(), markers[i]);
        assert_false(avqa_io_exists(report));
    }
    struct avqa_audit_page page = {"none.html", t.folder, "", NULL};
    assert_fails(avqa_audit_page_write(&t.audit, &page), AVQA_ENOENT, "none.html");
    free(report);
    tiny_free(&t);
}

/* The page that is shipped has all markers. */
static void test_shipped_page(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    make_audit(&t);
    char *path = check_source("templates/report.html");
    struct avqa_buf text = check_read(path);
    assert_ok(write_page(&t, avqa_buf_str(&text)));
    avqa_buf_release(&text);
    free(path);
    tiny_free(&t);
}

/* Rows of findings that the report does not show are not on the page either. */
static void test_too_many(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    for (size_t i = 0; i < AVQA_FINDINGS_MAX_SHOWN + 3; i++) {
        char video[16];
        snprintf(video, sizeof video, "v%zu", i);
        tiny_add(&t, video, "X10", "", "no");
        tiny_add(&t, video, "X10", "", "yes");
    }
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_int_equal(
        avqa_findings_count(&t.audit.findings, AVQA_ERROR),
        2 * (AVQA_FINDINGS_MAX_SHOWN + 3)); /* C00, and no scene gives both */
    assert_int_equal(check_int(t.audit.report, "findings_total", "error", NULL),
                     2 * (AVQA_FINDINGS_MAX_SHOWN + 3));
    assert_ok(write_page(&t, page_text));
    char *path = avqa_io_join(t.folder, "report.html");
    struct avqa_buf html = check_read(path);
    char *json = between(html.data, "<script id=c>", "</script>");
    struct avqa_json *rows = check_parse(json);
    assert_int_equal(avqa_json_count(rows), 2 * AVQA_FINDINGS_MAX_SHOWN);
    assert_has(html.data, "and 3 more of this kind");
    avqa_json_free(rows);
    free(json);
    free(path);
    avqa_buf_release(&html);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts), cmocka_unit_test(test_missing_markers),
        cmocka_unit_test(test_shipped_page), cmocka_unit_test(test_too_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
