#include "aug/gallery.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aug/views.h"
#include "base/arena.h"
#include "image/sheet.h"

enum { SHOWN_VIEWS = 6, IMAGE_COLUMNS = 8, IMAGE_SIDE = 128, VIEW_SIDE = 256, CAPTION = 1024 };

/* A view's frame, and its box on the original, have the same colour. */
static const int colours[SHOWN_VIEWS] = {AS_ORANGE, AS_BLUE, AS_GREEN, AS_RED, 0x7b3294, 0x8c6d31};

struct as_gallery {
	const struct as_header *header;
	struct as_roles shown; /* those of the first SHOWN_VIEWS views */
	struct as_roles roles; /* n 0: the header has no policy, so captions have no numbers */
	struct as_viewer viewer;
	struct as_sheet *sheet; /* set when the first record shows how wide it is: */
	int columns;
	uint64_t most;
	uint8_t *rgb; /* the decoded original */
	size_t rgb_bytes;
	float *param;
	uint8_t *views;
	size_t param_bytes, views_bytes;
	/* the images of a row that is not full yet */
	uint8_t *thumbs;
	struct as_cell cell[IMAGE_COLUMNS];
	char caption[IMAGE_COLUMNS][CAPTION];
	int cells;
};

/* The first views of roles, which lie before the others. */
static struct as_roles first_views(const struct as_roles *all, int views)
{
	struct as_roles r = *all;
	for (int i = 0; i < all->n; i++) {
		r.role[i].count = views < r.role[i].count ? views : r.role[i].count;
		views -= r.role[i].count;
		r.n = r.role[i].count ? i + 1 : r.n < i ? r.n : i;
	}
	return r;
}

int as_gallery_new(struct as_gallery **out, const struct as_header *h, uint64_t most, struct as_error *err)
{
	if (strcmp(h->kind, "image") && strcmp(h->kind, "sample") && strcmp(h->kind, "view"))
		return as_fail(err, AS_EDATA, "a stream of kind '%s' has no pictures: give the images or views that it was made of",
			       h->kind);
	struct as_gallery *g = calloc(1, sizeof *g);
	if (!g)
		return as_fail(err, AS_EMEM, "memory: no room for a gallery");
	g->header = h;
	g->most = most;
	int rc = 0;
	if (h->policy) {
		rc = as_roles_of_header(h, &g->roles, err);
		g->shown = first_views(&g->roles, SHOWN_VIEWS);
	} else if (!strcmp(h->kind, "sample")) {
		rc = as_fail(err, AS_EDATA, "the header has no policy to apply");
	}
	if (rc)
		as_gallery_free(g);
	else
		*out = g;
	return rc;
}

void as_gallery_free(struct as_gallery *g)
{
	if (!g)
		return;
	as_viewer_clear(&g->viewer);
	as_sheet_free(g->sheet);
	free(g->rgb);
	free(g->param);
	free(g->views);
	free(g->thumbs);
	free(g);
}

static int decode(struct as_gallery *g, const struct as_image *m, struct as_error *err)
{
	size_t bytes = 0;
	int rc = as_image_bytes(m, &bytes, err);
	if (!rc)
		rc = as_room(&g->rgb, &g->rgb_bytes, bytes, err);
	return rc ? rc : as_image_decode(m, g->rgb, NULL, err);
}

/* ---- captions ---- */

struct caption {
	char *at;
	size_t used;
};

AS_PRINTF(2, 3) static void say(struct caption *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(c->at + c->used, CAPTION - c->used, fmt, ap);
	va_end(ap);
	c->used += n > 0 ? (size_t)n : 0;
	if (c->used >= CAPTION)
		c->used = CAPTION - 1;
}

/* "brightness .68" */
static void say_number(struct caption *c, const char *name, float value)
{
	char number[32];
	snprintf(number, sizeof number, "%.3g", (double)value);
	const char *sign = number[0] == '-' ? "-" : "", *digits = number + (number[0] == '-');
	if (digits[0] == '0' && digits[1] == '.')
		digits++;
	say(c, "%s %s%s\n", name, sign, digits);
}

