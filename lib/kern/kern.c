/* The tables of all instruction sets. */
#include "kern/kern.h"

extern const struct as_kern as_kern_table_generic, as_kern_table_avx2, as_kern_table_avx512;

const struct as_kern *as_kern_of(enum as_isa isa)
{
	static const struct as_kern *const table[AS_ISAS] = {
	    [AS_ISA_GENERIC] = &as_kern_table_generic,
	    [AS_ISA_AVX2] = &as_kern_table_avx2,
	    [AS_ISA_AVX512] = &as_kern_table_avx512,
	};
	return isa <= as_isa_best() ? table[isa] : NULL;
}

const struct as_kern *as_kern_chosen(void)
{
	return as_kern_of(as_isa_chosen());
}
