/* ONNX read back: protocol buffers decoded by a reader that shares nothing with our writer, and its graph computed in
 * double, node by node, as ONNX's pages define the operations. */
#ifndef AS_TESTS_ONNX_H
#define AS_TESTS_ONNX_H

#include <stdlib.h>

#include "tap.h"

struct bytes {
	const unsigned char *at;
	size_t n;
};

/* A field of a message: a number, four bytes as a float, or bytes. */
struct field {
	int number, how;
	uint64_t value;
	float f;
	struct bytes part;
};

static bool decode_varint(struct bytes *b, uint64_t *out)
{
	*out = 0;
	for (int shift = 0; shift < 64 && b->n; shift += 7) {
		unsigned char c = *b->at++;
		b->n--;
		*out |= (uint64_t)(c & 127) << shift;
		if (c < 128)
			return true;
	}
	return false;
}

/* Takes the next field. False at the end, and where the bytes are no field: then b->n is not 0. */
static bool decode_field(struct bytes *b, struct field *f)
{
	struct bytes was = *b;
	uint64_t tag, n;
	*f = (struct field){.number = 0};
	if (!b->n)
		return false;
	bool good = decode_varint(b, &tag);
	f->number = (int)(tag >> 3);
	f->how = (int)(tag & 7);
	if (good && f->how == 0) {
		good = decode_varint(b, &f->value);
	} else if (good && f->how == 2) {
		good = decode_varint(b, &n) && n <= b->n;
		f->part = (struct bytes){b->at, good ? (size_t)n : 0};
	} else if (good && f->how == 5 && b->n >= 4) {
		memcpy(&f->f, b->at, 4);
		f->part = (struct bytes){b->at, 4};
	} else {
		good = false;
	}
	b->at += f->part.n;
	b->n -= good ? f->part.n : 0;
	if (!good)
		*b = was;
	return good;
}

/* A value of the graph: an input, a tensor, or what a node computed. */
struct value {
	char name[128];
	int type, ndim; /* 1 float, 2 uint8, 7 int64 */
	int64_t shape[4];
	double *x;
	struct bytes raw;
};

struct attr {
	char name[32];
	int n;
	int64_t i[8];
	float f;
};

struct node {
	char op[32], in[6][128], out[2][128];
	int nin, nout, nattr;
	struct attr attr[6];
};

enum { MAX_VALUES = 1200, MAX_NODES = 400, MAX_PORTS = 16 };

struct model {
	struct value value[MAX_VALUES], input[MAX_PORTS], output[MAX_PORTS];
	struct node node[MAX_NODES];
	int nvalues, ntensors, nnodes, ninputs, noutputs;
	uint64_t ir, opset;
	char producer[32], meta[16][2][128];
	int nmeta;
	const char *wrong; /* what is wrong with it, or NULL */
};

static void text_of(struct bytes b, char *to, size_t room)
{
	snprintf(to, room, "%.*s", (int)b.n, (const char *)b.at);
}

static int64_t count_of(const struct value *v)
{
	int64_t n = 1;
	for (int i = 0; i < v->ndim; i++)
		n *= v->shape[i];
	return n;
}

static void add_value(struct model *m, const struct value *v)
{
	for (int i = 0; i < m->nvalues; i++)
		if (!strcmp(m->value[i].name, v->name))
			m->wrong = "two values of one name";
	if (m->nvalues == MAX_VALUES)
		m->wrong = "more values than the test has room for";
	else
		m->value[m->nvalues++] = *v;
}

static void decode_tensor(struct model *m, struct bytes b)
{
	struct value v = {.ndim = 0};
	struct field f;
	while (decode_field(&b, &f)) {
		if (f.number == 1 && v.ndim < 4)
			v.shape[v.ndim++] = (int64_t)f.value;
		else if (f.number == 2)
			v.type = (int)f.value;
		else if (f.number == 8)
			text_of(f.part, v.name, sizeof v.name);
		else if (f.number == 9)
			v.raw = f.part;
	}
	int64_t n = count_of(&v), each = v.type == 7 ? 8 : 4;
	if (b.n || (v.type != 1 && v.type != 7) || (int64_t)v.raw.n != n * each)
		m->wrong = "a tensor's bytes are not its shape's";
	v.x = calloc((size_t)n + 1, sizeof *v.x);
	for (int64_t i = 0; i < n && !m->wrong; i++) {
		float x;
		int64_t k;
		memcpy(&x, v.raw.at + i * each, 4);
		memcpy(&k, v.raw.at + i * each, (size_t)each);
		v.x[i] = v.type == 7 ? (double)k : (double)x;
	}
	add_value(m, &v);
	m->ntensors++;
}

