/* Public since 0.2. Instruction sets. A kernel file NAME.isa.c is plain C that lib/module.mk
 * compiles once for each of them, with AS_ISA_NAME(x) giving x its suffix; a
 * table per set holds the results, and the best the CPU has is chosen here. */
#ifndef AS_KERN_ISA_H
#define AS_KERN_ISA_H

#include "base/attr.h"

AS_BEGIN

/* X(NAME, name) for each set of the architecture that this is compiled for, the better
 * later: what lib/module.mk compiles for it. */
#if defined(__x86_64__)
#define AS_ISA_EACH(X) X(GENERIC, generic) X(AVX2, avx2) X(AVX512, avx512)
#elif defined(__aarch64__)
#define AS_ISA_EACH(X) X(GENERIC, generic) X(NEON, neon)
#else
#define AS_ISA_EACH(X) X(GENERIC, generic)
#endif

#define AS_ISA_VALUE(NAME, name) AS_ISA_##NAME,
/* The sets by their names, AS_ISA_GENERIC first, and their number, AS_ISAS. */
enum as_isa { AS_ISA_EACH(AS_ISA_VALUE) AS_ISAS };

/* In NAME.isa.c: as_pix_table -> as_pix_table_avx2 and so on. */
#ifdef AS_ISA
#define AS_ISA_PASTE2(x, isa) x##_##isa
#define AS_ISA_PASTE(x, isa) AS_ISA_PASTE2(x, isa)
#define AS_ISA_NAME(x) AS_ISA_PASTE(x, AS_ISA)
#define AS_ISA_QUOTE2(isa) #isa
#define AS_ISA_QUOTE(isa) AS_ISA_QUOTE2(isa)
#define AS_ISA_TEXT AS_ISA_QUOTE(AS_ISA)
#endif

/* The set in use: the CPU's best, or the one in AUGSELF_ISA if the CPU has it. Read once. */
enum as_isa as_isa_chosen(void);
/* The CPU's best set. */
enum as_isa as_isa_best(void);
/* A set's name, "avx2", as AUGSELF_ISA has it; static. */
const char *as_isa_name(enum as_isa);

/* A sentence that says what is wrong with AUGSELF_ISA: there is no such set, or this CPU does not have it.
 * NULL: nothing. */
const char *as_isa_complaint(void);

AS_END
#endif
