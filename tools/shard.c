/* avqa shard ls|verify|cat|export|convert: looks into shards. The five share where a
 * shard may be, so they share a file. */
#include "commands.h"
#include "base/io.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/shards.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct config {
    struct avqa_args args;
    const char *s3_region, *s3_endpoint, *ca_file; /* of every one */
    const char *array, *rows, *output;             /* cat, convert */
    const char *tar, *npy;                         /* export */
    const char *encoding;                          /* convert */
    int64_t level;
    bool as_stored;
};

#define AT(field) offsetof(struct config, field)
#define PLACE_OPTS                                                                     \
    {"s3-region",                                                                      \
     0,                                                                                \
     AVQA_OPT_STRING,                                                                  \
     AT(s3_region),                                                                    \
     0,                                                                                \
     0,                                                                                \
     NULL,                                                                             \
     "NAME",                                                                           \
     "region of s3:// shards; without it AWS_REGION, or us-east-1"},                   \
        {"s3-endpoint",                                                                \
         0,                                                                            \
         AVQA_OPT_STRING,                                                              \
         AT(s3_endpoint),                                                              \
         0,                                                                            \
         0,                                                                            \
         NULL,                                                                         \
         "URL",                                                                        \
         "a server that speaks S3, instead of Amazon's"},                              \
    {                                                                                  \
        "ca-file", 0, AVQA_OPT_STRING, AT(ca_file), 0, 0, NULL, "FILE",                \
            "certificates to trust instead of the system's"                            \
    }

static const char PLACES[] =
    "Shards are files, or http(s):// and s3:// URLs, of which only the end and what is "
    "asked for are transferred (Range requests).";

static enum avqa_exit wrong(const struct avqa_cli *cli, const char *what)
{
    fprintf(stderr, "avqa %s: %s\n", cli->command, what);
    return AVQA_EXIT_USAGE;
}

static const char *or_else(const char *value, const char *other)
{
    return value && *value ? value : other;
}

static struct avqa_shards_config places(const struct config *c,
                                        const struct avqa_cli *cli)
{
    struct avqa_shards_config s = {.places = c->args.items,
                                   .n_places = c->args.n,
                                   .net = AVQA_NET_RANGE_DEFAULTS,
                                   .log = &cli->log};
    struct avqa_transfer_options *t = &s.net.transfer;
    t->ca_file = c->ca_file;
    t->s3_endpoint = c->s3_endpoint;
    t->s3_region = or_else(c->s3_region, or_else(getenv("AWS_REGION"), t->s3_region));
    t->s3_key = or_else(getenv("AWS_ACCESS_KEY_ID"), NULL);
    t->s3_secret = or_else(getenv("AWS_SECRET_ACCESS_KEY"), NULL);
    t->s3_token = or_else(getenv("AWS_SESSION_TOKEN"), NULL);
    return s;
}

static int64_t whole(const struct avqa_json *node, const char *key)
{
    int64_t v = 0;
    avqa_json_int(avqa_json_get(node, key), &v);
    return v;
}

static const char *text(const struct avqa_json *node, const char *key)
{
    return avqa_json_string(avqa_json_get(node, key));
}

/* 1.5 MB; 900 B */
static const char *size(char out[32], int64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double v = (double)bytes / 1000;
    size_t unit = 0;
    for (; v >= 999.5 && unit < 3; unit++)
        v /= 1000;
    if (bytes < 1000)
        snprintf(out, 32, "%d B", (int)bytes);
    else
        snprintf(out, 32, v < 9.95 ? "%.1f %s" : "%.0f %s", v, units[unit]);
    return out;
}

/* ---- ls ----------------------------------------------------------------------------
 */

static void print_array(const char *key, int width, const struct avqa_json *a)
{
    char shape[128] = "";
    char bytes[32] = "in the head";
    char share[16] = "";
    int64_t packed = whole(a, "bytes");
    int64_t wide = whole(a, "float32_bytes");
    const struct avqa_json *d = avqa_json_first(avqa_json_get(a, "shape"));
    for (size_t n = 0; d && n < sizeof shape - 24; d = avqa_json_next(d)) {
        int64_t v = 0;
        avqa_json_int(d, &v);
        n += (size_t)snprintf(shape + n, sizeof shape - n, "%s%" PRId64, n ? "x" : "",
                              v);
    }
    if (packed) {
        size(bytes, packed);
        snprintf(share, sizeof share, "%.1f %%", 100 * (double)packed / (double)wide);
    }
    const char *encoding = text(a, "encoding");
    bool as_is = strcmp(encoding, "as-is") == 0;
    printf("  %-*s  %-8s  %-14s  %-8s  %11s  %8s\n", width, key, text(a, "name"), shape,
           as_is ? text(a, "dtype") : encoding, bytes, share);
}

