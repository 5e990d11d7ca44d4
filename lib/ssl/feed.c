#include "ssl/feed.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "aug/policy.h"
#include "base/arena.h"
#include "base/trace.h"
#include "kern/kern.h"
#include "ssl/dealt.h"

struct slot {
	struct as_batch batch;
	bool full;
};

struct as_feed {
	struct as_reader *reader;
	const struct as_layout *layout;
	struct as_dealt dealt;
	bool *there;         /* (batch): which images of a dealt batch have come */
	uint64_t seq, epoch; /* the lowest that may come next */
	bool any;            /* a record has come */
	struct slot slot[2];
	int taken;    /* slot that the caller has, or -1 */
	int next;     /* slot to give out next */
	int end;      /* 1: running; 0: the stream has ended; <0: error */
	bool quit, started;
	int until[2]; /* a pipe; closing its second end ends the thread's waiting for input */
	struct as_error error;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct as_arena arena;
	struct as_trace *trace; /* and this thread's lane there */
	int lane;
};

static bool is_table(const struct as_tensor *t, int64_t rows, int64_t columns)
{
	return t->ndim == 2 && t->shape[0] == rows && t->shape[1] == columns;
}

/* Checks a role's tensors against its policy. */
static int check(const struct as_policy *p, const struct as_role *g, struct as_error *err)
{
	const int64_t *s = g->views.shape;
	if (g->views.ndim != 4 || s[0] != p->count || s[1] != p->size || s[2] != p->size || s[3] != 3)
		return as_fail(err, AS_EDATA, "views: %lld of %lldx%lldx%lld, not %d of %dx%dx3", (long long)s[0], (long long)s[1],
			       (long long)s[2], (long long)s[3], p->count, p->size, p->size);
	if (!is_table(&g->param, p->count, p->nparam) || !is_table(&g->omega, p->count, p->nomega))
		return as_fail(err, AS_EDATA, "param or omega: not as the policy has them");
	return 0;
}

/* Checks omega against the op's parameters, with a tolerance for rounding. */
static int check_omega(const struct as_op *op, struct as_size size, const float *param, const float *omega,
		       struct as_error *err)
{
	float want[AS_MAX_OMEGA];
	as_op_omega(op, size, param, want);
	for (int i = 0, at = op->omega_at; i < op->aug->nomega; i++, at++)
		if (!(fabsf(omega[at] - want[at]) <= 1e-4f))
			return as_fail(err, AS_EDATA, "omega: %s of %s is %g, its parameters make %g", op->aug->component[i],
				       op->aug->name, (double)omega[at], (double)want[at]);
	return 0;
}

/* Checks the drawn parameters, because targets, also classes, are computed from them. */
static int check_drawn(const struct as_policy *p, const struct as_record *r, const float *param, const float *omega,
		       struct as_error *err)
{
	struct as_size size = {r->height, r->width};
	int rc = as_policy_check(p, size, param, err);
	for (int i = 0; !rc && i < p->nop; i++)
		rc = check_omega(&p->op[i], size, param, omega, err);
	return rc;
}

/* Refuses views that were trained on before: the source may have begun again, or the stream has them twice. */
static int check_order(struct as_feed *f, const struct as_record *r, struct as_error *err)
{
	unsigned long long seq = r->seq, least = f->seq;
	if (r->seq < f->seq && !f->any)
		return as_fail(err, AS_EDATA, "views from seq %llu, but training is at seq %llu: give its source --after "
			       "the file of --state",
			       seq, least);
	if (r->seq < f->seq)
		return as_fail(err, AS_EDATA, "seq %llu after seq %llu: views come twice, or streams were joined one behind the "
			       "other (rec-cat --merge has shards in order)", seq, least - 1);
	if (r->epoch < f->epoch)
		return as_fail(err, AS_EDATA, "epoch %llu after epoch %llu: streams of other sizes were joined",
			       (unsigned long long)r->epoch, (unsigned long long)f->epoch);
	f->seq = r->seq + 1;
	f->epoch = r->epoch;
	f->any = true;
	return 0;
}

