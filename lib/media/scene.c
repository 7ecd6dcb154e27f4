/* See scene.h. The score is the filter's own, so that a threshold means what it means
 * to the ffmpeg program.
 *
 * libavfilter is opened here, not linked: with it come 31 libraries that nothing else
 * of ours uses (for speech, linear algebra, subtitles), and binding their symbols was
 * half of the time in which any command started. */
#include "media/scene.h"
#include "base/mem.h"
#include "media/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dlfcn.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libavutil/macros.h>

/* The version that this is compiled with. */
static const char LIBRARY[] = "libavfilter.so." AV_STRINGIFY(LIBAVFILTER_VERSION_MAJOR);

/* Its functions. */
struct filters {
    __typeof__(avfilter_get_by_name) *get_by_name;
    __typeof__(avfilter_link) *link;
    __typeof__(avfilter_graph_alloc) *graph_alloc;
    __typeof__(avfilter_graph_create_filter) *graph_create_filter;
    __typeof__(avfilter_graph_config) *graph_config;
    __typeof__(avfilter_graph_free) *graph_free;
    __typeof__(av_buffersrc_add_frame_flags) *buffersrc_add_frame_flags;
    __typeof__(av_buffersink_get_frame) *buffersink_get_frame;
};

struct finder {
    const struct avqa_scene_options *options;
    struct avqa_scenes *scenes;
    struct avqa_reader reader;
    struct filters filters;
    AVFilterGraph *graph;
    AVFilterContext *in, *out;
    AVFrame *like, *scored; /* like: what the graph was made for */
};

/* Stores the address of a function in `out`, a pointer to one. */
static enum avqa_status find(void *out, void *library, const char *name)
{
    void *address = dlsym(library, name);
    if (!address)
        return avqa_fail(AVQA_EIO, "%s has no %s", LIBRARY, name);
    memcpy(out, &address, sizeof address);
    return AVQA_OK;
}

/* It stays open: that takes as long as looking at dozens of pictures. */
static enum avqa_status open_filters(struct filters *out)
{
    void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    if (!library)
        return avqa_fail(AVQA_EIO, "scenes are found by FFmpeg's libavfilter: %s",
                         dlerror());
    const struct {
        void *out;
        const char *name;
    } functions[] = {
        {&out->get_by_name, "avfilter_get_by_name"},
        {&out->link, "avfilter_link"},
        {&out->graph_alloc, "avfilter_graph_alloc"},
        {&out->graph_create_filter, "avfilter_graph_create_filter"},
        {&out->graph_config, "avfilter_graph_config"},
        {&out->graph_free, "avfilter_graph_free"},
        {&out->buffersrc_add_frame_flags, "av_buffersrc_add_frame_flags"},
        {&out->buffersink_get_frame, "av_buffersink_get_frame"},
    };
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < sizeof functions / sizeof *functions; i++)
        rc = find(functions[i].out, library, functions[i].name);
    dlclose(library);
    return rc;
}

static enum avqa_status failed(int code)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(code, text, sizeof text);
    return avqa_fail(code == AVERROR(ENOMEM) ? AVQA_ENOMEM : AVQA_EFORMAT,
                     "its scenes cannot be scored: %s", text);
}

static int add_filter(struct finder *f, AVFilterContext **out, const char *name,
                      const char *args)
{
    const AVFilter *filter = f->filters.get_by_name(name);
    if (!filter)
        return AVERROR_FILTER_NOT_FOUND;
    return f->filters.graph_create_filter(out, filter, NULL, args, NULL, f->graph);
}

