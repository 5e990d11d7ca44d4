#include <string.h>

#include "base/text.h"
#include "eval/report_inside.h"

/* Averages the lines of a column, so many in a row that no more than AS_REPORT_POINTS are left. A field without a
 * number, as of a figure that is not computed at each step, is left out. */
static void read_curve(const struct as_tsv *t, int64_t column, struct as_report_curve *c)
{
	int64_t step = as_tsv_column(t, "step"), each = (t->rows + AS_REPORT_POINTS - 1) / AS_REPORT_POINTS;
	for (int64_t from = 0; from < t->rows; from += each) {
		double sum_x = 0, sum_y = 0, a, b;
		int64_t count = 0;
		for (int64_t i = from; i < t->rows && i < from + each; i++) {
			if (as_parse_f64(as_tsv_at(t, i, step), -1e300, 1e300, &a, NULL) ||
			    as_parse_f64(as_tsv_at(t, i, column), -1e300, 1e300, &b, NULL))
				continue;
			sum_x += a;
			sum_y += b;
			count++;
		}
		if (!count)
			continue;
		c->x[c->n] = sum_x / (double)count;
		c->y[c->n++] = sum_y / (double)count;
	}
}

/* A column of a log that is no curve. */
static bool is_aside(const char *column)
{
	return !strcmp(column, "step") || !strcmp(column, "epoch") || !strcmp(column, "lr");
}

int as_report_read_log(struct as_report_log *log, const char *path, bool grows, struct as_error *err)
{
	struct as_tsv t;
	int rc = grows ? as_report_read_growing(&t, path, err) : as_tsv_read(&t, path, err);
	if (!rc && t.columns && as_tsv_column(&t, "step") < 0)
		rc = as_fail(err, AS_EDATA, "%s: no log of ssl-train: there is no column 'step'", path);
	for (int64_t i = 0; !rc && i < t.columns; i++) {
		if (is_aside(t.field[i]) || (rc = as_report_grow(&log->curve, &log->curves, sizeof *log->curve, err)))
			continue;
		struct as_report_curve *c = &log->curve[log->curves - 1];
		snprintf(c->column, sizeof c->column, "%s", t.field[i]);
		read_curve(&t, i, c);
	}
	as_tsv_clear(&t);
	return rc;
}
