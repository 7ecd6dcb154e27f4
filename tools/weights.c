/* avqa weights inspect|convert: looks into files of weights and writes them in another
 * form. Both read any file that the other reads, so they share a file. */
#include "commands.h"
#include "base/text.h"
#include "cli/print.h"
#include "pipeline/weights.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct config {
    struct avqa_args args;
    const char *key, *strip, *rename;
    bool unchecked;
    const char *output, *model; /* convert */
};

enum { NAME_BYTES = 200, MAX_NAMED = 8 };

static struct avqa_weight_file_config file_config(const struct config *c,
                                                  const struct avqa_cli *cli)
{
    return (struct avqa_weight_file_config){
        .path = c->args.items[0],
        .key = c->key,
        .strip = c->strip,
        .rename = c->rename,
        .unchecked = c->unchecked,
        .output = c->output,
        .model = c->model,
        .dry_run = cli->dry_run,
    };
}

static int64_t whole(const struct avqa_json *node, const char *key)
{
    int64_t v = 0;
    avqa_json_int(avqa_json_get(node, key), &v);
    return v;
}

static const char *text(const struct avqa_json *node, const char *key)
{
    const char *found = avqa_json_string(avqa_json_get(node, key));
    return found ? found : "";
}

/* Names come from files: what a terminal would obey is escaped. */
static const char *safe(char out[NAME_BYTES], const char *name)
{
    avqa_status_escape(out, NAME_BYTES, name);
    return out;
}

static const char *number(char out[32], const struct avqa_json *node, const char *key)
{
    double x;
    if (avqa_json_double(avqa_json_get(node, key), &x))
        snprintf(out, 32, "%.6g", x);
    else
        snprintf(out, 32, "-");
    return out;
}

/* [64, 3, 7, 7] of a list of numbers. */
static const char *shape(char out[NAME_BYTES], const struct avqa_json *list)
{
    size_t n = (size_t)snprintf(out, NAME_BYTES, "[");
    const struct avqa_json *d = avqa_json_first(list);
    for (bool first = true; d && n < NAME_BYTES - 24; d = avqa_json_next(d)) {
        int64_t v = 0;
        avqa_json_int(d, &v);
        n += (size_t)snprintf(out + n, NAME_BYTES - n, "%s%" PRId64, first ? "" : ", ",
                              v);
        first = false;
    }
    snprintf(out + n, NAME_BYTES - n, "]");
    return out;
}

/* "a, b, c and 5 more" */
static void print_names(const struct avqa_json *list)
{
    char name[NAME_BYTES];
    size_t n = avqa_json_count(list);
    const struct avqa_json *item = avqa_json_first(list);
    for (size_t i = 0; item && i < MAX_NAMED; i++, item = avqa_json_next(item))
        printf("%s%s", i ? ", " : "", safe(name, avqa_json_string(item)));
    if (n > MAX_NAMED)
        printf(" and %zu more", n - MAX_NAMED);
    printf("\n");
}

/* What was found beside the tensors, as lines with what they are about in front. */
static void print_remarks(const struct avqa_json *file)
{
    char name[NAME_BYTES];
    char more[2 * NAME_BYTES + 200];
    if (*text(file, "key"))
        printf("the state dict under \"%s\"\n", safe(name, text(file, "key")));
    if (whole(file, "stripped") || whole(file, "renamed"))
        printf("names that lost a prefix: %" PRId64 "; renamed: %" PRId64 "\n",
               whole(file, "stripped"), whole(file, "renamed"));
    if (whole(file, "n_omitted")) {
        avqa_status_escape(more, sizeof more, text(file, "omitted"));
        printf("left out, being no tensors: %s\n", more);
    }
    if (whole(file, "sharing"))
        printf("%" PRId64 " tensor%s with others and %s copied\n",
               whole(file, "sharing"),
               whole(file, "sharing") == 1 ? " shares a storage" : "s share storages",
               whole(file, "sharing") == 1 ? "was" : "were");
}

/* ---- inspect --------------------------------------------------------------------- */