static void print_shard(const struct avqa_json *shard)
{
    char bytes[32];
    int width = 3;
    const struct avqa_json *samples = avqa_json_get(shard, "samples");
    const struct avqa_json *s = avqa_json_first(samples);
    for (; s; s = avqa_json_next(s)) {
        int n = (int)strlen(text(s, "key"));
        width = n > width ? n : width;
    }
    const int64_t n_samples = (int64_t)avqa_json_count(samples);
    const int64_t n_frames = whole(shard, "frames");
    printf("%s: %s, %" PRId64 " sample%s, %" PRId64 " frame%s\n", text(shard, "path"),
           size(bytes, whole(shard, "bytes")), n_samples, avqa_text_plural(n_samples),
           n_frames, avqa_text_plural(n_frames));
    printf("  %-*s  %-8s  %-14s  %-8s  %11s  %8s\n", width, "key", "array", "shape",
           "kept as", "stored", "of float32");
    for (s = avqa_json_first(samples); s; s = avqa_json_next(s)) {
        const char *key = text(s, "key");
        const struct avqa_json *a = avqa_json_first(avqa_json_get(s, "arrays"));
        for (; a; a = avqa_json_next(a), key = "")
            print_array(key, width, a);
    }
}

static enum avqa_exit run_ls(const void *config, const struct avqa_cli *cli)
{
    struct avqa_json *json;
    struct avqa_shards_config s = places(config, cli);
    if (avqa_shards_list(&json, &s) != AVQA_OK)
        return avqa_cli_failed(cli);
    const struct avqa_json *shard = avqa_json_first(avqa_json_get(json, "shards"));
    if (cli->json)
        avqa_print_json(json);
    for (; !cli->json && shard; shard = avqa_json_next(shard))
        print_shard(shard);
    avqa_json_free(json);
    return AVQA_EXIT_DONE;
}

/* ---- verify ------------------------------------------------------------------------
 */

static void print_verified(const struct avqa_json *shard)
{
    char bytes[32];
    int64_t n = whole(shard, "n_problems");
    if (n == 0)
        printf("%s: good, %" PRId64 " sample%s, %s\n", text(shard, "path"),
               whole(shard, "samples"), avqa_text_plural(whole(shard, "samples")),
               size(bytes, whole(shard, "bytes")));
    else
        printf("%s: BAD, %" PRId64 " problem%s\n", text(shard, "path"), n,
               n == 1 ? "" : "s");
    const struct avqa_json *p = avqa_json_first(avqa_json_get(shard, "problems"));
    for (int64_t shown = 0; p; p = avqa_json_next(p), shown++)
        printf("  %s\n", avqa_json_string(p));
    if (n > (int64_t)avqa_json_count(avqa_json_get(shard, "problems")))
        printf("  and more\n");
}

static enum avqa_exit run_verify(const void *config, const struct avqa_cli *cli)
{
    struct avqa_json *json;
    size_t n_bad;
    const struct config *c = config;
    struct avqa_shards_config s = places(c, cli);
    enum avqa_status rc = avqa_shards_verify(&json, &n_bad, &s);
    avqa_progress_clear();
    if (rc != AVQA_OK)
        return avqa_cli_failed(cli);
    const struct avqa_json *shard = avqa_json_first(avqa_json_get(json, "shards"));
    if (cli->json)
        avqa_print_json(json);
    for (; !cli->json && shard; shard = avqa_json_next(shard)) {
        if (!cli->quiet || whole(shard, "n_problems"))
            print_verified(shard);
    }
    avqa_json_free(json);
    if (n_bad == 0)
        return AVQA_EXIT_DONE;
    return n_bad == c->args.n ? AVQA_EXIT_FAILED : AVQA_EXIT_PARTLY;
}

/* ---- cat ---------------------------------------------------------------------------
 */

