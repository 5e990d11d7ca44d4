/* ONNX files: what model files export is decoded and computed by readers of the test, and gives our features; each tensor
 * has the model's bits; every operation is in a graph, on maps and on vectors. Damaged files and wrong wishes are refused. */
#include <unistd.h>

#include "nn/graph.h"
#include "nn/mlp.h"
#include "nn/op.h"
#include "ssl/augself.h"
#include "ssl/export.h"
#include "stream/protobuf.h"

#include "../engine.h"
#include "../grad/slow.h"
#include "../onnx.h"

enum { IMAGES = 3, SIZE = 37 };
/* Our float32 against double, of the largest. */
static const double CLOSE = 2e-5;

static struct model model;

/* A file's bytes; malloc'd. */
static struct bytes bytes_of(FILE *f)
{
	long n = ftell(f);
	unsigned char *at = malloc((size_t)n + 1);
	rewind(f);
	if (!at || fread(at, 1, (size_t)n, f) != (size_t)n)
		abort();
	fclose(f);
	return (struct bytes){at, (size_t)n};
}

/* The graph, written and decoded into `model`. */
static struct bytes decode_again(const struct as_exporter *e, const struct as_onnx *o)
{
	struct as_error err = {0};
	FILE *f = tmpfile();
	int rc = e ? as_exporter_write(e, f, &err) : as_onnx_write(o, f, NULL, 0, &err);
	ok(!rc, "written %s", err.text);
	struct bytes b = bytes_of(f);
	decode_model(&model, b);
	ok(!model.wrong, "decoded: %s", model.wrong ? model.wrong : "nothing is wrong");
	return b;
}

/* Gives an input its value: x (n,h,w,c), in the form of the file; u: times 255. */
static void feed(int input, int64_t n, int64_t size, int64_t c, const float *x)
{
	const struct value *port = &model.input[input];
	struct value v = {.type = port->type};
	bool bytes = port->type == 2, vector = port->ndim == 2;
	snprintf(v.name, sizeof v.name, "%s", port->name);
	double *at = vector ? shaped(&v, 2, n, c, 0, 0) : bytes ? shaped(&v, 4, n, size, size, c) : shaped(&v, 4, n, c, size, size);
	for (int64_t i = 0; i < n * size * size * c; i++) {
		int64_t j = i % c, p = i / c % (size * size), k = i / c / (size * size);
		at[bytes || vector ? i : (k * c + j) * size * size + p] = (double)x[i] * (bytes ? 255 : 1);
	}
	add_value(&model, &v);
}

static double off(const char *name, const float *want, int64_t n)
{
	const struct value *v = value_of(&model, name);
	double worst = 0, largest = 0;
	if (model.wrong || !v || count_of(v) != n)
		return INFINITY;
	for (int64_t i = 0; i < n; i++) {
		worst = fmax(worst, fabs(v->x[i] - (double)want[i]));
		largest = fmax(largest, fabs((double)want[i]));
	}
	return worst / largest;
}

/* Each tensor that has a name of the model's has its bits; how many others there are. */
static int others(const char *path, int *wrong)
{
	struct as_safetensors *s;
	int n = 0;
	*wrong = 0;
	if (as_safetensors_open(&s, path, NULL))
		abort();
	for (int i = 0; i < model.ntensors; i++) {
		const struct value *v = &model.value[i];
		const struct as_tensor *t = as_safetensors_find(s, v->name);
		bool same = t && t->ndim == v->ndim && !memcmp(t->shape, v->shape, (size_t)t->ndim * sizeof *t->shape);
		n += !t;
		*wrong += t && (!same || memcmp(t->data, v->raw.at, v->raw.n) != 0);
	}
	as_safetensors_close(s);
	return n;
}

/* Pixels in 0..255 over 255, which bytes can hold. */
static float *pixels(int64_t n)
{
	float *x = uniform(7, n, 0, 256);
	for (int64_t i = 0; i < n; i++)
		x[i] = floorf(x[i]) / 255;
	return x;
}

