/* The only user of cJSON. A struct avqa_json is a cJSON node under another name.
 *
 * Printing is ours: cJSON prints doubles with 15 to 17 digits and indents with tabs;
 * the reports need stable, short numbers and the published files' own style. */
#include "base/json.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

static const cJSON *in(const struct avqa_json *node)
{
    return (const cJSON *)node;
}

static cJSON *in_mut(struct avqa_json *node)
{
    return (cJSON *)node;
}

static struct avqa_json *made(cJSON *item)
{
    if (!item)
        avqa_mem_exhausted(); /* a node is small, see mem.h */
    return (struct avqa_json *)item;
}

size_t avqa_json_skip_string(const char *s, size_t i, size_t len)
{
    for (;;) {
        const char *quote = memchr(s + i, '"', len - i);
        if (!quote)
            return len + 1;
        size_t end = (size_t)(quote - s);
        size_t slashes = 0;
        while (end - slashes > i && s[end - slashes - 1] == '\\')
            slashes++;
        i = end + 1;
        if (slashes % 2 == 0)
            return i;
    }
}

static enum avqa_status check_depth(const char *s, size_t len)
{
    int depth = 0;
    for (size_t i = 0; i < len;) {
        char c = s[i++];
        if (c == '"')
            i = avqa_json_skip_string(s, i, len);
        else if (c == '[' || c == '{')
            depth++;
        else if (c == ']' || c == '}')
            depth--;
        if (depth > AVQA_JSON_MAX_DEPTH)
            return avqa_fail(AVQA_EFORMAT, "byte %zu: nested deeper than %d", i,
                             AVQA_JSON_MAX_DEPTH);
    }
    return AVQA_OK;
}

/* An escaped NUL would cut the string silently. */
static enum avqa_status check_escaped_nul(const char *s, size_t len)
{
    const char *p = s;
    const char *end = s + len;
    while ((p = memmem(p, (size_t)(end - p), "\\u0000", 6))) {
        size_t backslashes = 1;
        while (p - backslashes >= s && p[-(ptrdiff_t)backslashes] == '\\')
            backslashes++;
        if (backslashes % 2)
            return avqa_fail(AVQA_EFORMAT, "byte %zu: a NUL in a string",
                             (size_t)(p - s) + 1);
        p += 6;
    }
    return AVQA_OK;
}

enum avqa_status avqa_json_check_text(const char *text, size_t len)
{
    size_t bad;
    if (!avqa_text_valid(text, len, &bad))
        return avqa_fail(AVQA_EFORMAT, "byte %zu: not valid UTF-8", bad + 1);
    const char *nul = memchr(text, '\0', len);
    if (nul)
        return avqa_fail(AVQA_EFORMAT, "byte %zu: a NUL byte",
                         (size_t)(nul - text) + 1);
    return check_escaped_nul(text, len);
}

/* Whether all numbers are finite: cJSON reads 1e999 as infinity, and would write null.
 */
static bool is_finite(const cJSON *node)
{
    for (; node; node = node->next) {
        if (cJSON_IsNumber(node) ? !isfinite(node->valuedouble)
                                 : !is_finite(node->child))
            return false;
    }
    return true;
}

enum avqa_status avqa_json_parse_checked(struct avqa_json **out, const char *text,
                                         size_t len)
{
    const char *end = text;
    cJSON *root = cJSON_ParseWithLengthOpts(text, len, &end, false);
    if (!root)
        return avqa_fail(AVQA_EFORMAT, "byte %zu: not JSON", (size_t)(end - text) + 1);
    for (; end < text + len; end++) {
        if (!strchr(" \t\r\n", *end) || *end == '\0') {
            cJSON_Delete(root);
            return avqa_fail(AVQA_EFORMAT, "byte %zu: more than one value",
                             (size_t)(end - text) + 1);
        }
    }
    if (!is_finite(root)) {
        cJSON_Delete(root);
        return avqa_fail(AVQA_EFORMAT, "a number is too large (more than 1.8e308)");
    }
    *out = made(root);
    return AVQA_OK;
}

enum avqa_status avqa_json_parse(struct avqa_json **out, const char *text, size_t len)
{
    enum avqa_status rc = avqa_json_check_text(text, len);
    if (rc == AVQA_OK)
        rc = check_depth(text, len);
    return rc != AVQA_OK ? rc : avqa_json_parse_checked(out, text, len);
}

