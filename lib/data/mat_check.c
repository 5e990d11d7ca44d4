/* The sizes that a MATLAB file claims, before libmatio sees it: it would take memory for as many cells as a file
 * says it has, however short the file is. Elements are a tag, type and length, and data, padded to 8 bytes;
 * a matrix is an element of elements: flags, dimensions, name, and values or further matrices. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "data/mat.h"

enum { INT8 = 1, UINT8, INT16, UINT16, INT32, UINT32, SINGLE, DOUBLE = 9, INT64 = 12, UINT64, MATRIX, COMPRESSED, UTF8, UTF16 };
enum { CELL = 1, STRUCT, CHAR = 4, FIRST_NUMBER = 6, LAST_NUMBER = 15, COMPLEX = 0x800, MOST_DIMS = 8 };

struct span {
	const unsigned char *at;
	size_t n;
	bool swapped; /* the file has the other byte order */
};

struct element {
	uint32_t type;
	struct span data;
};

static uint32_t u32(const struct span *s, size_t at)
{
	const unsigned char *b = s->at + at;
	return s->swapped ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]
			  : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

/* Takes the next element off the span; false if there is none, or less of it than it says. */
static bool next(struct span *s, struct element *e)
{
	if (s->n < 8)
		return false;
	uint32_t first = u32(s, 0), length = first >> 16;
	size_t all = 8, head = 4;
	if (length && length > 4)
		return false;
	if (!length) { /* not a short one, whose data are in its tag */
		length = u32(s, 4);
		head = 8;
		if (length > s->n - 8)
			return false;
		all = 8 + length + (first == COMPRESSED ? 0 : (8 - length % 8) % 8);
	}
	*e = (struct element){first & 0xffff, {s->at + head, length, s->swapped}};
	all = all < s->n ? all : s->n; /* the last one may lack its padding */
	s->at += all;
	s->n -= all;
	return true;
}

static size_t size_of(uint32_t type)
{
	static const size_t size[] = {[INT8] = 1, [UINT8] = 1, [INT16] = 2, [UINT16] = 2, [INT32] = 4, [UINT32] = 4, [SINGLE] = 4,
				      [DOUBLE] = 8, [INT64] = 8, [UINT64] = 8};
	return type < sizeof size / sizeof *size ? size[type] : 0;
}

/* As many numbers as there are elements; of characters outside of ASCII UTF-8 has more bytes. */
static bool are_values(const struct element *e, uint32_t kind, size_t elements)
{
	if (kind == CHAR && (e->type == UTF8 || e->type == UTF16))
		return e->data.n <= 4 * elements;
	size_t size = size_of(e->type);
	return size && e->data.n == size * elements && (kind != CHAR || size <= 2);
}

/* The dimensions' product; false if there is none that a file of this size could have. */
static bool count_elements(const struct element *dims, size_t *elements)
{
	*elements = 1;
	if (dims->type != INT32 || dims->data.n < 8 || dims->data.n % 4 || dims->data.n > 4 * MOST_DIMS)
		return false;
	for (size_t i = 0; i < dims->data.n; i += 4) {
		uint32_t side = u32(&dims->data, i);
		if (side > AS_MAT_VALUES || (side && *elements > AS_MAT_VALUES / side))
			return false;
		*elements *= side;
	}
	return true;
}

/* The number of fields of a struct: the length of a name, and the names. */
static bool count_fields(struct span *s, size_t *fields)
{
	struct element length, names;
	if (!next(s, &length) || !next(s, &names) || length.type != INT32 || length.data.n != 4 || names.type != INT8)
		return false;
	uint32_t n = u32(&length.data, 0);
	*fields = n ? names.data.n / n : 0;
	return n && n <= 1024 && names.data.n % n == 0 && *fields;
}

static bool is_matrix(struct span s, int depth);

/* n matrices, one behind the other. */
static bool are_matrices(struct span s, size_t n, int depth)
{
	struct element e;
	for (size_t i = 0; i < n; i++)
		if (!next(&s, &e) || e.type != MATRIX || !is_matrix(e.data, depth))
			return false;
	return true;
}

static bool is_matrix(struct span s, int depth)
{
	struct element flags, dims, name, values;
	size_t elements, fields = 1;
	if (depth > AS_MAT_DEPTH || !next(&s, &flags) || flags.type != UINT32 || flags.data.n != 8)
		return false;
	uint32_t kind = u32(&flags.data, 0) & 0xff;
	if ((u32(&flags.data, 0) & COMPLEX) || !next(&s, &dims) || !count_elements(&dims, &elements) || !next(&s, &name) ||
	    name.type != INT8 || name.data.n > 1024)
		return false;
	if (kind == CELL || kind == STRUCT)
		return (kind == CELL || count_fields(&s, &fields)) && are_matrices(s, elements * fields, depth + 1);
	if (kind != CHAR && (kind < FIRST_NUMBER || kind > LAST_NUMBER))
		return false;
	return (!elements && !s.n) || (next(&s, &values) && are_values(&values, kind, elements));
}

/* The bytes of a compressed element; the caller frees *bytes. */
static int unpack(const struct span *s, unsigned char **bytes, size_t *count, struct as_error *err)
{
	size_t room = 4 * s->n + 4096;
	int got = Z_BUF_ERROR;
	*bytes = NULL;
	while (got == Z_BUF_ERROR && room <= AS_MAT_BYTES) {
		uLongf n = room;
		free(*bytes);
		if (!(*bytes = malloc(room)))
			return as_fail(err, AS_EMEM, "memory: no room to unpack a MATLAB file");
		got = uncompress(*bytes, &n, s->at, (uLong)s->n);
		*count = n;
		room *= 4;
	}
	return got == Z_OK ? 0 : as_fail(err, AS_EDATA, "damaged: what is packed in it cannot be unpacked, or is too large");
}

static int check_variable(const struct element *e, struct as_error *err)
{
	unsigned char *bytes = NULL;
	struct span s = e->data;
	struct element inner = *e;
	int rc = 0;
	if (e->type == COMPRESSED) {
		rc = unpack(&e->data, &bytes, &s.n, err);
		s.at = bytes;
		if (!rc && !next(&s, &inner))
			rc = as_fail(err, AS_EDATA, "damaged: nothing is packed in it");
	}
	if (!rc && (inner.type != MATRIX || !is_matrix(inner.data, 0)))
		rc = as_fail(err, AS_EDATA, "damaged, or has what lists do not have: they are of numbers, texts, cells and structs");
	free(bytes);
	return rc;
}

int as_mat_check(const char *bytes, size_t count, struct as_error *err)
{
	struct span s = {(const unsigned char *)bytes + AS_MAT_HEAD, count - AS_MAT_HEAD, bytes[AS_MAT_HEAD - 2] == 'M'};
	struct element e;
	int rc = s.n ? 0 : as_fail(err, AS_EDATA, "nothing behind its head");
	while (!rc && s.n)
		rc = next(&s, &e) ? check_variable(&e, err) : as_fail(err, AS_EDATA, "damaged: it ends early");
	return rc;
}
