#include "pulse.h"

void pulse_begin(struct pulse *p, int size, int rank, double now)
{
	*p = (struct pulse){.size = size, .rank = rank, .looked = now};
	for (int r = 0; r < size; r++)
		p->heard[r] = now;
	p->left[rank] = true;
}

void pulse_heard(struct pulse *p, int rank, double now)
{
	p->heard[rank] = now;
}

bool pulse_all_left(const struct pulse *p)
{
	int n = 0;
	for (int r = 0; r < p->size; r++)
		n += p->left[r];
	return n == p->size;
}

int pulse_silent(struct pulse *p, double now, int who[AS_MAX_RANKS])
{
	double stopped = now - p->looked, longest = 0;
	int n = 0, first = p->rank;
	p->looked = now;
	for (int r = 0; r < p->size; r++) {
		if (stopped > PULSE_GRACE)
			p->heard[r] = now;
		double silent = now - p->heard[r];
		if (r == p->rank || p->left[r])
			continue;
		if (silent < PULSE_SILENCE) {
			first = r < first ? r : first;
			continue;
		}
		longest = silent > longest ? silent : longest;
		who[n++] = r;
	}
	return first == p->rank || longest >= PULSE_SILENCE + PULSE_GRACE ? n : 0;
}
