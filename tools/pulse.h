/* Who of the ranks has not been heard of. Each rank tells all others every BEAT seconds that it is there, from a thread of
 * its own: one that computes a long step, or waits for slow data, goes on telling; one whose machine or cable has failed
 * does not. This file only counts: times are the caller's, messages stand in ranks_mpi.c. */
#ifndef AS_TOOLS_PULSE_H
#define AS_TOOLS_PULSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/world.h"

/* Seconds. The silence is long enough for a network that recovers: after an outage of 12 s, TCP sends again at 25 s. What
 * starts the ranks should take a machine for lost a little later, within PULSE_GRACE. */
enum { PULSE_BEAT = 1, PULSE_SILENCE = 30, PULSE_JITTER = 5, PULSE_GRACE = 15, PULSE_LATE = 25 };

struct pulse {
	int size, rank;
	double heard[AS_MAX_RANKS]; /* when each was last heard of */
	bool left[AS_MAX_RANKS];    /* has taken leave, so need not be heard of any more */
	double looked;		    /* when pulse_silent was last called */
};

void pulse_begin(struct pulse *, int size, int rank, double now);
void pulse_heard(struct pulse *, int rank, double now);
/* Has every other rank taken leave? */
bool pulse_all_left(const struct pulse *);
/* The ranks that have not been heard of for PULSE_SILENCE, in order. Returns how many; 0 also if another rank is to say
 * so. Where a network falls into parts, each finds the other silent. One should say so: the first rank of the larger part
 * (of equal ones, of that with rank 0), since whoever reads it is likely there. The others of this part do if it has
 * not within PULSE_GRACE; a smaller part, cut off, within PULSE_LATE: until then it is likely ended by what started it,
 * and a line that cannot be delivered would keep that from noticing.
 * Call it every PULSE_BEAT: a program that was stopped (Ctrl-Z, a suspended job) has heard nobody, and that is no sign. */
int pulse_silent(struct pulse *, double now, int who[AS_MAX_RANKS]);

#endif