enum avqa_status avqa_json_read(struct avqa_json **out, const char *path, size_t max)
{
    struct avqa_buf buf = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_io_read(&buf, path, max);
    if (rc == AVQA_OK) {
        size_t bom = buf.len >= 3 && memcmp(buf.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        rc = avqa_json_parse(out, avqa_buf_str(&buf) + bom, buf.len - bom);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s", path);
    }
    avqa_buf_release(&buf);
    return rc;
}

void avqa_json_free(struct avqa_json *root)
{
    cJSON_Delete(in_mut(root));
}

enum avqa_json_type avqa_json_type(const struct avqa_json *node)
{
    const cJSON *n = in(node);
    if (cJSON_IsString(n))
        return AVQA_JSON_STRING;
    if (cJSON_IsNumber(n))
        return AVQA_JSON_NUMBER;
    if (cJSON_IsObject(n))
        return AVQA_JSON_OBJECT;
    if (cJSON_IsArray(n))
        return AVQA_JSON_ARRAY;
    return cJSON_IsBool(n) ? AVQA_JSON_BOOL : AVQA_JSON_NULL;
}

const char *avqa_json_type_name(const struct avqa_json *node)
{
    static const char *const names[] = {"null",     "true or false", "a number",
                                        "a string", "a list",        "an object"};
    return node ? names[avqa_json_type(node)] : "missing";
}

const struct avqa_json *avqa_json_get(const struct avqa_json *node, const char *key)
{
    if (!cJSON_IsObject(in(node)))
        return NULL;
    return (const struct avqa_json *)cJSON_GetObjectItemCaseSensitive(in(node), key);
}

/* Whether a word stands in a list of words with spaces between them. */
static bool is_listed(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *s = list; *s;) {
        size_t n = strcspn(s, " ");
        if (n == len && memcmp(s, word, n) == 0)
            return true;
        s += n + (s[n] == ' ');
    }
    return false;
}

enum avqa_status avqa_json_only(const struct avqa_json *node, const char *keys)
{
    if (!node || !cJSON_IsObject(in(node)))
        return AVQA_OK;
    for (const struct avqa_json *m = avqa_json_first(node); m; m = avqa_json_next(m)) {
        if (!is_listed(keys, avqa_json_key(m)))
            return avqa_fail(AVQA_EFORMAT, "there is no key '%.80s'; there are: %s",
                             avqa_json_key(m), keys);
    }
    return AVQA_OK;
}

const struct avqa_json *avqa_json_first(const struct avqa_json *node)
{
    return node ? (const struct avqa_json *)in(node)->child : NULL;
}

const struct avqa_json *avqa_json_next(const struct avqa_json *node)
{
    return node ? (const struct avqa_json *)in(node)->next : NULL;
}

size_t avqa_json_count(const struct avqa_json *node)
{
    size_t n = 0;
    for (const struct avqa_json *c = avqa_json_first(node); c; c = avqa_json_next(c))
        n++;
    return n;
}

const char *avqa_json_key(const struct avqa_json *node)
{
    return node ? in(node)->string : NULL;
}

const char *avqa_json_string(const struct avqa_json *node)
{
    return cJSON_IsString(in(node)) ? in(node)->valuestring : NULL;
}

bool avqa_json_int(const struct avqa_json *node, int64_t *out)
{
    double v;
    if (!avqa_json_double(node, &v) || v != floor(v) || fabs(v) >= 0x1p53)
        return false;
    *out = (int64_t)v;
    return true;
}

bool avqa_json_double(const struct avqa_json *node, double *out)
{
    if (!cJSON_IsNumber(in(node)) || !isfinite(in(node)->valuedouble))
        return false;
    *out = in(node)->valuedouble;
    return true;
}

bool avqa_json_true(const struct avqa_json *node)
{
    return cJSON_IsTrue(in(node));
}

struct avqa_json *avqa_json_new_object(void)
{
    return made(cJSON_CreateObject());
}

struct avqa_json *avqa_json_new_array(void)
{
    return made(cJSON_CreateArray());
}

struct avqa_json *avqa_json_put(struct avqa_json *parent, const char *key,
                                struct avqa_json *child)
{
    if (key ? !cJSON_AddItemToObject(in_mut(parent), key, in_mut(child))
            : !cJSON_AddItemToArray(in_mut(parent), in_mut(child)))
        avqa_mem_exhausted();
    return child;
}

struct avqa_json *avqa_json_put_object(struct avqa_json *parent, const char *key)
{
    return avqa_json_put(parent, key, avqa_json_new_object());
}

struct avqa_json *avqa_json_put_array(struct avqa_json *parent, const char *key)
{
    return avqa_json_put(parent, key, avqa_json_new_array());
}

void avqa_json_put_string(struct avqa_json *parent, const char *key, const char *text)
{
    avqa_json_put(parent, key, made(cJSON_CreateString(text)));
}

void avqa_json_put_int(struct avqa_json *parent, const char *key, int64_t value)
{
    avqa_json_put(parent, key, made(cJSON_CreateNumber((double)value)));
}

void avqa_json_set_int(struct avqa_json *parent, const char *section, const char *key,
                       int64_t value)
{
    cJSON *item = cJSON_GetObjectItemCaseSensitive(in_mut(parent), section);
    item = cJSON_GetObjectItemCaseSensitive(item, key);
    assert(cJSON_IsNumber(item));
    cJSON_SetNumberValue(item, (double)value);
}

