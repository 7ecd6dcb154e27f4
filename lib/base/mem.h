/* Small allocations that cannot reasonably fail, and the checked product that every
 * data-sized one goes through. Running out of memory for a small thing aborts here, in
 * one place; what a file may make large uses avqa_mem_array or avqa_mem_grow, which
 * fail. */
#ifndef AVQA_BASE_MEM_H
#define AVQA_BASE_MEM_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Out of memory for something small: the program ends, here and nowhere else. */
_Noreturn void avqa_mem_exhausted(void);

/* Zeroed memory for a small, fixed-size object. Never NULL. Owned by the caller. */
void *avqa_mem_new(size_t size);

/* A copy of a NUL-terminated string, or of its first `len` bytes. Never NULL. */
char *avqa_mem_strdup(const char *text);
char *avqa_mem_strndup(const char *text, size_t len);

/* a * b into *out; false if it does not fit. */
bool avqa_mem_product(size_t *out, size_t a, size_t b);

/* *array becomes `n` zeroed elements of `size` bytes each, never NULL; the caller frees
 * it. On AVQA_ENOMEM it is NULL. */
AVQA_CHECK enum avqa_status avqa_mem_array(void *array, size_t n, size_t size);

/* n rounded up to a multiple of `to`; n is at most SIZE_MAX - to. */
static inline size_t avqa_mem_rounded(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/* *out becomes `bytes` bytes, of any content, on a line of the cache; the caller frees
 * it. On AVQA_ENOMEM it is NULL. */
AVQA_CHECK enum avqa_status avqa_mem_aligned(void *out, size_t bytes);

/* The same for what is written and read in many places at once, over and over: the
 * kernel is asked for large pages, whose table is not missed. Clean ones cost more than
 * they save for what is read from one end to the other. */
AVQA_CHECK enum avqa_status avqa_mem_work(void *out, size_t bytes);

/* What is freed from now on stays with the program, for what it asks for next, and all
 * threads share it: for who takes and gives back large pieces over and over, each page
 * of which the kernel would clear again. For programs, before they have threads. */
void avqa_mem_keep(void);

/* Grows *array (of elements of `size` bytes, *cap of them) to hold at least `need`,
 * doubling. New elements are zero. AVQA_ENOMEM leaves the array as it was. */
AVQA_CHECK enum avqa_status avqa_mem_grow(void *array, size_t *cap, size_t need,
                                          size_t size);

/* avqa_mem_grow for lists that stay small next to the data: it cannot fail. */
void avqa_mem_need(void *array, size_t *cap, size_t need, size_t size);

#endif