static void decode_attr(struct model *m, struct node *n, struct bytes b)
{
	struct attr *a = &n->attr[n->nattr++];
	struct field f;
	uint64_t type = 0;
	while (decode_field(&b, &f)) {
		if (f.number == 1)
			text_of(f.part, a->name, sizeof a->name);
		else if (f.number == 2)
			a->f = f.f;
		else if (f.number == 3 || f.number == 8)
			a->i[a->n++] = (int64_t)f.value;
		else if (f.number == 20)
			type = f.value;
	}
	if (b.n || !*a->name || (type != 1 && type != 2 && type != 7))
		m->wrong = "an attribute is none";
}

static void decode_node(struct model *m, struct bytes b)
{
	struct field f;
	struct node *n = &m->node[m->nnodes];
	while (m->nnodes < MAX_NODES && decode_field(&b, &f)) {
		if (f.number == 1)
			text_of(f.part, n->in[n->nin++], sizeof *n->in);
		else if (f.number == 2)
			text_of(f.part, n->out[n->nout++], sizeof *n->out);
		else if (f.number == 4)
			text_of(f.part, n->op, sizeof n->op);
		else if (f.number == 5)
			decode_attr(m, n, f.part);
	}
	if (b.n || !n->nout)
		m->wrong = "a node is none";
	else
		m->nnodes++;
}

/* The part of a message with this number. */
static struct bytes inner(struct bytes b, int number)
{
	struct field f;
	while (decode_field(&b, &f))
		if (f.number == number)
			return f.part;
	return (struct bytes){NULL, 0};
}

/* Sides that may have any length are -1. */
static void decode_port(struct model *m, struct bytes b, struct value *v)
{
	struct bytes tensor = inner(inner(b, 2), 1), shape = inner(tensor, 2);
	struct field f, side;
	*v = (struct value){.ndim = 0};
	text_of(inner(b, 1), v->name, sizeof v->name);
	v->type = decode_field(&tensor, &f) && f.number == 1 ? (int)f.value : 0;
	while (decode_field(&shape, &f))
		if (v->ndim < 4 && decode_field(&f.part, &side))
			v->shape[v->ndim++] = side.number == 1 ? (int64_t)side.value : -1;
	if (!*v->name || !v->type || !v->ndim || shape.n)
		m->wrong = "an input or output is none";
}

static void decode_graph(struct model *m, struct bytes b)
{
	struct field f;
	while (decode_field(&b, &f)) {
		if (f.number == 1)
			decode_node(m, f.part);
		else if (f.number == 5)
			decode_tensor(m, f.part);
		else if (f.number == 11 && m->ninputs < MAX_PORTS)
			decode_port(m, f.part, &m->input[m->ninputs++]);
		else if (f.number == 12 && m->noutputs < MAX_PORTS)
			decode_port(m, f.part, &m->output[m->noutputs++]);
	}
	if (b.n)
		m->wrong = "bytes in the graph that are no field";
}

static void decode_model(struct model *m, struct bytes b)
{
	struct field f, version;
	*m = (struct model){.ir = 0};
	while (decode_field(&b, &f)) {
		if (f.number == 1)
			m->ir = f.value;
		else if (f.number == 2)
			text_of(f.part, m->producer, sizeof m->producer);
		else if (f.number == 7)
			decode_graph(m, f.part);
		else if (f.number == 8 && decode_field(&f.part, &version) && version.number == 2)
			m->opset = version.value;
		else if (f.number == 14 && m->nmeta < 16) {
			text_of(inner(f.part, 1), m->meta[m->nmeta][0], sizeof m->meta[0][0]);
			text_of(inner(f.part, 2), m->meta[m->nmeta++][1], sizeof m->meta[0][1]);
		}
	}
	if (b.n)
		m->wrong = "bytes in the model that are no field";
}

