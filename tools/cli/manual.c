/* See manual.h. Lines are wrapped at 80 columns; the texts themselves are in the
 * tables. */
#include "cli/manual.h"
#include "base/version.h"
#include "cli/range.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 80, INDENT = 24 };

static const char exit_text[] =
    "0 done, 1 failed, 2 wrong usage, 3 partly done (some items failed; the catalog "
    "says which), 130 stopped with Ctrl-C, 143 stopped with TERM";

static bool shown(const struct avqa_command *c, const struct avqa_common_opt *o)
{
    return o->trait == 0 || (c->traits & o->trait);
}

/* Appends words wrapped at WIDTH; `column` is where the first one starts and `indent`
 * where later lines do. */
static void wrap(struct avqa_buf *out, const char *text, size_t column, size_t indent)
{
    bool first = true;
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, " \n");
        if (!first && column + 1 + n > WIDTH) {
            avqa_buf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            avqa_buf_addc(out, ' ');
            column++;
        }
        avqa_buf_add(out, s, n);
        column += n;
        first = false;
        s += n;
        s += strspn(s, " \n");
    }
    avqa_buf_addc(out, '\n');
}

/* Calls `fn` for each paragraph of a command's details. */
typedef void paragraph_fn(struct avqa_buf *out, const char *paragraph);
static void paragraphs(struct avqa_buf *out, const char *text, paragraph_fn *fn)
{
    struct avqa_buf one = AVQA_BUF_INIT;
    for (const char *s = text; s && *s;) {
        const char *end = strstr(s, "\n\n");
        size_t n = end ? (size_t)(end - s) : strlen(s);
        avqa_buf_clear(&one);
        avqa_buf_add(&one, s, n);
        fn(out, avqa_buf_str(&one));
        s += n + (end ? 2 : 0);
    }
    avqa_buf_release(&one);
}

static void wrapped_paragraph(struct avqa_buf *out, const char *text)
{
    avqa_buf_addc(out, '\n');
    wrap(out, text, 0, 0);
}

/* "-o, --output DIR" */
static void option_form(struct avqa_buf *out, const struct avqa_opt *o)
{
    if (o->letter)
        avqa_buf_addf(out, "-%c, ", o->letter);
    avqa_buf_addf(out, "--%s", o->name);
    if (o->type != AVQA_OPT_FLAG)
        avqa_buf_addf(out, " %s", o->unit);
}

/* The help text with range and default behind it. */
static void option_text(struct avqa_buf *out, const struct avqa_opt *o)
{
    struct avqa_buf more = AVQA_BUF_INIT;
    avqa_range_short(&more, o);
    if (o->initial && o->type != AVQA_OPT_FLAG)
        avqa_buf_addf(&more, "%sdefault %s", more.len ? "; " : "", o->initial);
    avqa_buf_adds(out, o->help);
    if (more.len)
        avqa_buf_addf(out, " (%s)", avqa_buf_str(&more));
    avqa_buf_release(&more);
}

static void help_option(struct avqa_buf *out, const struct avqa_opt *o)
{
    struct avqa_buf form = AVQA_BUF_INIT;
    struct avqa_buf text = AVQA_BUF_INIT;
    option_form(&form, o);
    option_text(&text, o);
    if (form.len + 4 > INDENT)
        avqa_buf_addf(out, "  %s\n%*s", avqa_buf_str(&form), INDENT, "");
    else
        avqa_buf_addf(out, "  %-*s", INDENT - 2, avqa_buf_str(&form));
    wrap(out, avqa_buf_str(&text), INDENT, INDENT);
    avqa_buf_release(&form);
    avqa_buf_release(&text);
}

void avqa_manual_usage(struct avqa_buf *out, const struct avqa_command *c)
{
    avqa_buf_addf(out, "usage: avqa [-C DIR] %s [options]", c->name);
    if (c->arg)
        avqa_buf_addf(out, c->min_args ? " %s%s" : " [%s%s]", c->arg,
                      c->max_args > 1 && c->max_args > c->min_args ? "..." : "");
    avqa_buf_addc(out, '\n');
}

