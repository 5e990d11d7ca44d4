/* Which views share a pass, and where their rows lie: each row once, a grain's rows together, whatever the
 * number of grains; and what a method asks for that the views are not. */
#include "ssl/layout.h"

#include <string.h>

#include "../tap.h"

enum { BATCH = 12 };

/* Roles as text would make them: names, counts and sizes are all that a layout looks at. */
static struct as_roles roles_new(void)
{
	struct as_roles r = {.n = 3, .views = 4};
	const struct { const char *name; int count, size; } of[] = {{"view", 2, 32}, {"whole", 1, 32}, {"small", 1, 16}};
	for (int i = 0, first = 0; i < r.n; first += of[i++].count) {
		snprintf(r.role[i].role, sizeof r.role[i].role, "%s", of[i].name);
		r.role[i].count = of[i].count;
		r.role[i].size = of[i].size;
		r.role[i].first = first;
	}
	return r;
}

static const struct as_use pair[] = {{NULL, 3, 0, 0}}, query[] = {{NULL, 1, 2, 0}},
			   three[] = {{"view", 3, 0, 1}, {"whole", 1, 0, 1}}, four[] = {{"small", 1, 0, 0}, {"view", 3, 3, 2}};

static void test_rows(const char *what, const struct as_use *use, int uses, int64_t grains)
{
	struct as_roles roles = roles_new();
	struct as_layout l;
	bool once = true, together = true;
	char seen[AS_MAX_VIEWS][AS_MAX_VIEWS * BATCH] = {{0}};
	if (!ok(as_layout_make(&l, &roles, use, uses, BATCH, grains, NULL) == 0, "%s, %d grains", what, (int)grains))
		return;
	for (int v = 0; v < l.nviews; v++)
		for (int64_t i = 0; i < BATCH; i++) {
			int g = l.view[v].group;
			int64_t row = as_layout_row(&l, v, i), rows = as_layout_rows(&l, g);
			once = once && row >= 0 && row < rows && !seen[g][row]++;
			together = together && row / (rows / grains) == i / (BATCH / grains);
		}
	ok(once, "... each row is one view of one image");
	ok(together, "... a grain's rows are neighbours");
}

static void test_groups(void)
{
	struct as_roles roles = roles_new();
	struct as_layout l;
	ok(!as_layout_make(&l, &roles, pair, 1, BATCH, 1, NULL) && l.ngroups == 2 && l.nviews == 2, "a pair is two passes");
	ok(!as_layout_make(&l, &roles, query, 1, BATCH, 1, NULL) && l.group[0].online && !l.group[0].ema && !l.group[1].online &&
	   l.group[1].ema, "query and key go through different networks");
	ok(!as_layout_make(&l, &roles, three, 2, BATCH, 2, NULL) && l.ngroups == 1 && l.group[0].nviews == 3 &&
	   as_layout_rows(&l, 0) == 3 * BATCH, "three views of two roles in one pass");
	ok(as_layout_row(&l, 2, 0) == BATCH && as_layout_row(&l, 0, BATCH / 2) == 3 * BATCH / 2,
	   "in two grains: a, b, c of the first half, then of the second");
	ok(!as_layout_make(&l, &roles, four, 2, BATCH, 1, NULL) && l.ngroups == 2 && l.group[0].size == 16 && l.group[1].size == 32 &&
	   l.view[0].role == &roles.role[2], "views are numbered as the method lists them");
}

static void refused(const struct as_use *use, int uses, const char *says, const char *why)
{
	struct as_roles roles = roles_new();
	struct as_layout l;
	struct as_error err = {0};
	ok(as_layout_make(&l, &roles, use, uses, BATCH, 1, &err) == AS_EARG && strstr(err.text, says), "%s: %s", why, err.text);
}

int main(void)
{
	for (int64_t grains = 1; grains <= 4; grains *= 2) {
		test_rows("a pair", pair, 1, grains);
		test_rows("query and key", query, 1, grains);
		test_rows("three in one pass", three, 2, grains);
		test_rows("a small view before two", four, 2, grains);
	}
	test_groups();
	refused((const struct as_use[]){{"other", 1, 0, 0}}, 1, "view, whole, small", "a role that is not there");
	refused((const struct as_use[]){{NULL, 7, 0, 0}}, 1,
		"compares 3 of the role 'view', but images have 2", "more views than there are");
	refused((const struct as_use[]){{NULL, 1, 0, 0}}, 1,
		"compares 1 of the role 'view', but images have 2", "fewer views than there are");
	refused((const struct as_use[]){{NULL, 3, 0, 1}, {"small", 1, 0, 1}}, 2, "32 pixels, not 16", "two sizes in one pass");
	return done();
}
