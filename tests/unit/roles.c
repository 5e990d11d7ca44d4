/* Roles: their text there and back, what it refuses, what they share, and the header that carries them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../tap.h"
#include "aug/roles.h"

static const char text[] = "name = example\nrole = view count=2\nsize = 32\nmean = 0.5 0.5 0.5\nstd = 0.25 0.25 0.25\n"
			   "filter = bilinear\n"
			   "op = crop scale_min=0.2 scale_max=1 ratio_min=0.75 ratio_max=1.25\nop = flip p=0.5\n"
			   "op = color brightness=0.4 contrast=0.4 saturation=0.4 hue=0.1 p=0.8\nshare = 2:crop,color\n"
			   "role = small count=3\nsize = 16\nmean = 0 0 0\n"
			   "op = crop scale_min=0.05 scale_max=0.3 ratio_min=0.75 ratio_max=1.25\n"
			   "op = color brightness=0.4 contrast=0.4 saturation=0.4 hue=0.1 p=0.8\nop = rotation p=0.5\n"
			   "share = view:color\n";

static struct as_roles parsed(const char *t)
{
	struct as_roles r = {.n = 0};
	struct as_error err;
	if (as_roles_parse(t, &r, &err))
		ok(false, "%s", err.text);
	return r;
}

static void test_text(void)
{
	struct as_roles r = parsed(text);
	char *again = as_roles_text(&r);
	is_text(again, text, "two roles, written as they were read");
	free(again);
	ok(r.n == 2 && r.views == 5 && r.role[0].first == 0 && r.role[1].first == 2 && r.role[1].count == 3, "5 views");
	is_close((double)r.role[1].std[2], .25, 0, "a standard deviation that is not said is the first role's");
	ok(as_roles_find(&r, "small") == 1 && as_roles_find(&r, "large") < 0, "found by name");
	r = parsed("size = 8\nop = crop\n");
	ok(as_roles_usual(&r) && r.views == 2 && !strcmp(r.role[0].role, "view"), "a text without roles has two views");
	r = parsed("size = 8\nop = eval\n");
	ok(as_roles_usual(&r) && r.views == 1, "and one of the evaluation transform");
	r = parsed("role = big count=2\nsize = 8\nop = crop\n");
	again = as_roles_text(&r);
	ok(!as_roles_usual(&r) && again && !strncmp(again, "role = big count=2\n", 19), "one role of another name is not usual");
	free(again);
}

/* Each text with what is said of it. */
static const struct {
	const char *text, *why;
} wrong[] = {
	{"size = 8\nop = crop\nrole = view\nop = crop\n", "policy: line 3: role: 'view' stands twice"},
	{"size = 8\nop = crop\nrole = Small\n", "policy: line 3: role: 'Small' is not a name of small letters, digits and '-', at most 23"},
	{"size = 8\nop = crop\nrole = 2nd\n", "policy: line 3: role: '2nd' is not a name of small letters, digits and '-', at most 23"},
	{"size = 8\nop = crop\nrole =\n", "policy: line 3: role: it has no name"},
	{"size = 8\nop = crop\nrole = a number=2\n", "policy: line 3: role: 'number' is not known here, only count"},
	{"size = 8\nop = crop\nrole = a count=0\n", "policy: line 3: role: count: 0 is not within 1..64"},
	{"size = 8\nop = crop\nrole = a\n", "policy: a has no op"},
	{"size = 8\nrole = a\n", "policy: line 2: role: the role 'view' before: it has no op"},
	{"size = 8\nop = crop\nrole = a count=63\nop = crop\n", "policy: 65 views of an image, more than 64"},
	{"size = 8\nop = crop\nrole = a\nname = x\nop = crop\n", "policy: line 4: name stands before the second role"},
	{"size = 8\nop = crop\nrole = a\nop = crop\nrole = b\nop = crop\nrole = c\nop = crop\nrole = d\n",
	 "policy: line 9: role: more than 4 roles"},
	{"size = 8\nop = crop\nshare = crop\n", "policy: line 3: share: 'crop' is not WITH:op,op with a role or a number of records"},
	{"size = 8\nop = crop\nshare = small:crop\n", "policy: line 3: share: 'small' is neither this role nor one before it"},
	{"size = 8\nop = crop\nshare = 2:color\nop = color\n", "policy: line 3: share: the role 'view' has no op 'color' above this"},
	{"size = 8\nop = crop\nshare = 1:crop\n", "policy: line 3: share: 1 is not within 2..1024"},
	{"size = 8\nop = crop\nshare = 2:\n", "policy: line 3: share: no ops are named"},
	{"size = 8\nop = crop\nshare = 2:crop=1\n", "policy: line 3: share: the role 'view' has no op 'crop=1' above this"},
	{"size = 8\nop = crop\nrole = a count=2 count=3\n", "policy: line 3: role: count stands twice"},
	{"mean = .1=3 .2 .3\n", "policy: line 1: mean: '.1=3' is no number"},
	{"size = 8\nop = crop\nrole = a\nop = crop scale_max=.5\nshare = view:crop\n",
	 "policy: line 5: share: op crop: scale_max is not as in the role 'view', whose draw it would have"},
	{"size = 8\nop = crop\nrole = a\nop = crop\nshare = view:crop\nshare = 2:crop\n",
	 "policy: line 6: share: op crop has its draw from elsewhere already"},
	{"size = 8\nop = crop\nop = flip\nshare = 2:crop\nshare = 4:flip\n",
	 "policy: line 5: share: 2 records and 4: a role shares with one number of them"},
	{"size = 8\nop = crop\nrole = a\nop = crop\nop = flip\nshare = view:flip\n",
	 "policy: line 6: share: the role 'view' has no op 'flip'"},
};

