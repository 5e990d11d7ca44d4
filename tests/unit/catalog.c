/* The index of folders, and that of images in large files: what is found again, what is not believed, and columns that do not
 * fit together. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../tap.h"
#include "data/members.h"

static char file[] = "/tmp/augself-catalog-XXXXXX";

static const struct as_stamp old = {{1000000000, 2000000000, 4096}}, other = {{1000000000, 2000000001, 4096}};

/* The entries of a folder as one text, or "?" if they are not known. */
static const char *find(struct as_catalog *c, const char *inside, struct as_stamp stamp)
{
	static char text[256];
	const char *at, *end;
	size_t n = 0;
	if (!as_catalog_find(c, "/nowhere/", inside, &stamp, &at, &end))
		return "?";
	for (; at < end && n < sizeof text - 1; at++)
		text[n++] = *at ? *at : ' ';
	text[n] = 0;
	return text;
}

static struct as_catalog *open_index(void)
{
	struct as_catalog *c = NULL;
	struct as_error err;
	if (as_catalog_open(&c, file, &err))
		ok(false, "it opens: %s", err.text);
	return c;
}

static void add(struct as_catalog *c, const char *inside, struct as_stamp stamp, const char *entries)
{
	struct as_error err;
	char name[2] = "";
	int rc = as_catalog_begin(c, inside, &stamp, &err);
	for (; *entries && !rc; entries++) {
		name[0] = *entries;
		rc = as_catalog_add(c, AS_ENTRY_IMAGE, name, &err);
	}
	ok(!rc, "folder '%s' is added", inside);
}

/* Writes and closes; *notes is what it says. */
static void end(struct as_catalog *c, struct as_names *notes)
{
	struct as_error err;
	as_names_clear(notes);
	ok(!as_catalog_end(c, notes, &err), "it ends");
	as_catalog_close(c);
}

static void test_folders(void)
{
	struct as_names notes = {0};
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t at = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	unlink(file);
	struct as_catalog *c = open_index();
	ok(!strcmp(find(c, "b", old), "?"), "no index: nothing is known");
	add(c, "b", old, "xy");
	add(c, "", old, "ab");
	add(c, "lately", (struct as_stamp){{at, at, 1}}, "z");
	add(c, "void", old, "");
	end(c, &notes);
	is_int(notes.count, 0, "which is nothing to say");
	c = open_index();
	ok(!strcmp(find(c, "b", old), "ix iy "), "a folder that is as it was");
	ok(!strcmp(find(c, "", old), "ia ib "), "that of the set");
	ok(!strcmp(find(c, "void", old), ""), "one without entries");
	ok(!strcmp(find(c, "c", old), "?"), "one that is new");
	ok(!strcmp(find(c, "lately", (struct as_stamp){{at, at, 1}}), "?"), "one that may change again within a tick is not believed");
	end(c, &notes);
	is_int(notes.count, 0, "nor is that said");
	c = open_index();
	ok(!strcmp(find(c, "b", other), "?"), "one that has changed is read anew");
	add(c, "b", other, "x");
	find(c, "", old);
	end(c, &notes);
	ok(notes.count == 1 && strstr(as_names_at(&notes, 0), "changed since, 1 of 4, the first b"), "which is said");
	c = open_index();
	ok(!strcmp(find(c, "b", other), "ix "), "and kept");
	ok(!strcmp(find(c, "", old), "ia ib "), "with what was as before");
	ok(!strcmp(find(c, "void", old), "?"), "without what was not asked for and is no longer there");
	end(c, &notes);
	as_names_clear(&notes);
}

static int save(const struct as_column *c, int n, const char *form)
{
	struct as_error err;
	return as_catalog_save(file, form, c, n, &err);
}

/* Columns of two folders, one of which is changed. */
static void test_broken_folders(void)
{
	static const int64_t good[][6] = {{0, 2, 4}, {0, 3, 6}, {1, 2, 3, 1, 2, 3}};
	static const struct {
		const char *what;
		int column, place;
		int64_t value;
		const char *text, *entries;
	} bad[] = {
		{"names that go back", 0, 1, 5, NULL, NULL}, {"a name below 0", 0, 0, -1, NULL, NULL},
		{"names beyond the text", 0, 2, 9, NULL, NULL}, {"an empty name", 0, 1, 0, NULL, NULL},
		{"entries that go back", 1, 1, 7, NULL, NULL}, {"entries beyond the end", 1, 2, 1ll << 62, NULL, NULL},
		{"names out of order", 0, 0, 0, "b\0a", NULL}, {"a name twice", 0, 0, 0, "a\0a", NULL},
		{"a name without an end", 0, 0, 0, "ab\0b", NULL}, {"an entry without an end", 0, 0, 0, NULL, "ixxiy"},
	};
	struct as_catalog *c;
	struct as_error err;
	for (int k = -1; k < (int)(sizeof bad / sizeof *bad); k++) {
		int64_t at[3][6];
		memcpy(at, good, sizeof at);
		if (k >= 0)
			at[bad[k].column][bad[k].place] = bad[k].value;
		const struct as_column column[] = {
			{"name", AS_I8, 3, at[0]}, {"first", AS_I8, 3, at[1]}, {"stamp", AS_I8, 6, at[2]},
			{"text", AS_U1, 4, k >= 0 && bad[k].text ? bad[k].text : "a\0b"},
			{"entries", AS_U1, 6, k >= 0 && bad[k].entries ? bad[k].entries : "ix\0iy"},
		};
		int rc = save(column, 5, "folders") ? 1 : as_catalog_open(&c, file, &err);
		if (!rc)
			as_catalog_close(c);
		is_int(rc, k < 0 ? 0 : AS_EDATA, k < 0 ? "a good one" : bad[k].what);
	}
	const struct as_column few[] = {{"name", AS_I8, 1, good[0]}};
	ok(!save(few, 1, "folders") && as_catalog_open(&c, file, &err) == AS_EDATA, "columns that are missing");
	ok(!save(few, 1, "tar") && as_catalog_open(&c, file, &err) == AS_EDATA && strstr(err.text, "an index of 'tar'"),
	   "that of another kind of set is named");
}

