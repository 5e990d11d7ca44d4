/* Gradients that travel to other ranks while more are computed.
 *
 * The gradients of the weights stand one behind the other and are cut into pieces of one size, wherever a tensor
 * ends. A piece that is final in all its floats - backward comes from the last layer to the first, so pieces
 * become final from the end to the beginning - is added up over this rank's grains and begins to travel
 * (as_sum in kern/kern.h). Every rank computes the same layers, so all send their pieces in one order, in which
 * only a few are under way at a time: the rows of batch norm's sums, for which a layer waits, go between them.
 * Each float is the same sum, however it is cut. */
#include "nn/travel.h"

#include <stdlib.h>
#include <string.h>

/* Floats in a piece: at most MOST, for messages of 1 MiB / ranks, which cost more than their latency; of small
 * networks PARTS pieces, but of at least LEAST. How many are under way at a time. */
enum { MOST = 1 << 18, PARTS = 16, LEAST = 1 << 10, AFLOAT = 4 };

struct as_travel {
	int64_t n, each;            /* floats in all; in a piece, except the last */
	int pieces;
	int ready, begun, out, made; /* how many pieces are final; have begun; have come out of AS_SUM_OUT; are made */
	int64_t *missing;           /* by piece: floats that are not final */
	int *turn;                  /* the piece that became final first, second, ... */
	struct as_sum *sum;         /* in the same order */
	bool *final;                /* by tensor */
};

static bool travels(const struct as_param *q)
{
	return !(q->flags & (AS_P_BUFFER | AS_P_GLOBAL));
}

static int64_t floats(const struct as_travel *t, int piece)
{
	int64_t rest = t->n - piece * t->each;
	return rest < t->each ? rest : t->each;
}

static void start(struct as_travel *t, int tensors)
{
	t->ready = t->begun = t->out = t->made = 0;
	for (int i = 0; i < t->pieces; i++)
		t->missing[i] = floats(t, i);
	memset(t->final, 0, (size_t)tensors * sizeof *t->final);
}

/* The number of ranks divides the size of a piece, so what a rank receives of it has just its size. */
static int64_t piece_floats(int64_t n, const struct as_engine *e)
{
	int64_t each = (n + PARTS - 1) / PARTS, ranks = as_ranks(e);
	if (!e->world)
		return n;
	each = each < LEAST ? LEAST : each > MOST ? MOST : each;
	return (each + ranks - 1) / ranks * ranks;
}

int as_travel_new(struct as_params *p, const struct as_engine *e, struct as_error *err)
{
	struct as_travel *t = p->travel = calloc(1, sizeof *t);
	if (!t)
		return as_fail(err, AS_EMEM, "gradients: no memory");
	for (int i = 0; i < p->n; i++)
		t->n += travels(&p->list[i]) ? p->list[i].count : 0;
	t->each = piece_floats(t->n, e);
	t->pieces = t->n ? (int)((t->n + t->each - 1) / t->each) : 0;
	size_t room = (size_t)t->pieces + 1;
	t->missing = calloc(room, sizeof *t->missing);
	t->turn = calloc(room, sizeof *t->turn);
	t->sum = calloc(room, sizeof *t->sum);
	t->final = calloc((size_t)p->n + 1, sizeof *t->final);
	if (!t->missing || !t->turn || !t->sum || !t->final)
		return as_fail(err, AS_EMEM, "gradients: no memory");
	start(t, p->n);
	return 0;
}

void as_travel_free(struct as_travel *t)
{
	if (!t)
		return;
	free(t->missing);
	free(t->turn);
	free(t->sum);
	free(t->final);
	free(t);
}

/* Adds up this rank's grains in the next piece, and begins to add up the ranks. Leaf 1 is then free. */
static void begin(const struct as_params *p, const struct as_engine *e)
{
	struct as_travel *t = p->travel;
	int piece = t->turn[t->begun];
	float *grad = p->grad + piece * t->each;
	struct as_sum *s = &t->sum[t->begun++];
	*s = (struct as_sum){.n = floats(t, piece), .x = grad, .scratch = grad + p->leaf};
	e->kern->tree(e, s->n, grad, p->leaf);
	e->kern->sum_begin(e, s);
}

void as_travel_poll(const struct as_params *p, const struct as_engine *e)
{
	struct as_travel *t = p->travel;
	while (t->begun < t->ready && t->begun - t->made < AFLOAT)
		begin(p, e);
	while (t->out < t->begun && e->kern->sum_go_on(e, &t->sum[t->out], false))
		t->out++;
	for (int i = t->made; i < t->out; i++)
		e->kern->sum_go_on(e, &t->sum[i], false);
	while (t->made < t->out && t->sum[t->made].stage == AS_SUM_MADE)
		t->made++;
}

/* Waits for those that have begun, or with `all` for those that are ready. */
static void finish(const struct as_params *p, const struct as_engine *e, bool all)
{
	struct as_travel *t = p->travel;
	for (;;) {
		as_travel_poll(p, e);
		if (t->made == (all ? t->ready : t->begun))
			return;
		if (t->out < t->begun)
			e->kern->sum_go_on(e, &t->sum[t->out++], true);
		else if (t->made < t->begun)
			e->kern->sum_go_on(e, &t->sum[t->made], true);
	}
}

void as_params_final(const struct as_params *p, const struct as_engine *e, int index)
{
	struct as_travel *t = p->travel;
	const struct as_param *q = &p->list[index];
	if (t->final[index] || !travels(q))
		return;
	t->final[index] = true;
	/* the last piece of a tensor first, as backward does with tensors */
	for (int64_t end = q->at + q->count; end > q->at;) {
		int piece = (int)((end - 1) / t->each);
		int64_t from = piece * t->each > q->at ? piece * t->each : q->at;
		t->missing[piece] -= end - from;
		if (!t->missing[piece])
			t->turn[t->ready++] = piece;
		end = from;
	}
	as_travel_poll(p, e);
}

void as_params_zero_grad(struct as_params *p, const struct as_engine *e)
{
	finish(p, e, false); /* of a step that was given up */
	start(p->travel, p->n);
	e->kern->zero(e, e->grains * p->leaf, p->grad);
}

void as_params_sum_grad(struct as_params *p, const struct as_engine *e)
{
	for (int i = p->n - 1; i >= 0; i--)
		as_params_final(p, e, i);
	finish(p, e, true);
	start(p->travel, p->n);
}
