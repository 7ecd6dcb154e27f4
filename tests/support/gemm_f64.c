/* The matrix product of the double build: the definition, in loops that a compiler can
 * follow. */
#include "nn/gemm.h"

#include <string.h>

static avqa_real at(struct avqa_matrix m, size_t row, size_t column)
{
    return m.transposed ? m.data[column * m.stride + row]
                        : m.data[row * m.stride + column];
}

size_t avqa_gemm_room(struct avqa_matrix a, struct avqa_matrix b, const size_t mnk[3])
{
    (void)a;
    (void)b;
    (void)mnk;
    return 0;
}

enum avqa_status avqa_gemm(struct avqa_matrix_out out, struct avqa_matrix a,
                           struct avqa_matrix b, const size_t mnk[3],
                           const struct avqa_gemm_means *means)
{
    (void)means;
    for (size_t i = 0; i < mnk[0]; i++) {
        avqa_real *row = out.data + i * out.stride;
        if (!out.adds)
            memset(row, 0, mnk[1] * sizeof *row);
        if (b.transposed) {
            for (size_t j = 0; j < mnk[1]; j++) {
                avqa_real sum = 0;
                for (size_t l = 0; l < mnk[2]; l++)
                    sum += at(a, i, l) * b.data[j * b.stride + l];
                row[j] += sum;
            }
            continue;
        }
        for (size_t l = 0; l < mnk[2]; l++) {
            avqa_real x = at(a, i, l);
            for (size_t j = 0; j < mnk[1]; j++)
                row[j] += x * b.data[l * b.stride + j];
        }
    }
    return AVQA_OK;
}
