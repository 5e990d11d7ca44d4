/* MATLAB files: what SciPy wrote is read (tests/golden/matlab.py), what is not as asked is said, and no damage
 * is more than an error. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../tap.h"
#include "base/file.h"
#include "stream/late.h"
#include "data/mat.h"

#define FOLDER "tests/golden/matlab/"
static struct as_error err;

/* The whole part as "1 2 3", or the error. */
static const char *ints(const char *file, const char *variable, const char *field, int64_t lo, int64_t hi)
{
	static char text[512];
	struct as_mat *m = NULL;
	int64_t *value = NULL, n = 0;
	size_t used = 0;
	int rc = as_mat_open(&m, file, &err);
	if (!rc)
		rc = as_mat_ints(m, (struct as_mat_part){variable, field}, lo, hi, &value, &n, &err);
	*text = 0;
	for (int64_t i = 0; i < n && used < 400; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld", i ? " " : "", (long long)value[i]);
	free(value);
	as_mat_close(m);
	return rc ? err.text : text;
}

static const char *texts(const char *file, const char *variable, const char *field)
{
	static char text[512];
	struct as_mat *m = NULL;
	struct as_names names = {0};
	size_t used = 0;
	int rc = as_mat_open(&m, file, &err);
	if (!rc)
		rc = as_mat_texts(m, (struct as_mat_part){variable, field}, &names, &err);
	*text = 0;
	for (int64_t i = 0; i < names.count && used < 400; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%.80s", i ? "|" : "", as_names_at(&names, i));
	as_names_clear(&names);
	as_mat_close(m);
	return rc ? err.text : text;
}

#define SAME(got, want) is_text(got, want, want)

static void test_values(void)
{
	SAME(ints(FOLDER "imagelabels.mat", "labels", NULL, 1, 9), "2 1 3 3 2 1");
	SAME(ints(FOLDER "setid.mat", "tstid", NULL, 1, 9), "6 4 3");
	SAME(ints(FOLDER "train_list.mat", "labels", NULL, 1, 9), "2 2 1");
	SAME(texts(FOLDER "train_list.mat", "file_list", NULL), "n2-Chow/n2_9.jpg|n2-Chow/n2_1.jpg|n1-Puli/n1_4.jpg");
	SAME(ints(FOLDER "cars_train_annos.mat", "annotations", "class", 1, 2), "2 1 2");
	SAME(ints(FOLDER "cars_train_annos.mat", "annotations", "bbox_x2", 0, 999), "300 300 300");
	SAME(texts(FOLDER "cars_test_annos.mat", "annotations", "fname"), "00001.jpg|00002.jpg");
	SAME(texts(FOLDER "cars_meta.mat", "class_names", NULL), "Audi A4|Ram C/V Van \xc3\xa9");
	SAME(ints(FOLDER "odd.mat", "wide", NULL, -3, 70000), "70000 -3");
	SAME(ints(FOLDER "odd.mat", "long", NULL, 0, INT64_MAX), "1099511627776");
	SAME(ints(FOLDER "odd.mat", "single", NULL, 0, 2), "2");
}

static void test_refusals(void)
{
	SAME(ints(FOLDER "imagelabels.mat", "labels", NULL, 1, 2),
	     FOLDER "imagelabels.mat: labels: element 3 is 3, expected a whole number 1 to 2");
	SAME(ints(FOLDER "imagelabels.mat", "label", NULL, 1, 2), FOLDER "imagelabels.mat: no variable label in it");
	SAME(ints(FOLDER "cars_test_annos.mat", "annotations", "class", 1, 2),
	     FOLDER "cars_test_annos.mat: annotations.class: found nothing of 0 x 0, expected numbers");
	SAME(ints(FOLDER "cars_train_annos.mat", "annotations", "fname", 1, 2),
	     FOLDER "cars_train_annos.mat: annotations.fname: found a text of 1 x 9, expected numbers");
	SAME(ints(FOLDER "cars_train_annos.mat", "annotations", NULL, 1, 2),
	     FOLDER "cars_train_annos.mat: annotations: found structs of 1 x 3, expected numbers");
	SAME(texts(FOLDER "cars_train_annos.mat", "annotations", "class"),
	     FOLDER "cars_train_annos.mat: annotations.class: found numbers of 1 x 1, expected texts, one for each element");
	SAME(texts(FOLDER "setid.mat", "trnid", NULL),
	     FOLDER "setid.mat: trnid: found numbers of 1 x 2, expected texts, one for each element");
	SAME(ints(FOLDER "setid.mat", "trnid", "class", 1, 2), FOLDER "setid.mat: trnid.class: found numbers of 1 x 2, expected structs");
	SAME(ints(FOLDER "odd.mat", "half", NULL, 1, 2), FOLDER "odd.mat: half: element 2 is 1.5, expected a whole number 1 to 2");
	SAME(ints(FOLDER "odd.mat", "square", NULL, 0, 2), FOLDER "odd.mat: square: found numbers of 2 x 2, expected a vector");
	SAME(ints(FOLDER "odd.mat", "none", NULL, 0, 2), FOLDER "odd.mat: none: found numbers of 0 x 0, expected a vector");
	SAME(ints(FOLDER "odd.mat", "text", NULL, 0, 255), FOLDER "odd.mat: text: found a text of 1 x 5, expected numbers");
	SAME(texts(FOLDER "odd.mat", "mixed", NULL), FOLDER "odd.mat: mixed: found numbers of 1 x 1, expected texts, one for each element");
	SAME(texts(FOLDER "odd.mat", "tab", NULL), FOLDER "odd.mat: tab: found a text of 1 x 3, expected texts, one for each element");
	static const char *const files[][2] = {
		{FOLDER "four.mat", "of version 4"}, {"tests/golden/matlab.py", "but something else"}, {FOLDER "none.mat", "No such file"},
		{"tests/golden", "is a directory"}, {FOLDER "complex.mat", "has what lists do not have"},
		{FOLDER "sparse.mat", "has what lists do not have"}, {FOLDER "deep.mat", "has what lists do not have"},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		const char *text = ints(files[i][0], "labels", NULL, 0, 2);
		ok(strstr(text, files[i][1]) != NULL, "%s", text);
	}
}

/* ---- damage ---- */

/* Whether a file is refused when the first 8 bytes that are `from` are `to`. */
static bool refuses(const char *file, const char *from, const char *to)
{
	char *bytes = NULL;
	size_t count = 0, at = AS_MAT_HEAD;
	int rc = as_file_read(file, AS_PATH_FILE, 1 << 16, &bytes, &count, &err);
	bool whole = !rc && !as_mat_check(bytes, count, &err);
	while (whole && at + 8 <= count && memcmp(bytes + at, from, 8) != 0)
		at++;
	bool found = whole && at + 8 <= count;
	if (found)
		memcpy(bytes + at, to, 8);
	bool refused = found && as_mat_check(bytes, count, &err) == AS_EDATA;
	free(bytes);
	return refused;
}

/* Sizes that do not fit: of cells, of numbers, of texts, of names of fields. Numbers are little-endian. */
static void test_sizes(void)
{
	static const char list[] = FOLDER "test_list.mat", cars[] = FOLDER "cars_test_annos.mat";
	ok(refuses(list, "\2\0\0\0\1\0\0\0", "\3\0\0\0\1\0\0\0"), "a cell more than there is");
	ok(refuses(list, "\2\0\0\0\1\0\0\0", "\0\0\0\1\0\0\0\1"), "2^48 cells");
	ok(refuses(list, "\x10\0\0\0\x10\0\0\0", "\x10\0\0\0\x50\0\0\0"), "letters behind their cell");
	ok(refuses(list, "\x09\0\0\0\x10\0\0\0", "\x09\0\0\0\x08\0\0\0"), "a number less");
	ok(refuses(list, "\x09\0\0\0\x10\0\0\0", "\x09\0\0\0\xf0\xff\xff\xff"), "numbers of 4 GiB");
	ok(refuses(cars, "\1\0\0\0\2\0\0\0", "\1\0\0\0\3\0\0\0"), "a struct more");
	ok(refuses(cars, "\5\0\4\0\x08\0\0\0", "\5\0\4\0\0\0\0\0"), "fields without names");
}

/* A file that ends anywhere but behind a variable is refused. */
static void test_ends(void)
{
	char *bytes = NULL;
	size_t count = 0;
	int64_t taken = 0;
	if (!ok(!as_file_read(FOLDER "test_list.mat", AS_PATH_FILE, 1 << 16, &bytes, &count, &err), "a file of two variables"))
		return;
	for (size_t n = AS_MAT_HEAD; n <= count; n++) {
		char *part = malloc(n); /* exact, so that a sanitizer sees a step too far */
		if (part) {
			memcpy(part, bytes, n);
			taken += !as_mat_check(part, n, &err);
		}
		free(part);
	}
	free(bytes);
	is_int(taken, 2, "is taken when it ends behind the first or the second, and nowhere else");
}

static struct {
	int read, refused, silent;
} tally;

/* Reads everything that the sets read, of any bytes. */
static void try(const char *path, const char *bytes, size_t count)
{
	static const struct as_mat_part part[] = {
		{"annotations", "class"}, {"annotations", "fname"}, {"file_list", NULL}, {"labels", NULL}};
	struct as_mat *m = NULL;
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(bytes, 1, count, f) != count || fclose(f))
		tally.silent++;
	*err.text = 0;
	if (as_mat_open(&m, path, &err)) {
		tally.refused++;
		tally.silent += !*err.text;
		return;
	}
	for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
		struct as_names names = {0};
		int64_t *value = NULL, n;
		*err.text = 0;
		int rc = i == 0 || i == 3 ? as_mat_ints(m, part[i], 0, INT64_MAX, &value, &n, &err)
					  : as_mat_texts(m, part[i], &names, &err);
		tally.read += !rc;
		tally.refused += rc < 0;
		tally.silent += rc && !*err.text;
		free(value);
		as_names_clear(&names);
	}
	as_mat_close(m);
}

