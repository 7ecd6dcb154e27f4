/* See facts_value.h. */
#include "qa/facts_value.h"

#include <math.h>
#include <string.h>

const struct avqa_json *avqa_facts_member(const struct avqa_json *object,
                                          const char *key)
{
    const struct avqa_json *m = avqa_json_get(object, key);
    return m && avqa_json_type(m) != AVQA_JSON_NULL ? m : NULL;
}

enum avqa_status avqa_facts_wrong_type(const struct avqa_facts_reader *r,
                                       const char *key, const struct avqa_json *node,
                                       const char *wanted)
{
    return avqa_fail(AVQA_EFORMAT, "%s%s: is %s, not %s", r->where, key,
                     avqa_json_type_name(node), wanted);
}

static bool byte_is_bad(const char *text, size_t i, size_t len,
                        enum avqa_facts_name kind)
{
    unsigned char c = (unsigned char)text[i];
    if (c < ' ' || c == 0x7f)
        return true;
    if (kind == AVQA_FACTS_NAME)
        return c == ' ' || c == '/';
    return c == ' ' && (i == 0 || i + 1 == len);
}

enum avqa_status avqa_facts_check_name(const struct avqa_facts_reader *r,
                                       const char *key, const char *text,
                                       enum avqa_facts_name kind)
{
    size_t len = strlen(text);
    if (len == 0)
        return avqa_fail(AVQA_EFORMAT, "%s%s: is empty", r->where, key);
    if (len > AVQA_FACTS_NAME_MAX)
        return avqa_fail(AVQA_EFORMAT, "%s%s: is longer than %d bytes", r->where, key,
                         AVQA_FACTS_NAME_MAX);
    for (size_t i = 0; i < len; i++) {
        if (byte_is_bad(text, i, len, kind))
            return avqa_fail(
                AVQA_EFORMAT, "%s%s: has a %scontrol byte: %s", r->where, key,
                kind == AVQA_FACTS_NAME ? "space, slash or " : "space at an end or ",
                text);
    }
    return AVQA_OK;
}

enum avqa_status avqa_facts_text(const struct avqa_facts_reader *r,
                                 const struct avqa_json *object, const char *key,
                                 enum avqa_facts_name kind, const char **out)
{
    const struct avqa_json *m = avqa_facts_member(object, key);
    const char *text = avqa_json_string(m);
    *out = NULL;
    if (!m)
        return AVQA_OK;
    if (!text)
        return avqa_facts_wrong_type(r, key, m, "a string");
    enum avqa_status rc = avqa_facts_check_name(r, key, text, kind);
    if (rc == AVQA_OK)
        *out = avqa_arena_strdup(r->arena, text);
    return rc;
}

enum avqa_status avqa_facts_needed(const struct avqa_facts_reader *r,
                                   const struct avqa_json *object, const char *key,
                                   enum avqa_facts_name kind, const char **out)
{
    enum avqa_status rc = avqa_facts_text(r, object, key, kind, out);
    if (rc == AVQA_OK && !*out)
        return avqa_fail(AVQA_EFORMAT, "%s%s: is missing", r->where, key);
    return rc;
}

enum avqa_status avqa_facts_number(const struct avqa_facts_reader *r,
                                   const struct avqa_json *object, const char *key,
                                   double *out)
{
    const struct avqa_json *m = avqa_facts_member(object, key);
    *out = (double)NAN;
    if (!m || avqa_json_double(m, out))
        return AVQA_OK;
    if (avqa_json_type(m) == AVQA_JSON_NUMBER)
        return avqa_fail(AVQA_EFORMAT, "%s%s: is too large", r->where, key);
    return avqa_facts_wrong_type(r, key, m, "a number");
}

enum avqa_status avqa_facts_truth(const struct avqa_facts_reader *r,
                                  const struct avqa_json *object, const char *key,
                                  enum avqa_truth *out)
{
    const struct avqa_json *m = avqa_facts_member(object, key);
    *out = AVQA_UNKNOWN;
    if (!m)
        return AVQA_OK;
    if (avqa_json_type(m) != AVQA_JSON_BOOL)
        return avqa_facts_wrong_type(r, key, m, "true, false or null");
    *out = avqa_json_true(m) ? AVQA_YES : AVQA_NO;
    return AVQA_OK;
}

bool avqa_facts_numbers(const struct avqa_json *list, double *out, size_t n)
{
    const struct avqa_json *m = avqa_json_first(list);
    if (!list || avqa_json_type(list) != AVQA_JSON_ARRAY)
        return false;
    for (size_t i = 0; i < n; i++, m = avqa_json_next(m)) {
        if (!m || !avqa_json_double(m, &out[i]))
            return false;
    }
    return m == NULL;
}

enum avqa_status avqa_facts_check_keys(const struct avqa_facts_reader *r,
                                       const struct avqa_json *object,
                                       const char *const *keys, size_t n)
{
    for (const struct avqa_json *m = avqa_json_first(object); m;
         m = avqa_json_next(m)) {
        for (size_t k = 0; k < n; k++) {
            if (strcmp(avqa_json_key(m), keys[k]) == 0 &&
                avqa_json_get(object, keys[k]) != m)
                return avqa_fail(AVQA_EFORMAT, "%s%s: stands twice", r->where, keys[k]);
        }
    }
    return AVQA_OK;
}
