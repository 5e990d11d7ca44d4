/* The CPU's tables: the same entries, with the loops of each instruction set. */
#include "kern/kern.h"

#include <stdlib.h>
#include <string.h>

#include "kern/cpu.h"
#include "kern/loops.h"

#define LOOPS_OF(set) extern const struct as_loops as_loops_exact_##set, as_loops_fast_##set;
#define LOOPS(NAME, name) LOOPS_OF(name) LOOPS_OF(name##_bf16)
AS_ISA_EACH(LOOPS)
#if defined(__x86_64__)
LOOPS_OF(native_bf16)
#endif

/* Plain C leaves convolutions to a BLAS. */
#define ENTRY(name) .name = as_cpu_##name,
#define CPU(set, which, is_steady, bytes)                                                                      \
	{                                                                                                      \
		AS_CPU_ENTRIES(ENTRY).name = #set, .steady = is_steady, .cell = bytes,                         \
				     .memory = &as_host_memory, .loops = &as_loops_##which##_##set             \
	}

const struct as_kern *as_kern_of(enum as_isa isa, bool exact)
{
#define WIDE(name, which, NAME) CPU(name, which, AS_ISA_##NAME != AS_ISA_GENERIC, sizeof(float))
#define BOTH(NAME, name) {WIDE(name, fast, NAME), WIDE(name, exact, NAME)},
	static const struct as_kern table[AS_ISAS][2] = {AS_ISA_EACH(BOTH)};
	return isa <= as_isa_best() ? &table[isa][exact] : NULL;
}

const struct as_kern *as_kern_chosen(bool exact)
{
	return as_kern_of(as_isa_chosen(), exact);
}

/* --- maps in bfloat16 --- */

#define NARROW(set) {CPU(set, fast, true, sizeof(uint16_t)), CPU(set, exact, true, sizeof(uint16_t))}
#define EMULATED(NAME, name) NARROW(name##_bf16),
static const struct as_kern emulated[AS_ISAS][2] = {AS_ISA_EACH(EMULATED)};

/* The products of the CPU itself. */
static const struct as_kern *native(enum as_isa isa, bool exact)
{
#if defined(__x86_64__)
	static const struct as_kern table[2] = NARROW(native_bf16);
	if (isa == AS_ISA_AVX512 && AS_CPU_HAS("avx512bf16"))
		return &table[exact];
#endif
	(void)isa;
	(void)exact;
	return NULL;
}

const struct as_kern *as_kern_bf16(const struct as_kern *wide, bool emulate)
{
	for (int i = 0; i < 2 * AS_ISAS; i++)
		if (as_kern_of((enum as_isa)(i / 2), i % 2) == wide)
			return emulate ? &emulated[i / 2][i % 2] : native((enum as_isa)(i / 2), i % 2);
	return NULL;
}

int as_kern_bf16_chosen(const struct as_kern *wide, const struct as_kern **out, struct as_error *err)
{
	const char *how = getenv("AUGSELF_BF16");
	*out = as_kern_bf16(wide, false);
	if (!*out && how && !strcmp(how, "emulate"))
		*out = as_kern_bf16(wide, true);
	return *out ? 0 : as_fail(err, AS_EARG, "bf16: this CPU, or AUGSELF_ISA, has no products of bfloat16; AUGSELF_BF16=emulate "
				  "computes the same, slowly");
}