static void check_shapes(const struct as_net *net, enum as_export_input kind, const char *path)
{
	int relus = 0, sums = 0, convs = 0, norms = 0, wrong, n = others(path, &wrong);
	for (int i = 0; i < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		relus += l->spec.relu;
		sums += l->in[1] >= 0;
		convs += !strcmp(as_layer_name(net, i), "conv");
		norms += !strcmp(as_layer_name(net, i), "norm");
	}
	ok(nodes_of(&model, "Conv") == convs && nodes_of(&model, "BatchNormalization") == norms && nodes_of(&model, "Add") == sums &&
	   nodes_of(&model, "Relu") == relus && convs > 19, "%d convolutions, %d norms, %d sums, %d ReLUs", convs, norms, sums, relus);
	is_int(wrong, 0, "tensors have the bits of the model's");
	is_int(n, (int[]){2, 3, 0}[kind], "and there are no others but mean, std and 255");
	is_int(model.ntensors - n, convs + 4 * norms, "all of them");
}

/* A model file of each architecture and stem, of each input, against our features. */
static void test_backbone(const char *arch, const char *stem, enum as_export_input kind)
{
	char path[80];
	struct as_exporter *e;
	struct as_extractor *x;
	struct as_error err = {0};
	snprintf(path, sizeof path, "tests/golden/%s-%s.safetensors", arch, stem);
	struct as_export how = {.of = {.stem = stem, .size = SIZE, .batch = IMAGES}, .input = kind};
	if (!ok(!as_exporter_open(&e, path, &how, engine_of(true), &err), "%s %s", path, err.text) ||
	    as_extractor_open(&x, path, &how.of, engine_of(true), &err))
		return;
	struct bytes file = decode_again(e, NULL);
	is_text(model.producer, "augself", "names its maker first");
	is_int((int64_t)(100 * model.ir + model.opset), 817, "of version 8 and operator set 17");
	ok(model.ninputs == 1 && model.noutputs == 1 && model.input[0].shape[0] == -1 && model.output[0].shape[0] == -1 &&
	   model.output[0].shape[1] == as_extractor_width(x), "one input, one output, of any number of images");
	is_int(model.input[0].shape[1], kind == AS_INPUT_BYTES ? SIZE : 3, "with channels where they belong");
	struct as_params p = {0};
	struct as_net net;
	struct as_backbone b = {.width = 1. / 32, .size = SIZE};
	snprintf(b.arch, sizeof b.arch, "%s", arch);
	snprintf(b.stem, sizeof b.stem, "%s", stem);
	as_backbone_build(&net, &b, &p, engine_of(true));
	check_shapes(&net, kind, path);
	as_params_clear(&p);
	float *images = pixels(IMAGES * SIZE * SIZE * 3);
	float *normal = kind == AS_INPUT_NORMALISED ? images : NULL;
	if (!normal)
		feed(0, IMAGES, SIZE, 3, images);
	const float *y = as_extractor_run(x, images, IMAGES); /* normalises them in place */
	if (normal)
		feed(0, IMAGES, SIZE, 3, images);
	run_model(&model);
	double worst = off("features", y, IMAGES * as_extractor_width(x));
	ok(worst <= CLOSE, "%s %s of %s: features are off by %.2g%s%s", arch, stem, as_export_inputs()[kind].name, worst,
	   model.wrong ? ", " : "", model.wrong ? model.wrong : "");
	free_model(&model);
	free((void *)(uintptr_t)file.at);
	free(images);
	as_exporter_close(e);
	as_extractor_close(x);
}

/* --- every operation --- */

static void fill(struct as_params *p)
{
	fill_values(p);
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		if (!(q->flags & AS_P_BUFFER) || q->flags & AS_P_COUNT)
			continue;
		float *v = uniform(900 + (uint64_t)i, q->count, q->flags & AS_P_POSITIVE ? .5 : -.5, q->flags & AS_P_POSITIVE ? 1.5 : .5);
		memcpy(as_params_value(p, i), v, (size_t)q->count * sizeof *v);
		free(v);
	}
}

struct memory {
	struct as_arena arena;
	struct as_workspace work;
	struct as_pass pass;
};

