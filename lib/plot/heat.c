/* See heat.h. */
#include "plot/heat.h"

#include <math.h>

#include "plot/figure.h"

enum { CHANNELS = 3, LEVELS = 256, BAR_STEPS = 64 };

/* The two cells a coordinate lies between, and its share of the second. */
struct between {
    size_t first, second;
    double share;
};

static struct between cells_at(double at, size_t n)
{
    double cell = fmin(fmax(at * (double)n - 0.5, 0), (double)(n - 1));
    size_t first = (size_t)cell;

    return (struct between){first, first + 1 < n ? first + 1 : first,
                            cell - (double)first};
}

static double mix_cells(const struct avqa_heat_map *map, struct between x,
                        struct between y)
{
    const float *above = map->weights + y.first * map->cols;
    const float *below = map->weights + y.second * map->cols;
    double a =
        (1 - x.share) * (double)above[x.first] + x.share * (double)above[x.second];
    double b =
        (1 - x.share) * (double)below[x.first] + x.share * (double)below[x.second];

    return (1 - y.share) * a + y.share * b;
}

double avqa_heat_at(const struct avqa_heat_map *map, double x, double y)
{
    return mix_cells(map, cells_at(x, map->cols), cells_at(y, map->rows));
}

double avqa_heat_position(const struct avqa_heat_scale *scale, double weight)
{
    if (!isfinite(weight))
        return 0;
    if (!(scale->high > scale->low))
        return 0.5;
    return fmin(fmax((weight - scale->low) / (scale->high - scale->low), 0), 1);
}

static double squeeze(double grey)
{
    return AVQA_HEAT_BLACK + (AVQA_HEAT_WHITE - AVQA_HEAT_BLACK) * grey;
}

/* A colour of the map over a grey. */
static struct avqa_color cover(struct avqa_color color, double grey)
{
    double below = (1 - AVQA_HEAT_STRENGTH) * squeeze(grey);

    color.r = AVQA_HEAT_STRENGTH * color.r + below;
    color.g = AVQA_HEAT_STRENGTH * color.g + below;
    color.b = AVQA_HEAT_STRENGTH * color.b + below;
    return color;
}

struct avqa_color avqa_heat_color(double position, double grey)
{
    return cover(avqa_palette_heat(position), grey);
}

static uint8_t byte_of(double v)
{
    return (uint8_t)lround(fmin(fmax(v, 0), 1) * 255);
}

/* Luma of Rec. 709. */
static double grey_of(const uint8_t *rgb)
{
    return (0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]) / 255;
}

static void put_color(uint8_t *rgb, struct avqa_color color)
{
    rgb[0] = byte_of(color.r);
    rgb[1] = byte_of(color.g);
    rgb[2] = byte_of(color.b);
}

/* One pixel below the map, or beside it (`over` NULL). */
static void paint_pixel(uint8_t *out, const struct avqa_color *over, double grey)
{
    double bare = squeeze(grey);

    put_color(out, over ? cover(*over, grey) : (struct avqa_color){bare, bare, bare});
}

void avqa_heat_paint(uint8_t *rgb, const struct avqa_pixels *picture,
                     const struct avqa_heat_map *map,
                     const struct avqa_heat_scale *scale,
                     const struct avqa_heat_region *region)
{
    struct avqa_color colors[LEVELS];
    const uint8_t *from = picture->rgb;

    for (int i = 0; i < LEVELS; i++)
        colors[i] = avqa_palette_heat((double)i / (LEVELS - 1));
    for (int row = 0; row < picture->height; row++) {
        double y = ((row + 0.5) / picture->height - region->y) / region->height;
        struct between down = cells_at(y, map->rows);

        for (int col = 0; col < picture->width; col++, from += CHANNELS) {
            double x = ((col + 0.5) / picture->width - region->x) / region->width;
            const struct avqa_color *over = NULL;

            if (x >= 0 && x < 1 && y >= 0 && y < 1) {
                double weight = mix_cells(map, cells_at(x, map->cols), down);
                double position = avqa_heat_position(scale, weight);
                over = &colors[lround(position * (LEVELS - 1))];
            }
            paint_pixel(rgb, over, grey_of(from));
            rgb += CHANNELS;
        }
    }
}

void avqa_heat_bar(struct avqa_canvas *canvas, struct avqa_rect bar)
{
    uint8_t rgb[BAR_STEPS * CHANNELS];
    struct avqa_pixels pixels = {BAR_STEPS, 1, rgb};
    struct avqa_stroke edge = {avqa_figure_rule(), 0.4, 0};

    for (int i = 0; i < BAR_STEPS; i++)
        put_color(rgb + (size_t)i * CHANNELS,
                  avqa_heat_color((i + 0.5) / BAR_STEPS, 0.5));
    avqa_canvas_picture(canvas, bar, &pixels);
    avqa_canvas_outline(canvas, bar, edge);
}
