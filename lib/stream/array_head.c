/* The header of a .npy file: 6 bytes of magic, 2 of version, the length of the rest (2 bytes little-endian in version
 * 1, 4 in 2 and 3), then a dict in Python's notation: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stream/array.h"

int as_array_measure(const char *lead, size_t *bytes, struct as_error *err)
{
	const unsigned char *p = (const unsigned char *)lead;
	if (memcmp(lead, "\x93NUMPY", 6) != 0)
		return as_fail(err, AS_EDATA, "not a .npy array");
	if (p[6] < 1 || p[6] > 3 || p[7] != 0)
		return as_fail(err, AS_EDATA, "a .npy of version %d.%d; 1.0, 2.0 and 3.0 are read", p[6], p[7]);
	size_t n = p[6] == 1 ? 10 + (size_t)(p[8] | p[9] << 8) : 12 + ((size_t)p[8] | (size_t)p[9] << 8 | (size_t)p[10] << 16 |
								       (size_t)p[11] << 24);
	if (n < AS_ARRAY_LEAD || n > AS_ARRAY_HEAD)
		return as_fail(err, AS_EDATA, "a .npy whose header has %zu bytes, not %d to %d", n, AS_ARRAY_LEAD, AS_ARRAY_HEAD);
	*bytes = n;
	return 0;
}

/* What of the text is not read yet. */
struct rest {
	const char *at, *end;
};

static void skip_blanks(struct rest *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t'))
		r->at++;
}

/* Takes the character, with blanks before and behind it. */
static bool take(struct rest *r, char c)
{
	skip_blanks(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	skip_blanks(r);
	return true;
}

/* Takes a text in quotes that fits into `to`. */
static bool take_text(struct rest *r, char *to, size_t room)
{
	char quote = take(r, '\'') ? '\'' : take(r, '"') ? '"' : 0;
	size_t n = 0;
	while (quote && r->at < r->end && *r->at != quote && n + 1 < room)
		to[n++] = *r->at++;
	to[n] = 0;
	return quote && take(r, quote);
}

static bool take_word(struct rest *r, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
		return false;
	r->at += n;
	return true;
}

/* A whole number that is not negative; old Python writes an L behind it. */
static bool take_number(struct rest *r, int64_t *out)
{
	const char *from = r->at;
	int64_t n = 0;
	for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
		if (n > (INT64_MAX - 9) / 10)
			return false;
		n = 10 * n + (*r->at - '0');
	}
	*out = n;
	bool any = r->at > from;
	take(r, 'L');
	return any;
}

static bool take_shape(struct rest *r, struct as_array *a)
{
	if (!take(r, '('))
		return false;
	for (a->ndim = 0; !take(r, ')'); a->ndim++) {
		if (a->ndim == AS_ARRAY_DIMS || !take_number(r, &a->shape[a->ndim]))
			return false;
		skip_blanks(r);
		if (!take(r, ',') && (r->at == r->end || *r->at != ')'))
			return false;
	}
	return true;
}

/* "<f4": byte order, kind, bytes of an element (of U: characters of 4 bytes). */
static int read_descr(const char *descr, struct as_array *a, struct as_error *err)
{
	static const char *const known[] = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"};
	static const char help[] = "python3 -c 'import numpy; x = numpy.load(\"IN.npy\", allow_pickle=True); "
				   "numpy.save(\"OUT.npy\", numpy.array(x.tolist()))'";
	if (!strcmp(descr, "|O") || !strcmp(descr, "O"))
		return as_fail_help(err, AS_EDATA, help, "an array of Python's objects, not of numbers or texts; as one:");
	char order = descr[0];
	a->kind = order ? descr[1] : 0;
	a->big = order == '>';
	if ((order == '<' || order == '>' || order == '|') && (a->kind == 'U' || a->kind == 'S')) {
		struct rest r = {descr + 2, descr + strlen(descr)};
		if (take_number(&r, &a->width) && r.at == r.end && a->width <= AS_MAX_IMAGE) {
			a->width *= a->kind == 'U' ? 4 : 1;
			return 0;
		}
	}
	for (size_t i = 0; order && i < sizeof known / sizeof *known; i++) {
		a->width = known[i][1] - '0';
		if (!strcmp(descr + 1, known[i]) && (order == '<' || order == '>' || (order == '|' && a->width == 1)))
			return 0;
	}
	return as_fail(err, AS_EDATA, "an array of '%.40s': save it as numbers, x.astype(\"float32\"), or as texts", descr);
}

