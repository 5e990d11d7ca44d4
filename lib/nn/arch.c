/* The table of architectures. A new one is a file with its descriptor and a line here. */
#include "nn/arch.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The first is the default. */
#define ARCHS(X)    \
	X(resnet18) \
	X(resnet34) \
	X(resnet50)

#define DECLARE(name) extern const struct as_arch as_arch_##name;
ARCHS(DECLARE)

#define POINT(name) &as_arch_##name,
const struct as_arch *const as_archs[] = {ARCHS(POINT) NULL};

enum { MAX_FILTERS = 4096 /* of the first convolution: a wider one is refused */, ROOTS = 16 };

static const char *name_at(int i)
{
	return as_archs[i] ? as_archs[i]->name : NULL;
}

const struct as_arch *as_arch_find(const char *name, struct as_error *err)
{
	int i = as_find("arch", name, name_at, err);
	return i < 0 ? NULL : as_archs[i];
}

const struct as_stem *as_arch_stem(const struct as_arch *arch, const char *name, struct as_error *err)
{
	char known[64] = "";
	for (const struct as_stem *s = arch->stem; s->name; s++) {
		if (!strcmp(s->name, name))
			return s;
		as_enlist(known, sizeof known, s->name);
	}
	as_fail(err, AS_EARG, "stem: '%.40s' is none of %s%s", name, known, as_near(name, known, &(struct as_hint){0}));
	return NULL;
}

void as_backbone_build(struct as_net *net, const struct as_backbone *b, struct as_params *params,
		       const struct as_engine *engine)
{
	as_net_init(net, "backbone", params, engine, b->size, b->size, 3);
	const struct as_arch *arch = as_arch_find(b->arch, &net->failed);
	const struct as_stem *stem = arch ? as_arch_stem(arch, b->stem, &net->failed) : NULL;
	if (stem)
		arch->build(net, arch, stem, b->width);
	const struct as_buf *out = &net->buf[net->out];
	if (!net->failed.code && (out->h != 1 || out->w != 1))
		as_fail(&net->failed, AS_EARG, "arch: %s ends with a map of %lldx%lld pixels, not with one vector; avgpool makes one of it",
			arch->name, (long long)out->h, (long long)out->w);
}

/* --- networks in files --- */

static bool find_root(const struct as_arch *arch, const struct as_safetensors *s, int i, struct as_root *r)
{
	if (arch->find_root)
		return arch->find_root(s, i, r);
	*r = (struct as_root){.shift = 0};
	return !strcmp(as_safetensors_name(s, i), arch->first) && arch->recognise(arch, s);
}

/* One network of a file. */
struct found {
	const struct as_arch *arch;
	struct as_root root;
};

/* Finds all networks; the first ROOTS go into the list. */
static int find_roots(const struct as_safetensors *s, struct found *list)
{
	struct as_root r;
	int n = 0;
	for (int i = 0; i < as_safetensors_count(s); i++)
		for (int a = 0; as_archs[a]; a++)
			if (find_root(as_archs[a], s, i, &r)) {
				if (n++ < ROOTS)
					list[n - 1] = (struct found){as_archs[a], r};
				break;
			}
	return n;
}

/* The error for a file without a network that is known here. */
static int no_network(struct as_error *err)
{
	char known[128] = "", marks[256] = "";
	for (int a = 0; as_archs[a]; a++) {
		as_enlist(known, sizeof known, as_archs[a]->name);
		if (!strstr(marks, as_archs[a]->marks))
			as_enlist(marks, sizeof marks, as_archs[a]->marks);
	}
	return as_fail(err, AS_EDATA, "is not a network that is known here, which are %s: these have %s", known, marks);
}

static bool is_wanted(const char *prefix, const char *wanted)
{
	size_t n = strlen(wanted);
	return !strncmp(prefix, wanted, n) && (!prefix[n] || !strcmp(prefix + n, "."));
}