/* Converts one view's pixels to [0,1], then to (x - mean) / std. */
static int put_pixels(const struct as_policy *p, const struct as_tensor *views, int k, float *x, struct as_error *err)
{
	int64_t n = (int64_t)p->size * p->size * 3;
	float unit = views->dtype == AS_U1 ? 255 : 1;
	as_tensor_floats(views, k * n, n, x);
	for (int64_t q = 0; q < n; q++)
		x[q] /= unit;
	as_policy_normalise(p, n / 3, x);
	return as_finite(n, x) < n ? as_fail(err, AS_EDATA, "views: a pixel is not finite") : 0;
}

/* Puts view v of the layout, from a record that is image i of the batch. */
static int put_view(const struct as_feed *f, const struct as_record *r, struct as_batch *b, int v, int64_t i,
		    struct as_error *err)
{
	const struct as_place *place = &f->layout->view[v];
	const struct as_policy *p = place->role;
	const struct as_role *given = &r->role[place->index];
	float *param = b->param[v] + i * p->nparam, *omega = b->omega[v] + i * p->nomega;
	int rc = check(p, given, err);
	if (rc)
		return rc;
	as_tensor_floats(&given->param, (int64_t)place->of_role * p->nparam, p->nparam, param);
	as_tensor_floats(&given->omega, (int64_t)place->of_role * p->nomega, p->nomega, omega);
	rc = check_drawn(p, r, param, omega, err);
	int64_t image = (int64_t)p->size * p->size * 3;
	float *x = b->x[place->group] + as_layout_row(f->layout, v, i) * image;
	return rc ? rc : put_pixels(p, &given->views, place->of_role, x, err);
}

/* Puts one record as image i. */
static int put(struct as_feed *f, const struct as_record *r, struct as_batch *b, int64_t i, struct as_error *err)
{
	int rc = 0;
	for (int v = 0; !rc && v < f->layout->nviews; v++)
		rc = put_view(f, r, b, v, i, err);
	b->label[i] = r->label;
	return rc;
}

/* Waits for a free slot; NULL if told to quit. */
static struct as_batch *claim(struct as_feed *f, int slot)
{
	pthread_mutex_lock(&f->lock);
	while (!f->quit && (f->slot[slot].full || f->taken == slot))
		pthread_cond_wait(&f->changed, &f->lock);
	bool quit = f->quit;
	pthread_mutex_unlock(&f->lock);
	return quit ? NULL : &f->slot[slot].batch;
}

