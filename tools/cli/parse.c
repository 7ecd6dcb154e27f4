/* One pass over the words: --name value, --name=value, -x value, -xyz for flags, and --
 * before words that begin with a dash. */
#include "cli/parse.h"
#include "base/buf.h"
#include "cli/near.h"
#include "cli/range.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An option and the struct its value goes to. */
struct target {
    const struct avqa_opt *opt;
    char *base;
};

static bool has_trait(const struct avqa_command *c, unsigned trait)
{
    return trait == 0 || (c->traits & trait);
}

/* Finds by long name (letter 0) or by letter (name NULL). */
static struct target find(const struct avqa_parse *p, const char *name, size_t len,
                          char letter)
{
    const struct avqa_command *c = p->command;
    for (size_t i = 0; i < c->n_opts + avqa_n_common_opts; i++) {
        bool own = i < c->n_opts;
        size_t k = own ? 0 : i - c->n_opts;
        const struct avqa_opt *o = own ? &c->opts[i] : &avqa_common_opts[k].opt;
        if (!own && !has_trait(c, avqa_common_opts[k].trait))
            continue;
        bool match = name ? strlen(o->name) == len && memcmp(o->name, name, len) == 0
                          : o->letter == letter;
        if (match)
            return (struct target){o, own ? (char *)p->config : (char *)p->cli};
    }
    return (struct target){0};
}

/* The long option of this command that is nearest to `name`, if one is near. */
static const char *nearest_option(const struct avqa_command *c, const char *name)
{
    struct avqa_near near = {.word = name};
    for (size_t i = 0; i < c->n_opts; i++)
        avqa_near_offer(&near, c->opts[i].name, strlen(c->opts[i].name));
    for (size_t i = 0; i < avqa_n_common_opts; i++) {
        const char *other = avqa_common_opts[i].opt.name;
        if (has_trait(c, avqa_common_opts[i].trait))
            avqa_near_offer(&near, other, strlen(other));
    }
    return near.best;
}

static enum avqa_status fail_unknown(const struct avqa_parse *p, const char *name,
                                     size_t len)
{
    char word[64];
    if (len >= sizeof word)
        return avqa_fail(AVQA_EINVAL, "there is no option --%.*s", (int)len, name);
    memcpy(word, name, len);
    word[len] = '\0';
    const char *nearest = nearest_option(p->command, word);
    if (nearest)
        return avqa_fail(AVQA_EINVAL, "there is no option --%s; did you mean --%s?",
                         word, nearest);
    return avqa_fail(AVQA_EINVAL, "there is no option --%s", word);
}

static bool is_choice(const char *choices, const char *text)
{
    size_t len = strlen(text);
    for (const char *s = choices; *s;) {
        size_t n = strcspn(s, "|");
        if (n == len && memcmp(s, text, n) == 0)
            return true;
        s += n + (s[n] == '|');
    }
    return false;
}

static enum avqa_status check_range(const struct avqa_opt *o, double v, bool parsed)
{
    struct avqa_buf range = AVQA_BUF_INIT;
    if (parsed && v >= o->min && v <= o->max)
        return AVQA_OK;
    avqa_range_long(&range, o);
    enum avqa_status rc =
        avqa_fail(AVQA_EINVAL, "--%s takes %s", o->name, avqa_buf_str(&range));
    avqa_buf_release(&range);
    return rc;
}

static enum avqa_status set_int(const struct target *t, const char *text)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    bool parsed = *text && !*end && errno == 0;
    enum avqa_status rc = check_range(t->opt, (double)v, parsed);
    int64_t value = v;
    if (rc == AVQA_OK)
        memcpy(t->base + t->opt->offset, &value, sizeof value);
    return rc;
}

static enum avqa_status set_real(const struct target *t, const char *text)
{
    char *end;
    double v = strtod(text, &end);
    enum avqa_status rc = check_range(t->opt, v, *text && !*end && isfinite(v));
    if (rc == AVQA_OK)
        memcpy(t->base + t->opt->offset, &v, sizeof v);
    return rc;
}