static struct value *value_of(struct model *m, const char *name)
{
	for (int i = 0; i < m->nvalues; i++)
		if (!strcmp(m->value[i].name, name))
			return &m->value[i];
	return NULL;
}

static void free_model(struct model *m)
{
	for (int i = 0; i < m->nvalues; i++)
		free(m->value[i].x);
	m->nvalues = 0;
}

/* --- computing --- */

static const struct attr *attr_of(const struct node *n, const char *name)
{
	for (int i = 0; i < n->nattr; i++)
		if (!strcmp(n->attr[i].name, name))
			return &n->attr[i];
	static const struct attr none;
	return &none;
}

/* What a node computes: its inputs, and its output, whose shape is set first. */
struct work {
	struct model *m;
	const struct node *n;
	const struct value *in[6];
	struct value out[2];
};

static double *shaped(struct value *v, int ndim, int64_t a, int64_t b, int64_t c, int64_t d)
{
	const int64_t sides[] = {a, b, c, d};
	v->ndim = ndim;
	for (int i = 0; i < 4; i++)
		v->shape[i] = i < ndim ? sides[i] : 0;
	free(v->x);
	return v->x = calloc((size_t)count_of(v) + 1, sizeof *v->x);
}

static double *shaped_as(struct value *v, const struct value *other)
{
	return shaped(v, other->ndim, other->shape[0], other->shape[1], other->shape[2], other->shape[3]);
}

/* (n,c,h,w) in windows of r x r; a weighted sum, or without weights the largest. */
static void run_windows(struct work *k)
{
	const struct value *x = k->in[0], *w = k->in[1];
	const int64_t *r = attr_of(k->n, "kernel_shape")->i, *stride = attr_of(k->n, "strides")->i, *pad = attr_of(k->n, "pads")->i;
	int64_t c = x->shape[1], h = x->shape[2], wide = x->shape[3], out = w ? w->shape[0] : c;
	int64_t oh = (h + pad[0] + pad[2] - r[0]) / stride[0] + 1, ow = (wide + pad[1] + pad[3] - r[1]) / stride[1] + 1, at = 0;
	double *y = shaped(&k->out[0], 4, x->shape[0], out, oh, ow);
	for (int64_t n = 0; n < x->shape[0]; n++)
		for (int64_t o = 0; o < out; o++)
			for (int64_t p = 0; p < oh * ow; p++, at++) {
				double sum = w ? 0 : -INFINITY;
				for (int64_t q = 0; q < (w ? c : 1) * r[0] * r[1]; q++) {
					int64_t ch = w ? q / (r[0] * r[1]) : o, i = p / ow * stride[0] - pad[0] + q / r[1] % r[0];
					int64_t j = p % ow * stride[1] - pad[1] + q % r[1];
					if (i < 0 || j < 0 || i >= h || j >= wide)
						continue;
					double v = x->x[((n * c + ch) * h + i) * wide + j];
					sum = w ? sum + v * w->x[o * c * r[0] * r[1] + q] : v > sum ? v : sum;
				}
				y[at] = sum;
			}
}

static void run_norm(struct work *k)
{
	const struct value *x = k->in[0];
	double *y = shaped_as(&k->out[0], x), eps = (double)attr_of(k->n, "epsilon")->f;
	int64_t c = x->shape[1], each = count_of(x) / x->shape[0] / c;
	for (int64_t i = 0; i < count_of(x); i++) {
		int64_t j = i / each % c;
		y[i] = (x->x[i] - k->in[3]->x[j]) / sqrt(k->in[4]->x[j] + eps) * k->in[1]->x[j] + k->in[2]->x[j];
	}
}

