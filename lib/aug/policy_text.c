/* Reads and writes policies as text. */
#include "aug/roles.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const filters[] = {[AS_BILINEAR] = "bilinear", [AS_BICUBIC] = "bicubic"};

/* Reads "crop scale_min=.2": the op's name, then its settings. */
static int parse_op(const char *text, struct as_policy *p, struct as_error *err)
{
	struct as_pair pair;
	int rc = as_pair_next(&text, " \t", &pair, err);
	if (rc <= 0)
		return rc < 0 ? rc : as_fail(err, AS_EDATA, "op has no name");
	const struct as_aug *aug = as_aug_find(pair.name, err);
	if (!aug) {
		as_fail_within(err, "op");
		return as_fail_code(err, AS_EDATA);
	}
	struct as_law law;
	as_law_preset(aug, 1, &law);
	unsigned given = 0;
	while ((rc = as_pair_next(&text, " \t", &pair, err)) > 0) {
		int k = as_setting_find(aug->name, aug->setting, aug->nsetting, pair.name, err);
		if (k < 0)
			return as_fail_code(err, AS_EDATA);
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
		if (*pair.value)
			return as_fail(err, AS_EDATA, "'%s=%s' is no number", pair.name, pair.value);
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

/* The lines that a role may have. A role without such a line takes over the first role's. */
static const struct {
	const char *key;
	int (*parse)(const char *, struct as_policy *, struct as_error *);
	bool again; /* may occur more than once in a role */
} keys[] = {{"name", parse_name, false}, {"size", parse_size, false},     {"mean", parse_mean, false},
	    {"std", parse_std, false},   {"filter", parse_filter, false}, {"op", parse_op, true}};
enum { KEYS = sizeof keys / sizeof *keys, NAME = 1 /* the bit of the first */ };

/* The state of reading a text. */
struct reading {
	struct as_roles roles; /* the lines being read belong to role roles.n - 1 */
	unsigned given;        /* bits of its keys so far */
};

static struct as_policy *current(struct reading *r)
{
	return &r->roles.role[r->roles.n - 1];
}

/* Checks a role whose lines are all read: it must have the required ones, in any order. */
static int end_role(struct reading *r, struct as_error *err)
{
	struct as_policy *p = current(r);
	const char *which = r->roles.n > 1 ? p->role : "it";
	if (!p->size || !p->nop)
		return as_fail(err, AS_EDATA, "%s has no %s", which, p->size ? "op" : "size");
	return as_policy_resize(p, p->size, err); /* the size may have come after the ops */
}

static bool is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return n && n < AS_ROLE_NAME && !s[n] && (s[0] < '0' || s[0] > '9');
}

/* Begins the role for the lines that follow: a new one, or the first role if it had no lines yet. */
static int begin_role(struct reading *r, const char *name, struct as_error *err)
{
	struct as_roles *all = &r->roles;
	struct as_policy *p = current(r);
	if (!is_name(name))
		return as_fail(err, AS_EDATA, "'%.40s' is not a name of small letters, digits and '-', at most %d", name,
			       AS_ROLE_NAME - 1);
	if (r->given & ~(unsigned)NAME || p->count) {
		int rc = end_role(r, err);
		if (rc)
			return as_fail_within(err, "the role '%s' before", p->role);
		if (all->n == AS_MAX_ROLES)
			return as_fail(err, AS_EDATA, "more than %d roles", AS_MAX_ROLES);
		if (as_roles_find(all, name) >= 0)
			return as_fail(err, AS_EDATA, "'%s' stands twice", name);
		const struct as_policy *first = &all->role[0];
		p = &all->role[all->n++];
		*p = (struct as_policy){.size = first->size, .filter = first->filter};
		memcpy(p->mean, first->mean, sizeof p->mean);
		memcpy(p->std, first->std, sizeof p->std);
		strcpy(p->name, first->name);
		r->given = NAME; /* the name belongs to the whole text */
	}
	strcpy(p->role, name);
	return 0;
}

/* Reads "small count=1". */
static int parse_role(const char *text, struct reading *r, struct as_error *err)
{
	struct as_pair pair;
	int rc = as_pair_next(&text, " \t", &pair, err);
	if (rc > 0 && *pair.value)
		rc = 0;
	if (rc <= 0)
		return rc < 0 ? rc : as_fail(err, AS_EDATA, "it has no name");
	rc = begin_role(r, pair.name, err);
	uint64_t count = 0;
	while (!rc && (rc = as_pair_next(&text, " \t", &pair, err)) > 0) {
		if (strcmp(pair.name, "count"))
			return as_fail(err, AS_EDATA, "'%s' is not known here, only count", pair.name);
		if (count)
			return as_fail(err, AS_EDATA, "count stands twice");
		if ((rc = as_parse_u64(pair.value, 1, AS_MAX_VIEWS, &count, err)) < 0)
			return as_fail_within(err, "count");
	}
	current(r)->count = count ? (int)count : 1;
	return rc;
}

/* What keeps op i of p from having the draw that `other` gives: both draw it by the same law, so that its omega
 * means the same. */
static int check_share(const struct as_policy *p, int i, const struct as_policy *other, bool records, struct as_error *err)
{
	const struct as_op *op = &p->op[i];
	int j = as_policy_find(other, op->aug->name);
	unsigned given = records ? 0 : p->shares.own | (other == p ? 0 : p->shares.together);
	for (int r = 0; r < AS_MAX_ROLES; r++)
		given |= p->shares.with[r];
	if (j < 0)
		return as_fail(err, AS_EARG, "the role '%s' has no op '%s'", other->role, op->aug->name);
	if (given >> i & 1)
		return as_fail(err, AS_EARG, "op %s has its draw from elsewhere already", op->aug->name);
	for (int k = 0; k < op->aug->nsetting; k++)
		if (op->law.value[k] != other->op[j].law.value[k])
			return as_fail(err, AS_EARG, "op %s: %s is not as in the role '%s', whose draw it would have", op->aug->name,
				       op->aug->setting[k].name, other->role);
	return 0;
}

/* The bits of the ops "crop,color", each of which may share. */
static int read_shared(const struct as_policy *p, const char *names, const struct as_policy *other, bool records,
		       unsigned *bits, struct as_error *err)
{
	struct as_pair op;
	int rc;
	*bits = 0;
	while ((rc = as_pair_next(&names, ",", &op, err)) > 0) {
		int i = as_policy_find(p, op.name);
		if (i < 0 || *op.value)
			return as_fail(err, AS_EARG, "the role '%s' has no op '%s%s%s' above this", p->role, op.name,
				       *op.value ? "=" : "", op.value);
		if ((rc = check_share(p, i, other, records, err)) < 0)
			return rc;
		*bits |= 1u << i;
	}
	return rc || *bits ? rc : as_fail(err, AS_EARG, "no ops are named");
}

int as_roles_share(struct as_roles *all, int role, const char *text, struct as_error *err)
{
	struct as_shares *s = &all->role[role].shares;
	const char *ops = strchr(text, ':');
	char whom[AS_ROLE_NAME] = "";
	if (ops && (size_t)(ops - text) < sizeof whom)
		memcpy(whom, text, (size_t)(ops - text));
	if (!*whom)
		return as_fail(err, AS_EARG, "'%.40s' is not WITH:op,op with a role or a number of records", text);
	bool records = *whom >= '0' && *whom <= '9';
	uint64_t n = 0;
	int rc = records ? as_parse_u64(whom, 2, 1024, &n, err) : 0, with = records ? role : as_roles_find(all, whom);
	if (!rc && (with < 0 || with > role))
		rc = as_fail(err, AS_EARG, "'%s' is neither this role nor one before it", whom);
	if (!rc && records && s->records && s->records != (int)n)
		rc = as_fail(err, AS_EARG, "%d records and %d: a role shares with one number of them", s->records, (int)n);
	unsigned bits = 0;
	rc = rc ? rc : read_shared(&all->role[role], ops + 1, &all->role[with], records, &bits, err);
	if (rc)
		return rc;
	if (records)
		s->records = (int)n;
	*(records ? &s->together : with == role ? &s->own : &s->with[with]) |= bits;
	return 0;
}

static int no_key(const char *name, struct as_error *err)
{
	char known[160] = "role, share";
	for (int k = 0; k < KEYS; k++)
		as_enlist(known, sizeof known, keys[k].key);
	return as_fail(err, AS_EDATA, "no key is called '%.40s'%s", name, as_near(name, known, &(struct as_hint){0}));
}

static int parse_line(const struct as_line *line, struct reading *r, struct as_error *err)
{
	int rc, k = 0;
	while (k < KEYS && strcmp(keys[k].key, line->name))
		k++;
	if (k < KEYS && r->given & 1u << k && !keys[k].again)
		return as_fail(err, AS_EDATA, k || r->roles.n == 1 ? "%s stands twice" : "%s stands before the second role", line->name);
	if (k < KEYS) {
		r->given |= 1u << k;
		rc = keys[k].parse(line->value, current(r), err);
	} else if (!strcmp(line->name, "role")) {
		rc = parse_role(line->value, r, err);
	} else if (!strcmp(line->name, "share")) {
		rc = as_roles_share(&r->roles, r->roles.n - 1, line->value, err);
	} else {
		return no_key(line->name, err);
	}
	return rc < 0 ? as_fail_within(err, "%s", line->name) : 0;
}

int as_roles_parse(const char *text, struct as_roles *out, struct as_error *err)
{
	struct reading r = {.roles = {.n = 1, .role = {{.role = "view", .std = {1, 1, 1}}}}};
	struct as_line line = {.number = 0};
	int rc;
	while ((rc = as_line_next(&text, &line, err)) > 0 && (rc = parse_line(&line, &r, err)) == 0)
		;
	if (rc < 0) {
		as_fail_within(err, "policy: line %d", line.number);
		return as_fail_code(err, AS_EDATA);
	}
	if (end_role(&r, err) < 0 || as_roles_number(&r.roles, err) < 0) {
		as_fail_within(err, "policy");
		return as_fail_code(err, AS_EDATA);
	}
	*out = r.roles;
	return 0;
}

int as_policy_parse(const char *text, struct as_policy *out, struct as_error *err)
{
	struct as_roles r;
	int rc = as_roles_parse(text, &r, err);
	if (!rc && r.n > 1)
		rc = as_fail(err, AS_EDATA, "policy: it has %d roles, where one is expected", r.n);
	if (!rc)
		*out = r.role[0];
	return rc;
}

/* A text that grows as it is printed; at is NULL after memory has run out. */
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

static void add_three(struct growing *g, const char *key, const float x[3])
{
	char b[3][32];
	add(g, "%s = %s %s %s\n", key, as_format_f32(x[0], b[0]), as_format_f32(x[1], b[1]), as_format_f32(x[2], b[2]));
}

static void add_op(struct growing *g, const struct as_op *op)
{
	char b[32];
	add(g, "op = %s", op->aug->name);
	for (int k = 0; k < op->aug->nsetting; k++)
		add(g, " %s=%s", op->aug->setting[k].name, as_format_f64(op->law.value[k], b));
	add(g, "\n");
}

/* Adds "crop,color" and the end of the line. */
static void add_names(struct growing *g, const struct as_policy *p, unsigned ops)
{
	const char *comma = "";
	for (int i = 0; i < p->nop; i++) {
		if (!(ops >> i & 1))
			continue;
		add(g, "%s%s", comma, p->op[i].aug->name);
		comma = ",";
	}
	add(g, "\n");
}

static void add_share(struct growing *g, const struct as_policy *p, const char *with, unsigned ops)
{
	if (!ops)
		return;
	add(g, "share = %s:", with);
	add_names(g, p, ops);
}

static void add_shares(struct growing *g, const struct as_roles *all, const struct as_policy *p)
{
	char records[24];
	snprintf(records, sizeof records, "%d", p->shares.records);
	for (int r = 0; r < all->n; r++)
		add_share(g, p, all->role[r].role, p->shares.with[r]);
	add_share(g, p, records, p->shares.together);
	add_share(g, p, p->role, p->shares.own);
}

/* For a role after the first, writes mean, std and filter only if they differ from the first's. */
static void add_role(struct growing *g, const struct as_roles *all, int i)
{
	const struct as_policy *p = &all->role[i], *first = &all->role[0];
	if (!i && *p->name)
		add(g, "name = %s\n", p->name);
	if (i || !as_roles_usual(all))
		add(g, "role = %s count=%d\n", p->role, p->count);
	add(g, "size = %d\n", p->size);
	if (!i || memcmp(p->mean, first->mean, sizeof p->mean))
		add_three(g, "mean", p->mean);
	if (!i || memcmp(p->std, first->std, sizeof p->std))
		add_three(g, "std", p->std);
	if (!i || p->filter != first->filter)
		add(g, "filter = %s\n", filters[p->filter]);
	for (int k = 0; k < p->nop; k++)
		add_op(g, &p->op[k]);
	add_shares(g, all, p);
}

char *as_roles_text(const struct as_roles *all)
{
	/* The longest lines of a role are its ops', a name and eight settings of 60 characters, and its
	 * shares. */
	struct growing g = {.cap = (size_t)all->n * (1024 + AS_MAX_OPS * (640 + (2 + AS_MAX_ROLES) * 32))};
	g.at = malloc(g.cap);
	for (int i = 0; i < all->n; i++)
		add_role(&g, all, i);
	return g.at;
}

char *as_policy_text(const struct as_policy *p)
{
	struct as_roles r = as_roles_of(p, p->count);
	return as_roles_text(&r);
}
