/* See ill_posed.h. Which reason it is, is found where a program is run (evaluate.c) and
 * where its words are looked at (question.c); here they only have their names. */
#include "qa/ill_posed.h"

const char *avqa_ill_posed_name(enum avqa_ill_posed reason)
{
    static const char *const names[] = {
        "well posed", "unknown", "nothing",    "several",   "too close",
        "off screen", "silent",  "not given",  "senseless", "no word",
        "same thing", "repeats", "same place", "idle"};
    return names[reason];
}
