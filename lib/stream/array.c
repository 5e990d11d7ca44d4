#include "stream/array.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "stream/archive.h"
#include "stream/half.h"

enum { CHUNK = 32 << 10 }; /* bytes that are converted at a time */

struct as_array_in {
	struct as_array said;
	int64_t row, left;  /* elements of a row; those not yet read */
	int fd;
	struct as_archive *zip; /* NULL: fd is a .npy */
	char *what;             /* the path, and the name inside */
};

/* ---- bytes ---- */

/* Reads n bytes, fewer only at the end. */
static int fetch(struct as_array_in *in, char *to, size_t n, size_t *got, struct as_error *err)
{
	for (*got = 0; *got < n;) {
		size_t k = 0;
		if (in->zip) {
			int rc = as_archive_read(in->zip, to + *got, n - *got, &k, err);
			if (rc)
				return as_fail_within(err, "%s", in->what);
		} else {
			ssize_t r = read(in->fd, to + *got, n - *got);
			if (r < 0)
				return as_fail_errno(err, "%s", in->what);
			k = (size_t)r;
		}
		if (!k)
			break;
		*got += k;
	}
	return 0;
}

static int fetch_all(struct as_array_in *in, char *to, size_t n, struct as_error *err)
{
	size_t got;
	int rc = fetch(in, to, n, &got, err);
	return rc || got == n ? rc : as_fail(err, AS_EDATA, "%s: ends early: its header says that there is more", in->what);
}

/* ---- opening ---- */

static int64_t product(const int64_t *shape, int n)
{
	int64_t p = 1;
	for (int i = 0; i < n; i++)
		p *= shape[i];
	return p;
}

/* Reads the header; `bytes` is the size of header and data, UINT64_MAX if it is not known. */
static int read_head(struct as_array_in *in, uint64_t bytes, struct as_error *err)
{
	char lead[AS_ARRAY_LEAD];
	size_t n = 0;
	int rc = fetch_all(in, lead, sizeof lead, err);
	if (rc)
		return rc;
	rc = as_array_measure(lead, &n, err);
	if (rc)
		return as_fail_within(err, "%s", in->what);
	char *head = malloc(n);
	if (!head)
		return as_fail(err, AS_EMEM, "memory: no room for the header of an array");
	memcpy(head, lead, sizeof lead);
	rc = fetch_all(in, head + sizeof lead, n - sizeof lead, err);
	if (!rc && (rc = as_array_head(head, n, &in->said, err)))
		as_fail_within(err, "%s", in->what);
	free(head);
	if (rc)
		return rc;
	in->left = product(in->said.shape, in->said.ndim);
	in->row = in->said.ndim ? product(in->said.shape + 1, in->said.ndim - 1) : 1;
	uint64_t want = n + (uint64_t)in->left * (uint64_t)in->said.width;
	if (bytes != UINT64_MAX && bytes != want)
		return as_fail(err, AS_EDATA, "%s: %" PRIu64 " bytes, its header says %" PRIu64, in->what, bytes, want);
	return 0;
}

/* The name of a member without ".npy". Empty: it has none. */
static struct as_text stem(const char *name)
{
	size_t n = strlen(name);
	return (struct as_text){name, n > 4 && !strcmp(name + n - 4, ".npy") ? n - 4 : 0};
}

/* Moves to the member of that name. */
static int find_member(struct as_array_in *in, const char *path, const char *name, uint64_t *bytes, struct as_error *err)
{
	const char *at;
	int rc;
	while ((rc = as_archive_next(in->zip, &at, bytes, err)) > 0) {
		struct as_text s = stem(at);
		if (s.length == strlen(name) && !memcmp(s.at, name, s.length))
			return 0;
	}
	return rc ? as_fail_within(err, "%s", path) : as_fail(err, AS_ENONE, "%s: no array '%s' in it", path, name);
}

static int begin(struct as_array_in *in, const char *path, const char *name, struct as_error *err)
{
	struct stat st;
	uint64_t bytes = UINT64_MAX;
	size_t room = strlen(path) + (name ? strlen(name) : 0) + 8;
	if (!(in->what = malloc(room)))
		return as_fail(err, AS_EMEM, "memory: no room for an array");
	snprintf(in->what, room, "%s%s%s", path, name ? ": " : "", name ? name : "");
	in->fd = as_path_open(path, name ? AS_PATH_FILE : AS_PATH_FILE | AS_PATH_PIPE, err);
	if (in->fd < 0)
		return in->fd;
	int rc = 0;
	if (name) {
		rc = as_archive_open(&in->zip, in->fd, err);
		rc = rc ? as_fail_within(err, "%s", path) : find_member(in, path, name, &bytes, err);
	} else if (!fstat(in->fd, &st) && S_ISREG(st.st_mode)) {
		bytes = (uint64_t)st.st_size;
	}
	return rc ? rc : read_head(in, bytes, err);
}

int as_array_open(struct as_array_in **out, const char *path, const char *name, struct as_error *err)
{
	struct as_array_in *in = calloc(1, sizeof *in);
	if (!in)
		return as_fail(err, AS_EMEM, "memory: no room for an array");
	in->fd = -1;
	int rc = begin(in, path, name, err);
	if (rc)
		as_array_close(in);
	else
		*out = in;
	return rc;
}

