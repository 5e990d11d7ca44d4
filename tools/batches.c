#include "batches.h"

#include <math.h>
#include <stdio.h>

#include "base/machine.h"
#include "common.h"
#include "ending.h"
#include "ssl/trial.h"

/* Batches that are tried: powers of two, and the one that was asked for. */
enum { LEAST = 16, MOST = 65536, MAX_ROWS = 16, FINEST = 16 /* of the largest that fits: a multiple of this */ };

struct row {
	int64_t batch;
	struct as_trial trial;
	bool fits;
};

struct table {
	const struct as_recipe *recipe;
	const struct as_roles *roles;
	const struct as_engine *engine;
	uint64_t images;
	size_t room;
	double each, until; /* seconds for one; by ending_clock */
	struct row row[MAX_ROWS];
	int n, asked; /* the index of the batch that was asked for; -1: it cannot be */
	int64_t largest;
	bool refused; /* the system gave less than it said was free: only what was tried is known to fit */
};

/* Whether there can be such a batch, and what it takes. */
static bool weigh(const struct table *t, int64_t batch, struct row *out)
{
	struct as_error err;
	*out = (struct row){.batch = batch};
	if ((t->images && (uint64_t)batch > t->images) || as_trial_bytes(t->recipe, batch, t->roles, t->engine, &out->trial, &err))
		return false;
	out->fits = out->trial.bytes <= t->room;
	return true;
}

static void add(struct table *t, int64_t batch)
{
	if (!weigh(t, batch, &t->row[t->n]))
		return;
	if (batch == t->recipe->batch)
		t->asked = t->n;
	t->n++;
}

/* In order; of those that do not fit the smallest, and the one that was asked for. */
static void collect(struct table *t)
{
	int64_t asked = t->recipe->batch;
	bool over = false;
	t->asked = -1;
	for (int64_t batch = LEAST, last = 0; batch <= MOST; last = batch, batch *= 2) {
		if (asked > last && asked < batch)
			add(t, asked);
		over = over || (t->n && !t->row[t->n - 1].fits && t->row[t->n - 1].batch != asked);
		if (!over || batch == asked)
			add(t, batch);
	}
}

/* The largest that fits, to a multiple of FINEST: bytes grow with the batch. */
static void find_largest(struct table *t)
{
	struct row r;
	for (int i = 0; i < t->n; i++)
		if (t->row[i].fits)
			t->largest = t->row[i].batch;
	for (int64_t more = t->largest / 2; more >= FINEST; more /= 2)
		if (t->largest + more <= MOST && weigh(t, t->largest + more, &r) && r.fits)
			t->largest += more;
}

/* What three steps of a batch will take, by the rate of another. */
static double expected(int64_t batch, double rate)
{
	return 4 * (double)batch / rate;
}

/* The system did not give what was free: neither this batch fits nor a larger one. */
static void refuse(struct table *t, const struct row *from)
{
	t->refused = true;
	t->largest = 0;
	for (int i = 0; i < t->n; i++) {
		t->row[i].fits = t->row[i].fits && t->row[i].batch < from->batch;
		t->largest = t->row[i].fits ? t->row[i].batch : t->largest;
	}
}

static void run(struct table *t, struct row *r)
{
	struct as_error err;
	if (!r->fits || r->trial.rate > 0)
		return;
	int rc = as_trial_run(t->recipe, r->batch, t->roles, t->engine, t->each, &r->trial, &err);
	if (rc == AS_EMEM)
		refuse(t, r);
	else if (rc)
		die_error(NULL, &err);
}

/* The smallest first, which is quick and tells how long others take; then the one that was asked for; then upwards
 * until the time is over or a twice as large batch is no faster. */
static void measure(struct table *t)
{
	double rate, best;
	run(t, &t->row[0]);
	rate = best = t->row[0].trial.rate;
	if (t->asked > 0 && ending_clock() + expected(t->row[t->asked].batch, rate) < t->until)
		run(t, &t->row[t->asked]);
	for (int i = 1, slower = 0; i < t->n && t->row[i].fits && slower < 2; i++) {
		struct row *r = &t->row[i];
		if (r->trial.rate <= 0 && ending_clock() + expected(r->batch, rate) > t->until)
			continue;
		run(t, r);
		if (!r->fits)
			break;
		rate = r->trial.rate;
		slower = rate < 1.02 * best ? slower + 1 : 0;
		best = fmax(best, rate);
	}
}

