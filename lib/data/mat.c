#include "data/mat.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "stream/late.h"
#include "stream/say.h"

/* MATLAB 5: 116 bytes of text, the version 0x0100 in bytes 124 and 125, and in what follows 'M' 'I', all in the
 * writer's byte order. Version 7.3 is an HDF5 file behind such a header; version 4 has no text. */
enum { HDF5_AT = 512 };

static int check_head(const char *b, size_t count, struct as_error *err)
{
	static const char expected[] = "this dataset's lists are files of version 5: save -v7 writes them";
	static const char hdf5[] = "\x89HDF";
	if (count >= HDF5_AT + 4 && !memcmp(b + HDF5_AT, hdf5, 4))
		return as_fail(err, AS_EDATA, "a MATLAB file of version 7.3, which is HDF5; %s", expected);
	if (count >= 20 && (!memcmp(b, "\0\0\0\0", 4) || !memcmp(b, "\0\0\x03\xe8", 4)))
		return as_fail(err, AS_EDATA, "a MATLAB file of version 4; %s", expected);
	if (count < AS_MAT_HEAD || memcmp(b, "MATLAB 5.0", 10) != 0)
		return as_fail(err, AS_EDATA, "no MATLAB file of version 5, but %s",
			       count >= 4 && !memcmp(b, hdf5, 4) ? "HDF5" : count ? "something else" : "an empty file");
	if (memcmp(b + 124, "\0\1IM", 4) != 0 && memcmp(b + 124, "\1\0MI", 4) != 0)
		return as_fail(err, AS_EDATA, "a MATLAB file of an unknown version; %s", expected);
	return 0;
}

static int check_file(const char *path, struct as_error *err)
{
	struct as_error why;
	char *bytes = NULL;
	size_t count;
	int rc = as_file_read(path, AS_PATH_FILE, AS_MAT_BYTES, &bytes, &count, err);
	if (rc)
		return rc;
	rc = check_head(bytes, count, &why);
	if (!rc)
		rc = as_mat_check(bytes, count, &why);
	free(bytes);
	return rc ? as_fail(err, rc, "%s: %s", path, why.text) : 0;
}

#ifdef AS_LATE_matio

#include <matio.h>
#include <pthread.h>

static struct {
	mat_t *(*open)(const char *, int);
	int (*close)(mat_t *);
	matvar_t *(*read)(mat_t *, const char *);
	void (*free)(matvar_t *);
	matvar_t *(*field)(matvar_t *, const char *, size_t);
	int (*log)(const char *, void (*)(int, char *));
} matio;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* libmatio's messages go to one place */
static struct as_error failure;

/* libmatio would print its complaints; what matters of them is that the call fails. */
static void quiet(int level, char *message)
{
	(void)level, (void)message;
}

static void load(void)
{
	const struct as_late late[] = {
		AS_LATE(matio.open, Mat_Open), AS_LATE(matio.close, Mat_Close), AS_LATE(matio.read, Mat_VarRead),
		AS_LATE(matio.free, Mat_VarFree), AS_LATE(matio.field, Mat_VarGetStructFieldByName), AS_LATE(matio.log, Mat_LogInitFunc),
	};
	failure.code = as_late_load(AS_LATE_STRING(AS_LATE_matio), late, sizeof late / sizeof *late, &failure);
	if (!failure.code)
		matio.log("", quiet);
}

struct as_mat {
	char *path;
	mat_t *file;
	matvar_t *variable; /* the one that was read last, or NULL */
};

int as_mat_open(struct as_mat **out, const char *path, struct as_error *err)
{
	int rc = check_file(path, err);
	if (rc)
		return rc;
	pthread_once(&once, load);
	if (failure.code)
		return as_fail(err, failure.code, "%s: to read MATLAB files, install the package libmatio-dev (%.150s)", path,
			       failure.text);
	struct as_mat *m = calloc(1, sizeof *m);
	if (!m || !(m->path = strdup(path))) {
		free(m);
		return as_fail(err, AS_EMEM, "memory: no room for a MATLAB file");
	}
	pthread_mutex_lock(&lock);
	m->file = matio.open(path, MAT_ACC_RDONLY);
	pthread_mutex_unlock(&lock);
	if (!m->file) {
		as_mat_close(m);
		return as_fail(err, AS_EDATA, "%s: a damaged MATLAB file", path);
	}
	*out = m;
	return 0;
}

void as_mat_close(struct as_mat *m)
{
	if (!m)
		return;
	if (m->variable)
		matio.free(m->variable);
	if (m->file)
		matio.close(m->file);
	free(m->path);
	free(m);
}

/* ---- variables; as_mat_check knows that they are of sizes that fit ---- */

static size_t elements_of(const matvar_t *v)
{
	size_t n = v->rank > 0 && v->dims;
	for (int i = 0; i < v->rank && n; i++)
		n *= v->dims[i];
	return n;
}