void as_array_close(struct as_array_in *in)
{
	if (!in)
		return;
	as_archive_close(in->zip);
	if (in->fd >= 0)
		close(in->fd);
	free(in->what);
	free(in);
}

int as_array_ask(const char *path, enum as_array_file *kind, struct as_error *err)
{
	struct as_file f = {.fd = -1};
	int rc = as_file_open(&f, path, AS_PATH_FILE, err);
	if (!rc)
		rc = as_file_fill(&f, 6, err);
	bool six = !rc && f.count >= 6;
	*kind = six && !memcmp(f.bytes, "\x93NUMPY", 6) ? AS_ARRAY_NPY :
		six && (!memcmp(f.bytes, "PK\3\4", 4) || !memcmp(f.bytes, "PK\5\6", 4)) ? AS_ARRAY_NPZ : AS_ARRAY_NONE;
	as_file_close(&f);
	return rc;
}

static int add_names(struct as_archive *zip, struct as_names *names, struct as_error *err)
{
	const char *at;
	uint64_t bytes;
	int rc;
	while ((rc = as_archive_next(zip, &at, &bytes, err)) > 0) {
		struct as_text s = stem(at);
		if (!s.length)
			return as_fail(err, AS_EDATA, "'%.80s' in it is no array of NumPy's", at);
		if ((rc = as_names_put(names, s, err)))
			return rc;
	}
	return rc;
}

int as_array_names(const char *path, struct as_names *names, struct as_error *err)
{
	struct as_archive *zip = NULL;
	int fd = as_path_open(path, AS_PATH_FILE, err);
	if (fd < 0)
		return fd;
	int rc = as_archive_open(&zip, fd, err);
	if (!rc)
		rc = add_names(zip, names, err);
	if (rc)
		as_fail_within(err, "%s", path);
	as_archive_close(zip);
	close(fd);
	return rc;
}

const struct as_array *as_array_said(const struct as_array_in *in)
{
	return &in->said;
}

int64_t as_array_row(const struct as_array_in *in)
{
	return in->row;
}

int64_t as_array_rows(const struct as_array_in *in)
{
	return in->said.ndim ? in->said.shape[0] : 1;
}

int as_array_end(struct as_array_in *in, struct as_error *err)
{
	char one;
	size_t got;
	int rc = fetch(in, &one, 1, &got, err);
	if (!rc && (in->left || got))
		rc = as_fail(err, AS_EDATA, "%s: more bytes behind the last row", in->what);
	return rc;
}

/* ---- elements ---- */

/* The bits of an element, its own sign not yet extended. */
static uint64_t bits_at(const struct as_array *a, const unsigned char *p)
{
	uint64_t v = 0;
	for (int64_t i = 0; i < a->width; i++)
		v = v << 8 | p[a->big ? i : a->width - 1 - i];
	return v;
}

/* A whole number of kind i, u or b: with its sign as 64 bits. */
static uint64_t whole_at(const struct as_array *a, const unsigned char *p, bool *negative)
{
	uint64_t v = bits_at(a, p), sign = UINT64_C(1) << (8 * a->width - 1);
	*negative = a->kind == 'i' && v & sign;
	return *negative && a->width < 8 ? v | ~(2 * sign - 1) : v;
}

static double number_at(const struct as_array *a, const unsigned char *p)
{
	uint64_t v = bits_at(a, p);
	double d;
	if (a->kind != 'f') {
		bool negative;
		v = whole_at(a, p, &negative);
		return negative ? -(double)(~v + 1) : (double)v;
	}
	if (a->width == 8) {
		memcpy(&d, &v, sizeof d);
		return d;
	}
	uint32_t bits = a->width == 2 ? as_half_bits((uint16_t)v) : (uint32_t)v;
	float f;
	memcpy(&f, &bits, sizeof f);
	return (double)f;
}

static int unlike(const struct as_array_in *in, const char *want, struct as_error *err)
{
	char text[200];
	return as_fail(err, AS_EDATA, "%s: %s, where %s are expected", in->what, as_array_text(&in->said, text, sizeof text), want);
}

/* Reads as many of the n elements as are converted at a time; *k of them. */
static int next_chunk(struct as_array_in *in, char *chunk, int64_t n, int64_t *k, struct as_error *err)
{
	*k = CHUNK / in->said.width < n ? CHUNK / in->said.width : n;
	if (n > in->left)
		return as_fail(err, AS_EARG, "%s: no more elements", in->what);
	in->left -= *k;
	return fetch_all(in, chunk, (size_t)(*k * in->said.width), err);
}

static bool is_number(const struct as_array_in *in)
{
	return strchr("fiub", in->said.kind) != NULL;
}

static bool little_endian(void)
{
	const uint16_t one = 1;
	unsigned char first;
	memcpy(&first, &one, 1);
	return first;
}