/* Adds the columns of one operation. If its first parameter is "on" and is 0, the others were not used. */
static void say_op(struct caption *c, const struct as_op *op, const float *param)
{
	const float *p = param + op->param_at;
	const struct as_aug *aug = op->aug;
	if (aug->box) {
		struct as_box box;
		aug->box(p, &box);
		say(c, "%s %.0fx%.0f\nat %.0f,%.0f\n", aug->name, box.height, box.width, box.top, box.left);
		return;
	}
	bool switched = aug->nparam > 1 && !strcmp(aug->param[0], "on");
	if (switched && !(p[0] > 0))
		say(c, "%s off\n", aug->name);
	else if (aug->nparam == 1)
		say_number(c, aug->name, p[0]);
	else
		for (int i = switched; i < aug->nparam; i++)
			say_number(c, aug->param[i], p[i]);
}

static void say_view(struct caption *c, const struct as_policy *p, const float *param)
{
	for (int i = 0; i < p->nop; i++)
		say_op(c, &p->op[i], param);
}

static void say_label(struct caption *c, const struct as_gallery *g, const struct as_record *rec)
{
	const char *name = as_names_at(&g->header->classes, rec->label);
	if (name)
		say(c, "%s\n", name);
	else if (rec->label >= 0)
		say(c, "class %" PRId64 "\n", rec->label);
}

/* ---- kinds ---- */

static int open_sheet(struct as_gallery *g, int columns, int side, struct as_error *err)
{
	if (g->sheet && columns > g->columns)
		return as_fail(err, AS_EDATA, "%d pictures, %d in the first record", columns, g->columns);
	if (g->sheet)
		return 0;
	g->columns = columns;
	return as_sheet_new(&g->sheet, columns, side, err);
}

static int finish_row(struct as_gallery *g, struct as_error *err)
{
	int rc = g->cells ? as_sheet_row(g->sheet, g->cell, g->cells, err) : 0;
	g->cells = 0;
	return rc;
}

static int add_image(struct as_gallery *g, const struct as_record *rec, struct as_error *err)
{
	int columns = g->most < IMAGE_COLUMNS ? (int)g->most : IMAGE_COLUMNS;
	size_t one = 3 * IMAGE_SIDE * IMAGE_SIDE, have = 0;
	int rc = open_sheet(g, columns, IMAGE_SIDE, err);
	if (!rc && !g->thumbs)
		rc = as_room(&g->thumbs, &have, one * IMAGE_COLUMNS, err);
	if (!rc)
		rc = decode(g, &rec->image, err);
	if (rc)
		return rc;
	struct as_cell *c = &g->cell[g->cells];
	struct caption words = {g->caption[g->cells], 0};
	uint8_t *thumb = g->thumbs + one * (size_t)g->cells;
	words.at[0] = 0;
	say_label(&words, g, rec);
	*c = (struct as_cell){.rgb = thumb, .frame = AS_GREY, .caption = words.at};
	as_sheet_thumb(g->rgb, rec->image.height, rec->image.width, IMAGE_SIDE, thumb, &c->height, &c->width);
	return ++g->cells == columns ? finish_row(g, err) : 0;
}

/* The first views of an image, of all roles, as cells. */
struct shown {
	struct as_cell cell[1 + SHOWN_VIEWS]; /* the original, if there is one, then the views */
	char text[1 + SHOWN_VIEWS][CAPTION];
	struct as_mark mark[SHOWN_VIEWS];
	int views;
};

static void show_view(struct shown *s, const uint8_t *rgb, int64_t size, const struct as_policy *p, const float *param,
		      bool several)
{
	int v = s->views++;
	struct caption words = {s->text[1 + v], 0};
	words.at[0] = 0;
	if (p && several)
		say(&words, "%s\n", p->role);
	if (p)
		say_view(&words, p, param);
	s->cell[1 + v] = (struct as_cell){.rgb = rgb, .height = size, .width = size, .frame = colours[v], .caption = words.at};
	if (p) {
		struct as_box box = as_policy_box(p, param);
		s->mark[v] = (struct as_mark){box.top, box.left, box.height, box.width, colours[v]};
	}
}

/* Reads the parameters as floats, in the policy's order. */
static int read_param(struct as_gallery *g, const struct as_record *rec, struct as_error *err)
{
	size_t n = (size_t)as_roles_params(&g->roles, g->roles.n) + 1;
	int rc = as_room(&g->param, &g->param_bytes, n * sizeof(float), err);
	return rc ? rc : as_roles_read(&g->roles, rec, g->param, NULL, err);
}

