/* SimCLR (Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", ICML 2020).
 * z = [z1; z2] of length 1, s = z z' / T without its diagonal, L = NT-Xent: the mean over all 2B rows of
 * the cross-entropy of s_i with the row of the other view, (i + B) mod 2B. The other images of the batch
 * are the negatives. */
#include <math.h>

#include "ssl/method.h"

enum { HIDDEN, OUT, TEMPERATURE };

static const struct as_setting settings[] = {
	[HIDDEN] = {"hidden", "width of the projector's hidden layer; 0: as wide as y", 0, 0, 65536, AS_WHOLE},
	[OUT] = {"out", "width of z", 128, 1, 65536, AS_WHOLE},
	[TEMPERATURE] = {"temperature", "that products are divided by", .2, 1e-4, 100, 0},
};

/* Sections 2.3 and 5.1, appendix B.6. */
static const struct as_word recipes[] = {
	{"imagenet", "epochs=1000 batch=4096 base-lr=.3 wd=1e-6 warmup=10 optimizer=lars trust=.001 spare-norm=1 set=temperature=.1"},
};

static const struct as_use uses[] = {{.online = AS_BOTH_VIEWS}};
static const char *const parts[] = {"simclr", NULL};

struct simclr {
	const struct as_engine *engine;
	struct as_net projector;
	struct as_pass pass[AS_PAIR];
	int64_t d;
	float temperature;
	/* (2 batch, d), length (2 batch): within a grain the rows of view 1, then those of view 2 */
	float *z, *length, *dz;
	float *dv[AS_PAIR];     /* (batch, d): dz by views */
	/* of all ranks' images, n in all: every rank finds the softmax of all rows, and the gradient of its own */
	float *z_all;           /* (2 n, d) */
	float *s;               /* (2 n, 2 n) */
	int64_t *right;         /* (2 n) */
	double *each;
};

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	struct simclr *s = self;
	int64_t hidden = b->value[HIDDEN] > 0 ? (int64_t)b->value[HIDDEN] : b->d, width[] = {b->d, hidden, 0};
	s->engine = b->engine;
	s->d = width[2] = (int64_t)b->value[OUT];
	s->temperature = (float)b->value[TEMPERATURE];
	as_mlp(&s->projector, "projector", width, 3, AS_MLP_BIAS, b->params, b->engine);
	return as_nets_failed(err, 1, &s->projector);
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	struct simclr *s = self;
	int64_t rows = AS_PAIR * batch, all = rows * as_ranks(s->engine);
	for (int v = 0; v < AS_PAIR; v++)
		as_net_plan(&s->projector, batch, AS_TRAIN, arena, work, &s->pass[v]);
	s->z = as_arena_floats(arena, rows * s->d);
	s->length = as_arena_floats(arena, rows);
	s->dz = as_arena_floats(arena, rows * s->d);
	for (int v = 0; v < AS_PAIR; v++)
		s->dv[v] = as_arena_floats(arena, batch * s->d);
	s->z_all = as_arena_floats(arena, all * s->d);
	s->s = as_arena_floats(arena, all * all);
	s->right = as_arena_take(arena, (size_t)all * sizeof *s->right);
	s->each = as_arena_take(arena, (size_t)all * sizeof *s->each);
}

/* For each row, the row of the same image's other view. */
static void find_right(struct simclr *s, const struct as_engine *whole, int64_t n)
{
	for (int v = 0; v < AS_PAIR; v++)
		for (int64_t i = 0; i < n; i++)
			s->right[as_pair_row(whole, n, v, i)] = as_pair_row(whole, n, as_other(v), i);
}

/* The loss of all rows; sets s to its gradient. */
static double contrast(struct simclr *s, int64_t images)
{
	const struct as_engine *e = s->engine, whole = as_engine_whole(e);
	int64_t n = images * as_ranks(e), rows = AS_PAIR * n;
	e->kern->gather(e, AS_PAIR * images * s->d, s->z, s->z_all);
	e->kern->products(&whole, rows, rows, s->d, s->z_all, s->z_all, s->temperature, s->s, rows);
	e->kern->diagonal(&whole, rows, s->s, -INFINITY);
	find_right(s, &whole, n);
	return e->kern->cross_entropy(&whole, rows, rows, s->s, s->right, 1 / s->temperature, s->each);
}

static void loss(void *self, struct as_step *step)
{
	struct simclr *s = self;
	const struct as_engine *e = s->engine;
	int64_t n = step->batch, rows = AS_PAIR * n, d = s->d;
	const float *y[AS_PAIR];
	for (int v = 0; v < AS_PAIR; v++)
		y[v] = as_net_forward(&s->projector, &s->pass[v], step->y[v], n);
	e->kern->rows_join(e, AS_PAIR, n, d, y, s->z);
	e->kern->unit_rows(e, rows, d, s->z, s->z, s->length);
	as_step_part(step, parts[0], contrast(s, n), 1);
	/* s = z z', so dz = (ds + ds') z. On the diagonal ds is exp(-inf), which as_softmax_ce rounds to
	 * 1e-38. */
	int64_t all = rows * as_ranks(e), first = as_own_rank(e) * rows;
	e->kern->mixtures(e, rows, all, d, s->s + first * all, all, false, s->z_all, s->dz, false);
	e->kern->mixtures(e, rows, all, d, s->s + first, all, true, s->z_all, s->dz, true);
	e->kern->unit_rows_backward(e, rows, d, s->z, s->length, s->dz, s->dz);
	e->kern->rows_part(e, AS_PAIR, n, d, s->dz, s->dv);
	for (int v = AS_PAIR - 1; v >= 0; v--)
		as_net_backward(&s->projector, &s->pass[v], s->dv[v], step->dy[v], true);
}

const struct as_method as_method_simclr = {
	.name = "simclr",
	.doc = "a view finds the other view of its image among the whole batch",
	.setting = settings,
	.nsetting = sizeof settings / sizeof *settings,
	.recipe = recipes,
	.nrecipe = sizeof recipes / sizeof *recipes,
	.use = uses,
	.nuse = 1,
	.part = parts,
	.size = sizeof(struct simclr),
	.build = build,
	.plan = plan,
	.loss = loss,
};
