/* See gemm.h. The call is the same in oneDNN 2 and 3. */
#include "nn/gemm.h"

#include <oneapi/dnnl/dnnl.h>

/* As in onednn.c: OpenMP's number of threads is set for the call and put back. */
void omp_set_num_threads(int n);
int omp_get_max_threads(void);

enum avqa_status avqa_gemm(struct avqa_matrix_out out, struct avqa_matrix a,
                           struct avqa_matrix b, const size_t mnk[3], size_t n_threads)
{
    int threads_before = omp_get_max_threads();
    omp_set_num_threads((int)n_threads);
    dnnl_status_t status =
        dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N',
                   (dnnl_dim_t)mnk[0], (dnnl_dim_t)mnk[1], (dnnl_dim_t)mnk[2], 1.0F,
                   a.data, (dnnl_dim_t)a.stride, b.data, (dnnl_dim_t)b.stride,
                   out.adds ? 1.0F : 0.0F, out.data, (dnnl_dim_t)out.stride);
    omp_set_num_threads(threads_before);
    return status == dnnl_success
               ? AVQA_OK
               : avqa_fail(status == dnnl_out_of_memory ? AVQA_ENOMEM : AVQA_EINVAL,
                           "oneDNN cannot multiply %zu x %zu x %zu (status %d)", mnk[0],
                           mnk[1], mnk[2], (int)status);
}
