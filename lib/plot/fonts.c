/* Fonts and shaped text, by Pango with fontconfig and FreeType underneath.
 *
 * Lines are placed by the type size and not by the font's own metrics, so that a label
 * with Chinese in it takes the same room as one without. Hinting is off: a figure must
 * look the same at every scale, and widths must not depend on the surface. Without any
 * font Pango would complain on stderr for every text, so it is not asked at all. */
#include "plot/fonts.h"

#include <math.h>
#include <string.h>

#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>

#include "base/mem.h"

/* Shaped texts kept; when there are more, all are forgotten at once. */
#define MAX_KEPT 4096

struct avqa_fonts {
    PangoFontMap *map;
    PangoContext *context;
    PangoFontDescription *base; /* the families */
    GHashTable *kept;           /* key of style and text -> struct avqa_layout */
    GHashTable *outlines;       /* struct outline, itself the key */
    cairo_t *scratch;           /* to ask for outlines */
    bool available;
};

/* A letter of a font at a size. Holds the font, so that its address stays its own. */
struct outline {
    PangoFont *font;
    PangoGlyph glyph;
    struct avqa_buf path;
};

struct avqa_layout {
    struct avqa_fonts *fonts;
    size_t n_refs;
    PangoLayout *pango; /* NULL without fonts */
    char *text;
    double size_pt;
    struct avqa_extent extent;
};

static bool any_font_installed(void)
{
    FcConfig *config = FcConfigGetCurrent();
    bool any = false;

    for (int set = FcSetSystem; config && set <= FcSetApplication; set++) {
        const FcFontSet *fonts = FcConfigGetFonts(config, (FcSetName)set);
        any = any || (fonts && fonts->nfont > 0);
    }
    return any;
}

static void unref_layout(void *layout)
{
    avqa_layout_unref(layout);
}

static guint hash_outline(gconstpointer key)
{
    const struct outline *outline = key;

    return g_direct_hash(outline->font) * 31 + outline->glyph;
}

static gboolean equal_outlines(gconstpointer a, gconstpointer b)
{
    const struct outline *x = a, *y = b;

    return x->font == y->font && x->glyph == y->glyph;
}

static void free_outline(void *key)
{
    struct outline *outline = key;

    g_object_unref(outline->font);
    avqa_buf_release(&outline->path);
    free(outline);
}

static PangoContext *new_context(PangoFontMap *map)
{
    PangoContext *context = pango_font_map_create_context(map);
    cairo_font_options_t *options = cairo_font_options_create();

    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(context, FALSE);
    /* Else the user's locale would choose between Chinese and Japanese shapes. */
    pango_context_set_language(context, pango_language_from_string("en"));
    return context;
}

enum avqa_status avqa_fonts_new(struct avqa_fonts **out, const char *families)
{
    struct avqa_fonts *fonts = avqa_mem_new(sizeof *fonts);

    *out = NULL;
    fonts->available = any_font_installed();
    fonts->kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_layout);
    fonts->outlines =
        g_hash_table_new_full(hash_outline, equal_outlines, free_outline, NULL);
    fonts->base = pango_font_description_new();
    pango_font_description_set_family(fonts->base,
                                      families ? families : AVQA_FONTS_FAMILIES);
    if (fonts->available) {
        fonts->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
        if (!fonts->map) {
            avqa_fonts_free(fonts);
            return avqa_fail(AVQA_ENOENT, "cairo was built without FreeType fonts");
        }
        pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(fonts->map), 72);
        fonts->context = new_context(fonts->map);
        cairo_surface_t *dot = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
        fonts->scratch = cairo_create(dot);
        cairo_surface_destroy(dot);
    }
    *out = fonts;
    return AVQA_OK;
}

void avqa_fonts_free(struct avqa_fonts *fonts)
{
    if (!fonts)
        return;
    g_hash_table_destroy(fonts->kept);
    g_hash_table_destroy(fonts->outlines);
    if (fonts->scratch)
        cairo_destroy(fonts->scratch);
    pango_font_description_free(fonts->base);
    if (fonts->context)
        g_object_unref(fonts->context);
    if (fonts->map)
        g_object_unref(fonts->map);
    free(fonts);
}

bool avqa_fonts_available(const struct avqa_fonts *fonts)
{
    return fonts->available;
}

/* No fonts: about the width of a grotesque, CJK characters square. */
static double guess_width(const char *text, double size_pt)
{
    double ems = 0;

    for (const unsigned char *s = (const unsigned char *)text; *s; s++)
        ems += *s < 0x80 ? 0.58 : *s >= 0xE0 ? 1.0 : *s >= 0xC0 ? 0.58 : 0;
    return ems * size_pt;
}

static void guess_extent(struct avqa_layout *layout, const struct avqa_text *style)
{
    struct avqa_extent *extent = &layout->extent;
    int max_lines = style->max_lines > 0 ? style->max_lines : 1;
    double width_pt = guess_width(layout->text, layout->size_pt);

    extent->n_lines = 1;
    if (style->max_width_pt > 0 && width_pt > style->max_width_pt) {
        double lines = fmin(ceil(width_pt / style->max_width_pt), max_lines);

        extent->cut = width_pt > lines * style->max_width_pt;
        extent->n_lines = (int)lines;
        width_pt = style->max_width_pt;
    }
    extent->width_pt = width_pt;
}