/* Columns of three images in one file of 100 bytes, of which one value is changed. */
static void test_broken_members(void)
{
	static const int64_t first[] = {0, 3}, offset[] = {0, 10, 90}, name[] = {0, 2, 4};
	static const int32_t bytes[] = {10, 80, 10}, label[] = {-1, 0, 1};
	static const struct {
		const char *what;
		int column, place;
		int64_t value;
		const char *text;
	} bad[] = {
		{"a first that is not 0", 0, 0, 1, NULL}, {"more images than there are", 0, 1, 4, NULL},
		{"an offset below 0", 1, 1, -1, NULL}, {"an offset beyond the file", 1, 2, 101, NULL},
		{"an offset of 2^62", 1, 2, 1ll << 62, NULL}, {"bytes below 0", 2, 0, -1, NULL},
		{"bytes beyond the file", 2, 2, 11, NULL}, {"a label below -1", 3, 0, -2, NULL},
		{"a name below 0", 4, 0, -1, NULL}, {"names that go back", 4, 1, 0, NULL}, {"a name beyond the text", 4, 2, 6, NULL},
		{"a name in the midst of another", 4, 1, 1, NULL}, {"a text without an end", 4, 0, 0, "a\0b\0cd"},
	};
	for (int k = -1; k < (int)(sizeof bad / sizeof *bad); k++) {
		int64_t at[2] = {first[0], first[1]}, from[3], names[3];
		int32_t size[3], is[3];
		memcpy(from, offset, sizeof from);
		memcpy(names, name, sizeof names);
		memcpy(size, bytes, sizeof size);
		memcpy(is, label, sizeof is);
		switch (k < 0 ? -1 : bad[k].column) {
		case 0: at[bad[k].place] = bad[k].value; break;
		case 1: from[bad[k].place] = bad[k].value; break;
		case 2: size[bad[k].place] = (int32_t)bad[k].value; break;
		case 3: is[bad[k].place] = (int32_t)bad[k].value; break;
		case 4: names[bad[k].place] = bad[k].value; break;
		}
		struct as_stamp stamp = old;
		stamp.at[2] = 100;
		const struct as_column column[] = {
			{"stamp", AS_I8, 3, stamp.at}, {"first", AS_I8, 2, at}, {"offset", AS_I8, 3, from}, {"bytes", AS_I4, 3, size},
			{"label", AS_I4, 3, is}, {"name", AS_I8, 3, names},
			{"text", AS_U1, 6, k >= 0 && bad[k].text ? bad[k].text : "a\0b\0c"},
			{"classes", AS_U1, 4, "x\0y"}, {"notes", AS_U1, 0, NULL},
		};
		struct as_member_file f = {.path = "f", .fd = -1, .stamp = stamp};
		int64_t room[2];
		struct as_members m = {.form = "tar", .file = &f, .files = 1, .first = room};
		struct as_items items = {0};
		struct as_error err;
		int rc = save(column, 9, "tar") ? -99 : as_members_take(&m, file, &items, &err);
		is_int(rc, k < 0 ? 1 : AS_EDATA, k < 0 ? "good columns" : bad[k].what);
		ok(k >= 0 || (m.count == 3 && as_members_where(&m, 2) == 0 && !strcmp(as_members_name(&m, 2).at, "c") &&
			      items.classes.count == 2), "%s", k < 0 ? "are taken" : "and none is taken by mistake");
		f.stamp.at[1]++;
		as_safetensors_close(m.kept);
		m.kept = NULL;
		is_int(as_members_take(&m, file, &items, &err), 0, "of a file that is another now it is not believed");
		is_int(items.notes.count, 1, "which is said");
		as_safetensors_close(m.kept);
		as_names_clear(&items.classes);
		as_names_clear(&items.notes);
	}
}

int main(void)
{
	int fd = mkstemp(file);
	if (fd < 0)
		return 1;
	close(fd);
	test_folders();
	test_broken_folders();
	test_broken_members();
	unlink(file);
	return done();
}