static const float *run_ours(struct memory *m, struct as_net *net, const float *x)
{
	*m = (struct memory){0};
	for (int taking = 0; taking < 2; taking++) {
		m->work = (struct as_workspace){0};
		as_net_plan_weights(net, &m->arena);
		as_net_plan(net, IMAGES, AS_EVAL, &m->arena, &m->work, &m->pass);
		as_workspace_plan(&m->work, &m->arena);
		if (!taking && as_arena_open(&m->arena, &as_host_memory, NULL) < 0)
			abort();
	}
	as_net_prepare(net);
	return as_net_forward(net, &m->pass, x, IMAGES);
}

/* A network over images (size,size,c), or over vectors where size is 1: our output and the graph's. */
static void compare(const char *what, struct as_net *net, struct as_params *p, bool rows)
{
	struct memory m;
	struct as_graph g;
	struct as_error err = {0};
	int64_t size = net->buf[0].h, c = net->buf[0].c, floats = IMAGES * size * size * c;
	if (!ok(!net->failed.code, "%s: built %s", what, net->failed.text) || as_params_alloc(p, engine_of(true), NULL, NULL) < 0)
		abort();
	fill(p);
	struct as_onnx *o = as_onnx_new("test");
	struct as_onnx_port in = {"in", "", AS_F4, rows ? 2 : 4, {-1, c, size, size}, {"batch"}};
	as_onnx_input(o, &in);
	ok(!as_graph_add(&g, o, net, "in", rows, &err), "%s: in a graph %s", what, err.text);
	in = (struct as_onnx_port){as_graph_rows(&g, net->out), "", AS_F4, 2, {-1, as_net_out(net)}, {"batch"}};
	as_onnx_output(o, &in);
	struct bytes file = decode_again(NULL, o);
	float *x = uniform(3, floats, -1, 1);
	feed(0, IMAGES, size, c, x);
	run_model(&model);
	double worst = off(model.output[0].name, run_ours(&m, net, x), IMAGES * as_net_out(net));
	ok(worst <= CLOSE, "%s: off by %.2g%s%s", what, worst, model.wrong ? ", " : "", model.wrong ? model.wrong : "");
	free_model(&model);
	free((void *)(uintptr_t)file.at);
	free(x);
	as_onnx_free(o);
	as_arena_close(&m.arena);
	as_params_clear(p);
}

static void test_operations(void)
{
	struct as_params p = {0};
	struct as_net net;
	for (int i = 0; as_ops[i]; i++)
		ok(as_ops[i]->graph, "%s says which nodes it is", as_ops[i]->name);
	as_net_init(&net, "map", &p, engine_of(true), 9, 9, 3);
	int x = as_net_layer(&net, "conv", 0, AS_NONE, "a", (struct as_spec){.out = 8, .r = 3, .stride = 1, .pad = 1});
	x = as_net_layer(&net, "layernorm", x, AS_NONE, "b", (struct as_spec){.gamma = 1, .relu = true});
	int side = x = as_net_layer(&net, "linear", x, AS_NONE, "c", (struct as_spec){.out = 6, .bias = true});
	x = as_net_layer(&net, "norm", x, AS_NONE, "d", (struct as_spec){.gamma = 1, .relu = true});
	x = as_net_layer(&net, "conv", x, AS_NONE, "e", (struct as_spec){.out = 6, .r = 1, .stride = 1});
	x = as_net_layer(&net, "norm", x, side, "f", (struct as_spec){.gamma = 1});
	x = as_net_layer(&net, "maxpool", x, AS_NONE, "", (struct as_spec){0});
	x = as_net_layer(&net, "conv", x, AS_NONE, "g", (struct as_spec){.out = 5, .r = 3, .stride = 2, .pad = 1});
	x = as_net_layer(&net, "maxpool", x, AS_NONE, "", (struct as_spec){0});
	x = as_net_layer(&net, "avgpool", x, AS_NONE, "", (struct as_spec){0});
	side = x = as_net_layer(&net, "linear", x, AS_NONE, "h", (struct as_spec){.out = 7});
	x = as_net_layer(&net, "layernorm", x, AS_NONE, "i", (struct as_spec){.gamma = 1});
	x = as_net_layer(&net, "norm", x, side, "j", (struct as_spec){.gamma = 1, .relu = true});
	x = as_net_layer(&net, "conv", x, AS_NONE, "k", (struct as_spec){.out = 4, .r = 1, .stride = 1});
	as_net_layer(&net, "linear", x, AS_NONE, "l", (struct as_spec){.out = 3, .bias = true});
	compare("all operations, on maps and vectors", &net, &p, false);
	p = (struct as_params){0};
	as_net_init(&net, "vector", &p, engine_of(true), 1, 1, 5);
	x = as_net_layer(&net, "norm", 0, AS_NONE, "a", (struct as_spec){.gamma = 1, .relu = true});
	as_net_layer(&net, "linear", x, AS_NONE, "b", (struct as_spec){.out = 4, .bias = true});
	compare("a network over vectors", &net, &p, true);
}