static void run_layernorm(struct work *k)
{
	const struct value *x = k->in[0];
	double *y = shaped_as(&k->out[0], x), eps = (double)attr_of(k->n, "epsilon")->f;
	int64_t c = x->shape[x->ndim - 1];
	if (attr_of(k->n, "axis")->i[0] != -1)
		k->m->wrong = "a layer norm over another axis than the last";
	for (int64_t row = 0; row < count_of(x) / c; row++) {
		double mean = 0, var = 0;
		for (int64_t j = 0; j < c; j++)
			mean += x->x[row * c + j] / (double)c;
		for (int64_t j = 0; j < c; j++)
			var += pow(x->x[row * c + j] - mean, 2) / (double)c;
		for (int64_t j = 0; j < c; j++)
			y[row * c + j] = (x->x[row * c + j] - mean) / sqrt(var + eps) * k->in[1]->x[j] + k->in[2]->x[j];
	}
}

static void run_pool(struct work *k)
{
	const struct value *x = k->in[0];
	double *y = shaped(&k->out[0], 4, x->shape[0], x->shape[1], 1, 1);
	int64_t each = x->shape[2] * x->shape[3];
	for (int64_t i = 0; i < count_of(x); i++)
		y[i / each] += x->x[i] / (double)each;
}

/* Gemm and MatMul, x (..., d) by w (d,o), or (o,d) with transB. */
static void run_product(struct work *k)
{
	const struct value *x = k->in[0], *w = k->in[1], *bias = k->in[2];
	bool turned = attr_of(k->n, "transB")->i[0];
	int64_t d = x->shape[x->ndim - 1], o = w->shape[!turned];
	struct value like = *x;
	if (w->shape[turned] != d)
		k->m->wrong = "a product of matrices that do not fit";
	like.shape[x->ndim - 1] = o;
	double *y = shaped_as(&k->out[0], &like);
	for (int64_t i = 0; i < count_of(&like) && !k->m->wrong; i++) {
		y[i] = bias ? bias->x[i % o] : 0;
		for (int64_t j = 0; j < d; j++)
			y[i] += x->x[i / o * d + j] * w->x[turned ? i % o * d + j : j * o + i % o];
	}
}

/* Sides that are missing or 1 are repeated. */
static void run_two(struct work *k)
{
	const struct value *a = k->in[0], *b = k->in[1];
	double *y = shaped_as(&k->out[0], a);
	for (int64_t i = 0; i < count_of(a); i++) {
		int64_t at = 0, step = 1, rest = i;
		for (int s = a->ndim - 1, t = b->ndim - 1; s >= 0; s--, t--) {
			int64_t side = t < 0 ? 1 : b->shape[t], here = rest % a->shape[s];
			if (side != 1 && side != a->shape[s])
				k->m->wrong = "two shapes that do not fit";
			at += side == 1 ? 0 : here * step;
			step *= side;
			rest /= a->shape[s];
		}
		double x = a->x[i], z = b->x[at];
		y[i] = *k->n->op == 'A' ? x + z : *k->n->op == 'S' ? x - z : x / z;
	}
}

static void run_each(struct work *k)
{
	const struct value *x = k->in[0];
	const char *op = k->n->op;
	double *y = shaped_as(&k->out[0], x);
	int64_t c = x->shape[x->ndim - 1];
	for (int64_t i = 0; i < count_of(x); i++) {
		double v = x->x[i], sum = 0;
		for (int64_t j = 0; !strcmp(op, "Softmax") && j < c; j++)
			sum += exp(x->x[i / c * c + j] - v);
		y[i] = !strcmp(op, "Relu") ? (v > 0 ? v : 0) : !strcmp(op, "Tanh") ? tanh(v) :
		       !strcmp(op, "Sigmoid") ? 1 / (1 + exp(-v)) : !strcmp(op, "Softmax") ? 1 / sum : v;
	}
}

static void run_turn(struct work *k)
{
	const struct value *x = k->in[0];
	const struct attr *perm = attr_of(k->n, "perm");
	int64_t order[4] = {1, 0}, side[4] = {0};
	for (int i = 0; i < perm->n; i++)
		order[i] = perm->i[i];
	for (int i = 0; i < x->ndim; i++)
		side[i] = x->shape[order[i]];
	double *y = shaped(&k->out[0], x->ndim, side[0], side[1], side[2], side[3]);
	for (int64_t i = 0; i < count_of(x); i++) {
		int64_t rest = i, at[4] = {0}, from = 0;
		for (int s = x->ndim - 1; s >= 0; rest /= side[s], s--)
			at[order[s]] = rest % side[s];
		for (int s = 0; s < x->ndim; s++)
			from = from * x->shape[s] + at[s];
		y[i] = x->x[from];
	}
}

