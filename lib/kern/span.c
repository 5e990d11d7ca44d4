#include "kern/span.h"

#include "kern/isa.h"

extern const struct as_span as_span_table_generic, as_span_table_avx2, as_span_table_avx512;

const struct as_span *as_span(void)
{
	static const struct as_span *const table[AS_ISAS] = {&as_span_table_generic, &as_span_table_avx2,
							     &as_span_table_avx512};
	return table[as_isa_chosen()];
}