void avqa_manual_help(struct avqa_buf *out, const struct avqa_command *c)
{
    avqa_manual_usage(out, c);
    avqa_buf_addf(out, "\n%s.\n", c->summary);
    paragraphs(out, c->details, wrapped_paragraph);
    if (c->arg_help) {
        avqa_buf_addf(out, "\n  %-*s", INDENT - 2, c->arg);
        wrap(out, c->arg_help, INDENT, INDENT);
    }
    if (c->n_opts)
        avqa_buf_adds(out, "\nOptions:\n");
    for (size_t i = 0; i < c->n_opts; i++)
        help_option(out, &c->opts[i]);
    avqa_buf_adds(out, "\nOptions of every command:\n");
    for (size_t i = 0; i < avqa_n_common_opts; i++) {
        if (shown(c, &avqa_common_opts[i]))
            help_option(out, &avqa_common_opts[i].opt);
    }
    if (c->example)
        avqa_buf_addf(out, "\nExample:\n  %s\n", c->example);
}

/* The commands whose names begin with `group` and a space, or all. */
static void list_commands(struct avqa_buf *out, const char *group)
{
    size_t len = strlen(group);
    for (size_t i = 0; avqa_commands[i]; i++) {
        const struct avqa_command *c = avqa_commands[i];
        if ((c->traits & AVQA_HIDDEN) ||
            (len && (strncmp(c->name, group, len) != 0 || c->name[len] != ' ')))
            continue;
        avqa_buf_addf(out, "  %-*s", INDENT - 2, c->name);
        wrap(out, c->summary, INDENT, INDENT);
    }
}

void avqa_manual_group(struct avqa_buf *out, const char *group)
{
    avqa_buf_addf(out, "usage: avqa [-C DIR] %s WHAT [options]\n\n", group);
    list_commands(out, group);
    avqa_buf_addf(out, "\navqa %s WHAT --help tells more.\n", group);
}

void avqa_manual_overview(struct avqa_buf *out)
{
    avqa_buf_adds(out, "usage: avqa [-C DIR] COMMAND [options] [arguments]\n\n"
                       "From performance videos to a published, audited, trainable "
                       "question-answering\ndataset.\n\n");
    list_commands(out, "");
    avqa_buf_adds(out,
                  "\navqa COMMAND --help tells more; avqa --version tells which one "
                  "this is.\navqa manual markdown|man|bash -o DIR writes the pages, "
                  "or the completion.\nThe dataset folder is found upwards from "
                  "here, or named with -C DIR.\n\nExit status: ");
    wrap(out, exit_text, strlen("Exit status: "), 0);
}

/* ---- Markdown -------------------------------------------------------------------- */

static void plain_paragraph(struct avqa_buf *out, const char *text)
{
    avqa_buf_addf(out, "\n%s\n", text);
}

static void markdown_options(struct avqa_buf *out, const struct avqa_opt *o)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    option_text(&text, o);
    avqa_buf_adds(out, "| `");
    struct avqa_buf form = AVQA_BUF_INIT;
    option_form(&form, o);
    for (const char *s = avqa_buf_str(&form); *s; s++)
        avqa_buf_addf(out, *s == '|' ? "\\%c" : "%c", *s);
    avqa_buf_addf(out, "` | %s |\n", avqa_buf_str(&text));
    avqa_buf_release(&form);
    avqa_buf_release(&text);
}

void avqa_manual_markdown(struct avqa_buf *out, const struct avqa_command *c)
{
    avqa_buf_addf(out, "# avqa %s\n\n%s.\n\n```\n", c->name, c->summary);
    avqa_manual_usage(out, c);
    avqa_buf_adds(out, "```\n");
    paragraphs(out, c->details, plain_paragraph);
    if (c->arg_help)
        avqa_buf_addf(out, "\n`%s`: %s\n", c->arg, c->arg_help);
    avqa_buf_adds(out, "\n| option | meaning |\n| --- | --- |\n");
    for (size_t i = 0; i < c->n_opts; i++)
        markdown_options(out, &c->opts[i]);
    for (size_t i = 0; i < avqa_n_common_opts; i++) {
        if (shown(c, &avqa_common_opts[i]))
            markdown_options(out, &avqa_common_opts[i].opt);
    }
    if (c->example)
        avqa_buf_addf(out, "\n```\n%s\n```\n", c->example);
    avqa_buf_adds(out, "\nThis page is written by the program (`avqa manual`); a test "
                       "compares them.\n");
}

