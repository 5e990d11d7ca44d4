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

/* What this rank hears. */
struct heard {
	int ranks;     /* this one, too */
	int first;     /* of these */
	int silent;
	double longest; /* seconds of silence */
};

static struct heard look(const struct pulse *p, double now, int who[AS_MAX_RANKS])
{
	struct heard h = {.first = p->rank, .ranks = 1};
	for (int r = 0; r < p->size; r++) {
		double silence = now - p->heard[r];
		if (p->left[r])
			continue;
		h.longest = silence > h.longest ? silence : h.longest;
		if (silence >= PULSE_SILENCE - PULSE_JITTER) { /* of one machine, one is silent a second before the other */
			who[h.silent++] = r;
			continue;
		}
		h.ranks++;
		h.first = r < h.first ? r : h.first;
	}
	return h;
}

int pulse_silent(struct pulse *p, double now, int who[AS_MAX_RANKS])
{
	bool stopped = now - p->looked > PULSE_JITTER;
	p->looked = now;
	for (int r = 0; stopped && r < p->size; r++)
		p->heard[r] = now;
	struct heard h = look(p, now, who);
	bool larger = h.ranks > h.silent || (h.ranks == h.silent && h.first < who[0]);
	double patience = PULSE_SILENCE + (!larger ? PULSE_LATE : h.first != p->rank ? PULSE_GRACE : 0);
	return h.longest >= patience ? h.silent : 0;
}