/* Every place where a file may end, every bit of it, and lengths that are far too large. */
static void test_damage(const char *name)
{
	static const unsigned char large[][4] = {
		{0xff, 0xff, 0xff, 0xff}, {0xff, 0xff, 0xff, 0x7f}, {0, 0, 0, 0x40}, {0xf0, 0xff, 0, 0}};
	char path[64], from[128], *bytes = NULL;
	size_t count = 0;
	snprintf(from, sizeof from, FOLDER "%s", name);
	snprintf(path, sizeof path, "/tmp/augself-mat-%ld.mat", (long)getpid());
	if (!ok(!as_file_read(from, AS_PATH_FILE, 1 << 16, &bytes, &count, &err), "%s", from))
		return;
	memset(&tally, 0, sizeof tally);
	for (size_t i = 0; i < count; i++) {
		try(path, bytes, i);
		for (int bit = 0; bit < 8; bit++) {
			bytes[i] = (char)(bytes[i] ^ 1 << bit);
			try(path, bytes, count);
			bytes[i] = (char)(bytes[i] ^ 1 << bit);
		}
		for (size_t k = 0; k < sizeof large / sizeof *large && i % 4 == 0 && i + 4 <= count; k++) {
			char was[4];
			memcpy(was, bytes + i, 4);
			memcpy(bytes + i, large[k], 4);
			try(path, bytes, count);
			memcpy(bytes + i, was, 4);
		}
	}
	remove(path);
	free(bytes);
	ok(tally.read > 500 && tally.refused > 500 && !tally.silent, "%s damaged: %d reads, %d refusals, none without a word", name,
	   tally.read, tally.refused);
}

static void test_late(void)
{
	void (*function)(void) = NULL;
	const struct as_late none = {"as_no_such_function", &function};
	ok(as_late_load("libaugself-none.so.7", &none, 1, &err) == AS_EIO && strstr(err.text, "libaugself-none.so.7"), "%s", err.text);
	ok(as_late_load("libm.so.6", &none, 1, &err) == AS_EIO && strstr(err.text, "no function as_no_such_function"), "%s", err.text);
	ok(!as_late_load("libm.so.6", &(struct as_late){"cos", &function}, 1, &err) && function, "one that is there");
}

int main(void)
{
	test_late();
	if (strstr(ints(FOLDER "setid.mat", "trnid", NULL, 1, 9), "must be built with")) {
		skip("built without libmatio");
		return done();
	}
	test_sizes();
	test_ends();
	test_values();
	test_refusals();
	test_damage("test_list.mat");
	test_damage("cars_test_annos.mat");
	test_damage("imagelabels.mat");
	return done();
}