/* ---- man pages ------------------------------------------------------------------- */

/* Roff text: a backslash, a dash and a leading dot or quote mean something there. */
static void roff_text(struct avqa_buf *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        avqa_buf_adds(out, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            avqa_buf_adds(out, "\\e");
        else if (*text == '-')
            avqa_buf_adds(out, "\\-");
        else
            avqa_buf_addc(out, *text);
    }
}

static void roff_paragraph(struct avqa_buf *out, const char *text)
{
    avqa_buf_adds(out, ".PP\n");
    roff_text(out, text);
    avqa_buf_addc(out, '\n');
}

static void roff_item(struct avqa_buf *out, const char *term, const char *text)
{
    avqa_buf_adds(out, ".TP\n.B ");
    roff_text(out, term);
    avqa_buf_addc(out, '\n');
    roff_text(out, text);
    avqa_buf_addc(out, '\n');
}

static void roff_option(struct avqa_buf *out, const struct avqa_opt *o)
{
    struct avqa_buf form = AVQA_BUF_INIT;
    struct avqa_buf text = AVQA_BUF_INIT;
    option_form(&form, o);
    option_text(&text, o);
    roff_item(out, avqa_buf_str(&form), avqa_buf_str(&text));
    avqa_buf_release(&form);
    avqa_buf_release(&text);
}

static void roff_head(struct avqa_buf *out, const char *name, const char *summary)
{
    avqa_buf_adds(out, ".TH \"");
    for (const char *s = name; *s; s++)
        avqa_buf_addc(out, *s == ' '                ? '-'
                           : *s >= 'a' && *s <= 'z' ? (char)(*s - 32)
                                                    : *s);
    avqa_buf_addf(out, "\" 1 \"\" \"avqa %s\" \"avqa manual\"\n.SH NAME\n",
                  AVQA_VERSION);
    for (const char *s = name; *s; s++)
        avqa_buf_adds(out, *s == ' ' || *s == '-' ? "\\-" : (char[]){*s, 0});
    avqa_buf_adds(out, " \\- ");
    roff_text(out, summary);
    avqa_buf_addc(out, '\n');
}

static void roff_exit(struct avqa_buf *out)
{
    avqa_buf_addf(out, ".SH EXIT STATUS\n%s.\n", exit_text);
}

void avqa_manual_roff(struct avqa_buf *out, const struct avqa_command *c)
{
    char name[128];
    struct avqa_buf usage = AVQA_BUF_INIT;
    snprintf(name, sizeof name, "avqa %s", c->name);
    roff_head(out, name, c->summary);
    avqa_manual_usage(&usage, c);
    avqa_buf_adds(out, ".SH SYNOPSIS\n");
    roff_text(out, avqa_buf_str(&usage) + strlen("usage: "));
    avqa_buf_release(&usage);
    avqa_buf_adds(out, ".SH DESCRIPTION\n");
    roff_text(out, c->summary);
    avqa_buf_adds(out, ".\n");
    paragraphs(out, c->details, roff_paragraph);
    avqa_buf_adds(out, ".SH OPTIONS\n");
    if (c->arg_help)
        roff_item(out, c->arg, c->arg_help);
    for (size_t i = 0; i < c->n_opts; i++)
        roff_option(out, &c->opts[i]);
    for (size_t i = 0; i < avqa_n_common_opts; i++) {
        if (shown(c, &avqa_common_opts[i]))
            roff_option(out, &avqa_common_opts[i].opt);
    }
    if (c->example) {
        avqa_buf_adds(out, ".SH EXAMPLE\n");
        roff_text(out, c->example);
        avqa_buf_addc(out, '\n');
    }
    roff_exit(out);
    avqa_buf_adds(out, ".SH SEE ALSO\n.BR avqa (1)\n");
}

void avqa_manual_roff_overview(struct avqa_buf *out)
{
    roff_head(out, "avqa", "make, audit and train on audio-visual question answering");
    avqa_buf_adds(out, ".SH SYNOPSIS\navqa [\\-C DIR] COMMAND [options] [arguments]\n"
                       ".SH COMMANDS\n");
    for (size_t i = 0; avqa_commands[i]; i++) {
        if (!(avqa_commands[i]->traits & AVQA_HIDDEN))
            roff_item(out, avqa_commands[i]->name, avqa_commands[i]->summary);
    }
    roff_exit(out);
}