/* The number of elements and of bytes must fit into 63 bits, whatever the order of the sides. Elements of no bytes, '<U0',
 * would be as many as the header likes. */
static int check_shape(const struct as_array *a, struct as_error *err)
{
	int64_t bytes = a->width ? a->width : 1;
	bool none = false;
	for (int i = 0; i < a->ndim; i++) {
		none = none || !a->shape[i];
		int64_t side = a->shape[i] ? a->shape[i] : 1;
		if (bytes > INT64_MAX / side)
			return as_fail(err, AS_EDATA, "an array of more bytes than there can be");
		bytes *= side;
	}
	if (!a->width && !none)
		return as_fail(err, AS_EDATA, "an array of texts without any characters");
	return 0;
}

/* Keys that were seen. */
enum { DESCR = 1, FORTRAN = 2, SHAPE = 4, ALL = 7 };

/* One pair of the dict. Returns the key's bit, 0: damaged. */
static unsigned take_pair(struct rest *r, struct as_array *a, char *descr, size_t room, bool *fortran)
{
	char key[24];
	if (!take_text(r, key, sizeof key) || !take(r, ':'))
		return 0;
	if (!strcmp(key, "descr"))
		return take_text(r, descr, room) ? DESCR : 0;
	if (!strcmp(key, "shape"))
		return take_shape(r, a) ? SHAPE : 0;
	if (strcmp(key, "fortran_order"))
		return 0;
	*fortran = take_word(r, "True");
	return *fortran || take_word(r, "False") ? FORTRAN : 0;
}

int as_array_head(const char *at, size_t bytes, struct as_array *out, struct as_error *err)
{
	static const char help[] = "python3 -c 'import numpy; numpy.save(\"OUT.npy\", numpy.ascontiguousarray(numpy.load(\"IN.npy\")))'";
	struct as_array a = {0};
	char descr[64] = "";
	bool fortran = false;
	unsigned seen = 0, key = 1;
	size_t measured;
	int rc = bytes < AS_ARRAY_LEAD ? as_fail(err, AS_EDATA, "not a .npy array") : as_array_measure(at, &measured, err);
	if (rc)
		return rc;
	struct rest r = {at + (at[6] == 1 ? 10 : 12), at + bytes};
	bool good = measured == bytes && take(&r, '{');
	while (good && !take(&r, '}')) {
		key = take_pair(&r, &a, descr, sizeof descr, &fortran);
		good = key && !(seen & key);
		seen |= key;
		skip_blanks(&r);
		good = good && (take(&r, ',') || (r.at < r.end && *r.at == '}'));
	}
	skip_blanks(&r);
	if (!key && memchr(at, '[', bytes)) /* 'descr': [('x', '<f4'), ...] */
		return as_fail(err, AS_EDATA, "an array of records, of several dtypes: save each of its fields, x[\"feature\"]");
	if (!good || seen != ALL || r.at != r.end)
		return as_fail(err, AS_EDATA, "a .npy whose header is damaged");
	rc = read_descr(descr, &a, err);
	if (!rc && fortran && a.ndim > 1)
		rc = as_fail_help(err, AS_EDATA, help, "an array in Fortran's order, column by column; in C's order:");
	if (!rc)
		rc = check_shape(&a, err);
	if (!rc)
		*out = a;
	return rc;
}

const char *as_array_text(const struct as_array *a, char *to, size_t room)
{
	bool text = a->kind == 'U';
	int n = snprintf(to, room, "%s%c%" PRId64 " (", a->width == 1 || a->kind == 'S' ? "|" : a->big ? ">" : "<", a->kind,
			 text ? a->width / 4 : a->width);
	for (int i = 0; i < a->ndim && (size_t)n < room; i++)
		n += snprintf(to + n, room - (size_t)n, "%s%" PRId64, i ? ", " : "", a->shape[i]);
	if ((size_t)n < room)
		snprintf(to + n, room - (size_t)n, "%s)", a->ndim == 1 ? "," : "");
	return to;
}
