/* views: eight views of an image file, side by side in a picture: drawn by a preset, then made.
 *
 *     cc -o views views.c $(pkg-config --cflags --libs augself)
 *     ./views photo.jpg views.png
 */
#include <augself/augself.h>
#include <stdio.h>
#include <stdlib.h>

enum { VIEWS = 8 };

/* Draws the parameters of all views of an image, and makes their pixels, (VIEWS,S,S,3). */
static int make_views(const struct as_roles *roles, const struct as_item *item, uint8_t *rgb, struct as_error *err)
{
	float param[VIEWS * AS_MAX_PARAM], omega[VIEWS * AS_MAX_OMEGA];
	struct as_viewer viewer = {.exact = false};
	struct as_subject subject = {.seed = 0, .id = item->id, .size = {item->image.height, item->image.width}};
	as_roles_sample(roles, &subject, param, omega);
	int rc = as_views_make(roles, as_pix_chosen(), &item->image, param, AS_U1, &viewer, rgb, NULL, err);
	as_viewer_clear(&viewer);
	return rc;
}

static int write_sheet(const uint8_t *rgb, int64_t side, const char *path, struct as_error *err)
{
	struct as_cell cell[VIEWS];
	struct as_sheet *sheet = NULL;
	for (int v = 0; v < VIEWS; v++)
		cell[v] = (struct as_cell){.rgb = rgb + v * 3 * side * side, .height = side, .width = side, .frame = AS_NO_COLOUR};
	int rc = as_sheet_new(&sheet, VIEWS, 96, err);
	if (!rc && !(rc = as_sheet_row(sheet, cell, VIEWS, err)))
		rc = as_sheet_write(sheet, path, err);
	as_sheet_free(sheet);
	return rc;
}

int main(int argc, char **argv)
{
	struct as_error err;
	struct as_items files = {.count = 0};
	struct as_item item = {.id = 0};
	struct as_policy policy = {.count = 0};
	if (argc != 3)
		return fprintf(stderr, "usage: views IMAGE SHEET.png\n"), 2;
	int rc = as_policy_preset("stl10", &policy, &err);
	struct as_source source = {.path = (const char *const *)&argv[1], .paths = 1, .exif = true};
	if (!rc && !(rc = as_items_open(as_dataset_find("files", NULL), &source, &files, &err)))
		rc = as_items_load(&files, 0, &item, &err);
	uint8_t *rgb = rc ? NULL : malloc(VIEWS * as_view_bytes(&policy, AS_U1));
	struct as_roles roles = as_roles_of(&policy, VIEWS);
	if (!rc && !(rc = rgb ? make_views(&roles, &item, rgb, &err) : as_fail(&err, AS_EMEM, "no memory for views")))
		rc = write_sheet(rgb, policy.size, argv[2], &err);
	if (rc)
		fprintf(stderr, "views: %s\n", err.text);
	free(rgb);
	as_item_clear(&item);
	as_items_close(&files);
	return rc != 0;
}
