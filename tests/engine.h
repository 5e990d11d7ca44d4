/* The engine that tests compute on. */
#ifndef AS_TESTS_ENGINE_H
#define AS_TESTS_ENGINE_H

#include "kern/isa.h"
#include "kern/kern.h"

#include "tap.h"

/* The instruction set in use, convolutions by the formula or not, on this thread alone, in one grain. */
static inline const struct as_engine *engine_of(bool exact)
{
	static struct as_engine engine[2];
	engine[exact] = (struct as_engine){as_kern_chosen(exact), NULL, 1, NULL};
	return &engine[exact];
}

/* The i-th of 2 AS_ISAS tables, each instruction set's for convolutions by the formula (i odd) and fast; NULL, and a test
 * that says so, where this CPU has not got the set. */
static inline const struct as_kern *kern_or_skip(int i)
{
	const struct as_kern *kern = as_kern_of((enum as_isa)(i / 2), i % 2);
	if (!kern)
		skip(as_isa_name((enum as_isa)(i / 2)));
	return kern;
}

#define ENGINE(kern, pool) (&(struct as_engine){kern, pool, 1, NULL})

#endif
