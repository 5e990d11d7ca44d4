/* Pictures for people say what is so: sheets of samples, views, images and neighbours are
 * held to sheets drawn here, cell by cell and word by word. */
#include <stdlib.h>
#include <unistd.h>

#include "aug/gallery.h"
#include "base/file.h"
#include "eval/retrieval.h"
#include "image/sheet.h"

#include "../tap.h"

enum { H = 6, W = 8 };

static char got_path[] = "/tmp/as-got-XXXXXX", want_path[] = "/tmp/as-want-XXXXXX", table_path[] = "/tmp/as-table-XXXXXX";
static struct as_error err;

static void need(int rc)
{
	if (rc < 0) {
		ok(false, "%s", err.text);
		exit(done());
	}
}

/* The same bytes in both files: one sheet is drawn as the other. */
static void is_drawn(struct as_sheet *want, const char *what)
{
	char *at[2] = {NULL, NULL};
	size_t n[2] = {0, 0};
	need(as_sheet_write(want, want_path, &err));
	as_sheet_free(want);
	need(as_file_read(got_path, AS_PATH_FILE, 1 << 24, &at[0], &n[0], &err));
	need(as_file_read(want_path, AS_PATH_FILE, 1 << 24, &at[1], &n[1], &err));
	ok(n[0] == n[1] && !memcmp(at[0], at[1], n[0]), "%s", what);
	free(at[0]);
	free(at[1]);
}

static struct as_sheet *sheet(int columns, int side)
{
	struct as_sheet *s = NULL;
	need(as_sheet_new(&s, columns, side, &err));
	return s;
}

/* An image of one colour that tells its number. */
static const uint8_t *image(int number)
{
	static uint8_t rgb[16][3 * H * W];
	for (int i = 0; i < H * W; i++)
		memcpy(rgb[number] + 3 * i, (uint8_t[]){(uint8_t)(15 * number), 100, (uint8_t)(250 - 9 * number)}, 3);
	return rgb[number];
}

static struct as_record record(int number, int64_t label)
{
	struct as_record r = {.seq = (uint64_t)number, .id = (uint64_t)number, .label = label};
	r.image = (struct as_image){.pixels = {AS_U1, 3, {H, W, 3}, image(number)}, .height = H, .width = W};
	return r;
}

static struct as_header header(const char *kind, const char *policy)
{
	struct as_header h = {.epochs = 1};
	snprintf(h.kind, sizeof h.kind, "%s", kind);
	need(as_names_add(&h.classes, "cat", &err));
	need(as_names_add(&h.classes, "dog", &err));
	if (policy) {
		h.policy = malloc(strlen(policy) + 1);
		strcpy(h.policy, policy);
	}
	return h;
}

static struct as_cell cell(int number, int frame, const char *caption)
{
	return (struct as_cell){.rgb = image(number), .height = H, .width = W, .frame = frame, .caption = caption};
}

/* ---- neighbours ---- */

/* A stream of images first..first+4, of class cat, dog, cat, dog, none. */
static struct as_reader *images(FILE *f, int first)
{
	struct as_header h = header("image", NULL);
	struct as_writer *w = NULL;
	struct as_reader *r = NULL;
	need(as_writer_open(&w, fileno(f), &h, &err));
	for (int i = 0; i < 5; i++) {
		struct as_record rec = record(first + i, i < 4 ? i % 2 : -1);
		need(as_writer_put(w, &rec, &err));
	}
	need(as_writer_close(w, NULL, &err));
	as_header_clear(&h);
	rewind(f);
	need(as_reader_open(&r, fileno(f), "images", "image", &err));
	return r;
}

static int table(struct as_retrieval *r, const char *title, const char *lines)
{
	FILE *f = fopen(table_path, "w");
	fprintf(f, "query\trank\tneighbour\tsimilarity\tquery-label\tlabel\n%s", lines);
	fclose(f);
	return as_retrieval_list(r, title, table_path, &err);
}

/* Query 10 has a cat, a dog and one that nobody labelled; query 11 the nine images of which
 * eight are shown; query 12 is one too many. A second table agrees on the queries. */
