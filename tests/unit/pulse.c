/* Who of the ranks has not been heard of: tools/pulse.c, by a clock of the test's own. */
#include "../../tools/pulse.c"

#include "../tap.h"

static struct pulse p;
static double now;

/* Seconds pass, in which the ranks of `alive`, by bit, are heard. Returns how many are silent at the end. */
static int pass(int seconds, unsigned alive, int who[AS_MAX_RANKS])
{
	int n = 0;
	for (int i = 0; i < seconds && !n; i++) {
		now += PULSE_BEAT;
		for (int r = 0; r < p.size; r++)
			if (alive >> r & 1)
				pulse_heard(&p, r, now);
		n = pulse_silent(&p, now, who);
	}
	return n;
}

static void begin(int rank)
{
	now = 100;
	pulse_begin(&p, 4, rank, now);
}

int main(void)
{
	int who[AS_MAX_RANKS] = {0};
	double was;
	begin(0);
	ok(!pass(1000, 0xf, who), "all are heard");
	ok(!pass(PULSE_SILENCE - 1, 3, who), "half a minute of silence is awaited");
	ok(!pass(5, 0xf, who), "... and may pass");
	was = now;
	ok(pass(100, 3, who) == 2 && who[0] == 2 && who[1] == 3, "two are silent, and named");
	ok(now - was == PULSE_SILENCE, "... when half a minute is over");
	begin(1);
	ok(!pass(PULSE_SILENCE + PULSE_GRACE - 1, 3, who), "rank 1 lets rank 0 say so");
	ok(pass(1, 3, who) == 2 && who[0] == 2, "... but not for ever");
	begin(2);
	was = now;
	ok(pass(100, 0xc, who) == 2 && !who[0] && who[1] == 1, "ranks 2 and 3 do not hear the others");
	ok(now - was == PULSE_SILENCE + PULSE_LATE, "... and wait for these to say so");
	begin(1);
	was = now;
	ok(pass(100, 0xe, who) == 1 && !who[0] && now - was == PULSE_SILENCE, "but without rank 0, rank 1 is first of the larger part");
	begin(0);
	was = now;
	ok(pass(100, 1, who) == 3 && now - was == PULSE_SILENCE + PULSE_LATE, "... and rank 0 is not");
	begin(0);
	ok(!pass(3, 7, who) && pass(100, 3, who) == 2, "one that fell silent a little later is named, too");
	begin(0);
	p.left[1] = p.left[2] = true;
	ok(!pass(100, 8, who) && !pulse_all_left(&p), "those who took leave need not be heard");
	p.left[3] = true;
	ok(pulse_all_left(&p), "all have taken leave");
	begin(0);
	now += 1000;
	ok(!pulse_silent(&p, now, who) && !pass(PULSE_SILENCE - 1, 0, who), "a program that was stopped begins anew");
	ok(pass(1 + PULSE_LATE, 0, who) == 3, "... and then finds what is silent");
	return done();
}
