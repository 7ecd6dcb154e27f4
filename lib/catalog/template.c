/* See template.h. */
#include "catalog/template.h"
#include "base/hash.h"
#include "catalog/stmt.h"

#include <string.h>

static const char SQL_DOCUMENT[] = "SELECT document, name FROM template_set LIMIT 1";
static const char SQL_PUT[] =
    "INSERT INTO template_set(id, name, sha256, document) VALUES (1, ?1, ?2, ?3) "
    "ON CONFLICT(id) DO UPDATE SET sha256 = excluded.sha256, document = "
    "excluded.document "
    "WHERE sha256 <> excluded.sha256";
static const char SQL_CODE[] =
    "INSERT INTO template(set_id, code) VALUES (1, ?1) "
    "ON CONFLICT(set_id, code) DO UPDATE SET code = code RETURNING id";
static const char SQL_CODES[] = "SELECT id, code FROM template ORDER BY id";

enum avqa_status avqa_template_set_read(struct avqa_catalog *cat,
                                        struct avqa_buf *document, bool *found)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_DOCUMENT);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_stmt_step(st, found);
    if (rc == AVQA_OK && *found) {
        avqa_buf_adds(document, avqa_stmt_text(st, 0));
        rc = avqa_buf_status(document);
    }
    avqa_stmt_free(st);
    return rc;
}

/* AVQA_EEXIST if the dataset's questions use a template file of another name. */
static enum avqa_status check_name(struct avqa_catalog *cat, const char *name)
{
    struct avqa_stmt *st;
    bool row;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_DOCUMENT);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_stmt_step(st, &row);
    if (rc == AVQA_OK && row && strcmp(avqa_stmt_text(st, 1), name) != 0)
        rc = avqa_fail(AVQA_EEXIST,
                       "this dataset uses the templates '%s'; '%s' need a dataset of "
                       "their own",
                       avqa_stmt_text(st, 1), name);
    avqa_stmt_free(st);
    return rc;
}

static enum avqa_status put_document(struct avqa_catalog *cat,
                                     const struct avqa_template_set *set)
{
    char hex[AVQA_SHA256_HEX];
    struct avqa_stmt *st;
    struct avqa_sha256 *sha = avqa_sha256_new();
    avqa_sha256_add(sha, set->document, strlen(set->document));
    avqa_sha256_hex(sha, hex);
    avqa_sha256_free(sha);
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_PUT);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(st, 1, set->name);
    avqa_stmt_bind_text(st, 2, hex);
    avqa_stmt_bind_text(st, 3, set->document);
    rc = avqa_stmt_run(st);
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_template_set_put(struct avqa_catalog *cat,
                                       const struct avqa_template_set *set,
                                       int64_t *ids)
{
    struct avqa_stmt *st;
    bool row;
    enum avqa_status rc = check_name(cat, set->name);
    if (rc == AVQA_OK)
        rc = put_document(cat, set);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&st, cat, SQL_CODE);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; rc == AVQA_OK && i < set->n_codes; i++) {
        avqa_stmt_bind_text(st, 1, set->codes[i]);
        rc = avqa_stmt_step(st, &row);
        if (rc == AVQA_OK && row)
            ids[i] = avqa_stmt_int(st, 0);
        avqa_stmt_reset(st);
    }
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_template_codes(struct avqa_catalog *cat,
                                     avqa_template_code_fn *fn, void *user)
{
    return avqa_stmt_each_dense(cat, SQL_CODES, fn, user);
}
