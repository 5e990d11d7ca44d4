#include "ssl/export.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "nn/graph.h"
#include "ssl/model.h"

static const struct as_export_word inputs[] = {
	[AS_INPUT_UNIT] = {"unit", "floats in [0,1] of shape (n,3,S,S), as torchvision's ToTensor gives them"},
	[AS_INPUT_BYTES] = {"bytes", "bytes of shape (n,S,S,3), as views and decoded images have them"},
	[AS_INPUT_NORMALISED] = {"normalised", "floats of shape (n,3,S,S), less the mean and divided by std"},
	{NULL, NULL},
};

struct as_exporter {
	struct as_model model;
	struct as_onnx *onnx;
	struct as_graph graph; /* of the network that was added last */
	enum as_export_input input;
	bool any_size;
	float full; /* 255, which the graph borrows */
	/* texts for the metadata */
	char hash[20], numbers[3][100];
};

const struct as_export_word *as_export_inputs(void)
{
	return inputs;
}

const struct as_export_word *as_export_parts(void)
{
	static struct as_export_word words[AS_PARTS + 1];
	for (int i = 0; i < AS_PARTS; i++)
		words[i] = (struct as_export_word){as_part_name(i), as_part_doc(i)};
	return words;
}

static const char *input_at(int i)
{
	return inputs[i].name;
}

int as_export_input_find(const char *name, struct as_error *err)
{
	return as_find("input", name, input_at, err);
}

/* The bits of a list of parts. */
static int read_parts(const char *list, unsigned *bits, struct as_error *err)
{
	struct as_pair part;
	int rc = 0;
	*bits = 0;
	if (list && !strcmp(list, "all"))
		*bits = UINT_MAX;
	while (list && *bits != UINT_MAX && (rc = as_pair_next(&list, ",", &part, err)) > 0) {
		int i = as_find("part", part.name, as_part_name, err);
		if (i < 0 || *part.value)
			return i < 0 ? i : as_fail(err, AS_EARG, "part: '%s' takes no value", part.name);
		*bits |= 1u << i;
	}
	return rc;
}

/* --- the graph --- */

static const char *node(struct as_exporter *e, const char *op, const char *wanted, const char *a, const char *b,
			const struct as_onnx_attr *attr)
{
	return as_onnx_node(e->onnx, op, wanted, (const char *[]){a, b, NULL}, attr);
}

static const char *constant(struct as_exporter *e, const char *name, int n, const float *at)
{
	struct as_tensor t = {.dtype = AS_F4, .ndim = n > 1 ? 4 : 0, .shape = {1, n, 1, 1}, .data = at};
	return as_onnx_tensor(e->onnx, name, &t);
}

static void take_images(struct as_exporter *e, const char *name, const char *doc)
{
	bool bytes = e->input == AS_INPUT_BYTES;
	int64_t side = e->any_size ? -1 : e->model.what.size;
	struct as_onnx_port p = {name, doc, AS_F4, 4, {-1, 3, side, side}, {"batch", NULL, "height", "width"}};
	if (bytes)
		p = (struct as_onnx_port){name, doc, AS_U1, 4, {-1, side, side, 3}, {"batch", "height", "width", NULL}};
	as_onnx_input(e->onnx, &p);
}

/* The images as the network takes them: (n,3,S,S), normalised. Those of both inputs are one batch. */
static const char *begin(struct as_exporter *e, bool pairs)
{
	static const struct as_onnx_attr to_float[] = {{.name = "to", .n = 1, .i = {1}}, {0}};
	static const struct as_onnx_attr turned[] = {{.name = "perm", .n = 4, .i = {0, 3, 1, 2}}, {0}};
	static const struct as_onnx_attr rows[] = {{.name = "axis", .n = 1, .i = {0}}, {0}};
	const char *x = "images", *doc = inputs[e->input].doc;
	take_images(e, x, doc);
	if (pairs) {
		take_images(e, "others", doc);
		x = node(e, "Concat", "pairs", x, "others", rows);
	}
	if (e->input == AS_INPUT_NORMALISED)
		return x;
	if (e->input == AS_INPUT_BYTES) {
		x = node(e, "Cast", "floats", x, NULL, to_float);
		x = node(e, "Div", "unit", x, constant(e, "full", 1, &e->full), NULL);
		x = node(e, "Transpose", "planes", x, NULL, turned);
	}
	x = node(e, "Sub", "centred", x, constant(e, "mean", 3, e->model.eval.mean), NULL);
	return node(e, "Div", "normalised", x, constant(e, "std", 3, e->model.eval.std), NULL);
}

/* Makes a value (n,width) an output. */
static void give(struct as_exporter *e, const char *value, const char *name, const char *doc, int64_t width)
{
	const char *out = node(e, "Identity", name, value, NULL, NULL);
	as_onnx_output(e->onnx, &(struct as_onnx_port){out, doc, AS_F4, 2, {-1, width}, {"batch"}});
}

/* Adds a network over vectors, and returns its output. */
static const char *apply(struct as_exporter *e, const struct as_net *net, const char *x, int *rc, struct as_error *err)
{
	if (!*rc)
		*rc = as_graph_add(&e->graph, e->onnx, net, x, true, err);
	return *rc ? "" : as_graph_rows(&e->graph, net->out);
}

/* What makes a head's output comparable with its targets, by its loss. */
static const struct {
	const char *op, *doc;
} ends[] = {
	[AS_LOSS_NONE] = {"Identity", "predicted from images (a) and others (b)"},
	[AS_LOSS_MSE_TANH] = {"Tanh", "predicted from images (a) and others (b): the target d(a,b) of aug-sample(1)"},
	[AS_LOSS_MSE_TANH_ALL] = {"Tanh", "predicted from images (a) and others (b): the target d(a,b) of aug-sample(1)"},
	[AS_LOSS_BCE] = {"Sigmoid", "the probability that images (a) and others (b) differ, the target d(a,b) of aug-sample(1)"},
	[AS_LOSS_CE] = {"Softmax", "the probability of each class of the difference of images (a) and others (b)"},
};

