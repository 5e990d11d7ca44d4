/* The tables of all instruction sets. */
#include "kern/kern.h"

extern const struct as_kern as_kern_exact_generic, as_kern_exact_avx2, as_kern_exact_avx512;
extern const struct as_kern as_kern_fast_generic, as_kern_fast_avx2, as_kern_fast_avx512;

const struct as_kern *as_kern_of(enum as_isa isa, bool exact)
{
	static const struct as_kern *const table[AS_ISAS][2] = {
	    [AS_ISA_GENERIC] = {&as_kern_fast_generic, &as_kern_exact_generic},
	    [AS_ISA_AVX2] = {&as_kern_fast_avx2, &as_kern_exact_avx2},
	    [AS_ISA_AVX512] = {&as_kern_fast_avx512, &as_kern_exact_avx512},
	};
	return isa <= as_isa_best() ? table[isa][exact] : NULL;
}

const struct as_kern *as_kern_chosen(bool exact)
{
	return as_kern_of(as_isa_chosen(), exact);
}