/* How many variables lie in a cell or struct array: elements x fields. */
static size_t inside(const matvar_t *v)
{
	bool holds = v->class_type == MAT_C_CELL || v->class_type == MAT_C_STRUCT;
	return holds && v->data ? v->nbytes / sizeof(matvar_t *) : 0;
}

/* Reads a variable unless it is the one that was read last; false: it is not there. */
static bool find_variable(struct as_mat *m, const char *name)
{
	if (m->variable && m->variable->name && !strcmp(m->variable->name, name))
		return true;
	if (m->variable)
		matio.free(m->variable);
	pthread_mutex_lock(&lock);
	m->variable = matio.read(m->file, name);
	pthread_mutex_unlock(&lock);
	return m->variable != NULL;
}

/* ---- what a file has, said in one line ---- */

static const char *kind_of(const matvar_t *v)
{
	if (!v)
		return "nothing";
	if (v->class_type == MAT_C_CHAR)
		return "a text";
	if (v->class_type == MAT_C_CELL)
		return "cells";
	return v->class_type == MAT_C_STRUCT ? "structs" : "numbers";
}

static int unlike(const struct as_mat *m, struct as_mat_part p, const matvar_t *found, const char *expected, struct as_error *err)
{
	bool plane = found && found->rank >= 2;
	return as_fail(err, AS_EDATA, "%.120s: %s%s%s: found %s of %lld x %lld, expected %s", m->path, p.variable, p.field ? "." : "",
		       p.field ? p.field : "", kind_of(found), plane ? (long long)found->dims[0] : 0LL,
		       plane ? (long long)found->dims[1] : 0LL, expected);
}

/* ---- elements ---- */

/* A part is a vector; its elements are single variables, or those of one variable. */
struct vector {
	const struct as_mat *mat;
	struct as_mat_part part;
	matvar_t *variable;
	int64_t count;
};

static int open_part(struct as_mat *m, struct as_mat_part p, struct vector *v, struct as_error *err)
{
	if (!find_variable(m, p.variable))
		return as_fail(err, AS_EDATA, "%s: no variable %s in it", m->path, p.variable);
	size_t n = elements_of(m->variable);
	*v = (struct vector){m, p, m->variable, 0};
	if (m->variable->rank != 2 || (m->variable->dims[0] != 1 && m->variable->dims[1] != 1) || !n)
		return unlike(m, p, m->variable, "a vector", err);
	if (p.field && m->variable->class_type != MAT_C_STRUCT)
		return unlike(m, p, m->variable, "structs", err);
	v->count = (int64_t)n;
	return 0;
}

/* Element i: a variable of its own in structs and cells, otherwise NULL. A cell in a cell is opened. */
static const matvar_t *element(const struct vector *v, int64_t i)
{
	const matvar_t *e = NULL;
	if (v->part.field)
		e = matio.field(v->variable, v->part.field, (size_t)i);
	else if (v->variable->class_type == MAT_C_CELL && (size_t)i < inside(v->variable))
		e = ((matvar_t *const *)v->variable->data)[i];
	if (e && e->class_type == MAT_C_CELL && inside(e) == 1)
		e = ((matvar_t *const *)e->data)[0];
	return e;
}

/* Number i of a variable; false if there is none. */
static bool number_at(const matvar_t *v, size_t i, double *x)
{
	if (!v || !v->data || v->isComplex || i >= elements_of(v) || v->data_size < 1 || i >= v->nbytes / (size_t)v->data_size)
		return false;
	switch (v->data_type) {
	case MAT_T_INT8: *x = ((const int8_t *)v->data)[i]; break;
	case MAT_T_UINT8: *x = ((const uint8_t *)v->data)[i]; break;
	case MAT_T_INT16: *x = ((const int16_t *)v->data)[i]; break;
	case MAT_T_UINT16: *x = ((const uint16_t *)v->data)[i]; break;
	case MAT_T_INT32: *x = ((const int32_t *)v->data)[i]; break;
	case MAT_T_UINT32: *x = ((const uint32_t *)v->data)[i]; break;
	case MAT_T_INT64: *x = (double)((const int64_t *)v->data)[i]; break;
	case MAT_T_UINT64: *x = (double)((const uint64_t *)v->data)[i]; break;
	case MAT_T_SINGLE: *x = (double)((const float *)v->data)[i]; break;
	case MAT_T_DOUBLE: *x = ((const double *)v->data)[i]; break;
	default: return false;
	}
	return v->class_type != MAT_C_CHAR;
}

bool as_mat_has(struct as_mat *m, struct as_mat_part p)
{
	if (!find_variable(m, p.variable))
		return false;
	return !p.field || (m->variable->class_type == MAT_C_STRUCT && matio.field(m->variable, p.field, 0));
}

