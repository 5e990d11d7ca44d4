#include "kern/isa.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(NAME, name) #name,
static const char *const names[AS_ISAS] = {AS_ISA_EACH(TEXT)};

const char *as_isa_name(enum as_isa isa)
{
	return names[isa];
}

enum as_isa as_isa_best(void)
{
#if defined(__x86_64__)
	if (AS_CPU_HAS("avx512f") && AS_CPU_HAS("avx512bw") &&
	    AS_CPU_HAS("avx512vl") && AS_CPU_HAS("avx512dq"))
		return AS_ISA_AVX512;
	if (AS_CPU_HAS("avx2") && AS_CPU_HAS("fma"))
		return AS_ISA_AVX2;
#elif defined(__aarch64__)
	return AS_ISA_NEON; /* every CPU of this architecture has it */
#endif
	return AS_ISA_GENERIC;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int wanted; /* the set that AUGSELF_ISA names; -1: there is none of this name */

static void ask(void)
{
	const char *name = getenv("AUGSELF_ISA");
	wanted = name && *name ? -1 : (int)as_isa_best();
	for (int i = 0; name && i < AS_ISAS; i++)
		if (!strcmp(name, names[i]))
			wanted = i;
}

static int asked(void)
{
	pthread_once(&once, ask);
	return wanted;
}

enum as_isa as_isa_chosen(void)
{
	int isa = asked();
	return isa < 0 || isa > (int)as_isa_best() ? as_isa_best() : (enum as_isa)isa;
}

const char *as_isa_complaint(void)
{
	int isa = asked();
#define LISTED(NAME, name) " " #name
	if (isa < 0)
		return "AUGSELF_ISA is none of:" AS_ISA_EACH(LISTED);
	return isa > (int)as_isa_best() ? "AUGSELF_ISA names an instruction set that this CPU lacks" : NULL;
}
