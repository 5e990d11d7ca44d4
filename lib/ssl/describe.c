/* ssl-train --plan: what a step does and takes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ssl/inside.h"

static void layers(FILE *f, const struct as_net *net, int64_t *macs)
{
	for (int i = 0; i < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		const struct as_buf *in = &net->buf[l->in], *out = &net->buf[l->out];
		const char *name = l->kind == AS_MAXPOOL || l->kind == AS_AVGPOOL ? "" : net->params->list[l->weight].name;
		int64_t m = as_layer_macs(net, i);
		fprintf(f, "%-10s %-8s %4lldx%-4lldx%-5lld -> %4lldx%-4lldx%-5lld %14lld  %s\n", net->name,
			as_layer_name(net, i), (long long)in->h, (long long)in->w, (long long)in->c, (long long)out->h,
			(long long)out->w, (long long)out->c, (long long)m, name);
		*macs += m;
	}
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
	layers(f, &t->backbone, &macs);
	for (int i = 0; i < t->augself.nheads; i++)
		layers(f, &t->augself.head[i].net, &heads);
	double step = 6.0 * (double)t->recipe.batch * 2 * (double)(macs + heads);
	size_t flat = (size_t)(3 * t->params.weights + t->params.buffers) * sizeof(float);
	fprintf(f, "# backbone: %lld multiply-adds a view; a step of %lld images x %d views: %.1f Gflop with backward\n",
		(long long)macs, (long long)t->recipe.batch, AS_VIEWS, step / 1e9);
	fprintf(f, "# parameters: %lld in %d tensors, %.1f MiB with gradients and velocities\n",
		(long long)t->params.weights, t->params.n, (double)flat / 1048576);
	fprintf(f, "# activations, their gradients and scratch: %.1f MiB\n", (double)t->bytes / 1048576);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}
