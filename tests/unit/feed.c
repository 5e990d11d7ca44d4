/* Batches from a stream of views: what they hold, where an epoch ends, and that a record
 * whose parameters or omega cannot be is an error with its number - targets and losses
 * are computed from them, a class among them. */
#include "ssl/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "aug/roles.h"

#include "../tap.h"

/* A feed takes nothing of an engine but memory. */
static const struct as_kern kern = {.memory = &as_host_memory};
static const struct as_engine host = {.kern = &kern, .grains = 1};

enum { VIEWS = 2, S = 2, PIXELS = S * S * 3, B = 2, FIRST = 10 };

struct made {
	float param[VIEWS * AS_MAX_PARAM], omega[VIEWS * AS_MAX_OMEGA], views[VIEWS * PIXELS];
};

static struct as_record draw(const struct as_policy *p, uint64_t seq, uint64_t epoch, struct made *m)
{
	for (int v = 0; v < VIEWS; v++)
		as_policy_sample(p, 1, seq, epoch, v, (struct as_size){9, 7}, m->param + v * p->nparam,
				 m->omega + v * p->nomega);
	for (int i = 0; i < VIEWS * PIXELS; i++)
		m->views[i] = (float)seq / 16;
	return (struct as_record){.seq = seq, .id = seq, .epoch = epoch, .label = (int64_t)seq, .height = 9, .width = 7,
				  .role = {{.param = {AS_F4, 2, {VIEWS, p->nparam}, m->param},
					    .omega = {AS_F4, 2, {VIEWS, p->nomega}, m->omega},
					    .views = {AS_F4, 4, {VIEWS, S, S, 3}, m->views}}}};
}

/* Both views of a pair, batches of B. */
static const struct as_layout *layout_of(const struct as_policy *p)
{
	static struct as_roles roles;
	static struct as_layout layout;
	roles = as_roles_of(p, 2);
	if (as_layout_make(&layout, &roles, &(struct as_use){.online = 3}, 1, B, 1, NULL))
		abort();
	return &layout;
}

enum fault { NONE, NAN_OMEGA, INFINITE_OMEGA, OTHER_OMEGA, ROUNDED_OMEGA, OUTSIDE, NAN_PARAM, TURNS, AGAIN, BACK, AGES, NAN_PIXEL };

static void spoil(const struct as_policy *p, enum fault fault, struct as_record *rec, struct made *m)
{
	if (fault == AGAIN)
		rec->seq--;
	if (fault == BACK)
		rec->seq = 0;
	if (fault == AGES)
		rec->epoch = 0;
	float *second = m->param + p->nparam;
	if (fault == NAN_OMEGA || fault == INFINITE_OMEGA)
		m->omega[2 * p->nomega - 1] = fault == NAN_OMEGA ? NAN : -INFINITY;
	if (fault == OTHER_OMEGA || fault == ROUNDED_OMEGA)
		m->omega[0] += fault == OTHER_OMEGA ? 2e-4f : 5e-5f;
	if (fault == OUTSIDE)
		second[0] = 9; /* the crop's top, in an image of height 9 */
	if (fault == NAN_PARAM)
		second[0] = NAN;
	if (fault == NAN_PIXEL)
		m->views[VIEWS * PIXELS - 1] = NAN;
	if (fault == TURNS)
		second[p->op[as_policy_find(p, "rotation")].param_at] = 7;
}

/* 3 records of epoch 0, 4 of epoch 1 with seq from 10 on; `fault` is in the last. */
static struct as_reader *stream(const struct as_policy *p, enum fault fault)
{
	struct as_error err;
	struct as_header header = {.kind = "view"};
	struct as_writer *w;
	struct as_reader *r;
	struct made m;
	int end[2];
	if (pipe(end) || as_writer_open(&w, end[1], &header, &err))
		abort();
	for (uint64_t i = 0; i < 7; i++) {
		struct as_record rec = draw(p, FIRST + i, i > 2, &m);
		if (i == 6)
			spoil(p, fault, &rec, &m);
		if (as_writer_put(w, &rec, &err))
			abort();
	}
	if (as_writer_close(w, NULL, &err) || close(end[1]) || as_reader_open(&r, end[0], "pipe", "view", &err))
		abort();
	return r;
}

