/* Steps of every method and head on 1, 2, 4 and 8 ranks, which are threads here: all ranks end with the same bits,
 * whatever their number: parameters, running statistics, momentum networks, queues, losses, figures. And they send
 * as many messages and bytes as ssl-train(1) says. */
#include "kern/gemm.h"
#include "nn/optim.h"
#include "ssl/trainer.h"

#include <stdlib.h>

#include "../batch.h"
#include "../engine.h"
#include "../naive.h"
#include "../ranks.h"
#include "../tap.h"
#include "../trial.h"

enum { B = 32, GRAINS = 8, SIZE = 12, STEPS = 3, MOST_PARTS = 6 };

static const struct trial trials[] = {
	{"simsiam", "hidden=16,bottleneck=8", "crop=1,color=.5,flip=.3", "", "cifar", "sgd", 0, false, false},
	{"moco", "queue=80,out=8", "rotation=1,crop=.5", "", "cifar", "sgd", 0, false, false},
	{"moco", "queue=80,out=8", "none", "moco-enqueue-query", "cifar", "adamw", 0, false, false},
	{"simclr", "out=8", "color=1", "", "imagenet", "adamw", 0, false, false},
	{"byol", "hidden=16,out=8", "crop=1", "", "cifar", "lars", .001, false, false},
	{"swav", "hidden=16,out=8,prototypes=10,freeze-steps=1", "flip=1,color=1", "", "cifar", "sgd", 0, false, false},
	{"supervised", "", "solarize=1", "solarize-broadcast", "cifar", "sgd", 0, false, false},
	{"byol", "hidden=16,out=8", "crop=1,color=1", "", "imagenet", "sgd", 0, false, true},
};
enum { TRIALS = sizeof trials / sizeof *trials };

/* What a rank ends with. */
struct left {
	int64_t n; /* floats */
	float *all;
	double number[STEPS * (5 + MOST_PARTS)];
	struct as_error err;
};

static void keep(struct left *l, const struct as_params *p)
{
	int64_t more = p->weights * (1 + p->nslot) + p->buffers;
	float *to = realloc(l->all, (size_t)(l->n + more) * sizeof *to);
	if (!to)
		abort();
	l->all = to;
	to += l->n;
	memcpy(to, p->value, (size_t)p->weights * sizeof *to);
	memcpy(to + p->weights, p->buffer, (size_t)p->buffers * sizeof *to);
	for (int s = 0; s < p->nslot; s++)
		memcpy(to + p->weights * (s + 1) + p->buffers, p->slot[s], (size_t)p->weights * sizeof *to);
	l->n += more;
}

static bool same(const struct left *a, const struct left *b)
{
	return a->n == b->n && !memcmp(a->all, b->all, (size_t)a->n * sizeof *a->all) &&
	       !memcmp(a->number, b->number, sizeof a->number);
}

/* What messages a method's step has: the views that go through its networks and through their momentum copies,
 * sums of one number, and floats of each image that all ranks get, in so many gathers. */
static const struct traffic {
	const char *method;
	int views, momentum, sums, gathers, floats;
} traffics[] = {
	{"simsiam", 2, 0, 2, 0, 0}, {"moco", 1, 1, 1, 1, 8}, {"simclr", 2, 0, 0, 1, 2 * 8}, {"byol", 2, 2, 2, 0, 0},
	{"swav", 2, 0, 2, 2, 2 * 10}, {"supervised", 2, 0, 2, 0, 0},
};

struct run {
	const struct trial *trial;
	const struct as_roles *roles;
	const struct as_kern *kern;
	int ranks;
	struct as_batch whole[STEPS];
	struct left left[RANKS_MOST];
	struct ranks_sent sent; /* as the formula says: by all ranks */
};

static int trainer_of(const struct run *run, const struct as_world *w, struct as_trainer **t, struct as_error *err)
{
	struct as_recipe r;
	int rc = trial_recipe(run->trial, SIZE, B, GRAINS, &r, err);
	return rc ? rc : as_trainer_new(t, &r, run->roles, &(struct as_engine){run->kern, NULL, 1, w}, true, err);
}

/* Noise, labels, and parameters of which some differ between views, so that heads have something to learn. */
static struct as_batch batch_new(const struct as_layout *l, uint64_t noise)
{
	struct as_batch b = noise_batch(l, noise);
	for (int64_t i = 0; i < B; i++)
		b.label[i] = i * i % 3;
	for (int v = 0; v < l->nviews; v++) {
		int np = l->view[v].role->nparam, nw = l->view[v].role->nomega;
		for (int64_t i = 0; i < B * np; i++)
			b.param[v][i] = (float)((i / np * (v + 3) + (int64_t)noise) / 2 % 2);
		for (int64_t i = 0; i < B * nw; i++)
			b.omega[v][i] = (float)((i * (v + 2) + (int64_t)noise) % 7) / 7;
	}
	return b;
}

static double *note_figures(double *to, const struct as_outcome *o, double rank)
{
	const double all[] = {o->loss, o->figures.spread, o->figures.together, o->figures.apart, rank};
	memcpy(to, all, sizeof all);
	to += sizeof all / sizeof *all;
	for (int i = 0; i < MOST_PARTS; i++)
		*to++ = i < o->step.nparts ? o->step.part[i].value : 0;
	return to;
}

/* Batch norm's gathers in `passes` through the networks whose tensors begin with this, or do not; for each channel two
 * doubles of each grain. */
static void count_norms(const struct as_params *p, const char *prefix, bool begins, int passes, struct ranks_sent *gathers)
{
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		if (!strstr(q->name, ".running_mean") || !strncmp(q->name, prefix, strlen(prefix)) != begins)
			continue;
		gathers->messages += passes;
		gathers->bytes += passes * GRAINS * 2 * q->count * (int64_t)sizeof(double);
	}
}