static void test_wrong(void)
{
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct as_roles r;
		struct as_error err = {.text = ""};
		int rc = as_roles_parse(wrong[i].text, &r, &err);
		is_text(err.text, wrong[i].why, "refused");
		is_int(rc, AS_EDATA, "... as a text's fault");
	}
	struct as_policy p;
	struct as_error err;
	ok(as_policy_parse(text, &p, &err) == AS_EDATA, "%s", err.text);
}

enum { MOST = AS_MAX_VIEWS * AS_MAX_PARAM };
struct drawn {
	float param[MOST], omega[MOST];
};

static struct drawn draw(const struct as_roles *r, uint64_t id, uint64_t place, struct as_size size)
{
	static struct drawn d;
	struct as_error err;
	as_roles_sample(r, &(struct as_subject){.seed = 3, .id = id, .epoch = 1, .place = place, .size = size}, d.param, d.omega);
	const float *at = d.param;
	for (int i = 0; i < r->n; i++)
		for (int v = 0; v < r->role[i].count; v++, at += r->role[i].nparam)
			if (as_policy_check(&r->role[i], size, at, &err))
				ok(false, "role %d, view %d: %s", i, v, err.text);
	return d;
}

/* Where the columns of an op of a view stand. */
static int at(const struct as_roles *r, int role, int view, const char *op)
{
	const struct as_policy *p = &r->role[role];
	return (int)as_roles_params(r, role) + view * p->nparam + p->op[as_policy_find(p, op)].param_at;
}

static bool same(const float *a, const float *b, int n)
{
	return !memcmp(a, b, (size_t)n * sizeof *a);
}

static void test_own(const struct as_roles *r)
{
	const struct as_policy *p = &r->role[1];
	int turn = p->op[as_policy_find(p, "rotation")].param_at;
	struct as_roles alone = as_roles_of(&r->role[0], 2);
	alone.role[0].shares = (struct as_shares){.records = 0};
	bool crops = true, turns = true, flips = true, shared = true, apart = true;
	for (uint64_t id = 0; id < 64; id++) {
		float param[AS_MAX_PARAM], omega[AS_MAX_OMEGA];
		struct drawn d = draw(r, id, 4, (struct as_size){40, 60}), plain = draw(&alone, id, 4, (struct as_size){40, 60});
		as_policy_sample(p, 3, id, 1, 2 + 1, (struct as_size){40, 60}, param, omega);
		crops = crops && same(param, d.param + at(r, 1, 1, "crop"), 4);
		turns = turns && same(param + turn, d.param + at(r, 1, 1, "rotation"), 1);
		flips = flips && same(plain.param + 4, d.param + 4, 1);
		shared = shared && !same(plain.param, d.param, 4);
		/* nor is the draw of records 4 and 5 that of image 2 by itself */
		as_policy_sample(&alone.role[0], 3, 4 / 2, 1, 0, (struct as_size){40, 60}, param, omega);
		apart = apart && !same(param + alone.role[0].op[2].param_at, d.param + at(r, 0, 0, "color"), 6);
	}
	ok(crops && turns, "view 1 of the second role is drawn as the fourth of all, in every op that is its own");
	ok(flips && shared, "what is not shared is as it was");
	ok(apart, "what is shared has random numbers of its own");
}