static void test_batches(const struct as_policy *p)
{
	static const uint64_t firsts[] = {FIRST, FIRST + 3, FIRST + 5};
	static const volatile sig_atomic_t stop = 0;
	struct as_reader *r = stream(p, NONE);
	const struct as_batch *b;
	struct as_feed *f;
	struct as_error err = {0};
	if (!ok(as_feed_open(&f, &host, r, layout_of(p), 0, &err) == 0, "a feed %s", err.text))
		return;
	for (int i = 0; i < 3; i++) {
		bool got = as_feed_next(f, &stop, &b, &err) == 1;
		float want = ((float)firsts[i] / 16 - p->mean[0]) / p->std[0];
		ok(got && b->n == B && b->first_seq == firsts[i] && b->next_seq == firsts[i] + 2 && b->epoch == (i > 0) &&
		   b->label[1] == (int64_t)firsts[i] + 1 && fabsf(b->x[1][0] - want) < 1e-6f,
		   "batch %d: of one epoch, normalised, with labels", i);
	}
	ok(as_feed_next(f, &stop, &b, &err) == 0, "... and the end");
	as_feed_close(f);
	as_reader_close(r);
}

/* A source that writes nothing more and does not end: the feed is closed all the same. */
static void test_waiting(const struct as_policy *p)
{
	static const volatile sig_atomic_t stop = 0;
	struct as_header header = {.kind = "view"};
	struct as_writer *w;
	struct as_reader *r;
	struct as_feed *f = NULL;
	struct as_record rec;
	struct as_error err = {0};
	const struct as_batch *b;
	struct made m;
	int end[2];
	if (pipe(end) || as_writer_open(&w, end[1], &header, &err))
		abort();
	for (uint64_t i = 0; i < B; i++) {
		rec = draw(p, FIRST + i, 0, &m);
		if (as_writer_put(w, &rec, &err))
			abort();
	}
	if (as_writer_flush(w, &err) || as_reader_open(&r, end[0], "pipe", "view", &err))
		abort();
	int rc = as_feed_open(&f, &host, r, layout_of(p), 0, &err);
	rc = rc ? rc : as_feed_next(f, &stop, &b, &err);
	alarm(100); /* a feed that waits for its source would wait for ever */
	as_feed_close(f);
	ok(rc == 1, "a batch, and an end while the source is silent %s", err.text);
	as_reader_close(r);
	alarm(0);
	if (as_writer_close(w, NULL, &err) || close(end[0]) || close(end[1]))
		abort();
}

/* The reader alone: another descriptor ends its waiting for a source that says nothing behind its header. */
static void test_until(void)
{
	struct as_header header = {.kind = "view"};
	struct as_writer *w;
	struct as_reader *r;
	struct as_record rec;
	struct as_error err = {0};
	int end[2], until[2];
	if (pipe(end) || pipe(until) || as_writer_open(&w, end[1], &header, &err) || as_writer_flush(w, &err) ||
	    as_reader_open(&r, end[0], "pipe", "view", &err))
		abort();
	alarm(100);
	as_reader_until(r, until[0]);
	close(until[1]);
	is_int(as_reader_next(r, &rec, &err), AS_EIO, "waiting ends when it is told to");
	ok(strstr(err.text, strerror(ECANCELED)), "... as the error says: %s", err.text);
	alarm(0);
	as_reader_close(r);
	if (as_writer_close(w, NULL, &err) || close(end[0]) || close(end[1]) || close(until[0]))
		abort();
}

/* A run that goes on at seq `from`. */
static void test_from(const struct as_policy *p, uint64_t from, bool good)
{
	static const volatile sig_atomic_t stop = 0;
	struct as_reader *r = stream(p, NONE);
	const struct as_batch *b;
	struct as_feed *f;
	struct as_error err = {0};
	int rc = as_feed_open(&f, &host, r, layout_of(p), from, &err);
	rc = rc ? rc : as_feed_next(f, &stop, &b, &err);
	ok(good ? rc == 1 : rc == AS_EDATA && err.record == 0 && strstr(err.text, "--after"), "training at seq %d, views from %d %s",
	   (int)from, FIRST, err.text);
	as_feed_close(f);
	as_reader_close(r);
}

