/* Round steps: 1, 2, 2.5 or 5 times a power of ten, the smallest that needs no more
 * ticks than wanted. Decimals are written digit by digit: printf's decimal point
 * follows the user's locale. */
#include "plot/scale.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LARGEST 1e15
#define SCIENTIFIC 1e8 /* from here on 1.2e8 instead of 123,456,789 */

static bool is_whole(double v)
{
    return fabs(v - nearbyint(v)) < 1e-9 * fmax(1, fabs(v));
}

struct avqa_scale avqa_scale_nice(double largest, size_t n_wanted, bool whole)
{
    static const double factors[] = {1, 2, 2.5, 5, 10};
    struct avqa_scale scale = {0};

    if (!(largest > 0))
        largest = 1;
    largest = fmin(largest, LARGEST);
    if (n_wanted < 1 || n_wanted > 100)
        n_wanted = 5;

    double raw = largest / (double)n_wanted;
    double power = pow(10, floor(log10(raw)));
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        scale.step = factors[i] * power;
        if (scale.step >= raw * (1 - 1e-9) && (!whole || is_whole(scale.step)))
            break;
    }
    if (whole && scale.step < 1)
        scale.step = 1;
    double n_steps = ceil(largest / scale.step * (1 - 1e-12));
    scale.n_ticks = (size_t)fmax(n_steps, 1) + 1;
    scale.max = (double)(scale.n_ticks - 1) * scale.step;
    return scale;
}

static void add_commas(char text[AVQA_SCALE_TEXT_LEN], int64_t value)
{
    char digits[AVQA_SCALE_TEXT_LEN];
    size_t len, n = 0;

    snprintf(digits, sizeof digits, "%lld", (long long)(value < 0 ? -value : value));
    len = strlen(digits);
    if (value < 0)
        text[n++] = '-';
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            text[n++] = ',';
        text[n++] = digits[i];
    }
    text[n] = '\0';
}

void avqa_scale_fixed(char text[AVQA_SCALE_TEXT_LEN], double value, int decimals)
{
    double power = 1;

    if (!isfinite(value) || fabs(value) > LARGEST) {
        snprintf(text, AVQA_SCALE_TEXT_LEN, "n/a");
        return;
    }
    decimals = decimals < 0 || fabs(value) >= 1e9 ? 0 : decimals < 6 ? decimals : 6;
    for (int i = 0; i < decimals; i++)
        power *= 10;
    int64_t scaled = llround(fabs(value) * power);
    size_t n = 0;
    char digits[AVQA_SCALE_TEXT_LEN];
    for (int place = 0; place <= decimals || scaled > 0; place++) {
        if (place == decimals && place > 0)
            digits[n++] = '.';
        digits[n++] = (char)('0' + scaled % 10);
        scaled /= 10;
    }
    digits[n] = '\0';
    if (value < 0 && strspn(digits, "0.") < n)
        digits[n++] = '-';
    for (size_t i = 0; i < n; i++)
        text[i] = digits[n - 1 - i];
    text[n] = '\0';
}

void avqa_scale_number(char text[AVQA_SCALE_TEXT_LEN], double value)
{
    if (!isfinite(value)) {
        snprintf(text, AVQA_SCALE_TEXT_LEN, "n/a");
    } else if (fabs(value) >= SCIENTIFIC) {
        int power = (int)floor(log10(fabs(value)) + 1e-12);
        size_t len;

        avqa_scale_fixed(text, value / pow(10, power), 1);
        len = strlen(text);
        snprintf(text + len, AVQA_SCALE_TEXT_LEN - len, "e%d", power);
    } else if (is_whole(value) || fabs(value) >= 1000) {
        add_commas(text, (int64_t)llround(value));
    } else {
        int decimals = fabs(value) >= 1 ? 2 : 1 - (int)floor(log10(fabs(value)));

        avqa_scale_fixed(text, value, decimals < 6 ? decimals : 6);
        while (text[strlen(text) - 1] == '0')
            text[strlen(text) - 1] = '\0';
        if (text[strlen(text) - 1] == '.')
            text[strlen(text) - 1] = '\0';
    }
}

void avqa_scale_percent(char text[AVQA_SCALE_TEXT_LEN], double share)
{
    if (!isfinite(share)) {
        snprintf(text, AVQA_SCALE_TEXT_LEN, "n/a");
    } else if (share > 0 && share < 0.0005) {
        snprintf(text, AVQA_SCALE_TEXT_LEN, "<0.1%%");
    } else {
        avqa_scale_fixed(text, share * 100, share >= 0.9995 ? 0 : 1);
        if (strlen(text) + 1 < AVQA_SCALE_TEXT_LEN)
            strncat(text, "%", AVQA_SCALE_TEXT_LEN - strlen(text) - 1);
    }
}