int as_arch_enter(struct as_safetensors *s, const char *wanted, char *found, size_t room, bool *several,
		  struct as_error *err)
{
	struct found list[ROOTS], *f = list;
	char known[220] = "", quoted[sizeof list->root.prefix + 2];
	int n = find_roots(s, list), most = n < ROOTS ? n : ROOTS;
	if (!n)
		return no_network(err);
	for (int i = 0; i < most; i++) {
		snprintf(quoted, sizeof quoted, "'%s'", list[i].root.prefix);
		as_enlist(known, sizeof known, quoted);
	}
	while (wanted && f < list + most && !is_wanted(f->root.prefix, wanted))
		f++;
	if (f == list + most)
		return as_fail(err, AS_EARG, "prefix: no network under '%.60s', only %s", wanted, known);
	if (!wanted && n > 1)
		return as_fail(err, AS_EARG, "holds %d networks, under %s: choose one by --prefix", n, known);
	snprintf(found, room, "%s", f->root.prefix);
	*several = n > 1;
	as_safetensors_enter(s, f->root.prefix);
	return f->arch->rename ? f->arch->rename(s, &f->root, err) : 0;
}

/* Which stem has r x r filters: the one that is asked for, or the one that r alone decides. */
static int find_stem(const struct as_arch *arch, const char *said, int64_t r, struct as_backbone *b, struct as_error *err)
{
	const struct as_stem *stem = arch->stem;
	if (said && !as_arch_stem(arch, said, err))
		return AS_EARG;
	while (stem->name && stem->r != r)
		stem++;
	if (!stem->name)
		return as_fail(err, AS_EDATA, "its first convolution is %lldx%lld: no %s known here has that", (long long)r,
			       (long long)r, arch->name);
	if (!said && !stem->usual)
		return as_fail(err, AS_EARG, "its first convolution is %lldx%lld, of which a file cannot tell stride, padding and "
			       "pooling: if they are %lld, %lld and none, say --stem %s", (long long)r, (long long)r,
			       (long long)stem->stride, (long long)r / 2, stem->name);
	snprintf(b->stem, sizeof b->stem, "%s", said ? said : stem->name);
	return 0;
}

int as_arch_recognise(const struct as_safetensors *s, const char *stem, struct as_backbone *b, struct as_error *err)
{
	int a = 0;
	while (as_archs[a] && !(as_safetensors_find(s, as_archs[a]->first) && as_archs[a]->recognise(as_archs[a], s)))
		a++;
	const struct as_arch *arch = as_archs[a];
	if (!arch)
		return no_network(err);
	const struct as_tensor *t = as_safetensors_find(s, arch->first);
	if (t->ndim != 4 || t->shape[0] < 1 || t->shape[0] > MAX_FILTERS)
		return as_fail(err, AS_EDATA, "is no %s: its %s is not of 1 to %d filters", arch->name, arch->first, MAX_FILTERS);
	snprintf(b->arch, sizeof b->arch, "%s", arch->name);
	b->width = (double)t->shape[0] / (double)arch->filters;
	return find_stem(arch, stem, t->shape[2], b, err);
}

static bool is_child(const char *name, const char *const *children)
{
	for (; *children; children++) {
		size_t n = strlen(*children);
		if (strncmp(name, *children, n) != 0)
			continue;
		n += strspn(name + n, "0123456789");
		if (!name[n] || name[n] == '.')
			return true;
	}
	return false;
}

const char *as_arch_left_over(const char *arch, const struct as_safetensors *s, const char *head,
			      const struct as_params *params)
{
	const struct as_arch *a = as_arch_find(arch, NULL);
	size_t n = head ? strlen(head) : 0;
	for (int i = 0; a && i < as_safetensors_count(s); i++) {
		const char *name = as_safetensors_name(s, i);
		bool matters = is_child(name, a->children) || (head && !strncmp(name, head, n));
		if (matters && as_params_find(params, name) < 0)
			return name;
	}
	return NULL;
}