static void run_shape(struct work *k)
{
	const struct value *x = k->in[0];
	int64_t n = x->shape[0], c = count_of(x) / n;
	if (!strcmp(k->n->op, "Flatten"))
		shaped(&k->out[0], 2, n, c, 0, 0);
	else if (k->in[1]->x[0] != 0 || k->in[1]->x[1] != -1 || k->in[1]->x[2] != 1 || k->in[1]->x[3] != 1)
		k->m->wrong = "another shape than that of one pixel";
	else
		shaped(&k->out[0], 4, n, c, 1, 1);
	memcpy(k->out[0].x, x->x, (size_t)count_of(x) * sizeof *x->x);
}

/* Along the axis 0 or 1. */
static void run_concat(struct work *k)
{
	const struct value *a = k->in[0], *b = k->in[1];
	struct value like = *a;
	int64_t axis = attr_of(k->n, "axis")->i[0], outer = axis ? a->shape[0] : 1, na = count_of(a) / outer, nb = count_of(b) / outer;
	like.shape[axis] += b->shape[axis];
	double *y = shaped_as(&k->out[0], &like);
	for (int64_t i = 0; i < outer; i++) {
		memcpy(y + i * (na + nb), a->x + i * na, (size_t)na * sizeof *y);
		memcpy(y + i * (na + nb) + na, b->x + i * nb, (size_t)nb * sizeof *y);
	}
}

static void run_split(struct work *k)
{
	const struct value *x = k->in[0];
	struct value like = *x;
	like.shape[0] /= 2;
	for (int i = 0; i < 2; i++) {
		shaped_as(&k->out[i], &like);
		memcpy(k->out[i].x, x->x + i * count_of(&like), (size_t)count_of(&like) * sizeof *x->x);
	}
}

static const struct {
	const char *op;
	void (*run)(struct work *);
} runs[] = {
	{"Conv", run_windows}, {"MaxPool", run_windows}, {"BatchNormalization", run_norm}, {"LayerNormalization", run_layernorm},
	{"GlobalAveragePool", run_pool}, {"Gemm", run_product}, {"MatMul", run_product}, {"Add", run_two}, {"Sub", run_two},
	{"Div", run_two}, {"Relu", run_each}, {"Tanh", run_each}, {"Sigmoid", run_each}, {"Softmax", run_each}, {"Cast", run_each},
	{"Identity", run_each}, {"Transpose", run_turn}, {"Flatten", run_shape}, {"Reshape", run_shape}, {"Concat", run_concat},
	{"Split", run_split},
};
enum { RUNS = sizeof runs / sizeof *runs };

static void run_node(struct model *m, const struct node *n)
{
	struct work k = {.m = m, .n = n};
	int i = 0;
	for (int j = 0; j < n->nin; j++)
		if (!(k.in[j] = value_of(m, n->in[j])))
			m->wrong = "a node reads what is not there yet";
	while (i < RUNS && strcmp(runs[i].op, n->op) != 0)
		i++;
	if (i == RUNS)
		m->wrong = "an operation that the test does not know";
	if (m->wrong)
		return;
	runs[i].run(&k);
	for (int j = 0; j < n->nout && !m->wrong; j++) {
		snprintf(k.out[j].name, sizeof k.out[j].name, "%s", n->out[j]);
		add_value(m, &k.out[j]);
	}
}

/* Computes all nodes; the inputs' values are there. */
static void run_model(struct model *m)
{
	for (int i = 0; i < m->nnodes && !m->wrong; i++)
		run_node(m, &m->node[i]);
}

/* How often the operation is in the graph. */
static int nodes_of(const struct model *m, const char *op)
{
	int n = 0;
	for (int i = 0; i < m->nnodes; i++)
		n += !strcmp(m->node[i].op, op);
	return n;
}

#endif
