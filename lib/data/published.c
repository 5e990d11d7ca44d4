/* Published sets: where they lie, and whether they are whole. */
#include "data/published.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- where ---- */

bool as_home_has(const char *folder, const char *name)
{
	char path[2 * AS_MAX_PATH]; /* no memory is taken, so that its lack cannot pass for a file's */
	struct stat st;
	bool is_folder = *name && name[strlen(name) - 1] == '/';
	int n = snprintf(path, sizeof path, "%s/%s", folder, name);
	return n < (int)sizeof path && !stat(path, &st) && (is_folder ? S_ISDIR(st.st_mode) : !S_ISDIR(st.st_mode));
}

/* The i-th of the texts separated by '|'; false after the last. */
static bool word_at(const char *words, int i, char word[static 128])
{
	for (; i && words; i--)
		words = (words = strchr(words, '|')) ? words + 1 : NULL;
	if (!words || !*words)
		return false;
	snprintf(word, 128, "%.*s", (int)strcspn(words, "|"), words);
	return true;
}

/* The number of the first mark that the folder has; -1: none. */
static int find_mark(const struct as_home *home, const char *folder)
{
	char mark[128];
	for (int i = 0; word_at(home->marks, i, mark); i++)
		if (as_home_has(folder, mark))
			return i;
	return -1;
}

/* Looks into the archive's folders below base, then into base. 1: found, 0: not, <0: no memory. */
static int look_below(const struct as_home *home, const char *base, char **folder, int *mark, struct as_error *err)
{
	char name[128];
	bool more = true;
	for (int i = 0; more; i++) {
		more = word_at(home->folders, i, name);
		*folder = as_format(err, "%s%s%s", base, more ? "/" : "", more ? name : "");
		if (!*folder)
			return AS_EMEM;
		if ((*mark = find_mark(home, *folder)) >= 0)
			return 1;
		free(*folder);
		*folder = NULL;
	}
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is in the folder: the first few names by bytes, and how many more. */
static void tell_content(const char *path, char *text, size_t room)
{
	enum { MOST = 1000, NAMED = 4 };
	char *name[MOST];
	size_t n = 0, used = 0;
	long long more = 0;
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));)
		if (*e->d_name != '.' && (n == MOST || !(name[n] = strdup(e->d_name)) || !++n))
			more++;
	if (d)
		closedir(d);
	qsort(name, n, sizeof *name, by_text);
	snprintf(text, room, "nothing");
	for (size_t i = 0; i < n; i++) {
		if (i < NAMED && used < room)
			used += (size_t)snprintf(text + used, room - used, "%s%.24s", i ? ", " : "", name[i]);
		more += i >= NAMED;
		free(name[i]);
	}
	if (more && used < room)
		snprintf(text + used, room - used, " and %lld more", more);
}

/* "a|b" as "a or b". */
static void tell_words(const char *words, char *text, size_t room)
{
	char word[128];
	size_t used = 0;
	for (int i = 0; used < room && word_at(words, i, word); i++)
		used += (size_t)snprintf(text + used, room - used, "%s%s", i ? " or " : "", word);
}