static void hand_over(struct as_feed *f, int slot, int end)
{
	pthread_mutex_lock(&f->lock);
	if (end == 1)
		f->slot[slot].full = true;
	else
		f->end = end;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

/* The batch that is being filled. */
struct filling {
	struct as_batch *b; /* NULL: told to quit */
	int slot;
	int64_t filled;
	uint64_t batch; /* of dealt streams: seq of the whole batch's first image */
	int64_t began;  /* by the trace's clock */
};

static void next_batch(struct as_feed *f, struct filling *w)
{
	w->b->n = f->layout->batch;
	as_trace_put(f->trace, f->lane, "stream", "read a batch", w->began);
	hand_over(f, w->slot, 1);
	w->slot = 1 - w->slot;
	w->filled = 0;
	memset(f->there, 0, (size_t)f->layout->batch);
	w->b = claim(f, w->slot);
	w->began = as_trace_now(f->trace);
}

static void copy_image(const struct as_feed *f, struct as_batch *b, int64_t from, int64_t to)
{
	for (int v = 0; v < f->layout->nviews; v++) {
		const struct as_place *p = &f->layout->view[v];
		int64_t np = p->role->nparam, nw = p->role->nomega, n = (int64_t)p->role->size * p->role->size * 3;
		float *x = b->x[p->group];
		memcpy(x + as_layout_row(f->layout, v, to) * n, x + as_layout_row(f->layout, v, from) * n, (size_t)n * sizeof *x);
		memcpy(b->param[v] + to * np, b->param[v] + from * np, (size_t)np * sizeof *x);
		memcpy(b->omega[v] + to * nw, b->omega[v] + from * nw, (size_t)nw * sizeof *x);
	}
	b->label[to] = b->label[from];
}

/* Images that were left out on the way: each place gets the image before it in its grain, or else the grain's first. */
static int fill_holes(struct as_feed *f, struct as_batch *b, struct as_error *err)
{
	int64_t n = f->layout->batch, each = n / f->layout->grains;
	for (int64_t g = 0; g < n; g += each) {
		int64_t source = g;
		while (source < g + each && !f->there[source])
			source++;
		if (source == g + each)
			return as_fail(err, AS_EDATA, "%lld images in succession, up to seq %llu, were left out before: a batch cannot do "
				       "without them", (long long)each, (unsigned long long)b->first_seq + f->dealt.rank * f->dealt.block +
				       (uint64_t)(g + each) - 1);
		for (int64_t i = g; i < g + each; i++)
			if (f->there[i])
				source = i;
			else
				copy_image(f, b, source, i);
	}
	return 0;
}

/* Finds the record's place in the batch that is being filled, after the end of the one before. Returns <0: an error. */
static int find_place(struct as_feed *f, const struct as_record *r, struct filling *w, int64_t *image)
{
	struct as_seat seat = {r->seq, w->filled};
	int rc = f->dealt.block ? as_dealt_find(&f->dealt, r->seq, &seat, &f->error) : 0;
	if (rc)
		return rc;
	if (w->filled && !f->dealt.block && r->epoch != w->b->epoch)
		seat.image = w->filled = 0; /* drops the epoch's incomplete last batch */
	if (w->filled && f->dealt.block && seat.batch != w->batch) {
		if ((rc = fill_holes(f, w->b, &f->error)))
			return rc;
		next_batch(f, w);
	}
	w->batch = seat.batch;
	*image = seat.image;
	return 0;
}

/* Takes one record into the batch. */
static int enter(struct as_feed *f, const struct as_record *r, struct filling *w)
{
	int64_t image;
	int rc = check_order(f, r, &f->error);
	rc = rc ? rc : find_place(f, r, w, &image);
	if (!rc && w->b && image >= 0)
		rc = put(f, r, w->b, image, &f->error);
	if (rc)
		f->error.record = (int64_t)as_reader_seal(f->reader).count - 1;
	if (rc || !w->b || image < 0)
		return rc;
	if (!w->filled) {
		w->b->epoch = r->epoch;
		w->b->first_seq = w->batch;
	}
	f->there[image] = true;
	w->b->next_seq = f->dealt.block ? w->batch + f->dealt.batch : r->seq + 1;
	if (++w->filled == f->layout->batch)
		next_batch(f, w);
	return 0;
}

/* At the end of the stream: the last batch may lack images that were left out, but not images that did not come. */
static int end_batch(struct as_feed *f, struct filling *w)
{
	int64_t holes = f->layout->batch - w->filled;
	if (!f->dealt.block || !w->filled || (uint64_t)holes > as_reader_seal(f->reader).skipped)
		return 0;
	int rc = fill_holes(f, w->b, &f->error);
	if (!rc)
		next_batch(f, w);
	return rc;
}

static void *fetch(void *arg)
{
	struct as_feed *f = arg;
	struct as_record r;
	int rc = 0;
	struct filling w = {.b = claim(f, 0), .began = as_trace_now(f->trace)};
	while (w.b && (rc = as_reader_next(f->reader, &r, &f->error)) > 0)
		if ((rc = enter(f, &r, &w)))
			break;
	if (w.b && !rc)
		rc = end_batch(f, &w);
	if (w.b)
		hand_over(f, w.slot, rc);
	return NULL;
}

static void plan(struct as_feed *f)
{
	const struct as_layout *l = f->layout;
	for (int s = 0; s < 2; s++) {
		struct as_batch *b = &f->slot[s].batch;
		for (int g = 0; g < l->ngroups; g++)
			b->x[g] = as_arena_floats(&f->arena, as_layout_rows(l, g) * l->group[g].size * l->group[g].size * 3);
		for (int v = 0; v < l->nviews; v++) {
			b->param[v] = as_arena_floats(&f->arena, l->batch * l->view[v].role->nparam);
			b->omega[v] = as_arena_floats(&f->arena, l->batch * l->view[v].role->nomega);
		}
		b->label = as_arena_take(&f->arena, (size_t)l->batch * sizeof *b->label);
	}
}

size_t as_feed_bytes(const struct as_layout *l)
{
	struct as_feed counting = {.layout = l};
	plan(&counting);
	return counting.arena.used;
}

static int start(struct as_feed *f, struct as_error *err)
{
	plan(f);
	if (pipe(f->until) || fcntl(f->until[0], F_SETFD, FD_CLOEXEC) || fcntl(f->until[1], F_SETFD, FD_CLOEXEC))
		return as_fail_errno(err, "batches: a pipe");
	as_reader_until(f->reader, f->until[0]);
	f->started = !pthread_create(&f->thread, NULL, fetch, f);
	return f->started ? 0 : as_fail(err, AS_EMEM, "batches: no thread");
}

int as_feed_open(struct as_feed **out, const struct as_engine *engine, struct as_reader *reader,
		 const struct as_layout *layout, uint64_t from, struct as_error *err)
{
	struct as_dealt dealt;
	int rc = as_dealt_make(&dealt, as_reader_header(reader), engine->world, layout->batch, err);
	if (rc)
		return rc;
	struct as_feed *f = calloc(1, sizeof *f);
	bool *there = calloc((size_t)layout->batch, sizeof *there);
	if (!f || !there) {
		free(f);
		free(there);
		return as_fail(err, AS_EMEM, "batches: no memory");
	}
	f->dealt = dealt;
	f->trace = as_pool_trace(engine->pool);
	f->lane = as_pool_threads(engine->pool);
	f->there = there;
	f->reader = reader;
	f->layout = layout;
	f->seq = from;
	f->taken = -1;
	f->end = 1;
	f->until[0] = f->until[1] = -1;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	plan(f);
	rc = as_arena_open(&f->arena, engine->kern->memory, err);
	rc = rc ? rc : start(f, err);
	if (rc)
		as_feed_close(f);
	else
		*out = f;
	return rc;
}

/* A signal handler cannot wake a condition variable, so this looks at *stop ten times a second. */
static void wait_a_little(struct as_feed *f)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 100000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&f->changed, &f->lock, &until);
}

