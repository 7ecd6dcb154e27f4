/* Why a question cannot be asked of a clip. Each reason has a word, which reports count
 * by. */
#ifndef AVQA_QA_ILL_POSED_H
#define AVQA_QA_ILL_POSED_H

enum avqa_ill_posed {
    AVQA_WELL_POSED,
    AVQA_ILL_UNKNOWN,    /* a fact it needs is unknown */
    AVQA_ILL_NOTHING,    /* what it refers to is not there */
    AVQA_ILL_SEVERAL,    /* what it refers to is there more than once */
    AVQA_ILL_TOO_CLOSE,  /* the values compared differ by less than the margin */
    AVQA_ILL_OFF_SCREEN, /* it asks for the place of something that is not seen */
    AVQA_ILL_SILENT,     /* it asks for the sound of something that makes none */
    AVQA_ILL_NOT_GIVEN,  /* what it takes for granted is not so */
    AVQA_ILL_SENSELESS,  /* the words do not go together ("on the middle of") */
    AVQA_ILL_NO_WORD,    /* the template has no word for the answer */
    AVQA_ILL_SAME_THING, /* it speaks of one thing as if it were two */
    AVQA_ILL_REPEATS,    /* the answer is a word of the question */
    AVQA_ILL_SAME_PLACE, /* what is told apart by places is at one place */
    AVQA_ILL_IDLE,       /* the answer is the same without a word that is needed */
    AVQA_N_ILL_POSED,
};

/* "unknown", "nothing", ...: the word that is counted. */
const char *avqa_ill_posed_name(enum avqa_ill_posed reason);

/* "what it speaks of is not there", ...: the same of a question, for people. */
const char *avqa_ill_posed_sentence(enum avqa_ill_posed reason);

#endif
