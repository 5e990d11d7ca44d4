#include "stream/onnx.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "stream/protobuf.h"

/* Numbers of the fields and values that we write, from ONNX's description of its messages. 8 is the oldest version
 * of the file with operator set 17. */
enum { IR_VERSION = 8, IS_FLOAT = 1, IS_UINT8 = 2, IS_INT64 = 7, ATTR_FLOAT = 1, ATTR_INT = 2, ATTR_INTS = 7 };
enum model { M_IR = 1, M_PRODUCER = 2, M_PRODUCER_VERSION = 3, M_GRAPH = 7, M_OPSET = 8, M_META = 14 };
enum graph { G_NODE = 1, G_NAME = 2, G_TENSOR = 5, G_INPUT = 11, G_OUTPUT = 12 };
enum node { N_INPUT = 1, N_OUTPUT = 2, N_NAME = 3, N_OP = 4, N_ATTR = 5 };
enum attr { A_NAME = 1, A_FLOAT = 2, A_INT = 3, A_INTS = 8, A_TYPE = 20 };
enum tensor { T_DIM = 1, T_TYPE = 2, T_NAME = 8, T_RAW = 9 };
enum value { V_NAME = 1, V_TYPE = 2, V_DOC = 3, TYPE_TENSOR = 1, TENSOR_TYPE = 1, TENSOR_SHAPE = 2, SHAPE_DIM = 1 };
enum side { DIM_VALUE = 1, DIM_NAME = 2, OPSET_VERSION = 2, ENTRY_KEY = 1, ENTRY_VALUE = 2 };

enum { PORTS = 32, MAX_BYTES = INT_MAX };

/* A tensor: its message up to the data, and the data. */
struct weights {
	struct as_proto head;
	const void *data;
	size_t bytes;
};

struct as_onnx {
	struct as_proto start, nodes, ports; /* of the graph: its name; and what the names say */
	struct weights *weights;
	char **name; /* of all values */
	struct as_onnx_port input[PORTS], output[PORTS];
	int nweights, nnames, nnodes, ninputs, noutputs;
	bool lost, full;
};

struct as_onnx *as_onnx_new(const char *graph)
{
	struct as_onnx *o = calloc(1, sizeof *o);
	if (o)
		as_proto_text(&o->start, G_NAME, graph);
	return o;
}

void as_onnx_free(struct as_onnx *o)
{
	if (!o)
		return;
	for (int i = 0; i < o->nweights; i++)
		as_proto_clear(&o->weights[i].head);
	for (int i = 0; i < o->nnames; i++)
		free(o->name[i]);
	as_proto_clear(&o->start);
	as_proto_clear(&o->nodes);
	as_proto_clear(&o->ports);
	free(o->weights);
	free(o->name);
	free(o);
}

/* --- names --- */

static bool is_taken(const struct as_onnx *o, const char *name)
{
	int i = 0;
	while (i < o->nnames && strcmp(o->name[i], name) != 0)
		i++;
	return i < o->nnames;
}

const char *as_onnx_name(struct as_onnx *o, const char *wanted)
{
	size_t room = strlen(wanted) + 16;
	char *own = malloc(room), **more = realloc(o->name, (size_t)(o->nnames + 1) * sizeof *more);
	o->name = more ? more : o->name;
	if (!own || !more) {
		free(own);
		o->lost = true;
		return "";
	}
	snprintf(own, room, "%s", wanted);
	for (int i = 2; is_taken(o, own); i++)
		snprintf(own, room, "%s_%d", wanted, i);
	return o->name[o->nnames++] = own;
}

/* --- ports --- */

static int type_of(enum as_dtype d)
{
	return d == AS_F4 ? IS_FLOAT : d == AS_U1 ? IS_UINT8 : IS_INT64;
}

