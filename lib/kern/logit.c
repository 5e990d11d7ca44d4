#include "kern/logit.h"

#include "kern/isa.h"

#define TABLE(NAME, name) extern const struct as_logit as_logit_table_##name;
AS_ISA_EACH(TABLE)

const struct as_logit *as_logit(void)
{
#define ENTRY(NAME, name) &as_logit_table_##name,
	static const struct as_logit *const table[AS_ISAS] = {AS_ISA_EACH(ENTRY)};
	return table[as_isa_chosen()];
}
