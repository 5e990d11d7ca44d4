#include "nn/mlp.h"

#include <stdio.h>

void as_mlp(struct as_net *net, const char *prefix, const int64_t *width, int n, enum as_mlp_end end,
	    struct as_params *params, const struct as_engine *engine)
{
	as_net_init(net, prefix, params, engine, 1, 1, width[0]);
	int x = 0;
	for (int i = 1; i < n; i++) {
		char name[64];
		bool last = i == n - 1;
		snprintf(name, sizeof name, "%s.%d", prefix, 3 * (i - 1));
		x = as_net_layer(net, "linear", x, AS_NONE, name,
				 (struct as_spec){.out = width[i], .bias = last && end == AS_MLP_BIAS});
		snprintf(name, sizeof name, "%s.%d", prefix, 3 * (i - 1) + 1);
		if (!last || end == AS_MLP_NORM)
			x = as_net_layer(net, "norm", x, AS_NONE, name, (struct as_spec){.relu = !last, .gamma = 1});
	}
}