/* ---- bash ------------------------------------------------------------------------ */

/* What may follow a word that is an option with a choice of values. */
static void completion_choice(struct avqa_buf *out, const struct avqa_opt *o)
{
    if (o->type != AVQA_OPT_CHOICE)
        return;
    avqa_buf_addf(out, " '--%s '*) words='", o->name);
    for (const char *s = o->unit; *s; s++)
        avqa_buf_addc(out, *s == '|' ? ' ' : *s);
    avqa_buf_adds(out, "' ;;");
}

/* One command: its options behind a dash, the values of a choice, files otherwise. */
static void completion_command(struct avqa_buf *out, const struct avqa_command *c)
{
    avqa_buf_addf(out, "    '%s '*) case \"$last $cur\" in", c->name);
    for (size_t i = 0; i < c->n_opts; i++)
        completion_choice(out, &c->opts[i]);
    for (size_t i = 0; i < avqa_n_common_opts; i++) {
        if (shown(c, &avqa_common_opts[i]))
            completion_choice(out, &avqa_common_opts[i].opt);
    }
    avqa_buf_adds(out, "\n        *' -'*) words='");
    for (size_t i = 0; i < c->n_opts; i++)
        avqa_buf_addf(out, "--%s ", c->opts[i].name);
    for (size_t i = 0; i < avqa_n_common_opts; i++) {
        if (shown(c, &avqa_common_opts[i]))
            avqa_buf_addf(out, "--%s ", avqa_common_opts[i].opt.name);
    }
    avqa_buf_adds(out, "' ;; esac ;;\n");
}

/* The second words of a group, once, at its first command. */
static void completion_group(struct avqa_buf *out, size_t first)
{
    const char *name = avqa_commands[first]->name;
    size_t len = strcspn(name, " ");
    if (name[len] == '\0' ||
        (first > 0 && strncmp(avqa_commands[first - 1]->name, name, len + 1) == 0))
        return;
    avqa_buf_addf(out, "    '%.*s '*) words='", (int)len, name);
    for (size_t i = first; avqa_commands[i]; i++) {
        const char *other = avqa_commands[i]->name;
        if (strncmp(other, name, len + 1) == 0)
            avqa_buf_addf(out, "%s%s", i > first ? " " : "", other + len + 1);
    }
    avqa_buf_adds(out, "' ;;\n");
}

static void completion_firsts(struct avqa_buf *out)
{
    const char *last = "";
    for (size_t i = 0; avqa_commands[i]; i++) {
        const char *name = avqa_commands[i]->name;
        size_t len = strcspn(name, " ");
        bool again = strncmp(last, name, len) == 0 && last[len] == ' ';
        if (!(avqa_commands[i]->traits & AVQA_HIDDEN) && !again)
            avqa_buf_addf(out, "%s%.*s", *last ? " " : "", (int)len, name);
        last = name;
    }
}

void avqa_manual_completion(struct avqa_buf *out)
{
    avqa_buf_adds(out, "# bash completion for avqa; written by `avqa manual bash`\n"
                       "_avqa() {\n"
                       "    local cur=${COMP_WORDS[COMP_CWORD]} words=\n"
                       "    local last=${COMP_WORDS[COMP_CWORD - 1]}\n"
                       "    local line=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \"\n"
                       "    line=${line#-C * }\n"
                       "    line=${line#help }\n"
                       "    case \"$line\" in\n");
    for (size_t i = 0; avqa_commands[i]; i++) {
        if (!(avqa_commands[i]->traits & AVQA_HIDDEN))
            completion_command(out, avqa_commands[i]);
    }
    for (size_t i = 0; avqa_commands[i]; i++)
        completion_group(out, i);
    avqa_buf_adds(out, "    '' | ' ') words='");
    completion_firsts(out);
    avqa_buf_adds(out,
                  "' ;;\n"
                  "    esac\n"
                  "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                  "    if [[ -z $words ]]; then\n"
                  "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
                  "    fi\n"
                  "}\n"
                  "complete -o filenames -F _avqa avqa\n");
}
