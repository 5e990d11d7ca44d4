#include "kern/span.h"

#include "kern/isa.h"

#define TABLE(NAME, name) extern const struct as_span as_span_table_##name;
AS_ISA_EACH(TABLE)

const struct as_span *as_span(void)
{
#define ENTRY(NAME, name) &as_span_table_##name,
	static const struct as_span *const table[AS_ISAS] = {AS_ISA_EACH(ENTRY)};
	return table[as_isa_chosen()];
}