/* --- parts --- */

/* A model file as ssl-train writes one, with a part of each kind and a head for each augmentation that has one. */
struct trained {
	struct as_params params;
	struct as_net backbone, projector, predictor, classifier;
	struct as_policy policy;
	struct as_augself heads;
	char list[200], path[40];
	int tap;
};

static void build_trained(struct trained *t, int stage)
{
	struct as_error err = {0};
	struct as_backbone b = {"resnet18", "cifar", 1. / 16, 32};
	int64_t up[] = {32, 12, 8}, round[] = {8, 6, 8};
	*t = (struct trained){.path = "/tmp/as-onnx-XXXXXX", .tap = AS_NONE};
	as_backbone_build(&t->backbone, &b, &t->params, engine_of(true));
	as_mlp(&t->projector, "projector", up, 3, AS_MLP_NORM, &t->params, engine_of(true));
	as_mlp(&t->predictor, "predictor", round, 3, AS_MLP_BIAS, &t->params, engine_of(true));
	as_net_init(&t->classifier, "classifier", &t->params, engine_of(true), 1, 1, 32);
	as_net_layer(&t->classifier, "linear", 0, AS_NONE, "fc", (struct as_spec){.out = 5, .bias = true});
	if (as_policy_preset("cifar+rotation+solarize+blur", &t->policy, &err))
		abort();
	for (int i = 0, n = 0; as_augs[i]; i++)
		if (as_augs[i]->ntarget)
			n += snprintf(t->list + n, sizeof t->list - (size_t)n, "%s%s=1", n ? "," : "", as_augs[i]->name);
	if (stage)
		t->tap = as_net_tap(&t->backbone, t->backbone.point[stage - 1].name, &err);
	struct as_build build = {.params = &t->params, .engine = engine_of(true), .d = 32};
	build.d_heads = stage ? as_net_tap_width(&t->backbone, t->tap) : 32;
	int rc = as_augself_parse(&t->heads, t->list, &t->policy, &err);
	rc = rc ? rc : as_augself_build(&t->heads, &build, 7, &err);
	rc = rc ? rc : as_params_alloc(&t->params, engine_of(true), NULL, &err);
	ok(!rc && t->heads.nheads > 4, "a model with %d heads at stage %d %s", t->heads.nheads, stage, err.text);
	fill(&t->params);
}

static void write_trained(struct trained *t, int stage)
{
	char recipe[400];
	struct as_roles roles = as_roles_of(&t->policy, 2);
	char *policy = as_roles_text(&roles);
	struct as_named *named = calloc((size_t)t->params.n, sizeof *named);
	int64_t *counts = calloc((size_t)t->params.n, sizeof *counts);
	snprintf(recipe, sizeof recipe, "augself = %s\naugself-from = %d\nhead-hidden = 7\ncompat = \nstem = cifar\n", t->list, stage);
	const struct as_meta meta[] = {{"format", "augself-model 2"}, {"recipe", recipe}, {"policy", policy}};
	int n = as_params_save(&t->params, "", false, named, counts), fd = mkstemp(t->path);
	FILE *f = fdopen(fd, "wb");
	ok(f && !as_safetensors_write(f, named, n, meta, 3, NULL, NULL) && !fclose(f), "is written");
	free(named);
	free(counts);
	free(policy);
}