/* Shows role k, whose views are at `rgb`, (views, size, size, 3). */
static void show_role(struct as_gallery *g, int k, int64_t views, int64_t size, const uint8_t *rgb, struct shown *s)
{
	const struct as_policy *p = g->roles.n ? &g->roles.role[k] : NULL;
	const float *param = p ? g->param + as_roles_params(&g->roles, k) : NULL;
	for (int64_t v = 0; v < views && s->views < SHOWN_VIEWS; v++)
		show_view(s, rgb + 3 * size * size * v, size, p, p ? param + v * p->nparam : NULL, g->roles.n > 1);
}

static int add_sample(struct as_gallery *g, const struct as_record *rec, struct as_error *err)
{
	const struct as_roles *r = &g->shown;
	struct shown s;
	s.views = 0;
	int rc = decode(g, &rec->image, err);
	rc = rc ? rc : read_param(g, rec, err);
	rc = rc ? rc : as_room(&g->views, &g->views_bytes, as_roles_bytes(r, r->n, AS_U1), err);
	rc = rc ? rc : as_views_make(r, as_pix_chosen(), &rec->image, g->param, AS_U1, &g->viewer, g->views, NULL, err);
	if (rc)
		return rc;
	for (int k = 0; k < r->n; k++)
		show_role(g, k, r->role[k].count, r->role[k].size, g->views + as_roles_bytes(r, k, AS_U1), &s);
	struct caption words = {s.text[0], 0};
	words.at[0] = 0;
	say_label(&words, g, rec);
	say(&words, "%" PRId64 " x %" PRId64 "\n", rec->image.height, rec->image.width);
	say(&words, "seq %" PRIu64 "\n", rec->seq);
	s.cell[0] = (struct as_cell){.rgb = g->rgb, .height = rec->image.height, .width = rec->image.width, .frame = AS_GREY,
				     .caption = words.at, .mark = s.mark, .marks = s.views};
	rc = open_sheet(g, 1 + s.views, VIEW_SIDE, err);
	return rc ? rc : as_sheet_row(g->sheet, s.cell, 1 + s.views, err);
}

/* Converts the first n values of views to bytes, from any dtype. */
static void to_bytes(const struct as_tensor *views, int64_t n, uint8_t *out)
{
	float scale = views->dtype == AS_U1 ? 1 : 255;
	for (int64_t i = 0; i < n; i++) {
		float x;
		as_tensor_floats(views, i, 1, &x);
		x = x * scale + .5f;
		out[i] = (uint8_t)(x > 0 ? x < 255 ? x : 255 : 0);
	}
}

static int add_view(struct as_gallery *g, const struct as_record *rec, struct as_error *err)
{
	struct shown s;
	int rc = g->roles.n ? read_param(g, rec, err) : 0;
	int64_t values[AS_MAX_ROLES] = {0}, left = SHOWN_VIEWS, all = 0; /* of each role: of the views that have a cell */
	for (int k = 0; k < AS_MAX_ROLES && rec->role[k].views.data; k++) {
		const int64_t *shape = rec->role[k].views.shape, views = shape[0] < left ? shape[0] : left;
		values[k] = views * shape[1] * shape[2] * shape[3];
		all += values[k];
		left -= views;
	}
	rc = rc ? rc : as_room(&g->views, &g->views_bytes, (size_t)all, err);
	if (rc)
		return rc;
	s.views = 0;
	uint8_t *at = g->views;
	for (int k = 0; k < AS_MAX_ROLES && values[k]; at += values[k++]) {
		const struct as_tensor *t = &rec->role[k].views;
		to_bytes(t, values[k], at);
		show_role(g, k, t->shape[0], t->shape[1], at, &s);
	}
	rc = open_sheet(g, s.views, VIEW_SIDE, err);
	return rc ? rc : as_sheet_row(g->sheet, s.cell + 1, s.views, err);
}

int as_gallery_add(struct as_gallery *g, const struct as_record *rec, struct as_error *err)
{
	if (rec->role[0].views.data)
		return add_view(g, rec, err);
	return rec->role[0].param.data ? add_sample(g, rec, err) : add_image(g, rec, err);
}

int as_gallery_write(struct as_gallery *g, const char *path, struct as_error *err)
{
	if (!g->sheet)
		return as_fail(err, AS_EDATA, "sheet: no records to show");
	int rc = finish_row(g, err);
	return rc ? rc : as_sheet_write(g->sheet, path, err);
}