static void print_tensors(const struct avqa_json *tensors)
{
    char name[NAME_BYTES];
    char sides[NAME_BYTES];
    char n[3][32];
    int width = 4;
    const struct avqa_json *t = avqa_json_first(tensors);
    for (; t; t = avqa_json_next(t)) {
        int len = (int)strlen(safe(name, text(t, "name")));
        width = len > width ? len : width;
    }
    printf("%-*s  %-4s  %-18s  %10s  %12s  %12s  %12s  %s\n", width, "name", "type",
           "shape", "count", "min", "max", "mean", "sha256");
    for (t = avqa_json_first(tensors); t; t = avqa_json_next(t)) {
        printf("%-*s  %-4s  %-18s  %10" PRId64 "  %12s  %12s  %12s  %.12s", width,
               safe(name, text(t, "name")), text(t, "dtype"),
               shape(sides, avqa_json_get(t, "shape")), whole(t, "count"),
               number(n[0], t, "min"), number(n[1], t, "max"), number(n[2], t, "mean"),
               text(t, "sha256"));
        if (whole(t, "not_finite"))
            printf("  %" PRId64 " NOT FINITE", whole(t, "not_finite"));
        printf("\n");
    }
}

static void print_other_shapes(const struct avqa_json *list)
{
    char name[NAME_BYTES];
    char is[NAME_BYTES];
    char wanted[NAME_BYTES];
    const struct avqa_json *row = avqa_json_first(list);
    for (; row; row = avqa_json_next(row))
        printf("other shape: %s is %s, not %s\n", safe(name, text(row, "name")),
               shape(is, avqa_json_get(row, "shape")),
               shape(wanted, avqa_json_get(row, "expected")));
}

static void print_fit(const struct avqa_json *fit)
{
    const struct avqa_json *missing = avqa_json_get(fit, "missing");
    const struct avqa_json *extra = avqa_json_get(fit, "extra");
    const struct avqa_json *size = avqa_json_get(fit, "size");
    if (avqa_json_type(fit) == AVQA_JSON_NULL) {
        printf("fits no network of avqa\n");
        return;
    }
    if (avqa_json_true(avqa_json_get(fit, "whole")))
        printf("fits %s: all %" PRId64 " tensor%s", text(fit, "name"),
               whole(fit, "expected"), avqa_text_plural(whole(fit, "expected")));
    else
        printf("has of %s: %" PRId64 " of %" PRId64 " tensor%s", text(fit, "name"),
               whole(fit, "expected") - (int64_t)avqa_json_count(missing) -
                   (int64_t)avqa_json_count(avqa_json_get(fit, "other_shape")),
               whole(fit, "expected"), avqa_text_plural(whole(fit, "expected")));
    if (avqa_json_type(size) == AVQA_JSON_OBJECT)
        printf("; %" PRId64 " word%s, %" PRId64 " answer%s", whole(size, "words"),
               avqa_text_plural(whole(size, "words")), whole(size, "answers"),
               avqa_text_plural(whole(size, "answers")));
    printf("\n");
    print_other_shapes(avqa_json_get(fit, "other_shape"));
    if (avqa_json_first(missing)) {
        printf("missing (%zu): ", avqa_json_count(missing));
        print_names(missing);
    }
    if (avqa_json_first(extra)) {
        printf("not of it (%zu): ", avqa_json_count(extra));
        print_names(extra);
    }
    if (avqa_json_first(avqa_json_get(fit, "also"))) {
        printf("also wholly there: ");
        print_names(avqa_json_get(fit, "also"));
    }
}

static enum avqa_exit run_inspect(const void *config, const struct avqa_cli *cli)
{
    struct avqa_json *json;
    const struct avqa_weight_file_config c = file_config(config, cli);
    if (avqa_weight_file_inspect(&json, &c) != AVQA_OK)
        return avqa_cli_failed(cli);
    if (cli->json) {
        avqa_print_json(json);
    } else {
        print_tensors(avqa_json_get(json, "tensors"));
        printf("\n%s: %s, %" PRId64 " tensor%s, %" PRId64 " number%s, %" PRId64
               " bytes\nsha256 %s\n",
               text(json, "path"), text(json, "format"), whole(json, "count"),
               avqa_text_plural(whole(json, "count")), whole(json, "numbers"),
               avqa_text_plural(whole(json, "numbers")), whole(json, "bytes"),
               text(json, "sha256"));
        print_remarks(json);
        print_fit(avqa_json_get(json, "fits"));
    }
    avqa_json_free(json);
    return AVQA_EXIT_DONE;
}

/* ---- convert --------------------------------------------------------------------- */