int as_mat_ints(struct as_mat *m, struct as_mat_part p, int64_t lo, int64_t hi, int64_t **value, int64_t *count,
		struct as_error *err)
{
	struct vector v;
	int rc = open_part(m, p, &v, err);
	int64_t *got = rc ? NULL : malloc((size_t)v.count * sizeof *got);
	if (!rc && !got)
		rc = as_fail(err, AS_EMEM, "memory: no room for %lld numbers", (long long)v.count);
	for (int64_t i = 0; i < v.count && !rc; i++) {
		const matvar_t *e = p.field ? element(&v, i) : v.variable;
		double x;
		if (!number_at(e, p.field ? 0 : (size_t)i, &x))
			rc = unlike(m, p, e, "numbers", err);
		else if (!(x >= (double)lo && x <= (double)hi) || x != (double)(int64_t)x)
			rc = as_fail(err, AS_EDATA, "%s: %s%s%s: element %lld is %g, expected a whole number %lld to %lld", m->path,
				     p.variable, p.field ? "." : "", p.field ? p.field : "", (long long)i + 1, x, (long long)lo,
				     (long long)hi);
		else
			got[i] = (int64_t)x;
	}
	if (rc) {
		free(got);
		return rc;
	}
	*value = got;
	*count = v.count;
	return 0;
}

/* Writes a character of at most 16 bits as UTF-8; the number of bytes, 0 for one that no name may have. */
static size_t put_char(unsigned c, char *out)
{
	if (c < 32 || c == 127 || (c >= 0xd800 && c < 0xe000))
		return 0;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : 3;
	out[0] = (char)(n == 2 ? 0xc0 | c >> 6 : 0xe0 | c >> 12);
	out[1] = (char)(0x80 | (c >> 6 * (n - 2) & 63));
	out[n - 1] = (char)(0x80 | (c & 63));
	return n;
}

/* Character i of a text, as its file stores it. */
static unsigned char_at(const matvar_t *v, bool wide, size_t i)
{
	return wide ? ((const uint16_t *)v->data)[i] : ((const uint8_t *)v->data)[i];
}

/* The characters of a text as UTF-8, into buf of `room` bytes; its length, or 0. */
static size_t text_of(const matvar_t *v, char *buf, size_t room)
{
	size_t used = 0, k = 1;
	if (!v || v->class_type != MAT_C_CHAR || !v->data || v->rank != 2 || v->dims[0] != 1)
		return 0;
	bool wide = v->data_type == MAT_T_UINT16 || v->data_type == MAT_T_UTF16, utf8 = v->data_type == MAT_T_UTF8;
	if (!wide && !utf8 && v->data_type != MAT_T_UINT8 && v->data_type != MAT_T_INT8)
		return 0;
	for (size_t i = 0, n = v->nbytes / (wide ? 2 : 1); i < n && k; i++, used += k) {
		unsigned c = char_at(v, wide, i);
		if (used + 3 > room)
			return 0;
		if (utf8 && c >= 0x80)
			buf[used] = (char)c; /* part of a character that is UTF-8 already */
		else
			k = put_char(c, buf + used);
	}
	return k ? used : 0;
}

int as_mat_texts(struct as_mat *m, struct as_mat_part p, struct as_names *names, struct as_error *err)
{
	struct vector v;
	char text[1024];
	int rc = open_part(m, p, &v, err);
	for (int64_t i = 0; !rc && i < v.count; i++) {
		const matvar_t *e = element(&v, i);
		size_t n = text_of(e, text, sizeof text);
		rc = n ? as_names_put(names, (struct as_text){text, n}, err)
		       : unlike(m, p, e ? e : v.variable, "texts, one for each element", err);
	}
	return rc;
}

#else

int as_mat_open(struct as_mat **out, const char *path, struct as_error *err)
{
	int rc = check_file(path, err);
	(void)out;
	return rc ? rc : as_fail(err, AS_EIO, "%s: to read MATLAB files augself must be built with libmatio: install the package "
				 "libmatio-dev and run make again", path);
}

/* Nothing was opened that could be asked. */
static int nothing_open(struct as_error *err)
{
	return as_fail(err, AS_EARG, "MATLAB: no file is open");
}

void as_mat_close(struct as_mat *m)
{
	(void)m;
}

bool as_mat_has(struct as_mat *m, struct as_mat_part p)
{
	(void)m, (void)p;
	return false;
}

int as_mat_ints(struct as_mat *m, struct as_mat_part p, int64_t lo, int64_t hi, int64_t **value, int64_t *count,
		struct as_error *err)
{
	(void)m, (void)p, (void)lo, (void)hi, (void)value, (void)count;
	return nothing_open(err);
}

int as_mat_texts(struct as_mat *m, struct as_mat_part p, struct as_names *names, struct as_error *err)
{
	(void)m, (void)p, (void)names;
	return nothing_open(err);
}

#endif
