/* A second device is a second table: whole steps of every method with heads, and the features of the model that
 * comes out, on a mock of one. Each pointer that an entry is given lies in the device's own memory, and the bits
 * are the CPU's. A pointer to anywhere else is found. */
#include "ssl/extract.h"
#include "ssl/trainer.h"

#include <stdlib.h>
#include <unistd.h>

#include "../engine.h"
#include "../mock.h"
#include "../naive.h"
#include "../tap.h"
#include "../trial.h"

enum { B = 8, SIZE = 12, STEPS = 2 };

static char path[] = "/tmp/as-device-XXXXXX";

/* What the mock's entries are given in training and in extracting, beside what only one of them needs. */
static const struct trial trials[] = {
	{"simsiam", "hidden=16,bottleneck=8,stop=0", "crop=1,color=.5,flip=.3", "", "cifar", "sgd", 0, false, false},
	{"moco", "queue=24,out=8", "rotation=1", "", "cifar", "sgd", 0, false, false},
	{"simclr", "out=8", "color=1", "", "imagenet", "adamw", 0, false, false},
	{"byol", "hidden=16,out=8", "crop=1", "", "cifar", "lars", .001, true, false},
	{"swav", "hidden=16,out=8,prototypes=10,freeze-steps=1", "flip=1", "", "cifar", "sgd", 0, false, false},
	{"supervised", "", "solarize=1", "solarize-broadcast", "cifar", "sgd", 0, false, false},
};
enum { TRIALS = sizeof trials / sizeof *trials };

/* Entries that nothing in ssl/ reaches yet. */
static bool is_spare(int entry)
{
	static const int spare[] = {MOCK_layernorm_forward, MOCK_layernorm_backward};
	for (size_t i = 0; i < sizeof spare / sizeof *spare; i++)
		if (spare[i] == entry)
			return true;
	return false;
}

/* A batch in memory of the device that will compute on it: noise, parameters that say nothing was done, and labels. */
static struct as_batch batch_new(const struct as_layout *l, const struct as_memory *memory, struct as_arena *a)
{
	struct as_batch b = {.n = B, .next_seq = B};
	for (int taking = 0; taking < 2; taking++) {
		for (int g = 0; g < l->ngroups; g++)
			b.x[g] = as_arena_floats(a, as_layout_rows(l, g) * SIZE * SIZE * 3);
		for (int v = 0; v < l->nviews; v++) {
			b.param[v] = as_arena_floats(a, B * l->view[v].role->nparam);
			b.omega[v] = as_arena_floats(a, B * l->view[v].role->nomega);
		}
		b.label = as_arena_take(a, B * sizeof *b.label);
		if (!taking && as_arena_open(a, memory, NULL))
			abort();
	}
	for (int g = 0; g < l->ngroups; g++) {
		int64_t n = as_layout_rows(l, g) * SIZE * SIZE * 3;
		float *x = uniform(1 + (uint64_t)g, n, -1, 1);
		memcpy(b.x[g], x, (size_t)n * sizeof *x);
		free(x);
	}
	for (int i = 0; i < B; i++)
		b.label[i] = i % 3;
	return b;
}

/* What a training leaves. */
struct left {
	double loss[STEPS], rank[STEPS];
	struct as_collapse figures[STEPS];
	float *value[2], *buffer[2], *features;
	int64_t values[2], buffers[2], nfeatures;
};

static float *copied(const float *x, int64_t n)
{
	float *to = take(n, sizeof *to);
	if (n)
		memcpy(to, x, (size_t)n * sizeof *to);
	return to;
}

static void keep(struct left *l, int which, const struct as_params *p)
{
	l->values[which] = p->weights;
	l->buffers[which] = p->buffers;
	l->value[which] = copied(p->value, p->weights);
	l->buffer[which] = copied(p->buffer, p->buffers);
}

static bool same(const float *a, const float *b, int64_t n)
{
	return !memcmp(a, b, (size_t)n * sizeof *a);
}

static bool same_left(const struct left *a, const struct left *b)
{
	bool equal = !memcmp(a->loss, b->loss, sizeof a->loss) && !memcmp(a->rank, b->rank, sizeof a->rank) &&
		     !memcmp(a->figures, b->figures, sizeof a->figures) &&
		     a->nfeatures == b->nfeatures && same(a->features, b->features, a->nfeatures);
	for (int i = 0; i < 2; i++)
		equal = equal && same(a->value[i], b->value[i], a->values[i]) && same(a->buffer[i], b->buffer[i], a->buffers[i]);
	return equal;
}

static void left_free(struct left *l)
{
	for (int i = 0; i < 2; i++) {
		free(l->value[i]);
		free(l->buffer[i]);
	}
	free(l->features);
}

