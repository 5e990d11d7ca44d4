/* ssl-train --plan: what a step computes and how much memory it needs. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ssl/inside.h"

static void layers(FILE *f, const struct as_net *net, int64_t *macs)
{
	for (int i = 0; i < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		const struct as_buf *in = &net->buf[l->in[0]], *out = &net->buf[l->out];
		const char *name = as_layer_param(net, i);
		int64_t m = as_layer_macs(net, i);
		fprintf(f, "%-10s %-8s %4lldx%-4lldx%-5lld -> %4lldx%-4lldx%-5lld %14lld  %s\n", net->name,
			as_layer_name(net, i), (long long)in->h, (long long)in->w, (long long)in->c, (long long)out->h,
			(long long)out->w, (long long)out->c, (long long)m, name);
		*macs += m;
	}
}

static int64_t backbone_macs(const struct as_net *net)
{
	int64_t macs = 0;
	for (int i = 0; i < net->nlayer; i++)
		macs += as_layer_macs(net, i);
	return macs;
}

/* Multiply-adds for a view in the linear layers of the method and of the heads. */
static int64_t linear_macs(const struct as_params *p)
{
	int64_t macs = 0;
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		macs += q->ndim == 2 && !(q->flags & AS_P_BUFFER) ? q->count : 0;
	}
	return macs;
}

/* Flops of a group of views through its networks; a network with a gradient needs three times its forward
 * multiply-adds. */
static double group_flops(const struct as_trainer *t, int g, double online, double ema)
{
	const struct as_group *group = &t->layout.group[g];
	double rows = (double)as_layout_rows(&t->layout, g);
	return rows * ((group->online ? 6 * online : 0) + (group->ema ? 2 * ema : 0));
}

/* Flops of a step: 2 for each multiply-add in forward, twice as many in backward; the momentum network has
 * no backward. The heads see a pair of views in both orders. */
static double step_flops(const struct as_trainer *t, int64_t own, int64_t heads)
{
	double sum = (double)t->recipe.batch * 6 * AS_PAIR * (double)heads;
	for (int g = 0; g < t->layout.ngroups; g++) {
		double backbone = (double)backbone_macs(&t->trunk[t->trunk_of[g]].net);
		sum += group_flops(t, g, backbone + (double)own, backbone + (double)linear_macs(&t->ema));
	}
	return sum;
}

char *as_trainer_describe(const struct as_trainer *t)
{
	char *text = NULL;
	size_t size = 0;
	int64_t macs = 0, heads = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	fprintf(f, "# net        op       input (h x w x c)   -> output              multiply-adds  parameter\n");
	for (int i = 0; i < t->ntrunks; i++)
		layers(f, &t->trunk[i].net, &macs);
	for (int i = 0; i < t->augself.nheads; i++)
		layers(f, &t->augself.head[i].net, &heads);
	int64_t own = linear_macs(&t->params) - heads;
	int64_t copies = 1 + t->engine.grains + as_optimizer_slots(t->optimizer);
	int64_t flat = copies * t->params.weights + t->params.buffers + t->ema.weights + t->ema.buffers;
	fprintf(f, "# multiply-adds a view: %lld backbone, %lld %s, %lld heads\n", (long long)macs, (long long)own,
		t->method->name, (long long)heads);
	fprintf(f, "# a step of %lld images: %.1f Gflop with backward\n", (long long)t->recipe.batch,
		step_flops(t, own, heads) / 1e9);
	fprintf(f, "# parameters: %lld in %d tensors, %.1f MiB with gradients, what the optimizer keeps, and momentum network\n",
		(long long)t->params.weights, t->params.n, (double)flat * sizeof(float) / 1048576);
	fprintf(f, "# activations, their gradients and scratch: %.1f MiB\n", (double)t->bytes / 1048576);
	fprintf(f, "# in all: %.1f MiB, with two batches of views\n", (double)as_trainer_bytes(t) / 1048576);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}
