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

const char *avqa_ill_posed_sentence(enum avqa_ill_posed reason)
{
    static const char *const sentences[] = {
        [AVQA_WELL_POSED] = "it can be asked",
        [AVQA_ILL_UNKNOWN] = "a fact it needs is unknown",
        [AVQA_ILL_NOTHING] = "what it speaks of is not there",
        [AVQA_ILL_SEVERAL] = "what it speaks of is there more than once",
        [AVQA_ILL_TOO_CLOSE] = "what it compares is too close",
        [AVQA_ILL_OFF_SCREEN] = "what it asks the place of is not seen",
        [AVQA_ILL_SILENT] = "what it asks the sound of makes none",
        [AVQA_ILL_NOT_GIVEN] = "what it takes for granted is not so",
        [AVQA_ILL_SENSELESS] = "its words do not go together",
        [AVQA_ILL_NO_WORD] = "its template has no word for the answer",
        [AVQA_ILL_SAME_THING] = "it speaks of one thing as if it were two",
        [AVQA_ILL_REPEATS] = "it says its own answer",
        [AVQA_ILL_SAME_PLACE] = "what it tells apart by places is at one place",
        [AVQA_ILL_IDLE] = "a word of it makes no difference"};
    return sentences[reason];
}
