#include "nn/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char as_resnet_archs[] = "resnet18, resnet34, resnet50";

const struct as_stem as_resnet_stems[] = {
	{"cifar", 3, 1, false, false},
	{"imagenet", 7, 2, true, true},
	{0},
};

struct arch {
	const char *name;
	bool bottleneck;
	int blocks[4];
};

static const struct arch archs[] = {
	{"resnet18", false, {2, 2, 2, 2}},
	{"resnet34", false, {3, 4, 6, 3}},
	{"resnet50", true, {3, 4, 6, 3}},
};

static const struct arch *find(const char *name, struct as_error *err)
{
	for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
		if (!strcmp(archs[i].name, name))
			return &archs[i];
	as_fail(err, AS_EARG, "arch: '%.40s' is none of %s", name, as_resnet_archs);
	return NULL;
}

const struct as_stem *as_resnet_stem(const char *name, struct as_error *err)
{
	char known[64] = "";
	for (const struct as_stem *s = as_resnet_stems; s->name; s++) {
		if (!strcmp(s->name, name))
			return s;
		as_enlist(known, sizeof known, s->name);
	}
	as_fail(err, AS_EARG, "stem: '%.40s' is none of %s", name, known);
	return NULL;
}

/* conv and norm named PREFIX + CONV and PREFIX + NORM. */
static int conv_norm(struct as_net *net, int in, const char *prefix, const char *conv, const char *norm, int64_t k,
		     int64_t r, int64_t stride, int add, bool relu, float gamma)
{
	char name[64];
	snprintf(name, sizeof name, "%s%s", prefix, conv);
	int x = as_net_conv(net, in, name, k, r, stride, r / 2);
	snprintf(name, sizeof name, "%s%s", prefix, norm);
	return as_net_norm(net, x, name, add, relu, gamma);
}

/* One residual block, out channels wide; gamma of its last norm starts at 0, so that
 * the block starts as its shortcut. */
static int block(struct as_net *net, int in, const char *prefix, bool bottleneck, int64_t width, int64_t stride)
{
	int64_t out = bottleneck ? 4 * width : width;
	int shortcut = in, x;
	if (stride != 1 || net->buf[in].c != out)
		shortcut = conv_norm(net, in, prefix, "downsample.0", "downsample.1", out, 1, stride, -1, false, 1);
	if (bottleneck) {
		x = conv_norm(net, in, prefix, "conv1", "bn1", width, 1, 1, -1, true, 1);
		x = conv_norm(net, x, prefix, "conv2", "bn2", width, 3, stride, -1, true, 1);
		return conv_norm(net, x, prefix, "conv3", "bn3", out, 1, 1, shortcut, true, 0);
	}
	x = conv_norm(net, in, prefix, "conv1", "bn1", width, 3, stride, -1, true, 1);
	return conv_norm(net, x, prefix, "conv2", "bn2", width, 3, 1, shortcut, true, 0);
}

void as_resnet(struct as_net *net, const struct as_backbone *b, struct as_params *params, const struct as_engine *engine)
{
	as_net_init(net, "backbone", params, engine, b->size, b->size, 3);
	const struct arch *arch = find(b->arch, &net->failed);
	const struct as_stem *stem = arch ? as_resnet_stem(b->stem, &net->failed) : NULL;
	if (!stem)
		return;
	int64_t base = llround(64 * b->width);
	int x = conv_norm(net, 0, "", "conv1", "bn1", base, stem->r, stem->stride, -1, true, 1);
	if (stem->pool)
		x = as_net_maxpool(net, x);
	for (int stage = 0; stage < 4; stage++)
		for (int i = 0; i < arch->blocks[stage]; i++) {
			char prefix[32];
			snprintf(prefix, sizeof prefix, "layer%d.%d.", stage + 1, i);
			x = block(net, x, prefix, arch->bottleneck, base << stage, stage && !i ? 2 : 1);
		}
	as_net_avgpool(net, x);
}

void as_mlp(struct as_net *net, const char *prefix, const int64_t *width, int n, enum as_mlp_end end,
	    struct as_params *params, const struct as_engine *engine)
{
	as_net_init(net, prefix, params, engine, 1, 1, width[0]);
	int x = 0;
	for (int i = 1; i < n; i++) {
		char name[64];
		bool last = i == n - 1;
		snprintf(name, sizeof name, "%s.%d", prefix, 3 * (i - 1));
		x = as_net_linear(net, x, name, width[i], last && end == AS_MLP_BIAS);
		snprintf(name, sizeof name, "%s.%d", prefix, 3 * (i - 1) + 1);
		if (!last || end == AS_MLP_NORM)
			x = as_net_norm(net, x, name, -1, !last, 1);
	}
}