static enum avqa_exit run_cat(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_out *out = NULL;
    struct avqa_shards_config s = places(c, cli);
    struct avqa_shards_cat what = {.key = c->args.items[1],
                                   .array = c->array,
                                   .rows = c->rows,
                                   .as_stored = c->as_stored};
    if (c->rows && !c->array)
        return wrong(cli, "--rows needs --array");
    if (c->array && !c->output && isatty(STDOUT_FILENO))
        return wrong(cli,
                     "an array is no text; use -o FILE.npy or send stdout elsewhere");
    enum avqa_status rc = c->output ? avqa_io_check_new(c->output) : AVQA_OK;
    if (rc == AVQA_OK)
        rc = c->output ? avqa_out_open(&out, c->output)
                       : avqa_out_open_fd(&out, STDOUT_FILENO, "stdout");
    if (rc == AVQA_OK)
        rc = avqa_shards_cat(out, &s, &what);
    if (rc == AVQA_OK)
        rc = avqa_out_commit(out);
    else
        avqa_out_abort(out);
    return rc == AVQA_OK ? AVQA_EXIT_DONE : avqa_cli_failed(cli);
}

/* ---- export and convert ------------------------------------------------------------
 */

static enum avqa_exit run_export(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_json *json;
    struct avqa_shards_config s = places(c, cli);
    if (!c->tar && !c->npy)
        return wrong(cli, "give --tar FOLDER, --npy FOLDER, or both");
    enum avqa_status rc = avqa_shards_export(&json, &s, c->tar, c->npy);
    avqa_progress_clear();
    if (rc != AVQA_OK)
        return avqa_cli_failed(cli);
    if (cli->json)
        avqa_print_json(json);
    else if (!cli->quiet)
        printf("%" PRId64 " tar%s, %" PRId64 " npy file%s out of %" PRId64 " shard%s\n",
               whole(json, "tars"), avqa_text_plural(whole(json, "tars")),
               whole(json, "files"), avqa_text_plural(whole(json, "files")),
               whole(json, "shards"), avqa_text_plural(whole(json, "shards")));
    avqa_json_free(json);
    return AVQA_EXIT_DONE;
}

static enum avqa_exit run_convert(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_json *json;
    enum avqa_shard_encoding encoding = AVQA_SHARD_SPARSE16;
    struct avqa_shards_config s = places(c, cli);
    (void)avqa_shard_encoding_find(&encoding, c->encoding);
    if (!c->output)
        return wrong(cli, "give the new shard's name with -o FILE");
    enum avqa_status rc =
        avqa_shards_convert(&json, &s, c->output, encoding, (int)c->level);
    avqa_progress_clear();
    if (rc != AVQA_OK)
        return avqa_cli_failed(cli);
    char from[32];
    char to[32];
    if (cli->json)
        avqa_print_json(json);
    else if (!cli->quiet)
        printf("%s: %" PRId64 " sample%s as %s, %s instead of %s\n", c->output,
               whole(json, "samples"), avqa_text_plural(whole(json, "samples")),
               c->encoding, size(to, whole(json, "bytes")),
               size(from, whole(json, "from_bytes")));
    avqa_json_free(json);
    return AVQA_EXIT_DONE;
}

/* ---- tables ------------------------------------------------------------------------
 */

static const struct avqa_opt place_opts[] = {PLACE_OPTS};

static const struct avqa_opt cat_opts[] = {
    {"array", 'a', AVQA_OPT_STRING, AT(array), 0, 0, NULL, "NAME",
     "the array to write, as an NPY file; without it the sample's JSON"},
    {"rows", 'r', AVQA_OPT_STRING, AT(rows), 0, 0, NULL, "A..B",
     "only the rows A to B - 1, or one row A"},
    {"as-stored", 0, AVQA_OPT_FLAG, AT(as_stored), 0, 0, NULL, NULL,
     "keep 16-bit maps as float16 instead of float32"},
    {"output", 'o', AVQA_OPT_STRING, AT(output), 0, 0, NULL, "FILE",
     "write to FILE, which must not be there yet, instead of stdout"},
    PLACE_OPTS};

static const struct avqa_opt export_opts[] = {
    {"tar", 0, AVQA_OPT_STRING, AT(tar), 0, 0, NULL, "FOLDER",
     "write a plain tar for each shard, which webdataset opens"},
    {"npy", 0, AVQA_OPT_STRING, AT(npy), 0, 0, NULL, "FOLDER",
     "write FOLDER/ARRAY/KEY.npy in float32, as features are published"},
    PLACE_OPTS};