static int64_t travelling(const struct as_params *p)
{
	int64_t n = 0;
	for (int i = 0; i < p->n; i++)
		n += p->list[i].flags & (AS_P_BUFFER | AS_P_GLOBAL) ? 0 : p->list[i].count;
	return n;
}

static const struct traffic *traffic_of(const char *method)
{
	int i = 0;
	while (strcmp(traffics[i].method, method) != 0)
		i++;
	return &traffics[i];
}

/* ssl-train(1)'s formula for a step, over all ranks, without the gather on whether to go on, with two for the log. */
static struct ranks_sent formula(const struct run *run, struct as_trainer *t, int64_t d)
{
	const struct traffic *m = traffic_of(run->trial->method);
	const struct as_params *p = as_trainer_params(t);
	int64_t ranks = run->ranks, heads = 0, w = travelling(p), each = (w + 15) / 16;
	bool all = !strcmp(run->trial->compat, "solarize-broadcast");
	for (const char *c = run->trial->augself; *c; c++)
		heads += *c == '=';
	int64_t figures = 1, sums = m->sums + heads, rows = m->gathers + all + 2, floats = m->floats + 2 * all + 2 * d;
	struct ranks_sent norms = {0, 0};
	count_norms(p, "augself.", true, 2, &norms);
	count_norms(p, "augself.", false, 2 * m->views, &norms);
	count_norms(as_trainer_ema(t), "", true, m->momentum, &norms);
	each = each < 1024 ? 1024 : each > 1 << 18 ? 1 << 18 : (each + ranks - 1) / ranks * ranks;
	int64_t pieces = (w + each - 1) / each;
	return (struct ranks_sent){
		ranks * (ranks - 1) * (2 * pieces + norms.messages + sums + figures + rows),
		(ranks - 1) * (8 * w + norms.bytes + 4 * B * floats) + ranks * (ranks - 1) * 8 * (sums + 3 * d + 1),
	};
}

static void one(void *ctx, const struct as_world *w)
{
	struct run *run = ctx;
	struct left *l = &run->left[w->rank];
	struct as_trainer *t;
	struct as_outcome out;
	struct as_error err = {0};
	double *at = l->number;
	int rc = trainer_of(run, run->ranks > 1 ? w : NULL, &t, &err);
	for (int i = 0; !rc && i < STEPS; i++) {
		struct as_batch b = batch_block(&run->whole[i], as_trainer_layout(t), w->rank);
		rc = as_trainer_step(t, &b, &out, &err);
		if (!rc)
			at = note_figures(at, &out, as_trainer_rank(t, &out));
	}
	if (!rc && !w->rank)
		run->sent = formula(run, t, out.step.d);
	if (!rc) {
		keep(l, as_trainer_params(t));
		keep(l, as_trainer_ema(t));
		as_trainer_free(t);
	}
	l->err = err;
}

static void left_free(struct run *run)
{
	for (int i = 0; i < run->ranks; i++) {
		free(run->left[i].all);
		run->left[i] = (struct left){0};
	}
}

static void test_sent(const struct run *run, const struct ranks *r)
{
	int64_t messages = 0, bytes = 0, meanwhile = 0;
	for (int i = 0; i < run->ranks; i++) {
		messages += r->sent[i].messages;
		bytes += r->sent[i].bytes;
		meanwhile += r->meanwhile[i];
	}
	is_int(messages, STEPS * run->sent.messages, "... messages of the steps");
	is_int(bytes, STEPS * run->sent.bytes, "... their bytes");
	ok(meanwhile > STEPS && r->early > 0, "... gradients travel while more is computed: %lld times batch norm comes between; %d arrive "
	   "before anybody waits", (long long)meanwhile, r->early);
}

static void test(const struct trial *c, const struct as_roles *roles, const struct as_kern *kern, const char *how)
{
	struct run run = {.trial = c, .roles = roles, .kern = kern, .ranks = 1};
	struct as_trainer *t;
	struct as_error err = {0};
	if (trainer_of(&run, NULL, &t, &err)) {
		ok(false, "%s: %s", c->method, err.text);
		return;
	}
	for (int i = 0; i < STEPS; i++)
		run.whole[i] = batch_new(as_trainer_layout(t), 1 + (uint64_t)i);
	ranks_run(1, one, &run);
	struct left alone = run.left[0];
	run.left[0] = (struct left){0};
	ok(alone.n > 0 && alone.number[0] != 0, "%s, %s, %s: a run alone%s", c->method, c->augself, how, alone.err.text);
	for (run.ranks = 2; run.ranks <= GRAINS; run.ranks *= 2) {
		struct ranks r = ranks_run(run.ranks, one, &run);
		int alike = 0;
		for (int i = 0; i < run.ranks; i++)
			alike += same(&alone, &run.left[i]);
		ok(alike == run.ranks, "... %d ranks, of which %d end with its bits%s", run.ranks, alike, run.left[0].err.text);
		test_sent(&run, &r);
		left_free(&run);
	}
	free(alone.all);
	for (int i = 0; i < STEPS; i++)
		batch_free(&run.whole[i]);
	as_trainer_free(t);
}

int main(void)
{
	struct as_roles roles = every_role(SIZE);
	setenv("AUGSELF_BF16", "emulate", 0);
	if (as_blas_ready(NULL, NULL))
		return 1;
	for (int i = 0; i < TRIALS; i++) {
		test(&trials[i], &roles, as_kern_chosen(false), "fast");
		test(&trials[i], &roles, as_kern_chosen(true), "exact");
		if (!trials[i].bf16)
			test(&trials[i], &roles, as_kern_of(AS_ISA_GENERIC, false), "generic");
	}
	return done();
}