static void test_with(const struct as_roles *r)
{
	struct drawn d = draw(r, 9, 0, (struct as_size){32, 32});
	for (int v = 0; v < 3; v++)
		ok(same(d.param + at(r, 0, v % 2, "color"), d.param + at(r, 1, v, "color"), 6),
		   "view %d of `small` has the color of view %d of `view`", v, v % 2);
	ok(!same(d.param + at(r, 0, 0, "color"), d.param + at(r, 0, 1, "color"), 6), "and these two differ");
	const struct as_policy *p = &r->role[1];
	const struct as_op *op = &p->op[as_policy_find(p, "color")];
	float want[4];
	op->aug->omega(&op->law, (struct as_size){32, 32}, d.param + at(r, 1, 0, "color"), want);
	ok(same(want, d.omega + as_roles_omegas(r, 1) + op->omega_at, 4), "its omega is of the same law");
}

static void test_together(const struct as_roles *r)
{
	const struct as_size one = {96, 96}, wide = {48, 192};
	struct drawn a = draw(r, 100, 6, one), b = draw(r, 101, 7, one), c = draw(r, 102, 8, one), d = draw(r, 103, 7, wide);
	for (int v = 0; v < 2; v++) {
		int crop = at(r, 0, v, "crop"), color = at(r, 0, v, "color");
		ok(same(a.param + crop, b.param + crop, 4) && same(a.param + color, b.param + color, 6), "places 6 and 7 share view %d", v);
		ok(!same(a.param + crop, c.param + crop, 4), "6 and 8 do not");
		for (int k = 0; k < 4; k++)
			is_close((double)d.param[crop + k] / (k & 1 ? 192 : 48), (double)b.param[crop + k] / 96, 1. / 48,
				 "the same part of a wider image");
	}
	ok(!same(a.param + at(r, 0, 0, "crop"), a.param + at(r, 0, 1, "crop"), 4), "two views of one image differ");
}

static void test_itself(void)
{
	struct as_roles r = parsed("role = turned count=4\nsize = 8\nop = crop\nop = rotation p=1\nshare = turned:crop\n");
	bool crops = true, turns = true;
	for (uint64_t id = 0; id < 20; id++) {
		struct drawn d = draw(&r, id, id, (struct as_size){90, 80});
		for (int v = 1; v < 4; v++)
			crops = crops && same(d.param + at(&r, 0, 0, "crop"), d.param + at(&r, 0, v, "crop"), 4);
		for (int v = 1; v < 4; v++)
			turns = turns && d.param[at(&r, 0, 0, "rotation")] == d.param[at(&r, 0, v, "rotation")];
	}
	ok(crops && !turns, "four views of a role share one crop, each with turns of its own");
}

/* Areas and ratios of boxes that neighbours share are those of the law. */
static void test_law(const struct as_roles *r)
{
	double least = 1, most = 0, sum = 0;
	enum { N = 2000 };
	for (uint64_t i = 0; i < N; i++) {
		struct drawn d = draw(r, i, 2 * i, (struct as_size){500, 500});
		const float *box = d.param + at(r, 0, 0, "crop");
		double area = (double)box[2] * (double)box[3] / 250000;
		least = fmin(least, area);
		most = fmax(most, area);
		sum += area;
	}
	ok(least > .195 && most <= 1 && most > .9, "areas from %.3f to %.3f", least, most);
	/* U(.2, 1) less what did not fit: between its mean of .6 and that of boxes up to .8 */
	ok(sum / N > .5 && sum / N < .62, "in the mean %.3f", sum / N);
}

static void test_header(const struct as_roles *r)
{
	struct as_header h = {.kind = "view"};
	struct as_roles back;
	struct as_error err;
	ok(!as_roles_to_header(r, &h, &err) && h.roles.n == 2 && !strcmp(h.roles.at[1].name, "small") && h.roles.at[1].count == 3 &&
	   h.roles.at[1].size == 16, "into a header");
	ok(!as_roles_of_header(&h, &back, &err) && back.n == 2, "and back");
	h.roles.at[1].count = 2;
	ok(as_roles_of_header(&h, &back, &err) == AS_EDATA, "%s", err.text);
	h.roles.n = 0;
	ok(as_roles_of_header(&h, &back, &err) == AS_EDATA, "without the list: %s", err.text);
	struct as_roles usual = parsed("size = 8\nop = crop\n");
	ok(!as_roles_to_header(&usual, &h, &err) && !h.roles.n, "the usual role is not listed");
	as_header_clear(&h);
	ok(as_roles_of_header(&(struct as_header){.kind = "view"}, &back, &err) == AS_EDATA, "%s", err.text);
}

int main(void)
{
	test_text();
	test_wrong();
	struct as_roles r = parsed(text);
	test_own(&r);
	test_with(&r);
	test_together(&r);
	test_itself();
	test_law(&r);
	test_header(&r);
	return done();
}