/* The backbone's output, and what the heads read, of these images. */
static void run_trained(struct trained *t, const float *x, float *y, float *z, int64_t d)
{
	struct memory m;
	const float *out = run_ours(&m, &t->backbone, x);
	memcpy(y, out, IMAGES * 32 * sizeof *y);
	memcpy(z, t->tap < 0 ? out : as_pass_tap(&t->backbone, &m.pass, t->tap), (size_t)(IMAGES * d) * sizeof *z);
	as_arena_close(&m.arena);
}

static void compare_part(const char *name, struct as_net *net, const float *x, enum as_loss loss, float *copy)
{
	struct memory m;
	int64_t c = as_net_out(net);
	float *y = take(IMAGES * c, sizeof *y);
	memcpy(y, run_ours(&m, net, x), (size_t)(IMAGES * c) * sizeof *y);
	if (copy)
		memcpy(copy, y, (size_t)(IMAGES * c) * sizeof *y);
	for (int64_t row = 0; row < IMAGES; row++) {
		double sum = 0;
		for (int64_t j = 0; j < c; j++)
			sum += exp((double)y[row * c + j]);
		for (int64_t j = 0; j < c; j++) {
			double v = (double)y[row * c + j];
			y[row * c + j] = (float)(loss == AS_LOSS_NONE ? v : loss == AS_LOSS_BCE ? 1 / (1 + exp(-v)) :
						 loss == AS_LOSS_CE ? exp(v) / sum : tanh(v));
		}
	}
	double worst = off(name, y, IMAGES * c);
	ok(worst <= CLOSE, "%s: off by %.2g%s%s", name, worst, model.wrong ? ", " : "", model.wrong ? model.wrong : "");
	as_arena_close(&m.arena);
	free(y);
}

static void compare_all(struct trained *t, const float *a, const float *b)
{
	int64_t d = t->heads.head[0].net.buf[0].c / 2;
	float *y[2], *z[2], *pair = take(IMAGES * 2 * d, sizeof *pair), copy[IMAGES * 8];
	for (int i = 0; i < 2; i++) {
		y[i] = take(IMAGES * 32, sizeof **y);
		z[i] = take(IMAGES * d, sizeof **z);
		run_trained(t, i ? b : a, y[i], z[i], d);
		for (int64_t row = 0; row < IMAGES; row++)
			memcpy(pair + (2 * row + i) * d, z[i] + row * d, (size_t)d * sizeof *pair);
	}
	double worst = off("features", y[0], IMAGES * 32);
	ok(worst <= CLOSE, "features: off by %.2g", worst);
	compare_part("projection", &t->projector, y[0], AS_LOSS_NONE, copy);
	compare_part("prediction", &t->predictor, copy, AS_LOSS_NONE, NULL);
	compare_part("logits", &t->classifier, y[0], AS_LOSS_NONE, NULL);
	for (int i = 0; i < t->heads.nheads; i++)
		compare_part(t->heads.head[i].aug->name, &t->heads.head[i].net, pair, t->heads.head[i].loss, NULL);
	for (int i = 0; i < 2; i++) {
		free(y[i]);
		free(z[i]);
	}
	free(pair);
}

/* Everything that a file may have, of two batches of images. */
static void test_parts(int stage)
{
	static struct trained t;
	struct as_exporter *e;
	struct as_error err = {0};
	struct as_export how = {.input = AS_INPUT_NORMALISED, .parts = "all"};
	build_trained(&t, stage);
	write_trained(&t, stage);
	if (ok(!as_exporter_open(&e, t.path, &how, engine_of(true), &err), "its export %s", err.text)) {
		struct bytes file = decode_again(e, NULL);
		is_int(model.ninputs, 2, "takes two batches");
		is_int(model.noutputs, 4 + t.heads.nheads, "and has an output for each part and head");
		float *a = uniform(1, IMAGES * 32 * 32 * 3, -1, 1), *b = uniform(2, IMAGES * 32 * 32 * 3, -1, 1);
		feed(0, IMAGES, 32, 3, a);
		feed(1, IMAGES, 32, 3, b);
		run_model(&model);
		compare_all(&t, a, b);
		free_model(&model);
		free((void *)(uintptr_t)file.at);
		free(a);
		free(b);
		as_exporter_close(e);
	}
	unlink(t.path);
	as_params_clear(&t.params);
}