static int not_there(const struct as_home *home, const char *path, struct as_error *err)
{
	char found[128], marks[128] = "", folders[128] = "";
	struct stat st;
	if (stat(path, &st))
		return as_fail_errno(err, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return as_fail(err, AS_EDATA, "%.80s: not a folder; unpack it and give the folder", path);
	tell_content(path, found, sizeof found);
	tell_words(home->marks, marks, sizeof marks);
	tell_words(home->folders, folders, sizeof folders);
	return as_fail(err, AS_EDATA, "%.80s: no %.60s there%s%.80s; found %s; to fetch: %s", path, marks,
		       *folders ? " or in " : "", folders, found, home->fetch);
}

int as_home_find(const struct as_home *home, const char *set, const char *path, char **folder, int *mark,
		 struct as_error *err)
{
	char *below = as_format(err, "%s/%s", path, set);
	int got = below ? look_below(home, below, folder, mark, err) : AS_EMEM;
	if (!got)
		got = look_below(home, path, folder, mark, err);
	free(below);
	return got > 0 ? 0 : got ? got : not_there(home, path, err);
}

int as_published_begin(struct as_items *items, const struct as_source *source, const struct as_home *home, size_t size,
		       const char *usual, char **folder, int *mark, struct as_error *err)
{
	*folder = NULL;
	items->split = source->split ? source->split : usual;
	if (!(items->self = calloc(1, size)))
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	return as_home_find(home, items->kind->name, source->path[0], folder, mark, err);
}

int as_paths_root_in(struct as_paths *p, const char *folder, const char *inside, struct as_error *err)
{
	char *root = as_format(err, "%s/%s", folder, inside);
	int rc = root ? as_paths_root(p, root, err) : AS_EMEM;
	free(root);
	return rc;
}

/* ---- what ---- */

struct placed {
	struct as_path path;
	int64_t place;
};

static int by_class(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	if (x->path.label != y->path.label)
		return x->path.label < y->path.label ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static int by_class_and_name(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int order = x->path.label != y->path.label ? 0 : strcmp(x->path.name, y->path.name);
	return order ? order : by_class(a, b);
}

int as_paths_group(struct as_paths *p, bool by_name, struct as_error *err)
{
	struct placed *placed = malloc((size_t)(p->count + 1) * sizeof *placed);
	if (!placed)
		return as_fail(err, AS_EMEM, "memory: no room for %lld paths", (long long)p->count);
	for (int64_t i = 0; i < p->count; i++)
		placed[i] = (struct placed){p->path[i], i};
	qsort(placed, (size_t)p->count, sizeof *placed, by_name ? by_class_and_name : by_class);
	for (int64_t i = 0; i < p->count; i++)
		p->path[i] = placed[i].path;
	free(placed);
	return 0;
}

int as_published_end(struct as_items *items, struct as_error *err)
{
	const struct as_paths *p = items->self;
	const struct as_path *repeat = NULL;
	int64_t repeats = 0;
	items->count = p->count;
	items->sorted = items->classes.count > 1;
	for (int64_t i = 1; i < p->count && items->sorted; i++)
		items->sorted = p->path[i].label >= p->path[i - 1].label;
	int rc = p->lists ? as_paths_repeats(p, &repeats, &repeat, err) : 0; /* a folder has a name once */
	if (rc || !repeat)
		return rc;
	return as_say(&items->notes, err, "listed twice: %lld of %lld images, the first %s", (long long)repeats,
		      (long long)p->count, repeat->name);
}

int as_published_count(struct as_items *items, const char *what, int64_t published, struct as_error *err)
{
	if (items->count == published || items->count < 1)
		return 0;
	return as_say(&items->notes, err, "%lld images to %s, the published set has %lld", (long long)items->count, what,
		      (long long)published);
}

int as_published_divide(struct as_items *items, uint32_t seed, int64_t val, int64_t of, struct as_error *err)
{
	bool second = !strcmp(items->split, "val");
	if ((!second && strcmp(items->split, "train") != 0) || items->count < 2)
		return 0;
	int64_t kept = items->count * val / of;
	return as_items_pick_random(items, seed, items->count - (kept ? kept : 1), second, err);
}

int as_published_each(struct as_items *items, const struct as_each *each, struct as_error *err)
{
	static const char *const part[] = {[AS_EACH_TRAIN] = "train", [AS_EACH_VAL] = "val", [AS_EACH_REST] = "test",
					   [AS_EACH_TRAINVAL] = "trainval"};
	for (int i = 0; i < (each->rest ? (int)(sizeof part / sizeof *part) : AS_EACH_VAL + 1); i++)
		if (!strcmp(items->split, part[i]))
			return as_items_pick_each(items, each, (enum as_each_part)i, err);
	return 0;
}
