#include "base/tsv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

enum { MAX_BYTES = 1 << 30 };

/* The next line, without its end, of a text that is cut in place; NULL after the last. */
static char *next_line(char **at)
{
	char *line = *at;
	if (!*line)
		return NULL;
	size_t n = strcspn(line, "\n");
	*at = line + n + (line[n] == '\n');
	line[n] = '\0';
	if (n && line[n - 1] == '\r')
		line[n - 1] = '\0';
	return line;
}

int as_tsv_fields(char *line, char **field, int most)
{
	int n = 0;
	for (char *at = line; at; n++) {
		char *tab = strchr(at, '\t');
		if (n < most)
			field[n] = at;
		if (tab)
			*tab = '\0';
		at = tab ? tab + 1 : NULL;
	}
	return n;
}

static int64_t count(const char *text, char c)
{
	int64_t n = 0;
	for (; *text; text++)
		n += *text == c;
	return n;
}

static int cut_rows(struct as_tsv *t, char *at, int number, struct as_error *err)
{
	for (char *line; (line = next_line(&at)); number++) {
		int n = as_tsv_fields(line, t->field + (t->rows + 1) * t->columns, (int)t->columns);
		if (n != t->columns)
			return as_fail(err, AS_EDATA, "line %d: %d fields, the heading has %lld", number, n, (long long)t->columns);
		t->rows++;
	}
	return 0;
}

int as_tsv_cut(struct as_tsv *t, char *text, struct as_error *err)
{
	char *at = text, *head;
	int number = 1;
	*t = (struct as_tsv){.text = text};
	while ((head = next_line(&at)) && *head == '#')
		number++;
	if (!head)
		return as_fail(err, AS_EDATA, "not a table: there is no line with the names of columns");
	int64_t lines = count(at, '\n') + 2;
	t->columns = count(head, '\t') + 1;
	if (t->columns > INT32_MAX || !(t->field = calloc((size_t)lines * (size_t)t->columns, sizeof *t->field)))
		return as_fail(err, AS_EMEM, "no memory for %lld lines of %lld fields", (long long)lines, (long long)t->columns);
	as_tsv_fields(head, t->field, (int)t->columns);
	return cut_rows(t, at, number + 1, err);
}

int as_tsv_read(struct as_tsv *t, const char *path, struct as_error *err)
{
	char *text;
	*t = (struct as_tsv){0};
	int rc = as_text_read(path, AS_PATH_FILE | AS_PATH_PIPE, MAX_BYTES, &text, err);
	if (!rc && (rc = as_tsv_cut(t, text, err)))
		as_fail_within(err, "%s", path);
	return rc;
}

void as_tsv_clear(struct as_tsv *t)
{
	free(t->text);
	free(t->field);
	*t = (struct as_tsv){0};
}

int64_t as_tsv_column(const struct as_tsv *t, const char *name)
{
	for (int64_t i = 0; i < t->columns; i++)
		if (!strcmp(t->field[i], name))
			return i;
	return -1;
}

const char *as_tsv_at(const struct as_tsv *t, int64_t row, int64_t column)
{
	return column < 0 ? "" : t->field[(row + 1) * t->columns + column];
}
