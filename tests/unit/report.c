/* What reports are made of: Student's t, axes, texts and bytes as HTML, tables of text, names beside points. */
#include <stdlib.h>
#include <unistd.h>

#include "eval/axis.h"
#include "eval/chart.h"
#include "eval/figure.h"
#include "eval/html.h"
#include "eval/report_inside.h"
#include "eval/student.h"
#include "base/tsv.h"
#include "../tap.h"

/* P(|T| <= t) for v degrees of freedom, by its finite series (Abramowitz and Stegun, 26.7.3 and 26.7.4). */
static double inside(double t, int v)
{
	double a = atan(t / sqrt(v)), c = cos(a), term = v % 2 ? c : 1, sum = 0;
	for (int k = v % 2; k <= v - 2; k += 2) {
		sum += term;
		term *= c * c * (k + 1) / (k + 2);
	}
	return v % 2 ? 2 / acos(-1) * (a + sin(a) * sum) : sin(a) * sum;
}

static void test_student(void)
{
	/* From a printed table, for 2 to 10 seeds. */
	static const double known[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262};
	double worst = 0, off = 0;
	for (int i = 0; i < 9; i++)
		worst = fmax(worst, fabs(as_student_95(i + 1) - known[i]));
	ok(worst < 1e-3, "t for 2 to 10 seeds as printed in tables (worst %.1e)", worst);
	for (int v = 1; v < 200; v++)
		off = fmax(off, fabs(inside(as_student_95(v), v) - 0.95));
	ok(off < 1e-6, "t for up to 200 seeds holds 95 %% (worst %.1e)", off);
	is_close(as_student_95(1000000), 1.959966, 2e-6, "and for many what is normal");
	const double x[] = {3, 99, 5, 99, 10, 99};
	struct as_estimate one = as_estimate(x, 1, sizeof *x), two = as_estimate(x, 2, 2 * sizeof *x);
	struct as_estimate three = as_estimate(x, 3, 2 * sizeof *x);
	ok(one.mean == 3 && isnan(one.half), "one value has no interval");
	is_close(two.half, 12.7062047, 1e-6, "two values: t / sqrt 2 times their s, sqrt 2");
	ok(two.mean == 4 && three.mean == 6, "means, by the stride");
	is_close(three.half, 4.3026527 * sqrt(13.0 / 3), 1e-6, "three values: s^2 is 13");
}

static void check_axis(double lo, double hi, int most, bool round, const char *what)
{
	struct as_axis a = as_axis_of(lo, hi, most, round);
	double mantissa = a.step;
	while (mantissa >= 9.99)
		mantissa /= 10;
	while (mantissa < 0.999)
		mantissa *= 10;
	bool is_round = fabs(mantissa - 1) < 1e-9 || fabs(mantissa - 2) < 1e-9 || fabs(mantissa - 5) < 1e-9;
	ok(a.lo <= lo + 1e-9 * a.step && a.hi >= hi - 1e-9 * a.step && a.hi > a.lo, "%s: the axis holds its values", what);
	ok(is_round && a.ticks >= 2 && a.ticks <= most, "%s: %d ticks, %g apart", what, a.ticks, a.step);
	bool within = true, told = true;
	for (int i = 0; i < a.ticks; i++) {
		char text[400], *end;
		snprintf(text, sizeof text, "%.*f", a.decimals, as_axis_tick(&a, i));
		within = within && as_axis_tick(&a, i) >= a.lo - 1e-9 * a.step && as_axis_tick(&a, i) <= a.hi + 1e-9 * a.step;
		told = told && fabs(strtod(text, &end) - as_axis_tick(&a, i)) < a.step * 1e-6;
	}
	ok(within && told, "%s: ticks lie within, and their digits tell them", what);
}

static void test_axes(void)
{
	check_axis(0, 100, 5, true, "0..100");
	check_axis(0, 0.137, 5, true, "0..0.137");
	check_axis(-0.93, -0.21, 6, true, "below zero");
	check_axis(1, 3000, 6, false, "steps");
	check_axis(0.9612, 0.9833, 7, false, "a narrow range");
	check_axis(7, 7, 5, false, "one value");
	check_axis(0, 0, 5, true, "only zero");
	check_axis(1e-7, 3e-7, 6, true, "very small");
	check_axis(-3e9, 2e9, 6, false, "large");
	struct as_axis none = as_axis_of(INFINITY, -INFINITY, 5, true);
	ok(none.lo == 0 && none.hi == 1, "no value at all");
	unsigned state = 1;
	bool good = true;
	for (int i = 0; i < 20000; i++) {
		double v[2], scale = 1;
		for (int k = 0; k < 2; k++) {
			state = state * 1664525 + 1013904223;
			v[k] = (double)(state >> 8) / (1 << 24) - 0.5;
		}
		for (int k = (int)(state >> 28); k > 0; k--)
			scale *= i % 2 ? 10 : 0.1;
		struct as_axis a = as_axis_of(fmin(v[0], v[1]) * scale, fmax(v[0], v[1]) * scale, 5, i % 3);
		good = good && a.ticks >= 2 && a.ticks <= 5;
	}
	ok(good, "2 to 5 ticks for any range");
}

/* What has been written by `f`. */
static char *taken(FILE *f, char **text)
{
	fclose(f);
	return *text;
}

