/* The number that training computes with. It is float; the tests build the same files a
 * second time with double, where a derivative can be checked by differences. */
#ifndef AVQA_NN_REAL_H
#define AVQA_NN_REAL_H

#ifndef AVQA_REAL
#define AVQA_REAL float
#endif

typedef AVQA_REAL avqa_real;

#endif