/* The model's features of images that lie in the device's memory. */
static void extract(const struct as_engine *e, bool projector, struct left *l)
{
	struct as_extract how = {.batch = B, .projector = projector};
	struct as_extractor *x;
	struct as_arena a = {0};
	struct as_error err;
	int64_t n = B * SIZE * SIZE * 3;
	as_arena_floats(&a, n);
	if (as_extractor_open(&x, path, &how, e, &err) || as_arena_open(&a, e->kern->memory, &err)) {
		note("%s", err.text);
		abort();
	}
	float *images = as_arena_floats(&a, n), *drawn = uniform(9, n, 0, 1);
	memcpy(images, drawn, (size_t)n * sizeof *drawn);
	l->nfeatures = B * as_extractor_width(x);
	l->features = copied(as_extractor_run(x, images, B), l->nfeatures);
	free(drawn);
	as_extractor_close(x);
	as_arena_close(&a);
}

static bool train(const struct trial *c, const struct as_roles *roles, const struct as_engine *e, int64_t grains, struct left *l)
{
	struct as_recipe r;
	struct as_trainer *t;
	struct as_outcome out;
	struct as_arena arena = {0};
	struct as_error err = {0};
	uint64_t seal;
	if (trial_recipe(c, SIZE, B, grains, &r, &err) || as_trainer_new(&t, &r, roles, e, true, &err)) {
		note("%s: %s", c->method, err.text);
		return false;
	}
	struct as_batch b = batch_new(as_trainer_layout(t), e->kern->memory, &arena);
	int rc = 0;
	for (int step = 0; !rc && step < STEPS; step++) {
		rc = as_trainer_step(t, &b, &out, &err);
		l->loss[step] = out.loss;
		l->figures[step] = out.figures;
		l->rank[step] = rc ? 0 : as_trainer_rank(t, &out);
	}
	keep(l, 0, as_trainer_params(t));
	keep(l, 1, as_trainer_ema(t));
	rc = rc ? rc : as_trainer_model(t, path, "source", &seal, &err);
	if (!rc)
		extract(e, c->projector, l);
	as_arena_close(&arena);
	as_trainer_free(t);
	if (rc)
		note("%s: %s", c->method, err.text);
	return !rc;
}

static void test(const struct trial *c, const struct as_roles *roles, int64_t grains)
{
	struct as_engine device = {&mock_kern, NULL, 1, NULL};
	struct left cpu = {.nfeatures = 0}, ours = {.nfeatures = 0};
	bool good = train(c, roles, engine_of(true), grains, &cpu) && train(c, roles, &device, grains, &ours);
	ok(good && same_left(&cpu, &ours), "%s with %s, %d grains: losses, figures, parameters, features are the CPU's", c->method,
	   c->augself, (int)grains);
	ok(!mock.strays && !mock.engines, "... all that entries were given is the device's own%s%s", mock.strays ? ", but to " : "",
	   mock.stray);
	ok(!mock_blocks() && !mock.unreleased, "... and all of its memory came back");
	left_free(&cpu);
	left_free(&ours);
}

/* Pointers of the program's: each kind is found. */
static void test_strays(void)
{
	struct as_engine device = {&mock_kern, NULL, 1, NULL};
	struct as_arena a = {0};
	float own[8] = {0};
	as_arena_floats(&a, 8);
	if (as_arena_open(&a, &mock_memory, NULL))
		abort();
	float *given = as_arena_floats(&a, 8);
	device.kern->zero(&device, 8, given);
	is_int(mock.strays, 0, "memory that the device gave is its own");
	device.kern->zero(&device, 8, own);
	is_int(mock.strays, 1, "the program's is not");
	is_text(mock.stray, "zero", "... and the entry is named");
	device.kern->add_scaled(&device, 8, given, own, 1);
	is_int(mock.strays, 2, "... also beside memory that is");
	ok(mock_gave(given, a.cap) && !mock_gave(given, a.cap + 1), "a run that ends beyond what was given is found");
	as_arena_close(&a);
}

int main(void)
{
	int file = mkstemp(path);
	if (file < 0)
		abort();
	close(file);
	struct as_roles roles = every_role(SIZE);
	for (int64_t grains = 1; grains <= 2; grains++)
		for (int i = 0; i < TRIALS; i++)
			test(&trials[i], &roles, grains);
	for (int i = 0; i < MOCK_ENTRIES; i++)
		if (!is_spare(i))
			ok(mock.calls[i] > 0, "entry %s: %lld calls", mock_name[i], (long long)mock.calls[i]);
	test_strays();
	unlink(path);
	return done();
}