static void test_neighbours(void)
{
	struct as_retrieval *r = NULL;
	FILE *here = tmpfile(), *there = tmpfile();
	need(as_retrieval_new(&r, 2, &err));
	need(table(r, "one", "10\t1\t2\t0.75\t0\t0\n10\t2\t1\t0.5\t0\t1\n10\t3\t4\t-0.25\t0\t\n"
			     "11\t1\t3\t1\t1\t1\n11\t2\t3\t.9\t1\t1\n11\t3\t3\t.8\t1\t1\n11\t4\t3\t.7\t1\t1\n11\t5\t3\t.6\t1\t1\n"
			     "11\t6\t3\t.5\t1\t1\n11\t7\t3\t.4\t1\t1\n11\t8\t3\t.3\t1\t1\n11\t9\t2\t.2\t1\t0\n12\t1\t0\t.1\t0\t0\n"));
	need(table(r, "two", "10\t1\t3\t2\t0\t1\n11\t1\t1\t-2\t1\t1\n"));
	ok(table(r, "three", "10\t1\t3\t1\t0\t1\n12\t1\t1\t1\t1\t1\n") == AS_EDATA, "a table of other queries: %s", err.text);
	ok(table(r, "three", "10\t1\t3\t2.01\t0\t1\n11\t1\t1\t1\t1\t1\n") == AS_EDATA, "a cosine beyond 2: %s", err.text);
	ok(table(r, "three", "10\t2\t3\t1\t0\t1\n") == AS_EDATA, "a table that begins at rank 2: %s", err.text);
	struct as_reader *a = images(here, 10), *b = images(there, 0);
	need(as_retrieval_images(r, a, true, &err));
	need(as_retrieval_images(r, b, false, &err));
	need(as_retrieval_write(r, got_path, &err));
	struct as_sheet *s = sheet(9, 128);
	need(as_sheet_text(s, "Nearest neighbours; green: same label", 2, &err));
	need(as_sheet_row(s, (struct as_cell[]){cell(10, AS_NO_COLOUR, "cat\none"), cell(2, AS_GREEN, "cat\n0.750"),
		cell(1, AS_RED, "dog\n0.500"), cell(4, AS_NO_COLOUR, "\n-0.250")}, 4, &err));
	need(as_sheet_row(s, (struct as_cell[]){cell(10, AS_NO_COLOUR, "cat\ntwo"), cell(3, AS_RED, "dog\n2.000")}, 2, &err));
	need(as_sheet_row(s, (struct as_cell[]){cell(11, AS_NO_COLOUR, "dog\none"), cell(3, AS_GREEN, "dog\n1.000"),
		cell(3, AS_GREEN, "dog\n0.900"), cell(3, AS_GREEN, "dog\n0.800"), cell(3, AS_GREEN, "dog\n0.700"),
		cell(3, AS_GREEN, "dog\n0.600"), cell(3, AS_GREEN, "dog\n0.500"), cell(3, AS_GREEN, "dog\n0.400"),
		cell(3, AS_GREEN, "dog\n0.300")}, 9, &err));
	need(as_sheet_row(s, (struct as_cell[]){cell(11, AS_NO_COLOUR, "dog\ntwo"), cell(1, AS_GREEN, "dog\n-2.000")}, 2, &err));
	is_drawn(s, "neighbours in their order, green where labels agree, of each query every table");
	as_retrieval_free(r);
	as_reader_close(a);
	as_reader_close(b);
	fclose(here);
	fclose(there);
}

/* ---- records ---- */

static const char policy[] = "size = 4\nop = crop\nop = flip\nop = color\n";

/* Two views as the policy has them: crop, flip, color. */
static const float param[2][11] = {
	{1, 2, 4, 3, 1, 0, 1, 1, 1, 0, 0},
	{0, 0, 6, 8, 0, 1, .5f, 1.25f, .9f, -.05f, 7},
};
static const char *const said[2] = {
	"crop 4x3\nat 1,2\nflip 1\ncolor off",
	"crop 6x8\nat 0,0\nflip 0\nbrightness .5\ncontrast 1.25\nsaturation .9\nhue -.05\norder 7",
};

static void draw(const struct as_header *h, const struct as_record *rec, int n)
{
	struct as_gallery *g = NULL;
	need(as_gallery_new(&g, h, (uint64_t)n, &err));
	for (int i = 0; i < n; i++)
		need(as_gallery_add(g, &rec[i], &err));
	need(as_gallery_write(g, got_path, &err));
	as_gallery_free(g);
}

