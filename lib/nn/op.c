/* The table of operations. A new one is a file with its descriptor and a line here. */
#include "nn/op.h"

#include <stdio.h>

#include "base/text.h"

#define OPS(X)      \
	X(conv)     \
	X(norm)     \
	X(linear)   \
	X(maxpool)  \
	X(avgpool)  \
	X(layernorm)

#define DECLARE(name) extern const struct as_operation as_op_##name;
OPS(DECLARE)

#define POINT(name) &as_op_##name,
const struct as_operation *const as_ops[] = {OPS(POINT) NULL};

static const char *name_at(int i)
{
	return as_ops[i] ? as_ops[i]->name : NULL;
}

const struct as_operation *as_op_find(const char *name, struct as_error *err)
{
	int i = as_find("operation", name, name_at, err);
	return i < 0 ? NULL : as_ops[i];
}

void as_layer_add_param(struct as_net *net, struct as_layer *l, int slot, const char *name, const char *what, int ndim,
			const int64_t *shape, float fill, double bound, unsigned flags)
{
	char full[128];
	struct as_error err = {0};
	snprintf(full, sizeof full, "%s.%s", name, what);
	l->param[slot] = as_params_add(net->params, full, ndim, shape, fill, (float)bound, flags, &err);
	if (l->param[slot] < 0 && !net->failed.code)
		net->failed = err;
}

float *as_layer_value(const struct as_net *net, const struct as_layer *l, int slot)
{
	return l->param[slot] < 0 ? NULL : as_params_value(net->params, l->param[slot]);
}

float *as_layer_grad(const struct as_net *net, const struct as_layer *l, int slot)
{
	return l->param[slot] < 0 ? NULL : as_params_grad(net->params, l->param[slot]);
}
