#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* strtod and strtoull also accept blanks, signs, hexadecimal and nan, so they get only texts that start
 * like a decimal number. */
static bool starts_number(const char *t, bool sign, bool point)
{
	if (sign && (*t == '-' || *t == '+'))
		t++;
	if (point && *t == '.')
		t++;
	return isdigit((unsigned char)*t) && !(t[0] == '0' && (t[1] == 'x' || t[1] == 'X'));
}

void as_enlist(char *list, size_t room, const char *name)
{
	size_t used = strlen(list);
	snprintf(list + used, room - used, "%s%s", used ? ", " : "", name);
}

enum { LONGEST = 40 /* longer ones are near nothing */ };

static int least(int a, int b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Edits between a of n and b of m letters, at most LONGEST each. d[i][j] is of the first i and the first j: by
 * leaving out a letter of a, adding one of b, changing one into the other, or swapping two (Damerau). */
static int edits(const char *a, size_t n, const char *b, size_t m)
{
	int d[LONGEST + 1][LONGEST + 1];
	for (size_t i = 0; i <= n; i++)
		for (size_t j = 0; j <= m; j++) {
			if (!i || !j) {
				d[i][j] = (int)(i + j);
				continue;
			}
			d[i][j] = least(1 + least(d[i - 1][j], d[i][j - 1]), d[i - 1][j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[n][m];
}

const char *as_near(const char *name, const char *list, struct as_hint *hint)
{
	size_t n = strlen(name), letters = n - strspn(name, "-"), m;
	int most = letters < 2 ? 0 : letters < 6 ? 1 : letters < 9 ? 2 : 3;
	*hint->text = 0;
	for (const char *at = list + strspn(list, ", "); *at && n && n <= LONGEST; at += m + strspn(at + m, ", ")) {
		m = strcspn(at, ", ");
		int far = m <= LONGEST ? edits(name, n, at, m) : LONGEST;
		if (far > most)
			continue;
		snprintf(hint->text, sizeof hint->text, "; did you mean '%.*s'?", (int)m, at);
		most = far - 1; /* from here on only what is nearer */
	}
	return hint->text;
}

int as_find(const char *what, const char *name, const char *(*name_at)(int i), struct as_error *err)
{
	char known[260] = "";
	for (int i = 0; name_at(i); i++) {
		if (!strcmp(name_at(i), name))
			return i;
		as_enlist(known, sizeof known, name_at(i));
	}
	return as_fail(err, AS_EARG, "%s: '%.40s' is none of %s%s", what, name, known, as_near(name, known, &(struct as_hint){0}));
}

bool as_text_differ(const char **a, const char **b)
{
	while (**a && **b) {
		size_t n = strcspn(*a, "\n"), m = strcspn(*b, "\n");
		if (n != m || memcmp(*a, *b, n))
			return true;
		*a += n + ((*a)[n] == '\n');
		*b += m + ((*b)[m] == '\n');
	}
	return **a != **b;
}

int as_parse_u64(const char *text, uint64_t lo, uint64_t hi, uint64_t *out, struct as_error *err)
{
	char *end = NULL;
	errno = 0;
	unsigned long long v = starts_number(text, false, false) ? strtoull(text, &end, 10) : 0;
	if (!end || *end)
		return as_fail(err, AS_EARG, "'%s' is not a whole number", text);
	if (errno || v < lo || v > hi)
		return as_fail(err, AS_EARG, "%s is not within %llu..%llu", text, (unsigned long long)lo,
			       (unsigned long long)hi);
	*out = v;
	return 0;
}

int as_parse_i64(const char *text, int64_t lo, int64_t hi, int64_t *out, struct as_error *err)
{
	char *end = NULL;
	errno = 0;
	long long v = starts_number(text, true, false) ? strtoll(text, &end, 10) : 0;
	if (!end || *end)
		return as_fail(err, AS_EARG, "'%s' is not a whole number", text);
	if (errno || v < lo || v > hi)
		return as_fail(err, AS_EARG, "%s is not within %lld..%lld", text, (long long)lo, (long long)hi);
	*out = v;
	return 0;
}

int as_parse_f64(const char *text, double lo, double hi, double *out, struct as_error *err)
{
	char *end = NULL;
	double v = starts_number(text, true, true) ? strtod(text, &end) : 0;
	if (!end || *end || !isfinite(v))
		return as_fail(err, AS_EARG, "'%s' is not a number", text);
	if (v < lo || v > hi)
		return as_fail(err, AS_EARG, "%s is not within %g..%g", text, lo, hi);
	*out = v;
	return 0;
}

static int copy_part(char *to, size_t room, const char *from, size_t n, struct as_error *err)
{
	if (n >= room)
		return as_fail(err, AS_EARG, "'%.40s...' is too long", from);
	memcpy(to, from, n);
	to[n] = 0;
	return 0;
}

int as_pair_next(const char **at, const char *seps, struct as_pair *out, struct as_error *err)
{
	const char *p = *at + strspn(*at, seps);
	if (!*p) {
		*at = p;
		return 0;
	}
	size_t whole = strcspn(p, seps);
	const char *eq = memchr(p, '=', whole);
	size_t name = eq ? (size_t)(eq - p) : whole;
	if (!name)
		return as_fail(err, AS_EARG, "'%.*s' has no name before '='", (int)(whole > 40 ? 40 : whole), p);
	int rc = copy_part(out->name, sizeof out->name, p, name, err);
	if (!rc)
		rc = copy_part(out->value, sizeof out->value, eq ? eq + 1 : "", eq ? whole - name - 1 : 0, err);
	if (rc)
		return rc;
	*at = p + whole;
	return 1;
}

char *as_trim(char *s)
{
	s += strspn(s, " \t\r");
	size_t n = strlen(s);
	while (n && strchr(" \t\r", s[n - 1]))
		s[--n] = 0;
	return s;
}

int as_line_next(const char **at, struct as_line *line, struct as_error *err)
{
	while (**at) {
		size_t n = strcspn(*at, "\n");
		line->number++;
		size_t said = strcspn(*at, "#\n");
		if (said >= sizeof line->text)
			return as_fail(err, AS_EDATA, "too long: %zu characters, at most %zu are read", said, sizeof line->text - 1);
		memcpy(line->text, *at, said);
		line->text[said] = 0;
		*at += n + ((*at)[n] == '\n');
		char *name = as_trim(line->text), *value = strchr(name, '=');
		if (!*name)
			continue;
		if (!value)
			return as_fail(err, AS_EDATA, "'%.40s' is not 'name = value'", name);
		*value++ = 0;
		line->name = as_trim(name);
		line->value = as_trim(value);
		return 1;
	}
	return 0;
}

const char *as_format_f64(double value, char *buf)
{
	for (int digits = fabs(value) >= 10 && fabs(value) < 1e15 && value == rint(value) ? 15 : 1; digits <= 17; digits++) {
		snprintf(buf, 32, "%.*g", digits < 17 ? digits : 17, value); /* gcc 11 does not see that it is never more */
		if (strtod(buf, NULL) == value)
			break;
	}
	return buf;
}

const char *as_format_f32(float value, char *buf)
{
	if (value > -1e7f && value < 1e7f && !((float)(int32_t)value < value || (float)(int32_t)value > value)) {
		snprintf(buf, 32, "%" PRId32, (int32_t)value); /* writes 60, not 6e+01 */
		return buf;
	}
	for (int digits = 1; digits <= 9; digits++) {
		snprintf(buf, 32, "%.*g", digits, (double)value);
		if (!(strtof(buf, NULL) < value || strtof(buf, NULL) > value))
			break;
	}
	return buf;
}

/* ---- lengths of time ---- */

/* Reads digits, nine at most, so that no sum overflows. */
static bool read_digits(const char **at, uint64_t *out)
{
	int n = 0;
	*out = 0;
	for (; isdigit((unsigned char)**at); n++, (*at)++)
		*out = n < 9 ? 10 * *out + (uint64_t)(**at - '0') : 0;
	return n > 0 && n <= 9;
}

static const uint64_t unit_seconds[] = {86400, 3600, 60, 1}; /* days, hours, minutes, seconds */
enum { UNITS = 4, HOURS = 1, MINUTES = 2, SECONDS = 3 };

/* "230m", "1h30m": numbers with their units, the largest unit first; a last one without a unit is seconds. */
static bool read_units(const char *at, uint64_t *out)
{
	static const char letter[] = "dhms";
	int last = -1;
	*out = 0;
	while (*at) {
		uint64_t n;
		if (!read_digits(&at, &n))
			return false;
		const char *found = *at ? strchr(letter, *at) : letter + SECONDS;
		if (!found || found - letter <= last)
			return false;
		last = (int)(found - letter);
		*out += n * unit_seconds[last];
		at += *at != 0;
	}
	return last >= 0;
}

/* "M:S", "H:M:S", "D-H", "D-H:M", "D-H:M:S". All numbers but the first are less than one of the unit before. */
static bool read_clock(const char *at, uint64_t *out)
{
	uint64_t field[UNITS];
	bool days = strchr(at, '-');
	int n = 0;
	do {
		if (n == UNITS || !read_digits(&at, &field[n++]))
			return false;
		if (*at && *at != (days && n == 1 ? '-' : ':'))
			return false;
	} while (*at++);
	int first = days ? 0 : n == 3 ? HOURS : MINUTES;
	if (n < 2 || first + n > UNITS || (!days && n > 3))
		return false;
	*out = 0;
	for (int i = 0; i < n; i++) {
		uint64_t unit = unit_seconds[first + i];
		if (i && field[i] * unit >= unit_seconds[first + i - 1])
			return false;
		*out += field[i] * unit;
	}
	return true;
}

int as_parse_seconds(const char *text, uint64_t *out, struct as_error *err)
{
	uint64_t n = 0;
	bool good = strpbrk(text, ":-") ? read_clock(text, &n) : read_units(text, &n);
	if (!good || !n)
		return as_fail(err, AS_EARG, "'%.40s' is no length of time: 3:50:00, 1-12:00:00 (a day and 12 hours), 230m, 1h30m, or "
			       "seconds", text);
	*out = n;
	return 0;
}
