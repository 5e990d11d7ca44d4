/* The CPU's tables: the same entries over the loops of each instruction set. */
#include "kern/kern.h"

#include "kern/cpu.h"
#include "kern/loops.h"

#define LOOPS(NAME, name) extern const struct as_loops as_loops_exact_##name, as_loops_fast_##name;
AS_ISA_EACH(LOOPS)

/* Plain C's convolutions are a BLAS's. */
#define CPU(NAME, set, which)                                                                                 \
	{                                                                                                      \
		.name = #set, .steady = AS_ISA_##NAME != AS_ISA_GENERIC, .loops = &as_loops_##which##_##set,   \
		.conv_prepared = as_cpu_conv_prepared, .conv_scratch = as_cpu_conv_scratch,                    \
		.conv_prepare = as_cpu_conv_prepare, .conv_forward = as_cpu_conv_forward,                      \
		.conv_backward_data = as_cpu_conv_backward_data,                                               \
		.conv_backward_weights = as_cpu_conv_backward_weights, .norm_partial = as_cpu_norm_partial,    \
		.norm_stats = as_cpu_norm_stats, .norm_frozen = as_cpu_norm_frozen,                            \
		.norm_fold = as_cpu_norm_fold, .norm_apply = as_cpu_norm_apply,                                \
		.norm_backward = as_cpu_norm_backward, .linear_forward = as_cpu_linear_forward,                \
		.linear_backward = as_cpu_linear_backward, .maxpool_forward = as_cpu_maxpool_forward,          \
		.maxpool_backward = as_cpu_maxpool_backward, .avgpool_forward = as_cpu_avgpool_forward,        \
		.avgpool_backward = as_cpu_avgpool_backward, .zero = as_cpu_zero, .tree = as_cpu_tree,         \
		.sgd = as_cpu_sgd, .ema = as_cpu_ema, .add_scaled = as_cpu_add_scaled, .scale = as_cpu_scale,  \
		.dot = as_cpu_dot,                                                                             \
	}

const struct as_kern *as_kern_of(enum as_isa isa, bool exact)
{
#define ENTRY(NAME, name) {CPU(NAME, name, fast), CPU(NAME, name, exact)},
	static const struct as_kern table[AS_ISAS][2] = {AS_ISA_EACH(ENTRY)};
	return isa <= as_isa_best() ? &table[isa][exact] : NULL;
}

const struct as_kern *as_kern_chosen(bool exact)
{
	return as_kern_of(as_isa_chosen(), exact);
}
