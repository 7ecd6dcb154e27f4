/* Colour arithmetic. Maps are interpolated in OKLab (B. Ottosson, 2020), where equal
 * steps look equal; contrast follows WCAG 2.1. Colours beyond the published scheme are
 * only as good as hues a golden angle apart can be. */
#include "plot/palette.h"

#include <math.h>

/* Below this luminance white reads better than black: both contrasts are equal where
 * (L + 0.05)^2 = 1.05 * 0.05, and there they are 4.58. */
#define LUMINANCE_SPLIT 0.17913

struct oklab {
    double l;
    double a;
    double b;
};

static double to_linear(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double to_srgb(double v)
{
    v = v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
    return fmin(fmax(v, 0), 1);
}

static struct oklab oklab_of(struct avqa_color color)
{
    double r = to_linear(color.r), g = to_linear(color.g), b = to_linear(color.b);
    double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    struct oklab lab = {
        .l = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        .a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        .b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    };

    return lab;
}

static struct avqa_color srgb_of(struct oklab lab)
{
    double l = lab.l + 0.3963377774 * lab.a + 0.2158037573 * lab.b;
    double m = lab.l - 0.1055613458 * lab.a - 0.0638541728 * lab.b;
    double s = lab.l - 0.0894841775 * lab.a - 1.2914855480 * lab.b;
    l = l * l * l;
    m = m * m * m;
    s = s * s * s;
    struct avqa_color color = {
        .r = to_srgb(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
        .g = to_srgb(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
        .b = to_srgb(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s),
    };

    return color;
}

static struct avqa_color mix(struct avqa_color from, struct avqa_color to, double t)
{
    struct oklab a = oklab_of(from), b = oklab_of(to);
    struct oklab lab = {.l = a.l + (b.l - a.l) * t,
                        .a = a.a + (b.a - a.a) * t,
                        .b = a.b + (b.b - a.b) * t};

    return srgb_of(lab);
}

struct avqa_color avqa_palette_hex(unsigned rgb)
{
    struct avqa_color color = {.r = (double)(rgb >> 16 & 0xFF) / 255,
                               .g = (double)(rgb >> 8 & 0xFF) / 255,
                               .b = (double)(rgb & 0xFF) / 255};

    return color;
}

struct avqa_color avqa_palette_categorical(size_t i)
{
    static const unsigned muted[] = {0x4477AA, 0xDDCC77, 0xCC6677, 0x88CCEE, 0x117733,
                                     0x44AA99, 0x882255, 0x999933, 0xAA4499, 0x332288};
    static const double lightness[] = {0.45, 0.75, 0.60};
    size_t n_muted = sizeof muted / sizeof *muted;

    if (i < n_muted)
        return avqa_palette_hex(muted[i]);

    /* Hues a golden angle apart never come close to an earlier one soon. */
    double hue = fmod((double)(i - n_muted) * 2.39996322972865 + 1.0, 2 * M_PI);
    struct oklab lab = {
        .l = lightness[i % 3], .a = 0.09 * cos(hue), .b = 0.09 * sin(hue)};
    return srgb_of(lab);
}

struct avqa_color avqa_palette_other(void)
{
    return avqa_palette_hex(0xC4C4C4);
}

struct avqa_color avqa_palette_tint(struct avqa_color color, double amount)
{
    amount = isfinite(amount) ? fmin(fmax(amount, 0), 1) : 0;
    if (amount <= 0)
        return color;
    return mix(color, avqa_palette_hex(0xFFFFFF), amount);
}

static struct avqa_color along(const unsigned *stops, size_t n_stops, double t)
{
    t = t >= 0 ? fmin(t, 1) : 0;
    double at = t * (double)(n_stops - 1);
    size_t i = (size_t)at;

    if (i >= n_stops - 1)
        return avqa_palette_hex(stops[n_stops - 1]);
    return mix(avqa_palette_hex(stops[i]), avqa_palette_hex(stops[i + 1]),
               at - (double)i);
}

struct avqa_color avqa_palette_sequential(double t)
{
    static const unsigned stops[] = {0xFFFFD9, 0xEDF8B1, 0xC7E9B4, 0x7FCDBB, 0x41B6C4,
                                     0x1D91C0, 0x225EA8, 0x253494, 0x081D58};

    return along(stops, sizeof stops / sizeof *stops, t);
}

struct avqa_color avqa_palette_heat(double t)
{
    static const unsigned stops[] = {0x000004, 0x1B0C41, 0x4A0C6B, 0x781C6D, 0xA52C60,
                                     0xCF4446, 0xED6925, 0xFB9B06, 0xF7D13D, 0xFCFFA4};

    return along(stops, sizeof stops / sizeof *stops, t);
}

double avqa_palette_luminance(struct avqa_color color)
{
    return 0.2126 * to_linear(color.r) + 0.7152 * to_linear(color.g) +
           0.0722 * to_linear(color.b);
}

double avqa_palette_contrast(struct avqa_color a, struct avqa_color b)
{
    double la = avqa_palette_luminance(a), lb = avqa_palette_luminance(b);

    return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}

struct avqa_color avqa_palette_label_on(struct avqa_color fill)
{
    return avqa_palette_hex(avqa_palette_luminance(fill) > LUMINANCE_SPLIT ? 0x000000
                                                                           : 0xFFFFFF);
}
