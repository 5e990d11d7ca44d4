#include "kern/logit.h"

#include "kern/isa.h"

extern const struct as_logit as_logit_table_generic, as_logit_table_avx2, as_logit_table_avx512;

const struct as_logit *as_logit(void)
{
	static const struct as_logit *const table[AS_ISAS] = {&as_logit_table_generic, &as_logit_table_avx2,
							      &as_logit_table_avx512};
	return table[as_isa_chosen()];
}
