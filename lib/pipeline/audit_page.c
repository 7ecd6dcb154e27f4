/* See audit_page.h. JSON goes into <script> elements, so every < in it is written as
 * \u003c: no data can end the element or open another. */
#include "pipeline/audit_page.h"
#include "audit/finding.h"
#include "base/intern.h"
#include "base/io.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_MAX_BYTES = 4 << 20, ROWS_PER_FINDING = 200 };

/* ---- the rows that prove findings ------------------------------------------------ */

static enum avqa_status put_row(const struct avqa_audit_table *t, size_t row,
                                const char *reference, struct avqa_json *rows)
{
    struct avqa_buf question = AVQA_BUF_INIT;
    const struct avqa_audit_row *r = &t->rows[row];
    const struct avqa_audit_clip *clip = &t->clips[r->clip];
    struct avqa_json *o = avqa_json_put_object(rows, reference);
    enum avqa_status rc = avqa_audit_fill(&question, t, r);
    avqa_json_put_string(o, "split", t->splits[r->split]);
    avqa_json_put_int(o, "row", r->line);
    if (t->numbers[row] == AVQA_AUDIT_NO_NUMBER)
        avqa_json_put_null(o, "id");
    else
        avqa_json_put_int(o, "id", t->numbers[row]);
    avqa_json_put_string(o, "video", avqa_audit_video(t, clip->video));
    if (clip->sound == clip->video)
        avqa_json_put_null(o, "sound");
    else
        avqa_json_put_string(o, "sound", avqa_audit_video(t, clip->sound));
    avqa_json_put_string(o, "template", avqa_audit_template(t, r)->code);
    avqa_json_put_string(o, "question", avqa_buf_str(&question));
    avqa_json_put_string(o, "answer", avqa_audit_answer(t, r->answer));
    avqa_buf_release(&question);
    return rc;
}

/* Puts them into `rows`, each once. */
static enum avqa_status put_proving_rows(struct avqa_json *rows,
                                         const struct avqa_audit *audit)
{
    enum avqa_status rc = AVQA_OK;
    struct avqa_intern known = AVQA_INTERN_INIT;
    struct avqa_buf reference = AVQA_BUF_INIT;
    uint32_t *ranks = avqa_findings_ranks(&audit->findings);
    for (size_t i = 0; rc == AVQA_OK && i < audit->findings.n; i++) {
        const struct avqa_finding *f = &audit->findings.items[i];
        size_t n = ranks[i] < AVQA_FINDINGS_MAX_SHOWN ? f->n_rows : 0;
        for (size_t k = 0; rc == AVQA_OK && k < n && k < ROWS_PER_FINDING; k++) {
            bool is_new;
            avqa_buf_clear(&reference);
            avqa_row_reference(&reference, audit->t, f->rows[k]);
            rc = avqa_buf_status(&reference);
            if (rc != AVQA_OK)
                break;
            avqa_intern_add(&known, reference.data, reference.len, &is_new);
            if (is_new)
                rc = put_row(audit->t, f->rows[k], reference.data, rows);
        }
    }
    free(ranks);
    avqa_intern_release(&known);
    avqa_buf_release(&reference);
    return rc;
}

/* ---- putting it together --------------------------------------------------------- */

static void add_script(struct avqa_buf *out, const struct avqa_json *node)
{
    struct avqa_buf json = AVQA_BUF_INIT;
    avqa_json_print(&json, node, 0);
    for (const char *s = avqa_buf_str(&json); *s;) {
        size_t n = strcspn(s, "<");
        avqa_buf_add(out, s, n);
        s += n;
        if (*s) {
            avqa_buf_adds(out, "\\u003c");
            s++;
        }
    }
    out->failed = out->failed || json.failed;
    avqa_buf_release(&json);
}

static void add_html(struct avqa_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            avqa_buf_adds(out, "&lt;");
        else if (*text == '>')
            avqa_buf_adds(out, "&gt;");
        else if (*text == '&')
            avqa_buf_adds(out, "&amp;");
        else
            avqa_buf_addc(out, *text);
    }
}

static void add_title(struct avqa_buf *out, const struct avqa_audit *audit)
{
    add_html(out, audit->dataset);
    if (audit->opts.split) {
        avqa_buf_adds(out, ", ");
        add_html(out, audit->opts.split);
    }
    if (audit->opts.against) {
        avqa_buf_adds(out, " against ");
        add_html(out, audit->opts.against);
    }
}

static enum avqa_status fill(struct avqa_buf *out, const char *template,
                             const struct avqa_audit *audit,
                             const struct avqa_audit_page *page)
{
    static const char *const markers[] = {"<!--AVQA:TITLE-->", "<!--AVQA:FIGURES-->",
                                          "/*AVQA:REPORT*/", "/*AVQA:TABLES*/",
                                          "/*AVQA:ROWS*/"}; /* in the page's order */
    struct avqa_buf parts[5] = {0};
    struct avqa_json *rows = avqa_json_new_object();
    enum avqa_status rc = put_proving_rows(rows, audit);
    add_title(&parts[0], audit);
    avqa_buf_adds(&parts[1], page->figures);
    add_script(&parts[2], audit->report);
    add_script(&parts[3], page->tables);
    add_script(&parts[4], rows);
    avqa_json_free(rows);
    const char *at = template;
    for (size_t i = 0; rc == AVQA_OK && i < 5; i++) {
        const char *marker = strstr(at, markers[i]);
        if (!marker) {
            rc = avqa_fail(AVQA_EFORMAT, "%s: lacks the marker %s", page->page,
                           markers[i]);
            break;
        }
        avqa_buf_add(out, at, (size_t)(marker - at));
        avqa_buf_add(out, avqa_buf_str(&parts[i]), parts[i].len);
        out->failed = out->failed || parts[i].failed;
        at = marker + strlen(markers[i]);
    }
    avqa_buf_adds(out, at);
    for (size_t i = 0; i < 5; i++)
        avqa_buf_release(&parts[i]);
    return rc;
}

enum avqa_status avqa_audit_page_write(const struct avqa_audit *audit,
                                       const struct avqa_audit_page *page)
{
    struct avqa_buf template = AVQA_BUF_INIT;
    struct avqa_buf html = AVQA_BUF_INIT;
    char *path = avqa_io_join(page->output, "report.html");
    enum avqa_status rc = avqa_io_read(&template, page->page, PAGE_MAX_BYTES);
    if (rc == AVQA_OK)
        rc = fill(&html, avqa_buf_str(&template), audit, page);
    if (rc == AVQA_OK)
        rc = avqa_buf_status(&html);
    if (rc == AVQA_OK)
        rc = avqa_io_write(path, avqa_buf_str(&html), html.len);
    avqa_buf_release(&template);
    avqa_buf_release(&html);
    free(path);
    return rc;
}