static void test_html(void)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	as_html(f, "<b>%s</b>%S%d%%", "<&>\"' \xc3\xa4 \x01 \xc2\x85 \xff", "<i>", 7);
	is_text(taken(f, &text), "<b>&lt;&amp;&gt;&quot;&#39; \xc3\xa4 ? ? \xef\xbf\xbd</b><i>7%", "texts show as themselves");
	free(text);
	static const char *const want[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"}; /* RFC 4648, 10 */
	for (size_t n = 0; n < 7; n++) {
		f = open_memstream(&text, &size);
		as_html_base64(f, "foobar", n);
		is_text(taken(f, &text), want[n], "base64 as in the RFC");
		free(text);
	}
	f = open_memstream(&text, &size);
	as_html_number(f, -2.5, 1, 0);
	as_html_number(f, 2.5, 1, 1);
	as_html_number(f, -0.001, 2, 0);
	is_text(taken(f, &text), "\xe2\x88\x92" "2.5+2.50.00", "numbers: minus, plus, and no -0");
	free(text);
}

static void test_tables(void)
{
	struct as_tsv t;
	struct as_error err;
	int rc = as_tsv_cut(&t, strdup("# a\n#b\tc\nx\ty\n1\t\n\t2\r\n"), &err);
	ok(!rc && t.rows == 2 && t.columns == 2, "two lines of two columns");
	is_text(as_tsv_at(&t, 1, as_tsv_column(&t, "y")), "2", "a field");
	is_text(as_tsv_at(&t, 0, as_tsv_column(&t, "y")), "", "an empty field");
	is_text(as_tsv_at(&t, 0, as_tsv_column(&t, "z")), "", "a column that is not there");
	as_tsv_clear(&t);
	rc = as_tsv_cut(&t, strdup("x\ty\n1\t2\t3\n"), &err);
	ok(rc == AS_EDATA && strstr(err.text, "line 2: 3 fields, the heading has 2"), "a line too long");
	as_tsv_clear(&t);
	rc = as_tsv_cut(&t, strdup("# only\n"), &err);
	ok(rc == AS_EDATA && strstr(err.text, "no line with the names of columns"), "no heading");
	as_tsv_clear(&t);
	rc = as_tsv_cut(&t, strdup("x"), &err);
	ok(!rc && !t.rows && t.columns == 1, "a heading alone");
	as_tsv_clear(&t);
}

/* The boxes of the names in a chart: text of the class "name", anchored in its middle. */
static int find_names(const char *svg, double box[][4], int most)
{
	int n = 0;
	for (const char *at = svg; (at = strstr(at, "<text class=\"name\" x=\"")) && n < most; n++) {
		char name[200], *end;
		at += strlen("<text class=\"name\" x=\"");
		double x = strtod(at, &end), y = strtod(end + strlen("\" y=\""), &end);
		const char *from = strchr(end, '>') + 1;
		snprintf(name, sizeof name, "%.*s", (int)strcspn(from, "<"), from);
		double half = as_html_width(name, 12) / 2;
		box[n][0] = x - half;
		box[n][1] = x + half;
		box[n][2] = y - 11;
		box[n][3] = y + 4;
	}
	return n;
}

static void test_names(void)
{
	struct as_dot dot[12];
	struct as_error err;
	char name[12][40], *svg;
	size_t size;
	double box[12][4];
	unsigned state = 3;
	for (int i = 0; i < 12; i++) {
		double v[2];
		for (int k = 0; k < 2; k++) {
			state = state * 1664525 + 1013904223;
			v[k] = (double)(state >> 8) / (1 << 24);
		}
		snprintf(name[i], sizeof name[i], "method %d + AugSelf", i);
		dot[i] = (struct as_dot){name[i], i < 8 ? 0.5 + 0.1 * v[0] : v[0], i < 8 ? 0.5 + 0.1 * v[1] : v[1], 0.05, 0.02, 0};
	}
	FILE *f = open_memstream(&svg, &size);
	struct as_chart chart = {.width = AS_CHART_WIDE, .title = "T", .x_title = "x", .y_title = "y"};
	int rc = as_chart_dots(f, &chart, dot, 12, &err), overlaps = 0, out = 0;
	fclose(f);
	is_int(!rc && find_names(svg, box, 12) == 12, 1, "every point has its name");
	for (int i = 0; i < 12; i++) {
		out += box[i][0] < 0 || box[i][1] > AS_CHART_WIDE || box[i][2] < 0;
		for (int k = 0; k < i; k++)
			overlaps += fmin(box[i][1], box[k][1]) - fmax(box[i][0], box[k][0]) > 1 &&
				    fmin(box[i][3], box[k][3]) - fmax(box[i][2], box[k][2]) > 1;
	}
	ok(!overlaps && !out, "none covers another (%d), none is outside (%d)", overlaps, out);
	free(svg);
}

static void test_logs(void)
{
	char path[] = "/tmp/augself-report.XXXXXX";
	struct as_error err;
	struct as_report_log log = {0};
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return skip("no file in /tmp");
	fputs("# seed = 0\nstep\tepoch\tloss\tlr\trank\n", f);
	for (int i = 1; i <= 449; i++)
		fprintf(f, i % 100 ? "%d\t0\t%d\t.1\t\n" : "%d\t0\t%d\t.1\t%d\n", i, 2 * i, i);
	fclose(f);
	int rc = as_report_read_log(&log, path, &err);
	unlink(path);
	ok(!rc && log.curves == 2 && !strcmp(log.curve[0].column, "loss") && !strcmp(log.curve[1].column, "rank"), "curves of a log");
	if (rc || log.curves != 2)
		return;
	ok(log.curve[0].n == 150 && log.curve[0].x[0] == 2 && log.curve[0].y[0] == 4, "three lines are averaged");
	ok(log.curve[0].x[149] == 448.5 && log.curve[0].y[149] == 897, "... and the two that are left");
	ok(log.curve[1].n == 4 && log.curve[1].x[3] == 400 && log.curve[1].y[3] == 400, "empty fields are none of a curve");
	free(log.curve);
}

int main(void)
{
	test_student();
	test_axes();
	test_html();
	test_tables();
	test_names();
	test_logs();
	return done();
}
