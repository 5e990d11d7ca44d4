/* Policies as text, read and written. */
#include "aug/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const filters[] = {[AS_BILINEAR] = "bilinear", [AS_BICUBIC] = "bicubic"};

/* "crop scale_min=.2": the op's name, then settings. */
static int parse_op(const char *text, struct as_policy *p, struct as_error *err)
{
	struct as_pair pair;
	int rc = as_pair_next(&text, " \t", &pair, err);
	if (rc <= 0)
		return rc < 0 ? rc : as_fail(err, AS_EDATA, "op has no name");
	const struct as_aug *aug = as_aug_find(pair.name, err);
	if (!aug) {
		as_fail_within(err, "op");
		return err ? err->code = AS_EDATA : AS_EDATA; /* a text's fault, not the caller's */
	}
	struct as_law law;
	as_law_preset(aug, 1, &law);
	unsigned given = 0;
	while ((rc = as_pair_next(&text, " \t", &pair, err)) > 0) {
		int k = 0;
		while (k < aug->nsetting && strcmp(aug->setting[k].name, pair.name))
			k++;
		if (k == aug->nsetting)
			return as_fail(err, AS_EDATA, "op %s has no setting '%s'", aug->name, pair.name);
		if (given & 1u << k)
			return as_fail(err, AS_EDATA, "op %s: %s stands twice", aug->name, pair.name);
		given |= 1u << k;
		if (as_setting_read(&aug->setting[k], pair.value, &law.value[k], err) < 0)
			return as_fail_within(err, "op %s: %s", aug->name, pair.name);
	}
	const char *wrong = rc == 0 && aug->check ? aug->check(&law) : NULL;
	if (wrong)
		return as_fail(err, AS_EDATA, "op %s: %s", aug->name, wrong);
	return rc < 0 ? rc : as_policy_add(p, aug, &law, err);
}

static int parse_three(const char *text, double lo, double hi, float out[3], struct as_error *err)
{
	struct as_pair pair;
	double x;
	int rc, n = 0;
	while ((rc = as_pair_next(&text, " \t", &pair, err)) > 0) {
		if ((rc = as_parse_f64(pair.name, lo, hi, &x, err)) < 0)
			return rc;
		if (n < 3)
			out[n] = (float)x;
		n++;
	}
	if (rc < 0 || n != 3)
		return rc < 0 ? rc : as_fail(err, AS_EDATA, "%d numbers, not 3", n);
	return 0;
}

static int parse_filter(const char *text, struct as_policy *p, struct as_error *err)
{
	for (int f = AS_BILINEAR; f <= AS_BICUBIC; f++)
		if (!strcmp(text, filters[f])) {
			p->filter = (enum as_filter)f;
			return 0;
		}
	return as_fail(err, AS_EDATA, "'%s' is neither bilinear nor bicubic", text);
}

static int parse_name(const char *text, struct as_policy *p, struct as_error *err)
{
	if (strlen(text) >= sizeof p->name)
		return as_fail(err, AS_EDATA, "more than %zu characters", sizeof p->name - 1);
	strcpy(p->name, text);
	return 0;
}

static int parse_size(const char *text, struct as_policy *p, struct as_error *err)
{
	uint64_t size;
	int rc = as_parse_u64(text, 1, AS_MAX_SIDE, &size, err);
	if (rc == 0)
		p->size = (int)size;
	return rc;
}

static int parse_mean(const char *text, struct as_policy *p, struct as_error *err)
{
	return parse_three(text, -100, 100, p->mean, err);
}

static int parse_std(const char *text, struct as_policy *p, struct as_error *err)
{
	return parse_three(text, 1e-6, 100, p->std, err);
}

static const struct {
	const char *key;
	int (*parse)(const char *, struct as_policy *, struct as_error *);
	bool again; /* may stand more than once */
} keys[] = {{"name", parse_name, false}, {"size", parse_size, false},     {"mean", parse_mean, false},
	    {"std", parse_std, false},   {"filter", parse_filter, false}, {"op", parse_op, true}};
enum { KEYS = sizeof keys / sizeof *keys };

static int parse_line(char *line, struct as_policy *p, unsigned *given, struct as_error *err)
{
	line[strcspn(line, "#")] = 0;
	line = as_trim(line);
	if (!*line)
		return 0;
	char *value = strchr(line, '=');
	if (!value)
		return as_fail(err, AS_EDATA, "'%.40s' is not 'key = value'", line);
	*value++ = 0;
	const char *key = as_trim(line);
	for (int k = 0; k < KEYS; k++) {
		if (strcmp(keys[k].key, key))
			continue;
		if (*given & 1u << k && !keys[k].again)
			return as_fail(err, AS_EDATA, "%s stands twice", key);
		*given |= 1u << k;
		return keys[k].parse(as_trim(value), p, err) < 0 ? as_fail_within(err, "%s", key) : 0;
	}
	return as_fail(err, AS_EDATA, "no key is called '%.40s'", key);
}

int as_policy_parse(const char *text, struct as_policy *out, struct as_error *err)
{
	struct as_policy p = {.std = {1, 1, 1}};
	unsigned given = 0;
	int line = 1;
	for (const char *at = text; *at; line++) {
		char buf[512];
		size_t n = strcspn(at, "\n");
		if (n >= sizeof buf)
			return as_fail(err, AS_EDATA, "policy: line %d: too long", line);
		memcpy(buf, at, n);
		buf[n] = 0;
		if (parse_line(buf, &p, &given, err) < 0) {
			as_fail_within(err, "policy: line %d", line);
			return err ? err->code = AS_EDATA : AS_EDATA;
		}
		at += n + (at[n] == '\n');
	}
	if (!p.size || !p.nop)
		return as_fail(err, AS_EDATA, "policy: it has no %s", p.size ? "op" : "size");
	if (as_policy_resize(&p, p.size, err) < 0) { /* the size may have come after the ops */
		as_fail_within(err, "policy");
		return err ? err->code = AS_EDATA : AS_EDATA;
	}
	*out = p;
	return 0;
}

/* Text that grows by printing; at NULL after memory ran out. */
struct growing {
	char *at;
	size_t used, cap;
};

static void add(struct growing *g, const char *fmt, ...) AS_PRINTF(2, 3);
static void add(struct growing *g, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = g->at ? vsnprintf(g->at + g->used, g->cap - g->used, fmt, ap) : 0;
	va_end(ap);
	g->used += (size_t)n;
}

char *as_policy_text(const struct as_policy *p)
{
	/* The longest line is an op's: its name and eight settings of 60 characters. */
	struct growing g = {.cap = 1024 + (size_t)p->nop * 640};
	char b[3][32];
	g.at = malloc(g.cap);
	if (*p->name)
		add(&g, "name = %s\n", p->name);
	add(&g, "size = %d\n", p->size);
	add(&g, "mean = %s %s %s\n", as_format_f32(p->mean[0], b[0]), as_format_f32(p->mean[1], b[1]),
	    as_format_f32(p->mean[2], b[2]));
	add(&g, "std = %s %s %s\n", as_format_f32(p->std[0], b[0]), as_format_f32(p->std[1], b[1]),
	    as_format_f32(p->std[2], b[2]));
	add(&g, "filter = %s\n", filters[p->filter]);
	for (int i = 0; i < p->nop; i++) {
		const struct as_aug *aug = p->op[i].aug;
		add(&g, "op = %s", aug->name);
		for (int k = 0; k < aug->nsetting; k++)
			add(&g, " %s=%s", aug->setting[k].name, as_format_f64(p->op[i].law.value[k], b[0]));
		add(&g, "\n");
	}
	return g.at;
}
