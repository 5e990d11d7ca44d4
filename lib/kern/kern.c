/* The tables of all instruction sets. */
#include "kern/kern.h"

#define TABLES(NAME, name) extern const struct as_kern as_kern_exact_##name, as_kern_fast_##name;
AS_ISA_EACH(TABLES)

const struct as_kern *as_kern_of(enum as_isa isa, bool exact)
{
#define ENTRY(NAME, name) {&as_kern_fast_##name, &as_kern_exact_##name},
	static const struct as_kern *const table[AS_ISAS][2] = {AS_ISA_EACH(ENTRY)};
	return isa <= as_isa_best() ? table[isa][exact] : NULL;
}

const struct as_kern *as_kern_chosen(bool exact)
{
	return as_kern_of(as_isa_chosen(), exact);
}