static void put_port(struct as_onnx *o, int field, const struct as_onnx_port *p)
{
	struct as_proto shape = {.n = 0}, tensor = {.n = 0}, type = {.n = 0}, all = {.n = 0};
	for (int i = 0; i < p->ndim; i++) {
		struct as_proto dim = {.n = 0};
		if (p->shape[i] < 0)
			as_proto_text(&dim, DIM_NAME, p->side[i]);
		else
			as_proto_number(&dim, DIM_VALUE, p->shape[i]);
		as_proto_put(&shape, SHAPE_DIM, &dim);
	}
	as_proto_number(&tensor, TENSOR_TYPE, type_of(p->dtype));
	as_proto_put(&tensor, TENSOR_SHAPE, &shape);
	as_proto_put(&type, TYPE_TENSOR, &tensor);
	as_proto_text(&all, V_NAME, p->name);
	as_proto_put(&all, V_TYPE, &type);
	as_proto_text(&all, V_DOC, p->doc);
	as_proto_put(&o->ports, field, &all);
}

void as_onnx_input(struct as_onnx *o, const struct as_onnx_port *p)
{
	o->full = o->full || o->ninputs == PORTS;
	if (o->full)
		return;
	o->input[o->ninputs++] = *p;
	as_onnx_name(o, p->name);
	put_port(o, G_INPUT, p);
}

void as_onnx_output(struct as_onnx *o, const struct as_onnx_port *p)
{
	o->full = o->full || o->noutputs == PORTS;
	if (o->full)
		return;
	o->output[o->noutputs++] = *p;
	put_port(o, G_OUTPUT, p);
}

int as_onnx_inputs(const struct as_onnx *o)
{
	return o->ninputs;
}

int as_onnx_nodes(const struct as_onnx *o)
{
	return o->nnodes;
}

int as_onnx_outputs(const struct as_onnx *o)
{
	return o->noutputs;
}

const struct as_onnx_port *as_onnx_input_at(const struct as_onnx *o, int i)
{
	return &o->input[i];
}

const struct as_onnx_port *as_onnx_output_at(const struct as_onnx *o, int i)
{
	return &o->output[i];
}

/* --- tensors and nodes --- */

const char *as_onnx_tensor(struct as_onnx *o, const char *wanted, const struct as_tensor *t)
{
	const char *name = as_onnx_name(o, wanted);
	struct weights *more = realloc(o->weights, (size_t)(o->nweights + 1) * sizeof *more);
	if (!more) {
		o->lost = true;
		return name;
	}
	o->weights = more;
	struct weights *w = &more[o->nweights++];
	*w = (struct weights){.data = t->data, .bytes = (size_t)as_tensor_count(t) * as_dtype_size(t->dtype)};
	for (int i = 0; i < t->ndim; i++)
		as_proto_number(&w->head, T_DIM, t->shape[i]);
	as_proto_number(&w->head, T_TYPE, type_of(t->dtype));
	as_proto_text(&w->head, T_NAME, name);
	as_proto_head(&w->head, T_RAW, w->bytes);
	return name;
}

static void put_attr(struct as_proto *node, const struct as_onnx_attr *a)
{
	struct as_proto all = {.n = 0};
	bool ints = a->list || a->n > 1;
	as_proto_text(&all, A_NAME, a->name);
	if (!a->n)
		as_proto_float(&all, A_FLOAT, a->f);
	for (int i = 0; i < a->n; i++)
		as_proto_number(&all, ints ? A_INTS : A_INT, a->i[i]);
	as_proto_number(&all, A_TYPE, !a->n ? ATTR_FLOAT : ints ? ATTR_INTS : ATTR_INT);
	as_proto_put(node, N_ATTR, &all);
}

static void put_node(struct as_onnx *o, const char *op, const char *const *in, const struct as_onnx_attr *attr, int nout,
		     const char *const *out)
{
	struct as_proto node = {.n = 0};
	for (; *in; in++)
		as_proto_text(&node, N_INPUT, *in);
	for (int i = 0; i < nout; i++)
		as_proto_text(&node, N_OUTPUT, out[i]);
	as_proto_text(&node, N_NAME, out[0]);
	as_proto_text(&node, N_OP, op);
	for (; attr && attr->name; attr++)
		put_attr(&node, attr);
	as_proto_put(&o->nodes, G_NODE, &node);
	o->nnodes++;
}