/* An omega that was rounded otherwise is no fault. */
static void test_rounded(const struct as_policy *p)
{
	static const volatile sig_atomic_t stop = 0;
	struct as_reader *r = stream(p, ROUNDED_OMEGA);
	const struct as_batch *b;
	struct as_feed *f;
	struct as_error err = {0};
	int rc = as_feed_open(&f, &host, r, layout_of(p), 0, &err), batches = 0;
	while (!rc && as_feed_next(f, &stop, &b, &err) > 0)
		batches++;
	is_int(batches, 3, "omega off by a rounding");
	as_feed_close(f);
	as_reader_close(r);
}

static void test_fault(const struct as_policy *p, enum fault fault, const char *what)
{
	static const volatile sig_atomic_t stop = 0;
	struct as_reader *r = stream(p, fault);
	const struct as_batch *b;
	struct as_feed *f;
	struct as_error err = {0};
	int rc = as_feed_open(&f, &host, r, layout_of(p), 0, &err), batches = 0;
	while (!rc && (rc = as_feed_next(f, &stop, &b, &err)) > 0) {
		batches++;
		rc = 0;
	}
	ok(rc == AS_EDATA && err.record == 6 && batches == 2, "%s: record %d: %s", what, (int)err.record, err.text);
	as_feed_close(f);
	as_reader_close(r);
}

/* ---- several roles ---- */

enum { ROLES_B = 4 };

/* Two views of S pixels; three of one pixel, with a mean of their own. */
static struct as_roles two_roles(void)
{
	struct as_roles r;
	struct as_error err;
	if (as_roles_parse("size = 2\nmean = .5 .5 .5\nop = crop\nop = color\nrole = small count=3\nsize = 1\nmean = .25 .25 .25\n"
			   "op = crop\n", &r, &err))
		ok(false, "%s", err.text);
	return r;
}

/* The value of all pixels of a view: no two views of a stream have the same. */
static float shade(uint64_t seq, int role, int view)
{
	return (float)(seq * 8 + (uint64_t)(role * 2 + view)) / 128;
}

static struct as_reader *stream_of_roles(const struct as_roles *r, int records)
{
	struct as_header h = {.kind = "view"};
	struct as_writer *w;
	struct as_reader *in;
	struct as_error err;
	int end[2];
	if (as_roles_to_header(r, &h, &err) || pipe(end) || as_writer_open(&w, end[1], &h, &err))
		abort();
	for (uint64_t seq = 0; seq < (uint64_t)records; seq++) {
		float param[5 * AS_MAX_PARAM], omega[5 * AS_MAX_OMEGA], views[2][3 * PIXELS];
		struct as_record rec = {.seq = seq, .label = (int64_t)seq, .height = 9, .width = 7};
		as_roles_sample(r, &(struct as_subject){.seed = 1, .id = seq, .size = {9, 7}}, param, omega);
		for (int k = 0; k < r->n; k++) {
			const struct as_policy *p = &r->role[k];
			int64_t side = p->size, each = 3 * side * side;
			for (int64_t i = 0; i < p->count * each; i++)
				views[k][i] = shade(seq, k, (int)(i / each));
			rec.role[k] = (struct as_role){{AS_F4, 2, {p->count, p->nparam}, param + as_roles_params(r, k)},
						       {AS_F4, 2, {p->count, p->nomega}, omega + as_roles_omegas(r, k)},
						       {AS_F4, 4, {p->count, side, side, 3}, views[k]}};
		}
		if (as_writer_put(w, &rec, &err))
			ok(false, "%s", err.text);
	}
	as_header_clear(&h);
	if (as_writer_close(w, NULL, &err) || close(end[1]) || as_reader_open(&in, end[0], "pipe", "view", &err))
		abort();
	return in;
}