static void measure_extent(struct avqa_layout *layout)
{
    struct avqa_extent *extent = &layout->extent;

    extent->n_lines = pango_layout_get_line_count(layout->pango);
    extent->cut = pango_layout_is_ellipsized(layout->pango);
    for (int i = 0; i < extent->n_lines; i++) {
        PangoRectangle box;
        PangoLayoutLine *line = pango_layout_get_line_readonly(layout->pango, i);

        pango_layout_line_get_extents(line, NULL, &box);
        extent->width_pt = fmax(extent->width_pt, (double)box.width / PANGO_SCALE);
    }
}

static PangoLayout *shape(struct avqa_fonts *fonts, const char *text,
                          const struct avqa_text *style)
{
    PangoLayout *pango = pango_layout_new(fonts->context);
    PangoFontDescription *font = pango_font_description_copy_static(fonts->base);

    pango_font_description_set_absolute_size(font, style->size_pt * PANGO_SCALE);
    pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD
                                                        : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_style(font, style->italic ? PANGO_STYLE_OBLIQUE
                                                         : PANGO_STYLE_NORMAL);
    pango_font_description_set_stretch(font, PANGO_STRETCH_CONDENSED);
    pango_layout_set_font_description(pango, font);
    pango_font_description_free(font);
    pango_layout_set_single_paragraph_mode(pango, TRUE);
    pango_layout_set_auto_dir(pango, FALSE); /* alignment is ours, not the text's */
    if (style->max_width_pt > 0) {
        pango_layout_set_width(pango, (int)(style->max_width_pt * PANGO_SCALE));
        pango_layout_set_wrap(pango, PANGO_WRAP_WORD_CHAR);
        pango_layout_set_height(pango, style->max_lines > 0 ? -style->max_lines : -1);
        pango_layout_set_ellipsize(pango, PANGO_ELLIPSIZE_END);
    }
    pango_layout_set_text(pango, text, -1);
    return pango;
}

static struct avqa_layout *new_layout(struct avqa_fonts *fonts, const char *text,
                                      const struct avqa_text *style)
{
    struct avqa_layout *layout = avqa_mem_new(sizeof *layout);

    layout->fonts = fonts;
    layout->n_refs = 1;
    layout->text = avqa_mem_strdup(text);
    layout->size_pt = style->size_pt;
    if (fonts->available) {
        layout->pango = shape(fonts, text, style);
        measure_extent(layout);
    } else {
        guess_extent(layout, style);
    }
    layout->extent.baseline_pt = AVQA_TEXT_ASCENT * style->size_pt;
    layout->extent.height_pt =
        style->size_pt * (1 + AVQA_TEXT_PITCH * (layout->extent.n_lines - 1));
    return layout;
}

struct avqa_layout *avqa_fonts_shape(struct avqa_fonts *fonts,
                                     const struct avqa_text *text)
{
    struct avqa_text style = *text;
    struct avqa_buf key = AVQA_BUF_INIT;
    struct avqa_layout *layout;

    style.size_pt = isfinite(style.size_pt) ? fmin(fmax(style.size_pt, 1), 200) : 1;
    style.max_width_pt =
        isfinite(style.max_width_pt) ? fmin(style.max_width_pt, 1e5) : 0;
    avqa_buf_addf(&key, "%ld %d %ld %d ", lround(style.size_pt * 1000),
                  style.bold * 2 + style.italic, lround(style.max_width_pt * 100),
                  style.max_lines);
    size_t text_at = key.len;
    avqa_text_clean(&key, text->text);

    layout = g_hash_table_lookup(fonts->kept, key.data);
    if (!layout) {
        if (g_hash_table_size(fonts->kept) >= MAX_KEPT) {
            g_hash_table_remove_all(fonts->kept);
            g_hash_table_remove_all(fonts->outlines);
        }
        layout = new_layout(fonts, key.data + text_at, &style);
        g_hash_table_insert(fonts->kept, g_strdup(key.data), layout);
    }
    avqa_buf_release(&key);
    return avqa_layout_ref(layout);
}

struct avqa_layout *avqa_layout_ref(struct avqa_layout *layout)
{
    layout->n_refs++;
    return layout;
}

void avqa_layout_unref(struct avqa_layout *layout)
{
    if (!layout || --layout->n_refs > 0)
        return;
    if (layout->pango)
        g_object_unref(layout->pango);
    free(layout->text);
    free(layout);
}

struct avqa_extent avqa_layout_extent(const struct avqa_layout *layout)
{
    return layout->extent;
}

const char *avqa_layout_text(const struct avqa_layout *layout)
{
    return layout->text;
}

/* Where line i begins: its left end and baseline. */
static struct avqa_point line_start(const struct avqa_layout *layout, int i,
                                    enum avqa_align align)
{
    PangoRectangle box;
    PangoLayoutLine *line = pango_layout_get_line_readonly(layout->pango, i);

