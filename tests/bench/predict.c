/* How long a step of training takes on machines that are not here.
 *
 * The real program runs, on a clock that is not the real one. as_each is wrapped (by the linker), and so are the
 * entries of the device's table: a round of tasks is not computed but advances the clock by what its tasks would
 * take on C cores; a table of ranks does the same with messages over a link. So layers, cuts into tasks, their order and
 * the messages are those of the program itself, whatever becomes of it. What is not cut into tasks really runs, and is
 * timed. What tasks cost is a sum of a few terms for each kind, fitted on measured steps of ResNet-18 at 32 px.
 *
 * Memory is reserved and never touched, so that steps can be predicted that do not fit. */
#define _DEFAULT_SOURCE /* MAP_NORESERVE */
#include "predict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/trace.h"
#include "bench.h"
#include "kern/cpu.h"
#include "step.h"

enum { KINDS = 64, CALLS = 16384, PARTS = 8, DEEP = 16 };
static const double NOTED = 1e-6; /* seconds in no round that are worth a line */
enum entry { OTHER, PREPARE, FORWARD, DATA, WEIGHTS, STATS, APPLY, BACK, LINEAR, LINEAR_BACK, MAXPOOL, AVGPOOL, FLAT };

static const char *const entry_name[] = {"other", "weights prepared", "conv forward", "conv data", "conv weights", "norm sums", "norm",
					 "norm back", "linear", "linear back", "max pool", "mean pool", "parameters"};

/* Tasks of one function in one kind of call; what they cost. */
struct kind {
	enum entry entry;
	bool winograd;
	int turn; /* the function's turn in such a call */
	double cost[TERMS];
	int rows;
};

/* One function's rounds in one call. */
struct part {
	void (*task)(void *, int64_t, int);
	int64_t tasks, rounds;
	double seconds;
};

struct call {
	enum entry entry;
	bool winograd;
	double term[TERMS], bytes, array; /* bytes of all its arrays, of the largest */
	int pass, parts;
	struct part part[PARTS];
};

static struct kind kinds[KINDS];
static int nkinds;
static struct call now; /* what runs */
static struct machine machine; /* while measuring, this one, of as many cores as threads */
static bool dry;
static double clock_now, last, unshared; /* the clock that is not real; the end of the last round; what is in no round */

/* Of a measured step, by turn: the least of all steps. */
static struct seen {
	int kind;
	int64_t tasks;
	double term[TERMS], seconds;
} seen[CALLS];
static int calls;

static char layer[DEEP][64]; /* the open spans of the timeline */
static int deep;
static struct few fews[CALLS];
static int nfew;

/* One thread's own time, since other programs run here too; of two threads only the clock on the wall tells how long a
 * round takes. */
static clockid_t real_clock = CLOCK_THREAD_CPUTIME_ID;

