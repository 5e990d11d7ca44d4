/* The engine that tests compute on. */
#ifndef AS_TESTS_ENGINE_H
#define AS_TESTS_ENGINE_H

#include "kern/kern.h"

/* The instruction set in use, convolutions by the formula or not, on this thread alone, in one grain. */
static inline const struct as_engine *engine_of(bool exact)
{
	static struct as_engine engine[2];
	engine[exact] = (struct as_engine){as_kern_chosen(exact), NULL, 1};
	return &engine[exact];
}

#define ENGINE(kern, pool) (&(struct as_engine){kern, pool, 1})

#endif