/* A view of each image lies in its group at its row, normalised as its role says, with what was drawn for it. */
static bool is_placed(const struct as_roles *r, const struct as_layout *l, const struct as_batch *b, int v)
{
	const struct as_place *place = &l->view[v];
	const struct as_policy *p = &r->role[place->index];
	bool good = true;
	for (int64_t i = 0; i < ROLES_B; i++) {
		float param[5 * AS_MAX_PARAM], omega[5 * AS_MAX_OMEGA];
		int64_t row = as_layout_row(l, v, i), each = 3 * (int64_t)p->size * p->size;
		float want = (shade((uint64_t)i, place->index, place->of_role) - p->mean[0]) / p->std[0];
		for (int64_t q = 0; q < each; q++)
			good = good && fabsf(b->x[place->group][row * each + q] - want) < 1e-6f;
		as_roles_sample(r, &(struct as_subject){.seed = 1, .id = (uint64_t)i, .size = {9, 7}}, param, omega);
		const float *drawn = param + as_roles_params(r, place->index) + place->of_role * p->nparam;
		const float *told = omega + as_roles_omegas(r, place->index) + place->of_role * p->nomega;
		good = good && !memcmp(b->param[v] + i * p->nparam, drawn, (size_t)p->nparam * sizeof *drawn) &&
		       !memcmp(b->omega[v] + i * p->nomega, told, (size_t)p->nomega * sizeof *told);
	}
	return good;
}

static void test_roles(int64_t grains)
{
	static const volatile sig_atomic_t stop = 0;
	static const struct as_use use[] = {{"small", 7, 0, 1}, {"view", 3, 0, 2}};
	struct as_roles r = two_roles();
	struct as_layout l;
	struct as_feed *f = NULL;
	const struct as_batch *b;
	struct as_error err = {0};
	struct as_reader *in = stream_of_roles(&r, ROLES_B);
	int rc = as_layout_make(&l, &r, use, 2, ROLES_B, grains, &err);
	rc = rc ? rc : as_feed_open(&f, &host, in, &l, 0, &err);
	rc = rc ? rc : as_feed_next(f, &stop, &b, &err);
	if (ok(rc == 1, "a batch of two roles in %d grains %s", (int)grains, err.text))
		for (int v = 0; v < l.nviews; v++)
			ok(is_placed(&r, &l, b, v), "view %d, number %d of '%s', is where the layout has it", v, l.view[v].of_role,
			   l.view[v].role->role);
	as_feed_close(f);
	as_reader_close(in);
}

int main(void)
{
	test_roles(1);
	test_roles(2);
	struct as_policy policy;
	struct as_error err;
	if (as_policy_preset("cifar+rotation", &policy, &err))
		abort();
	policy.size = S;
	test_batches(&policy);
	test_waiting(&policy);
	test_until();
	test_fault(&policy, NAN_OMEGA, "omega that is no number");
	test_fault(&policy, INFINITE_OMEGA, "omega that is infinite");
	test_fault(&policy, OTHER_OMEGA, "omega that its parameters do not make");
	test_rounded(&policy);
	test_from(&policy, 0, true);
	test_from(&policy, FIRST, true);
	test_from(&policy, FIRST + 1, false);
	test_from(&policy, 1000, false);
	test_fault(&policy, AGAIN, "a view that comes twice");
	test_fault(&policy, BACK, "a stream that begins again");
	test_fault(&policy, AGES, "an epoch that comes back");
	test_fault(&policy, OUTSIDE, "a crop outside of its image");
	test_fault(&policy, NAN_PARAM, "a parameter that is no number");
	test_fault(&policy, TURNS, "seven quarter turns");
	test_fault(&policy, NAN_PIXEL, "a pixel that is no number");
	/* omega's turns are taken mod 4, whatever they are: a class of four. */
	int at = policy.op[as_policy_find(&policy, "rotation")].omega_at;
	float a[AS_MAX_OMEGA] = {0}, b[AS_MAX_OMEGA] = {0}, param[AS_MAX_PARAM] = {0}, d = -1;
	struct as_view first = {&policy, param, a}, second = {&policy, param, b};
	bool good = true;
	for (int q = -9; q <= 9; q++) {
		b[at] = (float)q;
		as_aug_find("rotation", NULL)->target(&first, &second, &d);
		good = good && d == (float)(((-q) % 4 + 4) % 4);
	}
	ok(good, "a rotation's target is a class, 0 to 3");
	return done();
}
