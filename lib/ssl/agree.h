/* Public since 0.2. What the ranks of a training (base/world.h) have to agree on, and how they do: each tells all
 * others, and all decide alike. With world NULL there is nobody to differ from. */
#ifndef AS_SSL_AGREE_H
#define AS_SSL_AGREE_H

#include "base/error.h"
#include "base/world.h"

AS_BEGIN

/* Compares facts, lines "name: value" of at most 1,000 bytes together, which must be the same on every rank: what rounds
 * otherwise, or trains otherwise, cannot train together. AS_EDATA: the error names the first difference. */
AS_NODISCARD int as_agree_facts(const struct as_world *, const char *facts, struct as_error *);

/* Compares hashes of the parameters after a step. AS_EDATA: the error names the ranks that differ from most. */
AS_NODISCARD int as_agree_hash(const struct as_world *, uint64_t hash, uint64_t step, struct as_error *);

/* What a rank has for the next step. */
struct as_turn {
	uint64_t stop;      /* nonzero: it was asked to stop */
	uint64_t ready;     /* 1: it has its block of a batch; 0: its stream has ended */
	uint64_t epoch, seq; /* of that batch: its epoch, and the seq after its last image */
};

/* 1: all have a block of the same batch. 0: nobody goes on; *stop is set to the first rank's `stop` that is nonzero.
 * AS_EDATA: the blocks are of different batches, or some streams have ended and others not. */
AS_NODISCARD int as_agree_turn(const struct as_world *, const struct as_turn *own, uint64_t *stop, struct as_error *);

AS_END
#endif
