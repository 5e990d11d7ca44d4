#include "stream/npy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/newfile.h"
#include "base/utf8.h"
#include "stream/npy_inside.h"

/* Magic, version, the length of the rest (2 bytes), then the rest: a dict in Python's notation, blanks, a line's end. */
enum { HEADER = 192, LEAD = 10 };

/* The header for what is there now. Before anything is, blanks hold its place. */
static int write_header(struct as_npy *n, struct as_error *err)
{
	char text[HEADER + 1], shape[AS_MAX_DIMS * 24] = "";
	size_t at = 0;
	for (int i = 0; i < n->first.ndim; i++)
		at += (size_t)snprintf(shape + at, sizeof shape - at, "%s%" PRId64, i ? ", " : "", n->first.shape[i]);
	memset(text, ' ', HEADER);
	memcpy(text, "\x93NUMPY\x01", 8); /* and the 0 of version 1.0 */
	text[8] = (char)(HEADER - LEAD);
	text[9] = 0;
	int used = snprintf(text + LEAD, HEADER - LEAD, "{'descr': '%s', 'fortran_order': False, 'shape': (%" PRId64 ",%s%s), }",
			    n->descr, n->count, *shape ? " " : "", shape);
	text[LEAD + used] = ' ';
	text[HEADER - 1] = '\n';
	if (fseek(n->out.f, 0, SEEK_SET) || fwrite(text, 1, HEADER, n->out.f) != HEADER)
		return as_fail_errno(err, "write: %s", n->out.path);
	return 0;
}

int as_npy_open(struct as_npy **out, const char *path, struct as_error *err)
{
	struct as_npy *n = calloc(1, sizeof *n);
	if (!n)
		return as_fail(err, AS_EMEM, "memory: no room for a file of arrays");
	int rc = as_newfile_open(&n->out, path, err);
	if (!rc)
		rc = write_header(n, err);
	if (rc)
		as_npy_abandon(n);
	else
		*out = n;
	return rc;
}

/* ---- elements ---- */

static int write_bytes(struct as_npy *n, const void *at, size_t bytes, struct as_error *err)
{
	if (bytes && fwrite(at, 1, bytes, n->out.f) != bytes)
		return as_fail_errno(err, "write: %s", n->out.path);
	return 0;
}

int as_npy_add(struct as_npy *n, const struct as_tensor *t, struct as_error *err)
{
	if (!n->count) {
		n->first = *t;
		snprintf(n->descr, sizeof n->descr, "%s", as_dtype_name(t->dtype));
	}
	if (t->ndim != n->first.ndim || t->dtype != n->first.dtype ||
	    memcmp(t->shape, n->first.shape, (size_t)t->ndim * sizeof *t->shape) != 0)
		return as_fail(err, AS_EDATA, "of another shape or dtype than those before, so they are no array together");
	n->count++;
	return write_bytes(n, t->data, (size_t)as_tensor_count(t) * as_dtype_size(t->dtype), err);
}

/* Adds an element of 8 bytes, the lowest first. */
static int add_eight(struct as_npy *n, const char *descr, uint64_t bits, struct as_error *err)
{
	unsigned char b[8];
	for (int i = 0; i < 8; i++)
		b[i] = (unsigned char)(bits >> 8 * i);
	snprintf(n->descr, sizeof n->descr, "%s", descr);
	n->count++;
	return write_bytes(n, b, sizeof b, err);
}

int as_npy_add_i64(struct as_npy *n, int64_t value, struct as_error *err)
{
	return add_eight(n, "<i8", (uint64_t)value, err);
}

int as_npy_add_u64(struct as_npy *n, uint64_t value, struct as_error *err)
{
	return add_eight(n, "<u8", value, err);
}

int as_npy_add_f64(struct as_npy *n, double value, struct as_error *err)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return add_eight(n, "<f8", bits, err);
}

int as_npy_add_text(struct as_npy *n, struct as_text text, struct as_error *err)
{
	n->count++;
	return as_names_put(&n->texts, text, err);
}

/* ---- texts: all have as many characters of 4 bytes as the longest ---- */

/* The character at `s`, and its length in bytes. A byte that is no UTF-8 is U+DC00 + byte, as Python reads names of
 * files. */
static uint32_t char_at(const char *s, size_t n, size_t *length)
{
	const unsigned char *p = (const unsigned char *)s;
	*length = as_utf8(s, n);
	if (!*length)
		return *length = 1, 0xdc00u + p[0];
	uint32_t c = *length == 1 ? p[0] : p[0] & (0x7fu >> *length);
	for (size_t i = 1; i < *length; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

static size_t characters(const char *s)
{
	size_t n = 0;
	for (size_t left = strlen(s), k; left; left -= k, s += k, n++)
		char_at(s, left, &k);
	return n;
}

static int write_text(struct as_npy *n, const char *s, size_t width, struct as_error *err)
{
	int rc = 0;
	for (size_t left = strlen(s), i = 0; i < width && !rc; i++) {
		size_t k = 0;
		uint32_t c = left ? char_at(s, left, &k) : 0;
		const unsigned char b[] = {(unsigned char)c, (unsigned char)(c >> 8), (unsigned char)(c >> 16), 0};
		left -= k;
		s += k;
		rc = write_bytes(n, b, sizeof b, err);
	}
	return rc;
}

static int write_texts(struct as_npy *n, struct as_error *err)
{
	size_t width = 1;
	int rc = 0;
	for (int64_t i = 0; i < n->texts.count; i++) {
		size_t k = characters(as_names_at(&n->texts, i));
		width = k > width ? k : width;
	}
	snprintf(n->descr, sizeof n->descr, "<U%zu", width);
	for (int64_t i = 0; i < n->texts.count && !rc; i++)
		rc = write_text(n, as_names_at(&n->texts, i), width, err);
	return rc;
}

int as_npy_finish(struct as_npy *n, struct as_error *err)
{
	int rc = n->count ? 0 : as_fail(err, AS_EDATA, "no records, so no array");
	if (!rc && n->texts.count)
		rc = write_texts(n, err);
	return rc ? rc : write_header(n, err);
}

int as_npy_close(struct as_npy *n, struct as_error *err)
{
	int rc = as_npy_finish(n, err);
	if (!rc)
		rc = as_newfile_commit(&n->out, err);
	as_npy_abandon(n);
	return rc;
}

void as_npy_abandon(struct as_npy *n)
{
	if (!n)
		return;
	as_newfile_abandon(&n->out);
	as_names_clear(&n->texts);
	free(n);
}
