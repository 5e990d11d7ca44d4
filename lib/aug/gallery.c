#include "aug/gallery.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aug/policy.h"
#include "aug/views.h"
#include "base/arena.h"
#include "image/sheet.h"

enum { SHOWN_VIEWS = 6, IMAGE_COLUMNS = 8, IMAGE_SIDE = 128, VIEW_SIDE = 256, CAPTION = 1024 };

/* A view's box on the original and its frame have one colour. */
static const int colours[SHOWN_VIEWS] = {AS_ORANGE, AS_BLUE, AS_GREEN, AS_RED, 0x7b3294, 0x8c6d31};

struct as_gallery {
	const struct as_header *header;
	struct as_policy policy;
	bool has_policy;
	struct as_viewer viewer;
	struct as_sheet *sheet; /* once the first record has said how wide it is: */
	int columns;
	uint64_t most;
	uint8_t *rgb; /* the decoded original */
	size_t rgb_bytes;
	float *param;
	uint8_t *views;
	size_t param_bytes, views_bytes;
	/* images of a row that is not full yet */
	uint8_t *thumbs;
	struct as_cell cell[IMAGE_COLUMNS];
	char caption[IMAGE_COLUMNS][CAPTION];
	int cells;
};

int as_gallery_new(struct as_gallery **out, const struct as_header *h, uint64_t most, struct as_error *err)
{
	if (strcmp(h->kind, "image") && strcmp(h->kind, "sample") && strcmp(h->kind, "view"))
		return as_fail(err, AS_EDATA, "a stream of kind '%s' has no pictures", h->kind);
	struct as_gallery *g = calloc(1, sizeof *g);
	if (!g)
		return as_fail(err, AS_EMEM, "memory: no room for a gallery");
	g->header = h;
	g->most = most;
	int rc = 0;
	if (h->policy) {
		rc = as_policy_parse(h->policy, &g->policy, err);
		g->has_policy = !rc;
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

/* The columns of one operation. A first parameter "on" of 0 says that the others
 * were not drawn. */
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

static void say_view(struct caption *c, const struct as_gallery *g, const float *param)
{
	for (int i = 0; g->has_policy && i < g->policy.nop; i++)
		say_op(c, &g->policy.op[i], param);
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

/* Aligned floats of the parameters; checks that they are the policy's. */
static int read_param(struct as_gallery *g, const struct as_record *rec, struct as_error *err)
{
	int64_t n = as_tensor_count(&rec->param);
	if (g->has_policy && rec->param.shape[1] != g->policy.nparam)
		return as_fail(err, AS_EDATA, "param: %" PRId64 " columns, %d in the policy", rec->param.shape[1],
			       g->policy.nparam);
	int rc = as_room(&g->param, &g->param_bytes, (size_t)(n + 1) * sizeof(float), err);
	if (!rc)
		as_tensor_floats(&rec->param, 0, n, g->param);
	return rc;
}

/* Cells of the views in g->views, of size S; captions of the parameters. */
static void view_cells(struct as_gallery *g, const struct as_record *rec, int64_t size, int views,
		       struct as_cell *cell, char (*text)[CAPTION])
{
	for (int v = 0; v < views; v++) {
		struct caption words = {text[v], 0};
		words.at[0] = 0;
		say_view(&words, g, g->param + v * rec->param.shape[1]);
		cell[v] = (struct as_cell){.rgb = g->views + 3 * size * size * v, .height = size, .width = size,
					   .frame = colours[v], .caption = words.at};
	}
}

static int add_sample(struct as_gallery *g, const struct as_record *rec, struct as_error *err)
{
	struct as_cell cell[1 + SHOWN_VIEWS];
	struct as_mark mark[SHOWN_VIEWS];
	char text[1 + SHOWN_VIEWS][CAPTION] = {{0}};
	int views = rec->param.shape[0] < SHOWN_VIEWS ? (int)rec->param.shape[0] : SHOWN_VIEWS;
	int rc = open_sheet(g, 1 + views, VIEW_SIDE, err);
	if (!rc)
		rc = decode(g, &rec->image, err);
	if (!rc)
		rc = read_param(g, rec, err);
	if (!rc)
		rc = as_room(&g->views, &g->views_bytes, (size_t)views * as_view_bytes(&g->policy, AS_U1), err);
	if (!rc)
		rc = as_views_make(&g->policy, as_pix_chosen(), &rec->image, g->param, views, AS_U1, &g->viewer, g->views,
				   NULL, err);
	if (rc)
		return rc;
	const struct as_op *cut = &g->policy.op[0];
	for (int v = 0; v < views; v++) {
		struct as_box box;
		cut->aug->box(g->param + v * rec->param.shape[1] + cut->param_at, &box);
		mark[v] = (struct as_mark){box.top, box.left, box.height, box.width, colours[v]};
	}
	struct caption words = {text[SHOWN_VIEWS], 0};
	say_label(&words, g, rec);
	say(&words, "%" PRId64 " x %" PRId64 "\n", rec->image.height, rec->image.width);
	say(&words, "seq %" PRIu64 "\n", rec->seq);
	cell[0] = (struct as_cell){.rgb = g->rgb, .height = rec->image.height, .width = rec->image.width, .frame = AS_GREY,
				   .caption = words.at, .mark = mark, .marks = views};
	view_cells(g, rec, g->policy.size, views, cell + 1, text);
	return as_sheet_row(g->sheet, cell, 1 + views, err);
}

static int add_view(struct as_gallery *g, const struct as_record *rec, struct as_error *err)
{
	struct as_cell cell[SHOWN_VIEWS];
	char text[SHOWN_VIEWS][CAPTION];
	int views = rec->views.shape[0] < SHOWN_VIEWS ? (int)rec->views.shape[0] : SHOWN_VIEWS;
	int64_t size = rec->views.shape[1], n = views * size * size * 3;
	int rc = open_sheet(g, views, VIEW_SIDE, err);
	if (!rc)
		rc = read_param(g, rec, err);
	if (!rc)
		rc = as_room(&g->views, &g->views_bytes, (size_t)n, err);
	if (rc)
		return rc;
	float scale = rec->views.dtype == AS_U1 ? 1 : 255;
	for (int64_t i = 0; i < n; i++) {
		float x;
		as_tensor_floats(&rec->views, i, 1, &x);
		x = x * scale + .5f;
		g->views[i] = (uint8_t)(x > 0 ? x < 255 ? x : 255 : 0);
	}
	view_cells(g, rec, size, views, cell, text);
	return as_sheet_row(g->sheet, cell, views, err);
}

int as_gallery_add(struct as_gallery *g, const struct as_record *rec, struct as_error *err)
{
	if (rec->views.data)
		return add_view(g, rec, err);
	return rec->param.data ? add_sample(g, rec, err) : add_image(g, rec, err);
}

int as_gallery_write(struct as_gallery *g, const char *path, struct as_error *err)
{
	if (!g->sheet)
		return as_fail(err, AS_EDATA, "sheet: no records to show");
	int rc = finish_row(g, err);
	return rc ? rc : as_sheet_write(g->sheet, path, err);
}