/* Nine images fill a row of eight and begin another. */
static void test_images(void)
{
	struct as_header h = header("image", NULL);
	struct as_record rec[9];
	struct as_cell c[9];
	for (int i = 0; i < 9; i++) {
		rec[i] = record(i, i == 8 ? 7 : i % 3 - 1);
		c[i] = cell(i, AS_GREY, i == 8 ? "class 7" : ((const char *[]){"", "cat", "dog"})[i % 3]);
	}
	draw(&h, rec, 9);
	struct as_sheet *s = sheet(8, 128);
	need(as_sheet_row(s, c, 8, &err));
	need(as_sheet_row(s, c + 8, 1, &err));
	is_drawn(s, "images in rows of eight, with their classes");
	draw(&h, rec, 2);
	s = sheet(2, 128);
	need(as_sheet_row(s, c, 2, &err));
	is_drawn(s, "two images are a row of two");
	as_header_clear(&h);
}

/* What the two views make of an image of one grey, 100: the same, and half of it. */
static struct as_cell view(int i)
{
	static uint8_t rgb[2][3 * 4 * 4];
	memset(rgb[i], i ? 50 : 100, sizeof rgb[i]);
	return (struct as_cell){.rgb = rgb[i], .height = 4, .width = 4, .frame = i ? AS_BLUE : AS_ORANGE, .caption = said[i]};
}

static void test_samples(void)
{
	struct as_header h = header("sample", policy);
	struct as_record rec = record(3, 1);
	uint8_t grey[3 * H * W];
	memset(grey, 100, sizeof grey);
	rec.image.pixels.data = grey;
	rec.role[0].param = (struct as_tensor){AS_F4, 2, {2, 11}, param};
	draw(&h, &rec, 1);
	const struct as_mark mark[2] = {{1, 2, 4, 3, AS_ORANGE}, {0, 0, 6, 8, AS_BLUE}};
	struct as_cell c[3] = {{grey, H, W, AS_GREY, "dog\n6 x 8\nseq 3", mark, 2}, view(0), view(1)};
	struct as_sheet *s = sheet(3, 256);
	need(as_sheet_row(s, c, 3, &err));
	is_drawn(s, "a sample: its image with the boxes of its views, and the views, with what was drawn for them");
	rec.role[0].param.shape[1] = 10;
	struct as_gallery *g = NULL;
	need(as_gallery_new(&g, &h, 1, &err));
	ok(as_gallery_add(g, &rec, &err) == AS_EDATA, "parameters of another policy: %s", err.text);
	as_gallery_free(g);
	as_header_clear(&h);
}

static void test_views(void)
{
	struct as_header h = header("view", policy);
	uint8_t u1[2][3 * 4 * 4];
	float f4[2][3 * 4 * 4];
	struct as_record rec = {.label = 1, .height = H, .width = W, .role = {{.param = {AS_F4, 2, {2, 11}, param}}}};
	for (int i = 0; i < 2 * 3 * 4 * 4; i++) { /* .2 and beyond 1: 51 and 255 */
		(&u1[0][0])[i] = i < 48 ? 51 : 255;
		(&f4[0][0])[i] = i < 48 ? .2f : 1.5f;
	}
	for (int dtype = 0; dtype < 2; dtype++) {
		rec.role[0].views = dtype ? (struct as_tensor){AS_F4, 4, {2, 4, 4, 3}, f4} : (struct as_tensor){AS_U1, 4, {2, 4, 4, 3}, u1};
		draw(&h, &rec, 1);
		struct as_cell c[2] = {view(0), view(1)};
		c[0].rgb = u1[0];
		c[1].rgb = u1[1];
		struct as_sheet *s = sheet(2, 256);
		need(as_sheet_row(s, c, 2, &err));
		is_drawn(s, dtype ? "views of floats" : "views of bytes");
	}
	as_header_clear(&h);
}

int main(void)
{
	close(mkstemp(got_path));
	close(mkstemp(want_path));
	close(mkstemp(table_path));
	test_neighbours();
	test_images();
	test_samples();
	test_views();
	remove(got_path);
	remove(want_path);
	remove(table_path);
	return done();
}
