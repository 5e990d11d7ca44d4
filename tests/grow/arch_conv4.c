/* Conv-4, the plain network of few-shot learning (Vinyals et al., "Matching Networks for One Shot Learning", NeurIPS
 * 2016): four blocks of a 3x3 convolution, batch norm, ReLU and max-pooling, 64 channels wide, times width - here with a
 * shortcut around the last three convolutions. The output is the global average. It names no stages. */
#include <math.h>
#include <stdio.h>

#include "nn/arch.h"

static const struct as_stem stems[] = {
	{"cifar", 3, 1, true, true},
	{0},
};

static void build(struct as_net *net, const struct as_arch *arch, const struct as_stem *stem, double width)
{
	int64_t wide = llround((double)arch->filters * width);
	int x = 0;
	for (int i = 1; i <= 4; i++) {
		char conv[32], norm[32];
		snprintf(conv, sizeof conv, "block%d.conv", i);
		snprintf(norm, sizeof norm, "block%d.norm", i);
		int y = as_net_layer(net, "conv", x, AS_NONE, conv,
				     (struct as_spec){.out = wide, .r = stem->r, .stride = stem->stride, .pad = stem->r / 2});
		y = as_net_layer(net, "norm", y, AS_NONE, norm, (struct as_spec){.gamma = 1, .relu = true});
		if (i > 1)
			y = as_net_layer(net, "sum", y, x, "", (struct as_spec){0});
		x = as_net_layer(net, "maxpool", y, AS_NONE, "", (struct as_spec){0});
	}
	as_net_layer(net, "avgpool", x, AS_NONE, "", (struct as_spec){0});
}

static bool recognise(const struct as_arch *arch, const struct as_safetensors *s)
{
	(void)arch;
	return as_safetensors_find(s, "block4.conv.weight") && !as_safetensors_find(s, "block5.conv.weight");
}

const struct as_arch as_arch_conv4 = {
	.name = "conv4",
	.stem = stems,
	.build = build,
	.first = "block1.conv.weight",
	.filters = 64,
	.marks = "a block1.conv.weight to block4.conv.weight",
	.children = (const char *const[]){"block", NULL},
	.recognise = recognise,
};
