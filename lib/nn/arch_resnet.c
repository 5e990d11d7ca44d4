/* ResNet (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016) as torchvision builds it
 * (v1.5: the 3x3 convolution of a bottleneck has its stride), with torchvision's names, up to the global
 * average: the output is 512 or 2048 wide, times width. Its four stages are the points layer1 to layer4. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/arch.h"

static const struct as_stem stems[] = {
	{"cifar", 3, 1, false, false},
	{"imagenet", 7, 2, true, true},
	{0},
};

struct form {
	bool bottleneck;
	int blocks[4];
};

/* --- building --- */

/* A convolution and a batch norm, named PREFIX + CONV and PREFIX + NORM. */
static int conv_norm(struct as_net *net, int in, const char *prefix, const char *conv, const char *norm, int64_t k,
		     int64_t r, int64_t stride, int add, bool relu, float gamma)
{
	char name[64];
	snprintf(name, sizeof name, "%s%s", prefix, conv);
	int x = as_net_layer(net, "conv", in, AS_NONE, name, (struct as_spec){.out = k, .r = r, .stride = stride, .pad = r / 2});
	snprintf(name, sizeof name, "%s%s", prefix, norm);
	return as_net_layer(net, "norm", x, add, name, (struct as_spec){.gamma = gamma, .relu = relu});
}

/* One residual block. gamma of its last norm starts at 0, so at the start the block is only its shortcut. */
static int block(struct as_net *net, int in, const char *prefix, bool bottleneck, int64_t width, int64_t stride)
{
	int64_t out = bottleneck ? 4 * width : width;
	int shortcut = in, x;
	if (stride != 1 || net->buf[in].c != out)
		shortcut = conv_norm(net, in, prefix, "downsample.0", "downsample.1", out, 1, stride, AS_NONE, false, 1);
	if (bottleneck) {
		x = conv_norm(net, in, prefix, "conv1", "bn1", width, 1, 1, AS_NONE, true, 1);
		x = conv_norm(net, x, prefix, "conv2", "bn2", width, 3, stride, AS_NONE, true, 1);
		return conv_norm(net, x, prefix, "conv3", "bn3", out, 1, 1, shortcut, true, 0);
	}
	x = conv_norm(net, in, prefix, "conv1", "bn1", width, 3, stride, AS_NONE, true, 1);
	return conv_norm(net, x, prefix, "conv2", "bn2", width, 3, 1, shortcut, true, 0);
}

static void build(struct as_net *net, const struct as_arch *arch, const struct as_stem *stem, double width)
{
	const struct form *form = arch->form;
	int64_t base = llround(64 * width);
	int x = conv_norm(net, 0, "", "conv1", "bn1", base, stem->r, stem->stride, AS_NONE, true, 1);
	if (stem->pool)
		x = as_net_layer(net, "maxpool", x, AS_NONE, "", (struct as_spec){0});
	for (int stage = 0; stage < 4; stage++) {
		char name[32];
		for (int i = 0; i < form->blocks[stage]; i++) {
			snprintf(name, sizeof name, "layer%d.%d.", stage + 1, i);
			x = block(net, x, name, form->bottleneck, base << stage, stage && !i ? 2 : 1);
		}
		snprintf(name, sizeof name, "layer%d", stage + 1);
		as_net_point(net, x, name);
	}
	as_net_layer(net, "avgpool", x, AS_NONE, "", (struct as_spec){0});
}

/* --- in files --- */

static bool has_third(const struct as_safetensors *s, int block)
{
	char name[40];
	snprintf(name, sizeof name, "layer3.%d.conv1.weight", block);
	return as_safetensors_find(s, name);
}

/* Looks at the number of blocks in the third stage, and whether blocks have three convolutions. If other
 * tensors are missing, loading reports them. */
