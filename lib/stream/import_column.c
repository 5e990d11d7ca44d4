#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "stream/import_inside.h"

bool as_column_there(const struct as_column *c)
{
	return c->in || c->table;
}

int64_t as_column_rows(const struct as_column *c)
{
	return c->in ? as_array_rows(c->in) : c->table ? c->table->rows : 0;
}

/* A cell, and its line for messages; tables begin with a heading. */
static const char *cell(const struct as_column *c, int64_t row)
{
	return as_tsv_at(c->table, row, c->at);
}

static int in_cell(const struct as_column *c, int64_t row, struct as_error *err)
{
	return as_fail_code(err, (as_fail_within(err, "line %lld: %s", (long long)row + 2, c->key), AS_EDATA));
}

int as_column_i64(struct as_column *c, int64_t row, int64_t *out, struct as_error *err)
{
	if (c->in) {
		int rc = as_array_i64(c->in, 1, out, err);
		return rc ? rc : 1;
	}
	if (!*cell(c, row))
		return 0;
	return as_parse_i64(cell(c, row), INT64_MIN, INT64_MAX, out, err) ? in_cell(c, row, err) : 1;
}

int as_column_u64(struct as_column *c, int64_t row, uint64_t *out, struct as_error *err)
{
	if (c->in) {
		int rc = as_array_u64(c->in, 1, out, err);
		return rc ? rc : 1;
	}
	if (!*cell(c, row))
		return 0;
	return as_parse_u64(cell(c, row), 0, UINT64_MAX, out, err) ? in_cell(c, row, err) : 1;
}

int as_column_f64(struct as_column *c, int64_t row, double *out, struct as_error *err)
{
	if (c->in) {
		int rc = as_array_doubles(c->in, 1, out, err);
		return rc ? rc : 1;
	}
	if (!*cell(c, row))
		return 0;
	return as_parse_f64(cell(c, row), -1e308, 1e308, out, err) ? in_cell(c, row, err) : 1;
}

int as_column_text(struct as_column *c, int64_t row, struct as_text *out, struct as_error *err)
{
	if (c->in) {
		as_names_clear(&c->held);
		int rc = as_array_texts(c->in, 1, &c->held, err);
		if (rc)
			return rc;
	}
	*out = as_text_of(c->in ? as_names_at(&c->held, 0) : cell(c, row));
	return out->length > 0;
}

bool as_column_whole(const struct as_tsv *t, int64_t at)
{
	bool any = false;
	int64_t value;
	for (int64_t i = 0; i < t->rows; i++) {
		const char *text = as_tsv_at(t, i, at);
		if (*text && as_parse_i64(text, INT64_MIN, INT64_MAX, &value, NULL))
			return false;
		any = any || *text;
	}
	return any;
}

int as_column_end(struct as_column *c, struct as_error *err)
{
	return c->in ? as_array_end(c->in, err) : 0;
}

void as_column_clear(struct as_column *c)
{
	as_array_close(c->in);
	as_names_clear(&c->held);
	*c = (struct as_column){0};
}

/* ---- classes ---- */

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *name_of(const struct as_column *c, int64_t row)
{
	return c->in ? as_names_at(&c->held, row) : cell(c, row);
}

int64_t as_column_label(const struct as_column *c, const struct as_names *classes, int64_t row)
{
	const char *name = name_of(c, row);
	for (int64_t lo = 0, hi = classes->count, mid; *name && lo < hi;) {
		int order = strcmp(name, as_names_at(classes, mid = lo + (hi - lo) / 2));
		if (!order)
			return mid;
		*(order < 0 ? &hi : &lo) = order < 0 ? mid : mid + 1;
	}
	return -1;
}

int as_column_classes(struct as_column *c, struct as_names *classes, struct as_error *err)
{
	int64_t n = as_column_rows(c), given = classes->count;
	int rc = c->in ? as_array_texts(c->in, n, &c->held, err) : 0;
	for (int64_t i = 0; i < given && !rc; i++)
		if (i && strcmp(as_names_at(classes, i - 1), as_names_at(classes, i)) >= 0)
			rc = as_fail(err, AS_EDATA, "classes: '%.80s' after '%.80s': with labels that are names, the list of classes is "
				     "in the order of bytes (LC_ALL=C sort)", as_names_at(classes, i), as_names_at(classes, i - 1));
	for (int64_t i = 0; i < n && given && !rc; i++)
		if (*name_of(c, i) && as_column_label(c, classes, i) < 0)
			rc = as_fail(err, AS_EDATA, "row %lld: '%.80s' is none of the classes", (long long)i, name_of(c, i));
	if (rc || given)
		return rc;
	const char **sorted = calloc((size_t)n + 1, sizeof *sorted);
	if (!sorted)
		return as_fail(err, AS_EMEM, "memory: no room for the names of classes");
	for (int64_t i = 0; i < n; i++)
		sorted[i] = name_of(c, i);
	qsort(sorted, (size_t)n, sizeof *sorted, by_bytes);
	for (int64_t i = 0; i < n && !rc; i++)
		if (*sorted[i] && (!i || strcmp(sorted[i], sorted[i - 1])))
			rc = as_names_add(classes, sorted[i], err);
	free(sorted);
	return rc;
}