static const struct avqa_opt convert_opts[] = {
    {"output", 'o', AVQA_OPT_STRING, AT(output), 0, 0, NULL, "FILE", "the new shard"},
    {"encoding", 0, AVQA_OPT_CHOICE, AT(encoding), 0, 0, "sparse16",
     "sparse16|fp16|fp32", "how it keeps the arrays that have a frame for each row"},
    {"level", 0, AVQA_OPT_INT, AT(level), -7, 19, "0", "N",
     "level of zstd; 0 is -1 for sparse16, -6 for fp16 (both read fast) and 1 for "
     "fp32"},
    PLACE_OPTS};

#define N_OPTS(opts) sizeof(opts) / sizeof *(opts)

const struct avqa_command avqa_command_shard_ls = {
    .name = "shard ls",
    .summary = "list what is in shards",
    .details = PLACES,
    .example = "avqa shard ls shards/000000.tar.zst",
    .opts = place_opts,
    .n_opts = N_OPTS(place_opts),
    .arg = "SHARD",
    .arg_help = "shards to look into",
    .min_args = 1,
    .max_args = 100000,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .run = run_ls,
};

const struct avqa_command avqa_command_shard_verify = {
    .name = "shard verify",
    .summary = "read shards whole and say everything that is wrong",
    .details = "Seek table, index and tar are compared with each other, every frame is "
               "unpacked and every member hashed. A shard that was cut at the end of a "
               "frame, which zstd and tar read without a word, is found. The exit code "
               "is 0 if all are good, 3 if some are not, 1 if none is.",
    .example = "avqa shard verify shards/*.tar.zst",
    .opts = place_opts,
    .n_opts = N_OPTS(place_opts),
    .arg = "SHARD",
    .arg_help = "shards to read",
    .min_args = 1,
    .max_args = 100000,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_LONG,
    .run = run_verify,
};

const struct avqa_command avqa_command_shard_cat = {
    .name = "shard cat",
    .summary = "take a sample's JSON or rows of an array out of a shard",
    .details =
        "Without --array the sample's JSON is printed: clip, provenance, arrays. "
        "With it, the array is written as one NPY file; nothing but the frames of "
        "the rows asked for is read.",
    .example =
        "avqa shard cat shards/000000.tar.zst 00000001 --array res14 --rows 3..5 "
        "-o rows.npy",
    .opts = cat_opts,
    .n_opts = N_OPTS(cat_opts),
    .arg = "SHARD KEY",
    .arg_help = "the shard, and the sample's key in it or the clip's name",
    .min_args = 2,
    .max_args = 2,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .run = run_cat,
};

const struct avqa_command avqa_command_shard_export = {
    .name = "shard export",
    .summary = "write shards as plain tars or as a tree of npy files",
    .details =
        "--tar writes what webdataset opens: for each sample its JSON and an npy "
        "file for each array, 16-bit maps as float16. --npy writes the layout in "
        "which features are published, float32, so that a project that trains "
        "from such files can go on unchanged. No file is replaced: where one is there "
        "already, also from an export that was stopped, nothing is written.",
    .example = "avqa shard export shards/*.tar.zst --npy feats",
    .opts = export_opts,
    .n_opts = N_OPTS(export_opts),
    .arg = "SHARD",
    .arg_help = "shards to export",
    .min_args = 1,
    .max_args = 100000,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_LONG,
    .run = run_export,
};

const struct avqa_command avqa_command_shard_convert = {
    .name = "shard convert",
    .summary = "write a shard anew with its maps in another encoding",
    .details =
        "sparse16 keeps a bit mask and the values that are not zero, fp16 all "
        "values in 16 bits, fp32 all in 32. What was rounded to 16 bits before "
        "stays rounded. The new shard is a file of its own that the catalog does "
        "not know; a file that is there is not overwritten.",
    .example = "avqa shard convert shards/000000.tar.zst --encoding fp16 -o "
               "000000.tar.zst",
    .opts = convert_opts,
    .n_opts = N_OPTS(convert_opts),
    .arg = "SHARD",
    .arg_help = "the shard to convert",
    .min_args = 1,
    .max_args = 1,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_LONG,
    .run = run_convert,
};