static bool recognise(const struct as_arch *arch, const struct as_safetensors *s)
{
	const struct form *form = arch->form;
	int third = form->blocks[2];
	return as_safetensors_find(s, "layer1.0.conv1.weight") &&
	       form->bottleneck == (as_safetensors_find(s, "layer1.0.conv3.weight") != NULL) && !has_third(s, third) &&
	       (third == 2 || has_third(s, third - 1));
}

/* Whether this tensor can be the first convolution, which reads RGB. */
static bool reads_pixels(const struct as_tensor *t)
{
	return t && t->ndim == 4 && t->shape[1] == 3;
}

/* shift: the number of the first stage if the ResNet's children are numbered in a Sequential; 0 if they
 * have names. */
static bool has_block(const struct as_safetensors *s, const struct as_root *r)
{
	char name[sizeof r->prefix + 40];
	if (r->shift)
		snprintf(name, sizeof name, "%s%d.0.conv1.weight", r->prefix, r->shift);
	else
		snprintf(name, sizeof name, "%slayer1.0.conv1.weight", r->prefix);
	return as_safetensors_find(s, name);
}

/* Whether tensor i is PREFIX + first of a ResNet: its children are conv1, bn1, perhaps a relu and a pool,
 * and the stages; they have these names or numbers. */
static bool is_root(const struct as_safetensors *s, int i, const char *first, struct as_root *r)
{
	const char *name = as_safetensors_name(s, i);
	size_t all = strlen(name), end = strlen(first), n = all - end;
	bool numbered = *first == '0';
	if (all < end || n >= sizeof r->prefix || strcmp(name + n, first) != 0 || (n && name[n - 1] != '.') ||
	    !reads_pixels(as_safetensors_at(s, i)))
		return false;
	memcpy(r->prefix, name, n);
	r->prefix[n] = 0;
	for (r->shift = numbered ? 2 : 0; !has_block(s, r); r->shift++)
		if (!numbered || r->shift == 4)
			return false;
	return true;
}

static bool find_root(const struct as_safetensors *s, int i, struct as_root *r)
{
	return is_root(s, i, "conv1.weight", r) || is_root(s, i, "0.weight", r);
}

/* Renames numbered children. Modules between bn1 and layer1 have no weights; if one has, it is reported as
 * left over. */
static int rename_children(struct as_safetensors *s, const struct as_root *r, struct as_error *err)
{
	int rc = 0;
	for (int i = 0; !rc && r->shift && i < r->shift + 4; i++) {
		char from[32], to[32];
		snprintf(from, sizeof from, "%d.", i);
		snprintf(to, sizeof to, "layer%d.", i - r->shift + 1);
		if (i < r->shift)
			snprintf(to, sizeof to, "%s", i == 0 ? "conv1." : i == 1 ? "bn1." : "relu.");
		rc = as_safetensors_rename(s, from, to, err);
	}
	return rc;
}

/* torchvision's names of children up to the global average, and names that others use. */
static const char *const children[] = {"conv", "bn", "norm", "relu", "act", "maxpool", "avgpool", "layer", NULL};

#define RESNET(NAME, BOTTLENECK, ...)                                                                                  \
	const struct as_arch as_arch_##NAME = {                                                                        \
		.name = #NAME,                                                                                         \
		.stem = stems,                                                                                         \
		.form = &(const struct form){BOTTLENECK, {__VA_ARGS__}},                                               \
		.build = build,                                                                                        \
		.first = "conv1.weight",                                                                               \
		.filters = 64,                                                                                         \
		.marks = "a conv1.weight of (k,3,r,r) with a layer1.0.conv1.weight beside it",                         \
		.children = children,                                                                                  \
		.recognise = recognise,                                                                                \
		.find_root = find_root,                                                                                \
		.rename = rename_children,                                                                             \
	}

RESNET(resnet18, false, 2, 2, 2, 2);
RESNET(resnet34, false, 3, 4, 6, 3);
RESNET(resnet50, true, 3, 4, 6, 3);
