/* What the readers of published sets share: where a set lies, lists, classes by name, K of each class. */
#include "data/published.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../tap.h"
#include "data/randperm.h"
#include "data/split.h"

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
}

static void folder(const char *path)
{
	if (mkdir(path, 0777))
		abort();
}

static void test_lines(void)
{
	struct as_lines l[2] = {{0}};
	struct as_names classes = {0};
	struct as_index x = {0};
	struct as_paths p = {0};
	struct as_error err = {0};
	put("one", "\xef\xbb\xbf" "/b c/2.jpg\r\n\r\n  a/1.jpg \nb/x/3.jpg");
	put("two", "/b/1.jpg\na/9.jpg\n");
	ok(!as_lines_read(&l[0], ".", "one", &err) && !as_lines_read(&l[1], "", "two", &err), "lists %s", err.text);
	is_int(l[0].count, 3, "lines: of Windows, with blanks, and the last without an end");
	is_text(l[0].line[0].text, "/b c/2.jpg", "the first without the mark before UTF-8");
	ok(l[0].line[1].number == 3 && l[0].line[2].number == 4, "empty lines are counted");
	ok(as_lines_fail(&l[0], 1, &err, "no %s", "good") == AS_EDATA, "an error");
	is_text(err.text, "./one:3: no good", "... names list and line");
	ok(!as_lines_folders(l, 2, &classes, &err), "folders of both");
	char *all = as_join(&classes, &err);
	is_text(all, "a, b, b c, b/x", "... sorted, each once");
	free(all);
	ok(!as_index_new(&x, &classes, &err) && as_index_find(&x, "b c", 3) == 2 && as_index_find(&x, "b", 1) == 1 &&
	   as_index_find(&x, "b ", 2) < 0 && as_index_find(&x, "", 0) < 0 && as_index_find(&x, "c", 1) < 0, "classes by name");
	ok(!as_lines_put(&l[0], &x, ".png", &p, &err) && !as_lines_put(&l[1], &x, "", &p, &err) && p.count == 5, "images");
	ok(p.path[0].label == 2 && p.path[1].label == 0 && p.path[2].label == 3 && p.path[3].label == 1, "the longest class counts");
	is_text(p.path[0].name, "b c/2.jpg.png", "without the first '/', with the ending");
	ok(p.path[2].line == 4 && !strcmp(p.list[p.path[2].list], "./one") && !strcmp(p.list[p.path[3].list], "two"),
	   "each knows its list");
	ok(!as_paths_group(&p, false, &err) && !strcmp(p.path[0].name, "a/1.jpg.png") && !strcmp(p.path[1].name, "a/9.jpg") &&
	   !strcmp(p.path[2].name, "b/1.jpg"), "class by class, in the order of the lists");
	put("three", "c/1.jpg\n");
	as_lines_clear(&l[1]);
	ok(!as_lines_read(&l[1], ".", "three", &err) && as_lines_put(&l[1], &x, "", &p, &err) == AS_EDATA, "a class that is none");
	is_text(err.text, "./three:1: 'c/1.jpg' is in none of the 4 classes", "... is told");
	as_index_clear(&x);
	ok(!as_names_add(&classes, "a", &err) && as_index_new(&x, &classes, &err) == AS_EDATA, "a class that is there twice");
	as_index_clear(&x);
	as_paths_clear(&p);
	as_names_clear(&classes);
	as_lines_clear(&l[0]);
	as_lines_clear(&l[1]);
	put("none", " \r\n");
	ok(as_lines_read(&l[0], ".", "none", &err) == AS_EDATA && !strcmp(err.text, "./none: an empty list"), "an empty list");
	as_lines_clear(&l[0]);
	ok(as_lines_read(&l[0], ".", "nowhere", &err) == AS_ENONE, "a list that is not there");
	as_lines_clear(&l[0]);
}

static void is_found(const struct as_home *home, const char *path, const char *want, int want_mark)
{
	char *got = NULL;
	int mark = -1;
	struct as_error err = {0};
	int rc = as_home_find(home, "set", path, &got, &mark, &err);
	ok(!rc && !strcmp(got, want) && mark == want_mark, "%s: %s, mark %d %s", path, got ? got : "none", mark, err.text);
	free(got);
}