static double wall(void)
{
	struct timespec t;
	clock_gettime(real_clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int kind_of(const struct call *c, int turn)
{
	int i = 0;
	while (i < nkinds && !(kinds[i].entry == c->entry && kinds[i].winograd == c->winograd && kinds[i].turn == turn))
		i++;
	if (i == KINDS)
		die("more kinds of tasks than there is room for");
	if (i == nkinds)
		kinds[nkinds++] = (struct kind){.entry = c->entry, .winograd = c->winograd, .turn = turn};
	return i;
}

static struct part *part_of(struct call *c, void (*task)(void *, int64_t, int))
{
	int i = 0;
	while (i < c->parts && c->part[i].task != task)
		i++;
	if (i == PARTS)
		die("a call with more kinds of tasks than there is room for");
	if (i == c->parts)
		c->part[c->parts++] = (struct part){.task = task};
	return &c->part[i];
}

/* ---- rounds ---- */

/* The terms of a part. */
static void terms_of(const struct call *c, int turn, double *term)
{
	memcpy(term, c->term, sizeof c->term);
	term[FAR] = c->bytes > machine.near * machine.cores ? c->term[FLOATS] : 0;
	term[OUT] = c->array > machine.cache ? c->term[FLOATS] : 0;
	term[TASKS] = (double)c->part[turn].tasks;
}

/* Seconds that all tasks of a part would take on one core. */
static double alone(const struct call *c, int turn)
{
	const struct kind *k = &kinds[kind_of(c, turn)];
	double s = 0, term[TERMS];
	terms_of(c, turn, term);
	for (int i = 0; i < TERMS; i++)
		s += k->cost[i] * term[i];
	return k->rows ? s : c->bytes / machine.copy;
}

/* What waiting threads cost: they look for a while before they sleep, and are woken one after the other. */
static double meeting(double idle)
{
	double others = machine.cores - 1;
	return others < 1 ? 0 : idle > machine.patience ? machine.wake + 1e-6 * (others - 1) : machine.meet + 5e-8 * (others - 1);
}

static void note(const char *what, int64_t tasks, double one, double took)
{
	if (nfew == CALLS)
		return;
	struct few *f = &fews[nfew++];
	snprintf(f->layer, sizeof f->layer, "%s", deep ? layer[(deep < DEEP ? deep : DEEP) - 1] : "");
	f->what = what;
	f->tasks = tasks;
	f->one = one;
	f->took = took;
}

/* Work: seconds on one core, bytes of memory. */
struct load {
	double one, bytes;
	int64_t tasks;
};

/* What runs beside the rounds, as far as it has not run: works that wait for each other are one here. */
static struct load beside;

/* A round of the call. A call's bytes are shared among its parts as its time is. */
static struct load load_of(const struct part *p, int64_t tasks)
{
	double part = alone(&now, (int)(p - now.part)), all = 0, one = part * (double)tasks / (double)p->tasks;
	for (int i = 0; i < now.parts; i++)
		all += alone(&now, i);
	return (struct load){one, now.bytes > machine.cache && all > 0 ? now.bytes * one / all : 0, tasks};
}

/* Seconds of a round: the core that has most tasks, or memory, if that takes longer. */
static double round_on(struct load l, double cores)
{
	double busy = fmin((double)l.tasks, cores);
	return fmax(l.one / (double)l.tasks * ceil((double)l.tasks / cores), l.bytes / fmin(machine.bandwidth, busy * machine.copy));
}

/* The same while one core in four does what is beside, with what the round leaves of the memory's bandwidth, until that has
 * ended or the round has. */
static double round_beside(struct load l)
{
	double helpers = floor((machine.cores + 2) / 4.), took = round_on(l, machine.cores - helpers);
	double needs = fmax(beside.one / helpers, beside.bytes / (helpers * machine.copy));
	double part = fmin(took / needs, fmax(0, took * machine.bandwidth - l.bytes) / beside.bytes);
	if (part >= 1) { /* then they help with the rest of the round */
		part = 1;
		took = fmax((l.one + beside.one) / machine.cores, l.one / (double)l.tasks);
		took = fmax(took, (l.bytes + beside.bytes) / machine.bandwidth);
	}
	beside.one *= 1 - part;
	beside.bytes *= 1 - part;
	return took;
}

/* Advances the clock by a round. */
static void advance(struct load l, double idle)
{
	double had = beside.one;
	double took = (had > 0 && l.tasks > 1 ? round_beside(l) : round_on(l, machine.cores)) + meeting(idle);
	note(entry_name[now.entry], l.tasks, l.one + had - beside.one, took);
	clock_now += took;
}

void __real_as_each(struct as_pool *, int64_t, void (*)(void *, int64_t, int), void *);
void __wrap_as_each(struct as_pool *, int64_t, void (*)(void *, int64_t, int), void *);

/* Lets the clock run for what really ran since the last event. */
static double catch_up(void)
{
	double idle = wall() - last;
	unshared += idle;
	clock_now += idle;
	if (dry && idle > NOTED)
		note("one thread", 1, idle, idle);
	return idle;
}

static void leave(void);

void __wrap_as_each(struct as_pool *pool, int64_t tasks, void (*task)(void *, int64_t, int), void *ctx)
{
	bool bare = now.entry == OTHER;
	if (!tasks)
		return;
	if (bare)
		now = (struct call){.pass = 1, .bytes = (double)tasks * (3 << 18)};
	struct part *p = part_of(&now, task);
	if (!dry || !now.pass || bare)
		p->tasks += tasks;
	if (!dry) {
		catch_up();
		double began = wall();
		__real_as_each(pool, tasks, task, ctx);
		p->seconds += wall() - began;
	} else if (now.pass) {
		advance(load_of(p, tasks), catch_up());
	}
	if (bare)
		leave();
	last = wall();
}

void __real_as_beside(struct as_pool *, int64_t, void (*)(void *, int64_t, int), const void *, size_t);
void __wrap_as_beside(struct as_pool *, int64_t, void (*)(void *, int64_t, int), const void *, size_t);
void __real_as_beside_end(struct as_pool *);
void __wrap_as_beside_end(struct as_pool *);

/* One thread runs it at once; of more the rounds that follow take longer. */
void __wrap_as_beside(struct as_pool *pool, int64_t tasks, void (*task)(void *, int64_t, int), const void *ctx, size_t bytes)
{
	if (dry && machine.cores == 1) {
		__wrap_as_each(pool, tasks, task, (void *)(uintptr_t)ctx);
		return;
	}
	struct part *p = part_of(&now, task);
	if (!dry || !now.pass)
		p->tasks += tasks;
	if (!dry) {
		catch_up();
		double began = wall();
		__real_as_beside(pool, tasks, task, ctx, bytes);
		p->seconds += wall() - began;
	} else if (now.pass) {
		struct load l = load_of(p, tasks);
		catch_up();
		beside = (struct load){beside.one + l.one, beside.bytes + l.bytes, beside.tasks + tasks};
	}
	last = wall();
}

void __wrap_as_beside_end(struct as_pool *pool)
{
	double idle = catch_up();
	if (!dry)
		__real_as_beside_end(pool);
	unshared += dry ? 0 : wall() - last;
	struct load rest = beside;
	beside = (struct load){0};
	if (rest.one > 0)
		advance(rest, idle);
	last = wall();
}

/* ---- calls ---- */

static void leave(void)
{
	for (int i = 0; i < now.parts && calls < CALLS; i++) {
		struct seen *s = &seen[calls++];
		double before = s->tasks == now.part[i].tasks ? s->seconds : HUGE_VAL;
		*s = (struct seen){.kind = kind_of(&now, i), .tasks = now.part[i].tasks, .seconds = fmin(before, now.part[i].seconds)};
		terms_of(&now, i, s->term);
	}
	now = (struct call){.entry = OTHER};
}

/* A call that only counts its tasks has pass 0; one that runs, really or on the clock, 1. */
static void enter(struct call c)
{
	if (dry)
		catch_up();
	now = c;
}

static void go(void)
{
	now.pass = 1;
	if (dry)
		last = wall();
}

#define RUN(made, call)                                                                                        \
	do {                                                                                                   \
		enter(made);                                                                                   \
		if (dry)                                                                                       \
			call;                                                                                  \
		go();                                                                                          \
		call;                                                                                          \
		leave();                                                                                       \
	} while (0)

/* Products, tiles and floats of a convolution. The prepared weights tell the way: Winograd's have a matrix for each of
 * the places of a tile. */
static struct call conv(enum entry entry, const struct as_engine *e, const struct as_conv *s)
{
	double weights = (double)as_cpu_conv_prepared(e, s), filters = (double)(s->c * s->k);
	double pixels = (double)(s->n * s->oh * s->ow), in = (double)(s->n * s->h * s->w * s->c), out = pixels * (double)s->k;
	int side = s->r != 3 || s->stride != 1 ? 0 : weights > 30 * filters ? 4 : weights > 20 * filters ? 3 : 0;
	struct call c = {.entry = entry, .winograd = side > 0, .bytes = 4 * (in + out), .array = 4 * fmax(in, out)};
	double tiles = side ? (double)(s->n * ((s->oh + side - 1) / side) * ((s->ow + side - 1) / side)) : pixels;
	c.term[PRODUCTS] = tiles * weights;
	c.term[TILES] = side ? tiles * (side + 2) * (side + 2) * (double)(s->c + s->k) : pixels * ceil((double)s->k / 32);
	c.term[FLOATS] = in + out;
	c.term[WEIGHTS_] = weights;
	if (entry == PREPARE)
		c.bytes = 4 * weights;
	return c;
}

static struct call flat(enum entry entry, double floats, double arrays)
{
	return (struct call){.entry = entry, .term = {[FLOATS] = floats * arrays}, .bytes = 4 * floats * arrays, .array = 4 * floats};
}

/* Batch norm also joins the sums of blocks of rows, at most 64 a grain (kern/norm.c), and those of all grains. */
static struct call norm(enum entry entry, const struct as_engine *e, int64_t rows, int64_t c, int arrays)
{
	struct call made = flat(entry, (double)(rows * c), arrays);
	double blocks = ceil((double)(rows / e->grains) / 64), grains = (double)(c * e->grains);
	made.term[WEIGHTS_] = grains * fmin(64, blocks);
	made.term[TILES] = grains * as_ranks(e);
	return made;
}

static struct call product(enum entry entry, int64_t rows, int64_t in, int64_t out)
{
	double weights = (double)(in * out), floats = (double)(rows * (in + out));
	return (struct call){.entry = entry, .bytes = 4 * (weights + floats), .array = 4 * fmax(weights, floats),
			     .term = {[PRODUCTS] = (double)rows * weights, [FLOATS] = floats, [WEIGHTS_] = weights}};
}

static void conv_prepare(const struct as_engine *e, const struct as_conv *s, const float *w, float *to)
{
	RUN(conv(PREPARE, e, s), as_cpu_conv_prepare(e, s, w, to));
}

static void conv_forward(const struct as_engine *e, const struct as_conv *s, const void *x, const float *w, void *y,
			 const struct as_after *after, void *scratch)
{
	RUN(conv(FORWARD, e, s), as_cpu_conv_forward(e, s, x, w, y, after, scratch));
}

static void conv_backward_data(const struct as_engine *e, const struct as_conv *s, const void *dy, const float *w, void *dx,
			       bool add, void *scratch)
{
	RUN(conv(DATA, e, s), as_cpu_conv_backward_data(e, s, dy, w, dx, add, scratch));
}

static void conv_backward_weights(const struct as_engine *e, const struct as_conv *s, const void *x, const void *dy, float *dw,
				  int64_t leaf, void *scratch)
{
	RUN(conv(WEIGHTS, e, s), as_cpu_conv_backward_weights(e, s, x, dy, dw, leaf, scratch));
}

static void norm_stats(const struct as_engine *e, const void *x, int64_t rows, int64_t c, const float *gamma, const float *beta,
		       float eps, float momentum, float *mean, float *var, const struct as_norm *n, float *partial)
{
	RUN(norm(STATS, e, rows, c, 1), as_cpu_norm_stats(e, x, rows, c, gamma, beta, eps, momentum, mean, var, n, partial));
}

static void norm_apply(const struct as_engine *e, const void *x, int64_t rows, int64_t c, const struct as_norm *n, const void *add,
		       bool relu, void *y, uint32_t *on, bool aside)
{
	RUN(flat(APPLY, (double)(rows * c), add ? 3 : 2), as_cpu_norm_apply(e, x, rows, c, n, add, relu, y, on, aside));
}

static void norm_backward(const struct as_engine *e, const void *dy, const uint32_t *on, const void *x, int64_t rows, int64_t c,
			  const float *gamma, const struct as_norm *n, float *dgamma, float *dbeta, void *dx, void *dadd, bool add,
			  float *partial)
{
	struct call made = norm(BACK, e, rows, c, 2);
	made.bytes = (double)(4 * rows * c * (5 + !!dadd) + 8 * rows * (on ? as_on_words(c) : 0));
	RUN(made, as_cpu_norm_backward(e, dy, on, x, rows, c, gamma, n, dgamma, dbeta, dx, dadd, add, partial));
}

static void linear_forward(const struct as_engine *e, const float *x, int64_t rows, int64_t in, int64_t out, const float *w,
			   const float *bias, float *y)
{
	RUN(product(LINEAR, rows, in, out), as_cpu_linear_forward(e, x, rows, in, out, w, bias, y));
}

static void linear_backward(const struct as_engine *e, const float *x, const float *dy, int64_t rows, int64_t in, int64_t out,
			    const float *w, float *dw, float *dbias, int64_t leaf, float *dx, bool add)
{
	RUN(product(LINEAR_BACK, rows, in, out), as_cpu_linear_backward(e, x, dy, rows, in, out, w, dw, dbias, leaf, dx, add));
}

static double pooled(const struct as_conv *s)
{
	return (double)(s->n * (s->h * s->w + s->oh * s->ow) * s->c);
}

static void maxpool_forward(const struct as_engine *e, const struct as_conv *s, const void *x, void *y)
{
	RUN(flat(MAXPOOL, pooled(s), 1), as_cpu_maxpool_forward(e, s, x, y));
}

static void maxpool_backward(const struct as_engine *e, const struct as_conv *s, const void *x, const void *dy, void *dx)
{
	RUN(flat(MAXPOOL, pooled(s), 1.5), as_cpu_maxpool_backward(e, s, x, dy, dx));
}

static void avgpool_forward(const struct as_engine *e, const void *x, int64_t n, int64_t hw, int64_t c, float *y)
{
	RUN(flat(AVGPOOL, (double)(n * hw * c), 1), as_cpu_avgpool_forward(e, x, n, hw, c, y));
}

static void avgpool_backward(const struct as_engine *e, const float *dy, int64_t n, int64_t hw, int64_t c, void *dx, bool add)
{
	RUN(flat(AVGPOOL, (double)(n * hw * c), 1), as_cpu_avgpool_backward(e, dy, n, hw, c, dx, add));
}

static void zero(const struct as_engine *e, int64_t n, float *x)
{
	RUN(flat(FLAT, (double)n, 1), as_cpu_zero(e, n, x));
}

static void tree(const struct as_engine *e, int64_t n, float *grad, int64_t leaf)
{
	if (e->grains > 1)
		RUN(flat(FLAT, (double)n, 3 * (double)(e->grains - 1)), as_cpu_tree(e, n, grad, leaf));
}

static void sgd(const struct as_engine *e, int64_t n, float *p, const float *g, float *v, float lr, float momentum, float decay, bool first)
{
	RUN(flat(FLAT, (double)n, 5), as_cpu_sgd(e, n, p, g, v, lr, momentum, decay, first));
}

/* ---- what stands in for the library's own ---- */

int __wrap_as_memory_fits(size_t, const char *, const char *, struct as_error *);
void __wrap_as_trace_begin(struct as_trace *, const char *, const char *, int);
void __wrap_as_trace_end(struct as_trace *);

int __wrap_as_memory_fits(size_t bytes, const char *what, const char *remedy, struct as_error *err)
{
	(void)bytes, (void)what, (void)remedy, (void)err;
	return 0;
}

/* The spans of the timeline say which layer runs. */
void __wrap_as_trace_begin(struct as_trace *t, const char *kind, const char *name, int length)
{
	(void)t, (void)kind;
	if (deep++ < DEEP)
		snprintf(layer[deep - 1], sizeof layer[0], "%.*s", length < 0 ? 63 : length, name);
}

void __wrap_as_trace_end(struct as_trace *t)
{
	(void)t;
	deep--;
}

static int reserve(size_t bytes, void **at, struct as_error *err)
{
	*at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return *at == MAP_FAILED ? as_fail_errno(err, "memory") : 0;
}

static void release(void *at, size_t bytes)
{
	munmap(at, bytes);
}

/* ---- the link ---- */

/* A message to each other rank by doubling, which waits for no more than a fragment of the gradients that are under way. */
enum { FRAGMENT = 128 << 10 };

static double link_free, due[AS_MAX_AFLOAT];
static struct took sent;

static void gather(const struct as_world *w, const void *own, size_t bytes, void *all)
{
	if (now.entry != OTHER && !now.pass)
		return;
	catch_up();
	for (int r = 0; r < w->size; r++)
		memcpy((char *)all + (size_t)r * bytes, own, bytes);
	sent.gathers++;
	sent.bytes += (double)bytes * (w->size - 1);
	clock_now += log2(w->size) * machine.latency + (double)bytes * (w->size - 1) / machine.rate;
	clock_now += clock_now < link_free ? fmin(link_free - clock_now, FRAGMENT / machine.rate) : 0;
	last = wall();
}

/* All to all, or all gather, of n floats. */
static int travel(const struct as_world *w, int64_t n)
{
	static int ticket;
	catch_up();
	double bytes = 4. * (double)n * (w->size - 1) / w->size;
	link_free = fmax(link_free, clock_now) + (w->size - 1) * machine.latency + bytes / machine.rate;
	sent.pieces++;
	sent.bytes += bytes;
	ticket = (ticket + 1) % AS_MAX_AFLOAT;
	due[ticket] = link_free;
	last = wall();
	return ticket;
}

static int exchange(const struct as_world *w, const float *x, int64_t n, float *in)
{
	(void)x, (void)in;
	return travel(w, n);
}

static int collect(const struct as_world *w, float *x, int64_t n)
{
	(void)x;
	return travel(w, n);
}

static bool arrived(const struct as_world *w, int ticket, bool wait)
{
	(void)w;
	catch_up();
	if (wait)
		clock_now = fmax(clock_now, due[ticket]);
	last = wall();
	return clock_now >= due[ticket];
}

/* ---- steps ---- */

static struct as_world world = {.gather = gather, .exchange = exchange, .collect = collect, .arrived = arrived};
static const struct as_memory lazy = {reserve, release};
static struct as_kern kern;
static struct as_policy policy;
static struct as_roles roles;
static struct as_batch batch;
static struct as_trainer *trainer;

static void open_step(const struct step *s, struct as_pool *pool, int ranks)
{
	struct as_error err;
	struct as_recipe r = step_recipe(&policy, s->arch, s->size, s->batch);
	r.grains = s->grains ? s->grains : as_grains_usual(s->batch);
	r.backbone.width = s->width;
	kern = *as_kern_chosen(false);
	kern.memory = &lazy;
#define OURS(name) kern.name = name;
	OURS(conv_prepare) OURS(conv_forward) OURS(conv_backward_data) OURS(conv_backward_weights) OURS(norm_stats)
	OURS(norm_apply) OURS(norm_backward) OURS(linear_forward) OURS(linear_backward) OURS(maxpool_forward)
	OURS(maxpool_backward) OURS(avgpool_forward) OURS(avgpool_backward) OURS(zero) OURS(tree) OURS(sgd)
	roles = as_roles_of(&policy, 2);
	world.size = ranks;
	if (as_trainer_new(&trainer, &r, &roles, &(struct as_engine){&kern, pool, 1, ranks > 1 ? &world : NULL}, true, &err))
		die("%s", err.text);
	int64_t n = s->batch / ranks, pixels = (int64_t)s->size * s->size * 3;
	for (int v = 0; v < AS_PAIR; v++) {
		void *at;
		if (reserve((size_t)(n * pixels) * sizeof(float), &at, &err))
			die("%s", err.text);
		batch.x[v] = at;
	}
	step_draw(&batch, &policy, n);
}

static void close_step(void)
{
	as_trainer_free(trainer);
	for (int v = 0; v < AS_PAIR; v++) {
		munmap(batch.x[v], (size_t)(batch.n * policy.size * policy.size * 3) * sizeof(float));
		free(batch.param[v]);
		free(batch.omega[v]);
	}
	free(batch.label);
}

static double take_step(void)
{
	struct as_error err;
	struct as_outcome out;
	now = (struct call){.entry = OTHER};
	calls = deep = nfew = 0;
	sent = (struct took){0};
	clock_now = unshared = link_free = 0;
	last = wall();
	if (as_trainer_step(trainer, &batch, &out, &err))
		die("%s", err.text);
	catch_up();
	return clock_now;
}

struct took predict_measure(const struct step *s, const struct machine *here, int threads, int times)
{
	struct took least = {.unshared = HUGE_VAL};
	struct as_pool *pool;
	struct as_error err;
	if (as_pool_new(&pool, threads, &err))
		die("%s", err.text);
	dry = false;
	machine = *here;
	machine.cores = threads;
	real_clock = threads > 1 ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
	memset(seen, 0, sizeof seen);
	open_step(s, pool, 1);
	step_fill(&batch, &policy);
	for (int i = 0; i < times; i++) {
		take_step();
		least.unshared = fmin(least.unshared, unshared);
	}
	least.step = least.unshared;
	for (int i = 0; i < calls; i++)
		least.step += seen[i].seconds;
	close_step();
	as_pool_free(pool);
	return least;
}

void predict_open(const struct step *s, int ranks)
{
	dry = true;
	real_clock = CLOCK_THREAD_CPUTIME_ID;
	open_step(s, NULL, ranks);
	machine = (struct machine){.cores = 1, .bandwidth = 1e9, .copy = 1e9, .near = 1e6, .rate = 1e9};
	take_step(); /* touches memory for the first time, which takes longer */
}

struct took predict_run(const struct machine *m)
{
	machine = *m;
	double step = take_step();
	sent.step = step;
	sent.unshared = unshared;
	return sent;
}

void predict_close(void)
{
	close_step();
}

void predict_count(int *parts, int64_t *tasks)
{
	*parts = calls;
	*tasks = 0;
	for (int i = 0; i < calls; i++)
		*tasks += seen[i].tasks;
}

const struct few *predict_rounds(int *n)
{
	*n = nfew;
	return fews;
}

/* ---- fitting ---- */

static struct seen learnt[4 * CALLS];
static int nlearnt;

void predict_learn(void)
{
	for (int i = 0; i < calls && nlearnt < 4 * CALLS; i++)
		learnt[nlearnt++] = seen[i];
}

/* Least squares of relative errors weighted by time, no cost below 0: one cost after the other, again and again. */
static void fit(int k)
{
	double a[TERMS][TERMS] = {{0}}, b[TERMS] = {0};
	for (int r = 0; r < nlearnt; r++) {
		const struct seen *s = &learnt[r];
		if (s->kind != k)
			continue;
		kinds[k].rows++;
		for (int i = 0; i < TERMS; i++) {
			b[i] += s->term[i];
			for (int j = 0; j < TERMS; j++)
				a[i][j] += s->term[i] * s->term[j] / s->seconds;
		}
	}
	for (int turn = 0; turn < 20000; turn++)
		for (int i = 0; i < TERMS; i++) {
			double rest = b[i];
			for (int j = 0; j < TERMS; j++)
				rest -= j == i ? 0 : a[i][j] * kinds[k].cost[j];
			kinds[k].cost[i] = a[i][i] > 0 ? fmax(0, rest / a[i][i]) : 0;
		}
}

void predict_fit(void)
{
	for (int k = 0; k < nkinds; k++)
		fit(k);
}

/* Compares costs of kinds with rows that were seen. */
static void show(const struct seen *row, int n)
{
	for (int k = 0; k < nkinds; k++) {
		double is = 0, sum = 0, off = 0;
		for (int r = 0; r < n; r++) {
			double p = 0;
			for (int i = 0; i < TERMS && row[r].kind == k; i++)
				p += kinds[k].cost[i] * row[r].term[i];
			is += row[r].kind == k ? row[r].seconds : 0;
			sum += p;
			off += row[r].kind == k ? fabs(p - row[r].seconds) : 0;
		}
		printf("# %-16s %s %d: seen %7.1f ms, said %7.1f, off by row %4.1f %%; costs", entry_name[kinds[k].entry],
		       kinds[k].winograd ? "winograd" : "        ", kinds[k].turn, 1e3 * is, 1e3 * sum, 100 * off / (is > 0 ? is : 1));
		for (int i = 0; i < TERMS; i++)
			printf(" %.3g", kinds[k].cost[i]);
		printf("\n");
	}
}

void predict_show(bool measured)
{
	measured ? show(seen, calls) : show(learnt, nlearnt);
}
