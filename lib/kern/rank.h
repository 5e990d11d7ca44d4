/* Public since 0.2. Effective rank: in how many directions features spread (RankMe: Garrido, Balestriero, Najman
 * and LeCun, "RankMe: Assessing the Downstream Performance of Pretrained Self-Supervised Representations by
 * Their Rank", ICML 2023, equation 1). With the singular values s_k of the matrix of features, which is not
 * centred,
 *     p_k = s_k / sum_j s_j + 1e-7,   rank = exp(-sum_k p_k log p_k):
 * m equal singular values give m, and one that is far above all others gives about 1. */
#ifndef AS_KERN_RANK_H
#define AS_KERN_RANK_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* From the n eigenvalues of the products of the matrix's rows with each other, or of its columns, which are s_k^2;
 * rounding may make them negative. 0 if all are 0. */
double as_rank_of(const double *squares, int64_t n);

AS_END
#endif