    pango_layout_line_get_extents(line, NULL, &box);
    double width_pt = (double)box.width / PANGO_SCALE;
    struct avqa_point start = {align == AVQA_ALIGN_START    ? 0
                               : align == AVQA_ALIGN_MIDDLE ? -width_pt / 2
                                                            : -width_pt,
                               layout->size_pt *
                                   (AVQA_TEXT_ASCENT + AVQA_TEXT_PITCH * i)};
    return start;
}

void avqa_layout_show(const struct avqa_layout *layout, void *cairo,
                      enum avqa_align align)
{
    if (!layout->pango)
        return;
    for (int i = 0; i < layout->extent.n_lines; i++) {
        struct avqa_point start = line_start(layout, i, align);

        cairo_move_to(cairo, start.x_pt, start.y_pt);
        pango_cairo_show_layout_line(cairo,
                                     pango_layout_get_line_readonly(layout->pango, i));
    }
}

/* Path data with three decimals; no printf, whose decimal point follows the locale. */
static void add_number(struct avqa_buf *path, double value)
{
    long long thousandths = llround(value * 1000);
    long long size = thousandths < 0 ? -thousandths : thousandths;

    avqa_buf_addf(path, "%s%lld", thousandths < 0 ? "-" : " ", size / 1000);
    if (size % 1000 > 0)
        avqa_buf_addf(path, ".%03lld", size % 1000);
}

static void trace(cairo_t *cr, struct outline *outline)
{
    static const char letters[] = {'M', 'L', 'C', 'Z'};
    cairo_glyph_t glyph = {.index = outline->glyph};

    cairo_set_scaled_font(
        cr, pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(outline->font)));
    cairo_new_path(cr);
    cairo_glyph_path(cr, &glyph, 1);
    cairo_path_t *path = cairo_copy_path(cr);
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *data = &path->data[i];

        /* cairo ends every closed figure with a move to its start: no use here. */
        if (data->header.type == CAIRO_PATH_MOVE_TO &&
            (i + 2 >= path->num_data || data[2].header.type == CAIRO_PATH_MOVE_TO))
            continue;
        avqa_buf_addc(&outline->path, letters[data->header.type]);
        for (int k = 1; k < data->header.length; k++) {
            add_number(&outline->path, data[k].point.x);
            add_number(&outline->path, data[k].point.y);
        }
    }
    cairo_path_destroy(path);
    cairo_new_path(cr);
}

/* The outline of a letter; "" if it has none (a space). */
static const char *find_outline(struct avqa_fonts *fonts, PangoFont *font,
                                PangoGlyph glyph)
{
    struct outline key = {.font = font, .glyph = glyph};
    struct outline *outline = g_hash_table_lookup(fonts->outlines, &key);

    if (!outline) {
        outline = avqa_mem_new(sizeof *outline);
        outline->font = g_object_ref(font);
        outline->glyph = glyph;
        trace(fonts->scratch, outline);
        g_hash_table_add(fonts->outlines, outline);
    }
    return avqa_buf_str(&outline->path);
}

/* Returns the x behind the run. */
static double visit_run(struct avqa_fonts *fonts, const PangoGlyphItem *run,
                        struct avqa_point at, avqa_layout_visit_fn *visit,
                        void *closure)
{
    for (int i = 0; i < run->glyphs->num_glyphs; i++) {
        const PangoGlyphInfo *info = &run->glyphs->glyphs[i];
        PangoGlyph glyph = info->glyph;
        struct avqa_point origin = {
            at.x_pt + (double)info->geometry.x_offset / PANGO_SCALE,
            at.y_pt + (double)info->geometry.y_offset / PANGO_SCALE};

        at.x_pt += (double)info->geometry.width / PANGO_SCALE;
        if (glyph == PANGO_GLYPH_EMPTY)
            continue;
        if (glyph & PANGO_GLYPH_UNKNOWN_FLAG)
            glyph = 0; /* the font's own mark for what it lacks */
        const char *outline = find_outline(fonts, run->item->analysis.font, glyph);
        if (*outline)
            visit(closure, outline, origin);
    }
    return at.x_pt;
}

void avqa_layout_visit(const struct avqa_layout *layout, enum avqa_align align,
                       avqa_layout_visit_fn *visit, void *closure)
{
    if (!layout->pango)
        return;
    for (int i = 0; i < layout->extent.n_lines; i++) {
        struct avqa_point at = line_start(layout, i, align);
        PangoLayoutLine *line = pango_layout_get_line_readonly(layout->pango, i);

        for (const GSList *run = line->runs; run; run = run->next)
            at.x_pt = visit_run(layout->fonts, run->data, at, visit, closure);
    }
}

bool avqa_fonts_covers(struct avqa_fonts *fonts, const char *text)
{
    struct avqa_text style = {.text = text, .size_pt = 10};
    struct avqa_layout *layout = avqa_fonts_shape(fonts, &style);
    bool covered =
        layout->pango && pango_layout_get_unknown_glyphs_count(layout->pango) == 0;

    avqa_layout_unref(layout);
    return covered;
}