const char *as_onnx_node(struct as_onnx *o, const char *op, const char *wanted, const char *const *in,
			 const struct as_onnx_attr *attr)
{
	const char *out = as_onnx_name(o, wanted);
	put_node(o, op, in, attr, 1, &out);
	return out;
}

void as_onnx_node2(struct as_onnx *o, const char *op, const char *wanted, const char *const *in, const struct as_onnx_attr *attr,
		   const char *out[2])
{
	for (int i = 0; i < 2; i++)
		out[i] = as_onnx_name(o, wanted);
	put_node(o, op, in, attr, 2, out);
}

/* --- the file --- */

static bool is_lost(const struct as_onnx *o, const struct as_proto *head)
{
	bool lost = o->lost || o->start.lost || o->nodes.lost || o->ports.lost || head->lost;
	for (int i = 0; i < o->nweights; i++)
		lost = lost || o->weights[i].head.lost;
	return lost;
}

/* All of the model but its graph. */
static void put_model(struct as_proto *p, const struct as_meta *meta, int m)
{
	struct as_proto opset = {.n = 0};
	as_proto_number(p, M_IR, IR_VERSION);
	as_proto_text(p, M_PRODUCER, "augself");
	as_proto_text(p, M_PRODUCER_VERSION, AS_VERSION);
	as_proto_number(&opset, OPSET_VERSION, AS_ONNX_OPSET);
	as_proto_put(p, M_OPSET, &opset);
	for (int i = 0; i < m; i++) {
		struct as_proto entry = {.n = 0};
		as_proto_text(&entry, ENTRY_KEY, meta[i].key);
		as_proto_text(&entry, ENTRY_VALUE, meta[i].value);
		as_proto_put(p, M_META, &entry);
	}
}

/* The bytes of the graph, whose tensors are fields of it. */
static uint64_t graph_bytes(const struct as_onnx *o)
{
	uint64_t n = o->start.n + o->nodes.n + o->ports.n;
	for (int i = 0; i < o->nweights; i++) {
		struct as_proto field = {.n = 0};
		as_proto_head(&field, G_TENSOR, o->weights[i].head.n + o->weights[i].bytes);
		n += field.n + o->weights[i].head.n + o->weights[i].bytes;
		as_proto_clear(&field);
	}
	return n;
}

static bool put(FILE *f, const void *at, size_t n)
{
	return !n || fwrite(at, 1, n, f) == n;
}

static bool put_weights(FILE *f, const struct weights *w)
{
	struct as_proto field = {.n = 0};
	as_proto_head(&field, G_TENSOR, w->head.n + w->bytes);
	bool good = !field.lost && put(f, field.at, field.n) && put(f, w->head.at, w->head.n) && put(f, w->data, w->bytes);
	as_proto_clear(&field);
	return good;
}

int as_onnx_write(const struct as_onnx *o, FILE *f, const struct as_meta *meta, int m, struct as_error *err)
{
	struct as_proto head = {.n = 0};
	uint64_t bytes = graph_bytes(o);
	put_model(&head, meta, m);
	as_proto_head(&head, M_GRAPH, bytes);
	int rc = 0;
	if (is_lost(o, &head))
		rc = as_fail(err, AS_EMEM, "memory: no room for the graph");
	else if (o->full)
		rc = as_fail(err, AS_EARG, "more than %d inputs or outputs", PORTS);
	else if (bytes + head.n > MAX_BYTES)
		rc = as_fail(err, AS_EARG, "%llu bytes, and an ONNX file has at most %d: a narrower network fits",
			     (unsigned long long)(bytes + head.n), MAX_BYTES);
	bool good = !rc && put(f, head.at, head.n) && put(f, o->start.at, o->start.n) && put(f, o->nodes.at, o->nodes.n);
	for (int i = 0; i < o->nweights && good; i++)
		good = put_weights(f, &o->weights[i]);
	good = good && put(f, o->ports.at, o->ports.n);
	as_proto_clear(&head);
	return rc || good ? rc : as_fail_errno(err, "write");
}