static void test_refusals(void)
{
	struct as_params p = {0};
	struct as_net net;
	struct as_graph g;
	struct as_error err;
	struct as_exporter *e;
	struct as_operation none = *as_ops[0];
	struct as_onnx *o = as_onnx_new("test");
	none.graph = NULL;
	as_net_init(&net, "strange", &p, engine_of(true), 9, 9, 3);
	as_net_layer(&net, "conv", 0, AS_NONE, "a", (struct as_spec){.out = 8, .r = 3, .stride = 1, .pad = 1});
	net.layer[0].op = &none;
	ok(as_graph_add(&g, o, &net, "in", false, &err) == AS_EARG && strstr(err.text, "operation conv"), "refused: %s", err.text);
	net.layer[0].op = as_ops[0];
	net.frozen = true;
	ok(as_graph_add(&g, o, &net, "in", false, &err) == AS_EARG && strstr(err.text, "frozen"), "refused: %s", err.text);
	as_params_clear(&p);
	is_text(as_onnx_name(o, "x"), "x", "a name");
	is_text(as_onnx_name(o, "x"), "x_2", "... is given once");
	is_text(as_onnx_name(o, "x"), "x_3", "... and once");
	static const float nothing[1];
	const struct as_tensor huge = {AS_F4, 1, {(int64_t)1 << 30}, nothing};
	as_onnx_tensor(o, "huge", &huge);
	FILE *f = tmpfile();
	ok(as_onnx_write(o, f, NULL, 0, &err) == AS_EARG && strstr(err.text, "at most 2147483647"), "refused: %s", err.text);
	is_int(ftell(f), 0, "with nothing written");
	fclose(f);
	as_onnx_free(o);
	static const char path[] = "tests/golden/resnet18-imagenet.safetensors";
	struct as_export how = {.parts = "projector"};
	ok(as_exporter_open(&e, path, &how, engine_of(true), &err) == AS_EDATA && strstr(err.text, "has no projector: beside the backbone"),
	   "refused: %s", err.text);
	how.parts = "head";
	ok(as_exporter_open(&e, path, &how, engine_of(true), &err) == AS_EARG && strstr(err.text, "did you mean 'heads'"), "refused: %s",
	   err.text);
	how.parts = "heads=1";
	ok(as_exporter_open(&e, path, &how, engine_of(true), &err) == AS_EARG, "refused: %s", err.text);
}

/* Numbers as the format's page writes them: 300 is ac 02, -1 ten bytes. */
static void test_wire(void)
{
	static const unsigned char want[] = {0x08, 0xac, 0x02, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
					     0x1d, 0x00, 0x00, 0xc0, 0x3f, 0x82, 0x01, 0x02, 'h',  'i'};
	struct as_proto p = {.n = 0};
	as_proto_number(&p, 1, 300);
	as_proto_number(&p, 2, -1);
	as_proto_float(&p, 3, 1.5f);
	as_proto_text(&p, 16, "hi");
	ok(p.n == sizeof want && !memcmp(p.at, want, sizeof want), "fields are written as their page says");
	as_proto_clear(&p);
}

int main(void)
{
	static const char *const archs[] = {"resnet18", "resnet34", "resnet50"};
	test_wire();
	for (int i = 0; i < 3; i++) {
		test_backbone(archs[i], "cifar", (enum as_export_input)i);
		test_backbone(archs[i], "imagenet", (enum as_export_input)((i + 1) % 3));
	}
	test_operations();
	test_parts(0);
	test_parts(2);
	test_refusals();
	return done();
}
