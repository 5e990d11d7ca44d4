/* The CPU's tables: the same entries, with the loops of each instruction set. */
#include "kern/kern.h"

#include "kern/cpu.h"
#include "kern/loops.h"

#define LOOPS(NAME, name) extern const struct as_loops as_loops_exact_##name, as_loops_fast_##name;
AS_ISA_EACH(LOOPS)

/* Plain C leaves convolutions to a BLAS. */
#define ENTRY(name) .name = as_cpu_##name,
#define CPU(NAME, set, which)                                                                                  \
	{                                                                                                      \
		AS_CPU_ENTRIES(ENTRY).name = #set, .steady = AS_ISA_##NAME != AS_ISA_GENERIC,                  \
				     .memory = &as_host_memory, .loops = &as_loops_##which##_##set             \
	}

const struct as_kern *as_kern_of(enum as_isa isa, bool exact)
{
#define BOTH(NAME, name) {CPU(NAME, name, fast), CPU(NAME, name, exact)},
	static const struct as_kern table[AS_ISAS][2] = {AS_ISA_EACH(BOTH)};
	return isa <= as_isa_best() ? &table[isa][exact] : NULL;
}

const struct as_kern *as_kern_chosen(bool exact)
{
	return as_kern_of(as_isa_chosen(), exact);
}