/* The one that was asked for, if it fits: its learning rate is known to work. Otherwise the largest of the rows. */
static int choose(const struct table *t)
{
	int best = t->n - 1;
	if (t->asked >= 0 && t->row[t->asked].fits)
		return t->asked;
	while (best > 0 && !t->row[best].fits)
		best--;
	return best;
}

/* One that is known to fit, where what is free does not tell it. */
static int choose_tried(struct table *t)
{
	int chosen = choose(t);
	while (t->refused && t->row[chosen].fits && t->row[chosen].trial.rate <= 0) {
		run(t, &t->row[chosen]);
		chosen = choose(t);
	}
	return chosen;
}

static double rate_of(const struct table *t, int64_t batch)
{
	return t->recipe->base_lr * (double)batch / 256;
}

static void print(const struct table *t, int chosen)
{
	printf("batch\tMiB\timages/s\ts/epoch\tlr\tnote\n");
	for (int i = 0; i < t->n; i++) {
		const struct row *r = &t->row[i];
		double epoch = (double)(t->images / (uint64_t)r->batch * (uint64_t)r->batch) / r->trial.rate;
		printf("%lld\t%.1f\t", (long long)r->batch, (double)r->trial.bytes / 1048576);
		r->trial.rate > 0 ? printf("%.4g\t", r->trial.rate) : printf("-\t");
		r->trial.rate > 0 && t->images ? printf("%.4g\t", epoch) : printf("-\t");
		const char *more = i == chosen ? "recommended" : r->fits ? "" : "too-large";
		const char *first = i == t->asked ? "asked" : *more ? "" : "-";
		printf("%.4g\t%s%s%s\n", rate_of(t, r->batch), first, *first && *more ? "," : "", more);
	}
}

/* The fastest of those that were measured. */
static const struct row *fastest(const struct table *t)
{
	const struct row *best = &t->row[0];
	for (int i = 1; i < t->n; i++)
		best = t->row[i].trial.rate > best->trial.rate ? &t->row[i] : best;
	return best;
}

static void explain(const struct table *t, int chosen)
{
	const struct row *r = &t->row[chosen], *best = fastest(t);
	int64_t asked = t->recipe->batch;
	double gain = r->trial.rate > 0 ? 100 * (best->trial.rate / r->trial.rate - 1) : 0;
	inform("%.2f GiB of memory are free for this process; a tenth of that is left to the programs before it in the pipe, and to "
	       "the system", (double)t->room / .9 / 1073741824);
	inform("the largest batch that fits has %lld images", (long long)t->largest);
	if (chosen == t->asked && gain >= 5)
		inform("recommended: --batch %lld, as asked: it fits, and --base-lr is meant for it; %lld is %.0f %% faster",
		       (long long)r->batch, (long long)best->batch, gain);
	else if (chosen == t->asked)
		inform("recommended: --batch %lld, as asked: it fits, --base-lr is meant for it, and none that was measured is 5 %% "
		       "faster", (long long)r->batch);
	else
		inform("recommended: --batch %lld, the largest of these that fits; %lld does not", (long long)r->batch, (long long)asked);
	inform("the learning rate follows the batch, base-lr x batch/256 (column lr): that is a rule of thumb, for SGD and LARS; with "
	       "--batch N, --base-lr %g x %lld/N keeps %g", t->recipe->base_lr, (long long)asked, rate_of(t, asked));
}

void find_batch(const struct as_recipe *r, const struct as_roles *roles, const struct as_engine *engine, uint64_t images,
		double seconds)
{
	struct table t = {.recipe = r, .roles = roles, .engine = engine, .images = images, .each = seconds / 12,
			  .until = ending_clock() + seconds};
	struct as_trial trial;
	struct as_error err;
	t.room = as_machine_free() / 10 * 9;
	collect(&t);
	if (!t.n && as_trial_bytes(r, r->batch, roles, engine, &trial, &err))
		die_error(NULL, &err);
	if (!t.n)
		die(EXIT_USAGE, "--images %llu: no batch that is tried is so small: the least has %d images; --batch N tries another",
		    (unsigned long long)images, LEAST);
	find_largest(&t);
	measure(&t);
	int chosen = choose_tried(&t);
	if (!t.largest)
		die(EXIT_DATA, "memory: no batch fits into %zu MiB: the smallest tried takes %zu; a smaller --width takes less",
		    t.room >> 20, t.row[0].trial.bytes >> 20);
	print(&t, chosen);
	explain(&t, chosen);
}