int as_array_doubles(struct as_array_in *in, int64_t n, double *out, struct as_error *err)
{
	char chunk[CHUNK];
	if (!is_number(in))
		return unlike(in, "numbers", err);
	for (int64_t k; n; n -= k) {
		int rc = next_chunk(in, chunk, n, &k, err);
		if (rc)
			return rc;
		for (int64_t i = 0; i < k; i++)
			*out++ = number_at(&in->said, (unsigned char *)chunk + i * in->said.width);
	}
	return 0;
}

int as_array_floats(struct as_array_in *in, int64_t n, float *out, struct as_error *err)
{
	double some[256];
	if (in->said.kind == 'f' && in->said.width == 4 && !in->said.big && little_endian() && n <= in->left) {
		in->left -= n;
		return fetch_all(in, (char *)out, (size_t)n * sizeof *out, err);
	}
	for (int64_t k; n; n -= k, out += k) {
		k = n < 256 ? n : 256;
		int rc = as_array_doubles(in, k, some, err);
		if (rc)
			return rc;
		for (int64_t i = 0; i < k; i++) {
			out[i] = (float)some[i];
			if (isinf(out[i]) && !isinf(some[i]))
				return as_fail(err, AS_EDATA, "%s: %g is beyond the range of float32", in->what, some[i]);
		}
	}
	return 0;
}

/* Whole numbers as 64 bits; `negatives` says whether there may be any, and whether u64 must fit into i64. */
static int wholes(struct as_array_in *in, int64_t n, bool negatives, uint64_t *out, struct as_error *err)
{
	char chunk[CHUNK];
	if (!is_number(in) || in->said.kind == 'f')
		return unlike(in, "whole numbers", err);
	for (int64_t k; n; n -= k) {
		int rc = next_chunk(in, chunk, n, &k, err);
		if (rc)
			return rc;
		for (int64_t i = 0; i < k; i++) {
			bool negative;
			uint64_t v = whole_at(&in->said, (unsigned char *)chunk + i * in->said.width, &negative);
			if (negatives ? !negative && v > INT64_MAX : negative)
				return as_fail(err, AS_EDATA, "%s: a number out of range", in->what);
			*out++ = v;
		}
	}
	return 0;
}

int as_array_i64(struct as_array_in *in, int64_t n, int64_t *out, struct as_error *err)
{
	return wholes(in, n, true, (uint64_t *)out, err);
}

int as_array_u64(struct as_array_in *in, int64_t n, uint64_t *out, struct as_error *err)
{
	return wholes(in, n, false, out, err);
}

int as_array_u8(struct as_array_in *in, int64_t n, uint8_t *out, struct as_error *err)
{
	if (in->said.kind != 'u' || in->said.width != 1)
		return unlike(in, "bytes (uint8)", err);
	if (n > in->left)
		return as_fail(err, AS_EARG, "%s: no more elements", in->what);
	in->left -= n;
	return fetch_all(in, (char *)out, (size_t)n, err);
}

/* One character as UTF-8, 0 bytes: it is none. Python keeps a byte b that is no UTF-8 as U+DC00 + b. */
static int put_char(uint64_t c, char *to)
{
	if (c >= 0xdc80 && c <= 0xdcff)
		return to[0] = (char)(c & 0xff), 1;
	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (int i = n - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xf0u) | c);
	return n;
}

static int read_text(struct as_array_in *in, char *raw, char *text, size_t *bytes, struct as_error *err)
{
	size_t wide = in->said.kind == 'U' ? 4 : 1, n = (size_t)in->said.width / wide, used = 0;
	const struct as_array one = {.big = in->said.big, .width = (int64_t)wide};
	int rc = fetch_all(in, raw, n * wide, err);
	while (!rc && n && !bits_at(&one, (unsigned char *)raw + (n - 1) * wide)) /* NumPy fills with zeros */
		n--;
	for (size_t i = 0; !rc && i < n; i++) {
		uint64_t c = bits_at(&one, (unsigned char *)raw + i * wide);
		int k = wide == 1 ? (text[used] = (char)c, 1) : put_char(c, text + used);
		if (!c || !k)
			return as_fail(err, AS_EDATA, "%s: a text with a character that is none", in->what);
		used += (size_t)k;
	}
	*bytes = used;
	return rc;
}

int as_array_texts(struct as_array_in *in, int64_t n, struct as_names *names, struct as_error *err)
{
	enum { MOST = 1 << 20 };
	if (is_number(in))
		return unlike(in, "texts", err);
	if (in->said.width > MOST)
		return as_fail(err, AS_EDATA, "%s: texts of %" PRId64 " bytes, more than %d", in->what, in->said.width, MOST);
	char *raw = malloc((size_t)in->said.width * 2 + 8);
	int rc = !raw ? as_fail(err, AS_EMEM, "memory: no room for a text") :
		 n > in->left ? as_fail(err, AS_EARG, "%s: no more elements", in->what) : 0;
	for (int64_t i = 0; i < n && !rc; i++, in->left--) {
		size_t bytes = 0;
		char *text = raw + in->said.width;
		rc = read_text(in, raw, text, &bytes, err);
		if (!rc)
			rc = as_names_put(names, (struct as_text){text, bytes}, err);
	}
	free(raw);
	return rc;
}