int as_feed_next(struct as_feed *f, const volatile sig_atomic_t *stop, const struct as_batch **out,
		 struct as_error *err)
{
	int rc = 0;
	pthread_mutex_lock(&f->lock);
	f->taken = -1;
	pthread_cond_broadcast(&f->changed);
	while (!f->slot[f->next].full && f->end == 1 && !*stop)
		wait_a_little(f);
	if (*stop) {
		rc = 0;
	} else if (f->slot[f->next].full) {
		f->slot[f->next].full = false;
		f->taken = f->next;
		*out = &f->slot[f->next].batch;
		f->next = 1 - f->next;
		rc = 1;
	} else if (f->end < 0) {
		if (err)
			*err = f->error;
		rc = f->end;
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

void as_feed_close(struct as_feed *f)
{
	if (!f)
		return;
	if (f->started) {
		pthread_mutex_lock(&f->lock);
		f->quit = true;
		pthread_cond_broadcast(&f->changed);
		pthread_mutex_unlock(&f->lock);
		close(f->until[1]);
		f->until[1] = -1;
		pthread_join(f->thread, NULL);
	}
	as_reader_until(f->reader, -1);
	for (int i = 0; i < 2; i++)
		if (f->until[i] >= 0)
			close(f->until[i]);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	as_arena_close(&f->arena);
	free(f->there);
	free(f);
}
