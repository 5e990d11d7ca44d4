#include "ssl/roots.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { PREFIX = 200, ROOTS = 16 };

/* One ResNet in a file. */
struct root {
	char prefix[PREFIX];
	int layer1; /* the number of its first stage in a Sequential of its children; 0: it has names */
};

/* Whether this tensor can be a ResNet's first convolution. */
static bool takes_pixels(const struct as_tensor *t)
{
	return t && t->ndim == 4 && t->shape[1] == 3;
}

static bool has_block(const struct as_safetensors *s, const struct root *r)
{
	char name[PREFIX + 40];
	if (r->layer1)
		snprintf(name, sizeof name, "%s%d.0.conv1.weight", r->prefix, r->layer1);
	else
		snprintf(name, sizeof name, "%slayer1.0.conv1.weight", r->prefix);
	return as_safetensors_find(s, name);
}

/* Whether tensor i is PREFIX + stem, of a ResNet: children are conv1, bn1, perhaps a relu and
 * a pool, and the stages, or have these names. */
static bool is_root(const struct as_safetensors *s, int i, const char *stem, struct root *r)
{
	const char *name = as_safetensors_name(s, i);
	size_t all = strlen(name), end = strlen(stem), n = all - end;
	bool numbered = *stem == '0';
	if (all < end || n >= PREFIX || strcmp(name + n, stem) != 0 || (n && name[n - 1] != '.') ||
	    !takes_pixels(as_safetensors_at(s, i)))
		return false;
	memcpy(r->prefix, name, n);
	r->prefix[n] = 0;
	for (r->layer1 = numbered ? 2 : 0; !has_block(s, r); r->layer1++)
		if (!numbered || r->layer1 == 4)
			return false;
	return true;
}

/* All of them, the first ROOTS into the list. */
static int find_roots(const struct as_safetensors *s, struct root *list)
{
	static const char *const stems[] = {"conv1.weight", "0.weight"};
	struct root r;
	int n = 0;
	for (int i = 0; i < as_safetensors_count(s); i++)
		for (int k = 0; k < 2; k++)
			if (is_root(s, i, stems[k], &r) && n++ < ROOTS)
				list[n - 1] = r;
	return n;
}

/* Children by number get their names. What stands between bn1 and layer1 has no weights, or is
 * left over under a name that says so. */
static int name_children(struct as_safetensors *s, int layer1, struct as_error *err)
{
	int rc = 0;
	for (int i = 0; !rc && layer1 && i < layer1 + 4; i++) {
		char from[32], to[32];
		snprintf(from, sizeof from, "%d.", i);
		snprintf(to, sizeof to, "layer%d.", i - layer1 + 1);
		if (i < layer1)
			snprintf(to, sizeof to, "%s", i == 0 ? "conv1." : i == 1 ? "bn1." : "relu.");
		rc = as_safetensors_rename(s, from, to, err);
	}
	return rc;
}

static bool is_wanted(const char *prefix, const char *wanted)
{
	size_t n = strlen(wanted);
	return !strncmp(prefix, wanted, n) && (!prefix[n] || !strcmp(prefix + n, "."));
}

int as_enter_root(struct as_safetensors *s, const char *wanted, char *found, size_t room, bool *several,
		  struct as_error *err)
{
	struct root list[ROOTS];
	char known[220] = "", quoted[PREFIX + 2];
	int n = find_roots(s, list), at = 0, most = n < ROOTS ? n : ROOTS;
	if (!n)
		return as_fail(err, AS_EDATA, "is no ResNet: it has no conv1.weight of (k,3,r,r) with a layer1.0.conv1.weight "
			       "beside it");
	for (int i = 0; i < most; i++) {
		snprintf(quoted, sizeof quoted, "'%.*s'", PREFIX - 1, list[i].prefix);
		as_enlist(known, sizeof known, quoted);
	}
	while (wanted && at < most && !is_wanted(list[at].prefix, wanted))
		at++;
	if (at == most)
		return as_fail(err, AS_EARG, "prefix: no ResNet under '%.60s', only %s", wanted, known);
	if (!wanted && n > 1)
		return as_fail(err, AS_EARG, "holds %d ResNets, under %s: say which by --prefix", n, known);
	snprintf(found, room, "%s", list[at].prefix);
	*several = n > 1;
	as_safetensors_enter(s, list[at].prefix);
	return name_children(s, list[at].layer1, err);
}

/* Children of torchvision's ResNet up to the global average, and as others call them: what is
 * under such a name has a part in the features. */
static const char *const trunk[] = {"conv", "bn", "norm", "relu", "act", "maxpool", "avgpool", "layer"};

static bool in_trunk(const char *name)
{
	for (size_t i = 0; i < sizeof trunk / sizeof *trunk; i++) {
		size_t n = strlen(trunk[i]);
		if (strncmp(name, trunk[i], n) != 0)
			continue;
		n += strspn(name + n, "0123456789");
		if (!name[n] || name[n] == '.')
			return true;
	}
	return false;
}

const char *as_left_over(const struct as_safetensors *s, const char *head, const struct as_params *params)
{
	size_t n = head ? strlen(head) : 0;
	for (int i = 0; i < as_safetensors_count(s); i++) {
		const char *name = as_safetensors_name(s, i);
		bool matters = in_trunk(name) || (head && !strncmp(name, head, n));
		if (matters && as_params_find(params, name) < 0)
			return name;
	}
	return NULL;
}
