/* What every test needs: cmocka, statuses with their messages, temporary folders, and
 * short ways into JSON. Everything is static inline, so that a test stays one file. */
#ifndef AVQA_TESTS_CHECK_H
#define AVQA_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/status.h"

/* Whether a sanitizer is built in: memory is not the C library's then. */
#ifndef __has_feature
#define __has_feature(name) 0 /* gcc before 14 */
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER 1
#else
#define HAS_ADDRESS_SANITIZER 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define HAS_THREAD_SANITIZER 1
#else
#define HAS_THREAD_SANITIZER 0
#endif

/* ---- statuses and numbers -------------------------------------------------------- */

#define assert_ok(call)                                                                \
    do {                                                                               \
        enum avqa_status rc_ = (call);                                                 \
        if (rc_ != AVQA_OK)                                                            \
            fail_msg("%s: status %d: %s", #call, rc_, avqa_message());                 \
    } while (0)

/* The call fails with this code and a message that has `text` in it. */
#define assert_fails(call, code, text)                                                 \
    do {                                                                               \
        enum avqa_status rc_ = (call);                                                 \
        if (rc_ != (code))                                                             \
            fail_msg("%s: status %d, not %d: %s", #call, rc_, code, avqa_message());   \
        if (!strstr(avqa_message(), text))                                             \
            fail_msg("%s: the message lacks \"%s\": %s", #call, text, avqa_message()); \
    } while (0)

#define assert_close(a, b, tolerance)                                                  \
    do {                                                                               \
        double a_ = (a);                                                               \
        double b_ = (b);                                                               \
        if (!(fabs(a_ - b_) <= (tolerance)))                                           \
            fail_msg("%s = %.9g, not %.9g", #a, a_, b_);                               \
    } while (0)

#define assert_has(text, part)                                                         \
    do {                                                                               \
        const char *text_ = (text);                                                    \
        if (!text_ || !strstr(text_, part))                                            \
            fail_msg("\"%s\" is not in: %s", part, text_ ? text_ : "(null)");          \
    } while (0)

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* ---- files ----------------------------------------------------------------------- */

/* A new folder; check_remove deletes it with all that is in it. */
static inline char *check_folder(void)
{
    const char *base = getenv("TMPDIR");
    char *path = avqa_io_join(base ? base : P_tmpdir, "avqa-test-XXXXXX");
    if (!mkdtemp(path))
        fail_msg("no temporary folder %s", path);
    return path;
}

static inline int check_unlink(const char *path, const struct stat *st, int type,
                               struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void check_remove(char *folder)
{
    nftw(folder, check_unlink, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

/* Writes DIR/NAME; the path is the caller's to free. */
static inline char *check_write(const char *dir, const char *name, const void *bytes,
                                size_t len)
{
    char *path = avqa_io_join(dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    return path;
}

static inline char *check_write_text(const char *dir, const char *name,
                                     const char *text)
{
    return check_write(dir, name, text, strlen(text));
}

/* A file's bytes; the caller releases them. */
static inline struct avqa_buf check_read(const char *path)
{
    struct avqa_buf buf = AVQA_BUF_INIT;
    assert_ok(avqa_io_read(&buf, path, AVQA_BUF_MAX_DEFAULT));
    return buf;
}

/* A file of the source tree. The caller frees it. */
static inline char *check_source(const char *name)
{
    const char *root = getenv("AVQA_SOURCE");
    return avqa_io_join(root ? root : ".", name);
}

/* ---- JSON ------------------------------------------------------------------------ */

static inline struct avqa_json *check_parse(const char *text)
{
    struct avqa_json *root = NULL;
    assert_ok(avqa_json_parse(&root, text, strlen(text)));
    return root;
}

/* The value behind a path of keys ("counts", "by_type", ...) that ends with NULL, or
 * NULL. A key "#3" is the fourth member of a list. */
static inline const struct avqa_json *check_vat(const struct avqa_json *node,
                                                va_list ap)
{
    const char *key;
    while ((key = va_arg(ap, const char *)) != NULL) {
        if (node && key[0] == '#' && avqa_json_type(node) == AVQA_JSON_ARRAY) {
            long n = strtol(key + 1, NULL, 10);
            for (node = avqa_json_first(node); node && n > 0; n--)
                node = avqa_json_next(node);
        } else {
            node = node ? avqa_json_get(node, key) : NULL;
        }
    }
    return node;
}

static inline const struct avqa_json *check_at(const struct avqa_json *node, ...)
{
    va_list ap;
    va_start(ap, node);
    const struct avqa_json *found = check_vat(node, ap);
    va_end(ap);
    return found;
}

/* The whole number there; a test that asks for one that is not there fails. */
static inline int64_t check_int(const struct avqa_json *node, ...)
{
    int64_t n = 0;
    va_list ap;
    va_start(ap, node);
    const struct avqa_json *found = check_vat(node, ap);
    va_end(ap);
    if (!avqa_json_int(found, &n))
        fail_msg("no whole number there but %s", avqa_json_type_name(found));
    return n;
}

static inline double check_double(const struct avqa_json *node, ...)
{
    double x = 0;
    va_list ap;
    va_start(ap, node);
    const struct avqa_json *found = check_vat(node, ap);
    va_end(ap);
    if (!avqa_json_double(found, &x))
        fail_msg("no number there but %s", avqa_json_type_name(found));
    return x;
}

static inline const char *check_string(const struct avqa_json *node, ...)
{
    va_list ap;
    va_start(ap, node);
    const struct avqa_json *found = check_vat(node, ap);
    va_end(ap);
    if (!avqa_json_string(found))
        fail_msg("no string there but %s", avqa_json_type_name(found));
    return avqa_json_string(found);
}

/* Whether two values are the same, the order of keys included; numbers to 1e-6. */
static inline bool check_same(const struct avqa_json *a, const struct avqa_json *b)
{
    double x = 0;
    double y = 0;
    if (!a || !b || avqa_json_type(a) != avqa_json_type(b))
        return false;
    if (avqa_json_string(a))
        return strcmp(avqa_json_string(a), avqa_json_string(b)) == 0;
    if (avqa_json_double(a, &x) && avqa_json_double(b, &y))
        return fabs(x - y) <= 1e-6;
    if (avqa_json_type(a) == AVQA_JSON_BOOL)
        return avqa_json_true(a) == avqa_json_true(b);
    a = avqa_json_first(a);
    b = avqa_json_first(b);
    for (; a && b; a = avqa_json_next(a), b = avqa_json_next(b)) {
        const char *k = avqa_json_key(a) ? avqa_json_key(a) : "";
        if (strcmp(k, avqa_json_key(b) ? avqa_json_key(b) : "") != 0 ||
            !check_same(a, b))
            return false;
    }
    return !a && !b;
}

#endif