/* A graph for pictures like this one; the score begins anew. */
static int make_graph(struct finder *f, const AVFrame *frame)
{
    const AVRational base = f->reader.file->video->time_base;
    AVFilterContext *scdet = NULL;
    char args[128];
    f->filters.graph_free(&f->graph);
    f->graph = f->filters.graph_alloc();
    if (!f->graph)
        return AVERROR(ENOMEM);
    f->graph->nb_threads = 1;
    snprintf(args, sizeof args, "video_size=%dx%d:pix_fmt=%d:time_base=%d/%d",
             frame->width, frame->height, frame->format, base.num, base.den);
    int code = add_filter(f, &f->in, "buffer", args);
    snprintf(args, sizeof args, "threshold=%.6f", f->options->threshold);
    if (code >= 0)
        code = add_filter(f, &scdet, "scdet", args);
    if (code >= 0)
        code = add_filter(f, &f->out, "buffersink", NULL);
    if (code >= 0)
        code = f->filters.link(f->in, 0, scdet, 0);
    if (code >= 0)
        code = f->filters.link(scdet, 0, f->out, 0);
    if (code >= 0)
        code = f->filters.graph_config(f->graph, NULL);
    f->like->width = frame->width;
    f->like->height = frame->height;
    f->like->format = frame->format;
    return code;
}

static void add_scene(struct avqa_scenes *s, int64_t begin_us)
{
    avqa_mem_need(&s->begin_us, &s->cap, s->n + 1, sizeof *s->begin_us);
    s->begin_us[s->n++] = begin_us;
}

/* One picture in, one picture out: with the mark of a change, or without. */
static int score(struct finder *f, AVFrame *frame, bool *changed)
{
    int code = 0;
    *changed = false;
    if (!f->graph || frame->width != f->like->width ||
        frame->height != f->like->height || frame->format != f->like->format)
        code = make_graph(f, frame);
    if (code >= 0)
        code = f->filters.buffersrc_add_frame_flags(f->in, frame,
                                                    AV_BUFFERSRC_FLAG_KEEP_REF);
    if (code >= 0)
        code = f->filters.buffersink_get_frame(f->out, f->scored);
    if (code < 0)
        return code == AVERROR(EAGAIN) ? 0 : code;
    *changed = av_dict_get(f->scored->metadata, "lavfi.scd.time", NULL, 0) != NULL;
    av_frame_unref(f->scored);
    return 0;
}

static enum avqa_status take_picture(void *user, AVFrame *frame)
{
    struct finder *f = user;
    struct avqa_scenes *s = f->scenes;
    const AVStream *stream = f->reader.file->video;
    bool changed;
    int code = score(f, frame, &changed);
    if (code < 0)
        return failed(code);
    if (frame->best_effort_timestamp == AV_NOPTS_VALUE)
        return AVQA_OK;
    int64_t at_us =
        avqa_container_us(stream, frame->best_effort_timestamp) - f->reader.zero_us;
    int64_t end_us = at_us + avqa_container_us(stream, frame->pkt_duration);
    if (s->n == 0)
        add_scene(s, 0);
    else if (changed && at_us - s->begin_us[s->n - 1] >= f->options->least_us &&
             at_us > s->begin_us[s->n - 1])
        add_scene(s, at_us);
    if (end_us > s->end_us)
        s->end_us = end_us;
    return AVQA_OK;
}

enum avqa_status avqa_scenes_find(struct avqa_scenes *scenes, const char *path,
                                  const struct avqa_scene_options *options)
{
    struct finder f = {
        .options = options, .scenes = scenes, .reader = {.picture = take_picture}};
    memset(scenes, 0, sizeof *scenes);
    enum avqa_status rc = open_filters(&f.filters);
    if (rc != AVQA_OK)
        return rc;
    f.reader.user = &f;
    f.like = av_frame_alloc();
    f.scored = av_frame_alloc();
    if (!f.like || !f.scored)
        avqa_mem_exhausted();
    rc = avqa_reader_open(&f.reader, &scenes->info, path, &options->limits);
    if (rc == AVQA_OK && f.reader.file && f.reader.video)
        rc = avqa_reader_run(&f.reader, options->log);
    avqa_reader_close(&f.reader);
    f.filters.graph_free(&f.graph);
    av_frame_free(&f.like);
    av_frame_free(&f.scored);
    return rc;
}

void avqa_scenes_release(struct avqa_scenes *scenes)
{
    free(scenes->begin_us);
    memset(scenes, 0, sizeof *scenes);
}