void avqa_json_put_double(struct avqa_json *parent, const char *key, double value)
{
    double rounded = round(value * 1e6) / 1e6;
    if (!isfinite(value))
        avqa_json_put_null(parent, key);
    else /* + 0.0 turns -0 into 0 */
        avqa_json_put(parent, key, made(cJSON_CreateNumber(rounded + 0.0)));
}

void avqa_json_put_exact(struct avqa_json *parent, const char *key, double value)
{
    if (!isfinite(value))
        avqa_json_put_null(parent, key);
    else
        avqa_json_put(parent, key, made(cJSON_CreateNumber(value)));
}

void avqa_json_put_bool(struct avqa_json *parent, const char *key, bool value)
{
    avqa_json_put(parent, key, made(cJSON_CreateBool(value)));
}

void avqa_json_put_null(struct avqa_json *parent, const char *key)
{
    avqa_json_put(parent, key, made(cJSON_CreateNull()));
}

void avqa_json_put_copy(struct avqa_json *parent, const char *key,
                        const struct avqa_json *node)
{
    avqa_json_put(parent, key, made(cJSON_Duplicate(in(node), true)));
}

static void quote_escape(struct avqa_buf *out, unsigned char c)
{
    static const char letters[] = "\b\f\n\r\t\"\\";
    static const char *const escapes[] = {"\\b", "\\f",  "\\n", "\\r",
                                          "\\t", "\\\"", "\\\\"};
    const char *at = c ? strchr(letters, c) : NULL;
    if (at)
        avqa_buf_adds(out, escapes[at - letters]);
    else
        avqa_buf_addf(out, "\\u%04x", c);
}

static void quote_unicode(struct avqa_buf *out, uint32_t c)
{
    if (c >= 0x10000) {
        c -= 0x10000;
        avqa_buf_addf(out, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
    } else {
        avqa_buf_addf(out, "\\u%04x", c);
    }
}

void avqa_json_quote(struct avqa_buf *out, const char *text, bool ascii)
{
    avqa_buf_addc(out, '"');
    for (const char *s = text; *s;) {
        unsigned char c = (unsigned char)*s;
        size_t run = 0;
        while ((unsigned char)s[run] >= 0x20 && s[run] != '"' && s[run] != '\\' &&
               s[run] != 0x7f && !(ascii && (unsigned char)s[run] >= 0x80))
            run++;
        if (run) {
            avqa_buf_add(out, s, run);
            s += run;
        } else if (c >= 0x80) {
            quote_unicode(out, avqa_text_next(&s));
        } else {
            quote_escape(out, c);
            s++;
        }
    }
    avqa_buf_addc(out, '"');
}

/* Fifteen digits, or the seventeen that some values need to stay what they are. */
static int digits_of(double v)
{
    char text[32];
    snprintf(text, sizeof text, "%.15g", v);
    return strtod(text, NULL) == v ? 15 : 17;
}

static void print_number(struct avqa_buf *out, double v)
{
    if (!isfinite(v))
        avqa_buf_adds(out, "null");
    else if (v == floor(v) && fabs(v) <= 0x1p53)
        avqa_buf_addf(out, "%.0f", v);
    else
        avqa_buf_addf(out, "%.*g", digits_of(v), v);
}

static void new_line(struct avqa_buf *out, int spaces, int indent)
{
    if (indent)
        avqa_buf_addf(out, "\n%*s", spaces, "");
}

static void print_node(struct avqa_buf *out, const cJSON *n, int indent, int level);

static void print_members(struct avqa_buf *out, const cJSON *n, int indent, int level)
{
    bool object = cJSON_IsObject(n);
    avqa_buf_addc(out, object ? '{' : '[');
    for (const cJSON *c = n->child; c; c = c->next) {
        new_line(out, indent * (level + 1), indent);
        if (object) {
            avqa_json_quote(out, c->string, false);
            avqa_buf_adds(out, ": ");
        }
        print_node(out, c, indent, level + 1);
        if (c->next)
            avqa_buf_adds(out, indent ? "," : ", ");
    }
    if (n->child)
        new_line(out, indent * level, indent);
    avqa_buf_addc(out, object ? '}' : ']');
}

static void print_node(struct avqa_buf *out, const cJSON *n, int indent, int level)
{
    if (cJSON_IsObject(n) || cJSON_IsArray(n))
        print_members(out, n, indent, level);
    else if (cJSON_IsString(n))
        avqa_json_quote(out, n->valuestring, false);
    else if (cJSON_IsNumber(n))
        print_number(out, n->valuedouble);
    else
        avqa_buf_adds(out, cJSON_IsTrue(n)    ? "true"
                           : cJSON_IsFalse(n) ? "false"
                                              : "null");
}

void avqa_json_print(struct avqa_buf *out, const struct avqa_json *node, int indent)
{
    print_node(out, in(node), indent, 0);
}