static int add_heads(struct as_exporter *e, const char *const y[2], struct as_error *err)
{
	static const struct as_onnx_attr columns[] = {{.name = "axis", .n = 1, .i = {1}}, {0}};
	const char *pair = node(e, "Concat", "pair", y[0], y[1], columns);
	int rc = 0;
	for (int i = 0; i < e->model.heads.nheads && !rc; i++) {
		const struct as_head *h = &e->model.heads.head[i];
		char name[64];
		const char *p = apply(e, &h->net, pair, &rc, err);
		snprintf(name, sizeof name, "%s.end", h->aug->name);
		p = node(e, ends[h->loss].op, name, p, NULL, NULL);
		give(e, p, h->aug->name, ends[h->loss].doc, h->aug->ntarget);
	}
	return rc;
}

/* The features of images, and of others where there are such; `both` has all. */
static void halves(struct as_exporter *e, const char *both, const char *name, bool pairs, const char *half[2])
{
	static const struct as_onnx_attr rows[] = {{.name = "axis", .n = 1, .i = {0}}, {0}};
	half[0] = half[1] = both;
	if (pairs)
		as_onnx_node2(e->onnx, "Split", name, (const char *[]){both, NULL}, rows, half);
}

static int make_graph(struct as_exporter *e, struct as_error *err)
{
	static const char *const name[AS_HEADS] = {"projection", "prediction", "logits"};
	struct as_model *m = &e->model;
	bool pairs = m->built & 1u << AS_HEADS;
	const char *y[2], *z[2], *of[AS_HEADS];
	int rc = as_graph_add(&e->graph, e->onnx, &m->backbone, begin(e, pairs), false, err);
	if (rc)
		return rc;
	halves(e, as_graph_rows(&e->graph, m->backbone.out), "half", pairs, y);
	if (m->tap >= 0)
		halves(e, as_graph_rows(&e->graph, m->backbone.tap[m->tap].buf), "stage", pairs, z);
	give(e, y[0], "features", "the features", as_net_out(&m->backbone));
	for (int i = 0; i < AS_HEADS && !rc; i++) {
		of[i] = y[0];
		if (!(m->built & 1u << i))
			continue;
		of[i] = apply(e, &m->part[i], i == AS_PREDICTOR ? of[AS_PROJECTOR] : y[0], &rc, err);
		give(e, of[i], name[i], as_part_doc(i), as_net_out(&m->part[i]));
	}
	return rc || !pairs ? rc : add_heads(e, m->tap < 0 ? y : z, err);
}

/* --- the model --- */

static void three(const float v[3], char *to, size_t room)
{
	char a[32], b[32], c[32];
	snprintf(to, room, "%s %s %s", as_format_f32(v[0], a), as_format_f32(v[1], b), as_format_f32(v[2], c));
}

static void keep_numbers(struct as_exporter *e)
{
	e->full = 255;
	three(e->model.eval.mean, e->numbers[0], sizeof *e->numbers);
	three(e->model.eval.std, e->numbers[1], sizeof *e->numbers);
	snprintf(e->numbers[2], sizeof *e->numbers, "%lld", (long long)e->model.what.size);
	snprintf(e->hash, sizeof e->hash, "%016llx", (unsigned long long)e->model.hash);
}

static int open_all(struct as_exporter *e, const char *path, const struct as_export *how, const struct as_engine *engine,
		    struct as_error *err)
{
	struct as_extract of = how->of;
	unsigned parts;
	int rc = read_parts(how->parts, &parts, err);
	of.projector = false;
	e->input = how->input;
	e->any_size = how->any_size;
	e->onnx = as_onnx_new("augself");
	if (!e->onnx)
		return as_fail(err, AS_EMEM, "%s: no memory", path);
	rc = rc ? rc : as_model_open(&e->model, path, &of, parts, engine, err);
	if (rc)
		return rc;
	keep_numbers(e);
	return (rc = make_graph(e, err)) ? as_fail_within(err, "%s", path) : 0;
}

int as_exporter_open(struct as_exporter **out, const char *path, const struct as_export *how, const struct as_engine *engine,
		     struct as_error *err)
{
	struct as_exporter *e = calloc(1, sizeof *e);
	if (!e)
		return as_fail(err, AS_EMEM, "%s: no memory", path);
	int rc = open_all(e, path, how, engine, err);
	if (rc)
		as_exporter_close(e);
	else
		*out = e;
	return rc;
}

void as_exporter_close(struct as_exporter *e)
{
	if (!e)
		return;
	as_onnx_free(e->onnx);
	as_model_clear(&e->model);
	free(e);
}

const char *as_exporter_name(const struct as_exporter *e)
{
	return e->model.name;
}

const char *as_exporter_note(const struct as_exporter *e)
{
	return e->model.note;
}

const struct as_onnx *as_exporter_graph(const struct as_exporter *e)
{
	return e->onnx;
}

int as_exporter_write(const struct as_exporter *e, FILE *f, struct as_error *err)
{
	const struct as_meta meta[] = {
		{"augself.model", e->model.name}, {"augself.hash", e->hash}, {"augself.input", inputs[e->input].name},
		{"augself.mean", e->numbers[0]}, {"augself.std", e->numbers[1]}, {"augself.size", e->numbers[2]},
	};
	return as_onnx_write(e->onnx, f, meta, sizeof meta / sizeof *meta, err);
}