static void test_home(void)
{
	const struct as_home home = {"arch-1|arch", "list.txt|train/", "arch.tgz from there"};
	struct as_error err = {0};
	char *got;
	int mark;
	folder("disk");
	folder("disk/x");
	put("disk/y.zip", "");
	ok(as_home_find(&home, "set", "disk", &got, &mark, &err) == AS_EDATA, "nothing there");
	is_text(err.text, "disk: no list.txt or train/ there or in arch-1 or arch; found x, y.zip; to fetch: arch.tgz from there",
		"... is told: looked for, found, to fetch");
	ok(as_home_find(&home, "set", "disk/y.zip", &got, &mark, &err) == AS_EDATA, "a file");
	is_text(err.text, "disk/y.zip: not a folder; unpack it and give the folder", "... is told");
	ok(as_home_find(&home, "set", "disc", &got, &mark, &err) == AS_EIO, "no such folder");
	folder("disk/train");
	is_found(&home, "disk", "disk", 1);
	folder("disk/arch");
	folder("disk/arch/train");
	is_found(&home, "disk", "disk/arch", 1);
	is_found(&home, "disk/arch", "disk/arch", 1);
	put("disk/arch/list.txt", "");
	is_found(&home, "disk", "disk/arch", 0);
	folder("disk/set");
	put("disk/set/train", "");
	is_found(&home, "disk", "disk/arch", 0);
	put("disk/set/list.txt", "");
	is_found(&home, "disk", "disk/set", 0);
	folder("disk/set/arch-1");
	folder("disk/set/arch-1/train");
	is_found(&home, "disk", "disk/set/arch-1", 1);
}

/* Items that say the labels of a list: image i has label i % classes, the last images have none. */
struct fake {
	int64_t classes, labelled;
};

static int tell(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct fake *f = items->self;
	(void)err;
	item->id = (uint64_t)i;
	item->label = i < f->labelled ? i % f->classes : -1;
	return 0;
}

static void close_nothing(struct as_items *items)
{
	(void)items;
}

static struct as_items part_of(struct fake *f, const struct as_each *e, enum as_each_part part)
{
	static const struct as_dataset kind = {.name = "fake", .tell = tell, .close = close_nothing};
	struct as_items items = {.kind = &kind, .count = f->labelled + 3, .self = f};
	struct as_error err;
	if (as_items_pick_each(&items, e, part, &err))
		abort();
	return items;
}

static void is_divided(int64_t classes, int64_t each, const struct as_each *e, int64_t train, int64_t val, bool small)
{
	struct fake f = {classes, classes * each};
	bool seen[256] = {false}, once = true, ordered = true;
	int64_t size[3], rest = e->rest ? each - train - val : 0, total = 0;
	for (int part = 0; part < 3; part++) {
		struct as_items items = part_of(&f, e, part);
		size[part] = items.count;
		ok((items.notes.count > 0) == small, "%s note", small ? "a" : "no");
		int64_t *r = malloc((size_t)each * sizeof *r), from = part == 0 ? 0 : part == 1 ? train : train + val;
		for (int64_t i = 0, n = items.count / classes; i < items.count; i++, total++) {
			int64_t label = i / n;
			as_randperm(e->seed + (uint32_t)label, each, r);
			ordered = ordered && items.pick[i] == r[from + i % n] * classes + label;
			once = once && !seen[items.pick[i]];
			seen[items.pick[i]] = true;
		}
		free(r);
		as_items_close(&items);
	}
	ok(size[0] == train * classes && size[1] == val * classes && size[2] == rest * classes, "%d of %d each: %d + %d + %d", (int)each,
	   (int)classes, (int)(size[0] / classes), (int)(size[1] / classes), (int)(size[2] / classes));
	ok(once && total == classes * each, "each image in one part");
	ok(ordered, "... at its place in torch's permutation of its class, seed + label");
}

static void test_each(void)
{
	const struct as_each all = {7, 4, 1, false}, rest = {7, 5, 2, true};
	is_divided(3, 5, &all, 4, 1, false);
	is_divided(3, 9, &all, 8, 1, false);
	is_divided(2, 1, &all, 1, 0, true);
	is_divided(4, 12, &rest, 5, 2, false);
	is_divided(4, 8, &rest, 5, 2, false);
	is_divided(4, 7, &rest, 5, 1, true);
	is_divided(4, 3, &rest, 1, 1, true);
	is_divided(4, 2, &rest, 2, 0, true);
}

int main(void)
{
	char name[] = "/tmp/augself-published.XXXXXX", command[64];
	if (!mkdtemp(name) || chdir(name))
		return 1;
	test_lines();
	test_home();
	test_each();
	snprintf(command, sizeof command, "rm -rf %s", name);
	return chdir("/") || system(command) || done();
}