static enum avqa_exit run_convert(const void *config, const struct avqa_cli *cli)
{
    struct avqa_json *json;
    const struct avqa_weight_file_config c = file_config(config, cli);
    if (!c.output) {
        fprintf(stderr, "avqa %s: give the new file's name with -o FILE\n",
                cli->command);
        return AVQA_EXIT_USAGE;
    }
    if (avqa_weight_file_convert(&json, &c) != AVQA_OK)
        return avqa_cli_failed(cli);
    const struct avqa_json *left_out = avqa_json_get(json, "left_out");
    if (cli->json) {
        avqa_print_json(json);
    } else if (!cli->quiet) {
        printf("%s%s: %" PRId64 " tensor%s, %" PRId64 " number%s\n", text(json, "path"),
               cli->dry_run ? " (not written)" : "", whole(json, "tensors"),
               avqa_text_plural(whole(json, "tensors")), whole(json, "numbers"),
               avqa_text_plural(whole(json, "numbers")));
        print_remarks(avqa_json_get(json, "from"));
        if (avqa_json_first(left_out)) {
            printf("left out, not being of %s (%zu): ", c.model,
                   avqa_json_count(left_out));
            print_names(left_out);
        }
    }
    avqa_json_free(json);
    return AVQA_EXIT_DONE;
}

/* ---- tables ---------------------------------------------------------------------- */

#define AT(field) offsetof(struct config, field)
#define READ_OPTS                                                                      \
    {"key",                                                                            \
     0,                                                                                \
     AVQA_OPT_STRING,                                                                  \
     AT(key),                                                                          \
     0,                                                                                \
     0,                                                                                \
     NULL,                                                                             \
     "NAME",                                                                           \
     "the state dict's key in a checkpoint; needed only if there are several"},        \
        {"strip",                                                                      \
         0,                                                                            \
         AVQA_OPT_STRING,                                                              \
         AT(strip),                                                                    \
         0,                                                                            \
         0,                                                                            \
         "module.",                                                                    \
         "PREFIX",                                                                     \
         "take PREFIX off the front of names; \"\" takes nothing off"},                \
        {"rename",                                                                     \
         0,                                                                            \
         AVQA_OPT_STRING,                                                              \
         AT(rename),                                                                   \
         0,                                                                            \
         0,                                                                            \
         NULL,                                                                         \
         "OLD=NEW,...",                                                                \
         "names that are OLD or begin with \"OLD.\" begin with NEW instead; without "  \
         "OLD, all names get \"NEW.\" in front"},                                      \
    {                                                                                  \
        "no-checksums", 0, AVQA_OPT_FLAG, AT(unchecked), 0, 0, NULL, NULL,             \
            "do not look at the checksums of a PyTorch file, which can be saved "      \
            "without"                                                                  \
    }

static const char READS[] =
    "FILE is safetensors, or what torch.save wrote of a state dict: since PyTorch 1.6 "
    "a "
    "zip, before that pickles. Nothing in it is executed: what is no part of a state "
    "dict is refused with its name and byte. docs/weights.md says more.";

static const struct avqa_opt inspect_opts[] = {
    {"model", 'm', AVQA_OPT_STRING, AT(model), 0, 0, NULL, "NAME",
     "say what this network of avqa lacks in the file, instead of the nearest one"},
    READ_OPTS};

static const struct avqa_opt convert_opts[] = {
    {"output", 'o', AVQA_OPT_STRING, AT(output), 0, 0, NULL, "FILE",
     "the new file: NAME.safetensors, NAME.pt or NAME.pth"},
    {"model", 'm', AVQA_OPT_STRING, AT(model), 0, 0, NULL, "NAME",
     "keep only the tensors of this network of avqa (avst, resnet18, ...), which must "
     "all be there"},
    READ_OPTS};

const struct avqa_command avqa_command_weights_inspect = {
    .name = "weights inspect",
    .summary = "list the tensors of a file and say which network they fit",
    .details = READS,
    .example = "avqa weights inspect avst.pt",
    .opts = inspect_opts,
    .n_opts = sizeof inspect_opts / sizeof *inspect_opts,
    .arg = "FILE",
    .arg_help = "the file of weights",
    .min_args = 1,
    .max_args = 1,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .run = run_inspect,
};

const struct avqa_command avqa_command_weights_convert = {
    .name = "weights convert",
    .summary = "write PyTorch's weights as safetensors, or the other way round",
    .details = READS,
    .example = "avqa weights convert resnet18-f37072fd.pth -o "
               "weights/resnet18.safetensors --model resnet18",
    .opts = convert_opts,
    .n_opts = sizeof convert_opts / sizeof *convert_opts,
    .arg = "FILE",
    .arg_help = "the file of weights",
    .min_args = 1,
    .max_args = 1,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_WRITES,
    .run = run_convert,
};
