/* Supervised training, the paper's upper reference: a linear classifier fc on y, named as in torchvision; L
 * = the mean over both views of the cross-entropy with the image's label. */
#include "ssl/method.h"

/* AugSelf's ImageNet100; torchvision's ImageNet, but with a cosine schedule. */
static const struct as_word recipes[] = {
	{"imagenet100", "epochs=100 base-lr=.1"},
	{"imagenet", "epochs=90 batch=256 base-lr=.1 wd=1e-4"},
};

static const struct as_use uses[] = {{.online = AS_BOTH_VIEWS}};
static const char *const parts[] = {"supervised", NULL};

struct supervised {
	const struct as_build *at;
	struct as_net classifier; /* one layer, named fc in files */
	struct as_pass pass[AS_PAIR];
	float *logits; /* (batch, classes) */
	double *each;
};

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	struct supervised *s = self;
	s->at = b;
	if (b->classes < 2)
		return as_fail(err, AS_EARG, "classes: %lld, at least 2 are needed to tell apart", (long long)b->classes);
	as_net_init(&s->classifier, "classifier", b->params, b->engine, 1, 1, b->d);
	as_net_layer(&s->classifier, "linear", 0, AS_NONE, "fc", (struct as_spec){.out = b->classes, .bias = true});
	return as_nets_failed(err, 1, &s->classifier);
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	struct supervised *s = self;
	for (int v = 0; v < AS_PAIR; v++)
		as_net_plan(&s->classifier, batch, AS_TRAIN, arena, work, &s->pass[v]);
	s->logits = as_arena_floats(arena, batch * s->at->classes);
	s->each = as_arena_take(arena, (size_t)batch * sizeof *s->each);
}

static void loss(void *self, struct as_step *step)
{
	struct supervised *s = self;
	const struct as_engine *e = s->at->engine;
	int64_t n = step->batch, classes = s->at->classes;
	double value = 0;
	for (int v = AS_PAIR - 1; v >= 0; v--) {
		const float *logits = as_net_forward(&s->classifier, &s->pass[v], step->y[v], n);
		e->kern->copy(e, n * classes, logits, s->logits);
		value += e->kern->cross_entropy(e, n, classes, s->logits, step->label, .5f, s->each) / 2;
		as_net_backward(&s->classifier, &s->pass[v], s->logits, step->dy[v], true);
	}
	as_step_part(step, parts[0], value, 1);
}

const struct as_method as_method_supervised = {
	.name = "supervised",
	.doc = "the cross-entropy of a linear classifier with the labels",
	.recipe = recipes,
	.nrecipe = sizeof recipes / sizeof *recipes,
	.use = uses,
	.nuse = 1,
	.part = parts,
	.labels = true,
	.size = sizeof(struct supervised),
	.build = build,
	.plan = plan,
	.loss = loss,
};
