/* A text file of lines `path label`. Paths may hold blanks and start from the list's own folder. The labels
 * are all whole numbers, or all names. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "data/inside.h"

static const char BLANKS[] = " \t\r";

struct line {
	char *path, *label;
	uint32_t number;
};

/* Divides a line at its last run of blanks. 1: done, 0: an empty line, <0: no label. */
static int divide(char *text, struct line *l, const char *list, struct as_error *err)
{
	size_t n = strlen(text);
	while (n && strchr(BLANKS, text[n - 1]))
		text[--n] = 0;
	text += strspn(text, BLANKS);
	if (!*text)
		return 0;
	char *at = text + strlen(text);
	while (at > text && !strchr(BLANKS, at[-1]))
		at--;
	if (at == text)
		return as_fail(err, AS_EDATA, "%s:%u: no label after the path; lines are PATH LABEL", list, l->number);
	l->path = text;
	l->label = at;
	while (strchr(BLANKS, at[-1]))
		*--at = 0;
	return 1;
}

/* Reads the lines into *lines, *count of them; they point into the text. */
static int split_lines(char *text, const char *list, struct line **lines, int64_t *count, struct as_error *err)
{
	int64_t room = 0;
	uint32_t number = 0;
	for (char *at = text, *next; at; at = next) {
		struct line l = {.number = ++number};
		if ((next = strchr(at, '\n')))
			*next++ = 0;
		int got = divide(at, &l, list, err);
		if (got < 0)
			return got;
		if (*count == room) {
			room = room ? 2 * room : 256;
			struct line *more = realloc(*lines, (size_t)room * sizeof *more);
			if (!more)
				return as_fail(err, AS_EMEM, "memory: no room for %lld lines", (long long)room);
			*lines = more;
		}
		if (got)
			(*lines)[(*count)++] = l;
	}
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The different labels, sorted by bytes, become the classes; the caller owns *sorted. */
static int name_classes(const struct line *lines, int64_t count, const char ***sorted, int64_t *classes,
			struct as_names *names, struct as_error *err)
{
	const char **label = malloc((size_t)count * sizeof *label);
	if (!label)
		return as_fail(err, AS_EMEM, "memory: no room for %lld labels", (long long)count);
	*sorted = label;
	for (int64_t i = 0; i < count; i++)
		label[i] = lines[i].label;
	qsort(label, (size_t)count, sizeof *label, by_text);
	int rc = 0;
	for (int64_t i = 0; i < count && !rc; i++)
		if (!i || strcmp(label[i], label[*classes - 1]) != 0) {
			label[(*classes)++] = label[i];
			rc = as_names_add(names, label[i], err);
		}
	return rc;
}

static int add_lines(struct as_paths *p, struct as_items *items, const struct line *lines, int64_t count,
		     struct as_error *err)
{
	const char **sorted = NULL;
	int64_t classes = 0, number = 0;
	bool numbers = count && !as_parse_i64(lines[0].label, INT64_MIN, INT64_MAX, &number, NULL);
	int rc = numbers ? 0 : name_classes(lines, count, &sorted, &classes, &items->classes, err);
	for (int64_t i = 0; i < count && !rc; i++) {
		struct as_error why;
		if (numbers && as_parse_i64(lines[i].label, -1, INT32_MAX, &number, &why)) {
			rc = as_fail(err, AS_EDATA, "%s:%u: label: %s", p->list[0], lines[i].number, why.text);
		} else if (!numbers) {
			const char **found = bsearch(&lines[i].label, sorted, (size_t)classes, sizeof *sorted, by_text);
			number = found - sorted;
		}
		if (!rc)
			rc = as_paths_add(p, lines[i].path, (int32_t)number, lines[i].number, err);
	}
	free(sorted);
	return rc;
}

/* Says which images occur twice, and whether all labels are the same. */
static int say_doubts(const struct as_paths *p, struct as_items *items, struct as_error *err)
{
	const struct as_path *repeat;
	int64_t count, same = 0;
	int rc = as_paths_repeats(p, &count, &repeat, err);
	if (!rc && repeat)
		rc = as_say(&items->notes, err, "repeated images, %lld of %lld lines, as line %u, %s: these have one id and are "
			    "augmented alike", (long long)count, (long long)p->count, (unsigned)repeat->line, repeat->name);
	while (same < p->count && p->path[same].label == p->path[0].label)
		same++;
	if (rc || same < p->count || !p->count || p->path[0].label < 0)
		return rc;
	const char *name = as_names_at(&items->classes, 0);
	return name ? as_say(&items->notes, err, "one class only, '%s': there is nothing to tell apart", name)
		    : as_say(&items->notes, err, "one class only, %d: there is nothing to tell apart", (int)p->path[0].label);
}

static int open_list(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	const char *list = source->path[0], *slash = strrchr(list, '/');
	struct as_paths *p = items->self = calloc(1, sizeof *p);
	struct line *lines = NULL;
	char *text = NULL;
	int64_t count = 0;
	int rc = as_text_read(list, AS_PATH_FILE | AS_PATH_PIPE, 1 << 30, &text, err);
	if (!rc && (!p || !(p->root = as_paths_keep(p, list, slash ? (size_t)(slash - list) + 1 : 0))))
		rc = as_fail(err, AS_EMEM, "memory: no room for a dataset");
	if (!rc)
		rc = as_paths_from(p, list, err);
	if (!rc)
		rc = split_lines(text, list, &lines, &count, err);
	if (!rc)
		rc = add_lines(p, items, lines, count, err);
	if (!rc)
		rc = say_doubts(p, items, err);
	items->count = rc ? 0 : p->count;
	free(lines);
	free(text);
	return rc;
}

const struct as_dataset as_data_list = {
	.name = "list",
	.doc = "the images that a text file names, with their labels",
	.disk = "a text file of lines `path label`, paths from its own folder on",
	.own = true,
	.open = open_list,
	AS_PATHS_READER,
};