static enum avqa_status set(const struct target *t, const char *text)
{
    const struct avqa_opt *o = t->opt;
    bool yes = true;
    switch (o->type) {
    case AVQA_OPT_INT:
        return set_int(t, text);
    case AVQA_OPT_REAL:
        return set_real(t, text);
    case AVQA_OPT_CHOICE:
        if (!is_choice(o->unit, text))
            return avqa_fail(AVQA_EINVAL, "--%s is one of %s, not '%s'", o->name,
                             o->unit, text);
        break;
    case AVQA_OPT_FLAG:
        memcpy(t->base + o->offset, &yes, sizeof yes);
        return AVQA_OK;
    case AVQA_OPT_STRING:
        break;
    }
    memcpy(t->base + o->offset, &text, sizeof text);
    return AVQA_OK;
}

static void set_default(const struct target *t)
{
    if (t->opt->initial && set(t, t->opt->initial) != AVQA_OK)
        abort(); /* a default outside its own range is our own bug */
}

void avqa_parse_defaults(struct avqa_parse *p)
{
    for (size_t i = 0; i < p->command->n_opts; i++)
        set_default(&(struct target){&p->command->opts[i], p->config});
    for (size_t i = 0; i < avqa_n_common_opts; i++)
        set_default(&(struct target){&avqa_common_opts[i].opt, (char *)p->cli});
}

/* The value of the option in argv[*i], which may be the next word. */
static enum avqa_status set_from(const struct target *t, int argc,
                                 const char *const *argv, int *i, const char *inside)
{
    if (t->opt->type == AVQA_OPT_FLAG) {
        if (inside)
            return avqa_fail(AVQA_EINVAL, "--%s takes no value", t->opt->name);
        return set(t, "");
    }
    if (inside)
        return set(t, inside);
    if (*i + 1 >= argc)
        return avqa_fail(AVQA_EINVAL, "--%s needs a value (%s)", t->opt->name,
                         t->opt->unit);
    return set(t, argv[++*i]);
}

/* One for each word at most, so `typed` has room. */
static void note_typed(struct avqa_parse *p, const struct avqa_opt *o)
{
    if (p->cli->typed)
        p->cli->typed[p->cli->n_typed++] = o->name;
}

static enum avqa_status parse_long(struct avqa_parse *p, int argc,
                                   const char *const *argv, int *i)
{
    const char *name = argv[*i] + 2;
    size_t len = strcspn(name, "=");
    struct target t = find(p, name, len, 0);
    if (!t.opt)
        return fail_unknown(p, name, len);
    note_typed(p, t.opt);
    return set_from(&t, argc, argv, i, name[len] ? name + len + 1 : NULL);
}

static enum avqa_status parse_letters(struct avqa_parse *p, int argc,
                                      const char *const *argv, int *i)
{
    for (const char *s = argv[*i] + 1; *s; s++) {
        struct target t = find(p, NULL, 0, *s);
        if (!t.opt)
            return avqa_fail(AVQA_EINVAL, "there is no option -%c", *s);
        if (t.opt->type != AVQA_OPT_FLAG) {
            note_typed(p, t.opt);
            return set_from(&t, argc, argv, i, s[1] ? s + 1 : NULL);
        }
        enum avqa_status rc = set(&t, "");
        if (rc != AVQA_OK)
            return rc;
    }
    return AVQA_OK;
}

static enum avqa_status check_args(const struct avqa_parse *p)
{
    const struct avqa_command *c = p->command;
    if (p->n_args < c->min_args)
        return avqa_fail(AVQA_EINVAL, "%s is missing", c->arg);
    if (p->n_args > c->max_args)
        return avqa_fail(AVQA_EINVAL, "one word too many: %s", p->args[c->max_args]);
    return AVQA_OK;
}

enum avqa_status avqa_parse_words(struct avqa_parse *p, int argc,
                                  const char *const *argv)
{
    bool only_args = false;
    enum avqa_status rc = AVQA_OK;
    for (int i = 0; rc == AVQA_OK && i < argc; i++) {
        const char *word = argv[i];
        if (only_args || word[0] != '-' || word[1] == '\0')
            p->args[p->n_args++] = word;
        else if (strcmp(word, "--") == 0)
            only_args = true;
        else if (word[1] == '-')
            rc = parse_long(p, argc, argv, &i);
        else
            rc = parse_letters(p, argc, argv, &i);
    }
    return rc == AVQA_OK && !p->cli->help ? check_args(p) : rc;
}
