/* Private to lib/data: the permutation of torch's random_split, so that our validation sets are those of
 * the AugSelf authors. */
#ifndef AS_DATA_RANDPERM_H
#define AS_DATA_RANDPERM_H

#include <stdint.h>

#include "base/error.h"

AS_BEGIN

/* torch.randperm(n) after torch.manual_seed(seed), on the CPU: Mersenne Twister, z = u32 mod (n-i), swap
 * r[i] and r[i+z]. n < 2^32. */
void as_randperm(uint32_t seed, int64_t n, int64_t *r);

AS_END
#endif
