#include "data/catalog.h"

#include <string.h>
#include <time.h>

#include "base/newfile.h"

#define FORMAT "augself-index 1"
#define SECOND 1000000000ll

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

struct as_stamp as_stamp_of(const struct stat *st)
{
	return (struct as_stamp){{nanoseconds(st->st_mtim), nanoseconds(st->st_ctim), (int64_t)st->st_size}};
}

struct as_stamp as_stamp_settled(struct as_stamp s)
{
	struct timespec now;
	if (clock_gettime(CLOCK_REALTIME, &now) || s.at[0] > nanoseconds(now) - 2 * SECOND || s.at[1] > nanoseconds(now) - 2 * SECOND)
		return (struct as_stamp){{0}};
	return s;
}

bool as_stamp_same(const struct as_stamp *s, const int64_t at[AS_STAMP])
{
	return !memcmp(s->at, at, sizeof s->at);
}

int as_catalog_broken(const char *file, struct as_error *err)
{
	return as_fail(err, AS_EDATA, "%s: an index whose parts do not fit together: remove it, and it is made anew", file);
}

int as_catalog_load(struct as_safetensors **out, const char *file, const char *form, struct as_error *err)
{
	int rc = as_safetensors_open(out, file, err);
	if (rc == AS_ENONE)
		return 0;
	if (rc == AS_EDATA) {
		char why[160];
		snprintf(why, sizeof why, "%.150s", err->text);
		rc = as_fail(err, AS_EDATA, "%s; not an index of img-read, or a damaged one: remove it, or name another --index", why);
	}
	if (rc)
		return rc;
	const char *format = as_safetensors_meta(*out, "format"), *is = as_safetensors_meta(*out, "source");
	if (!format || !is || strcmp(format, FORMAT) != 0)
		rc = as_fail(err, AS_EDATA, "%s: not an index of img-read: name another file to keep one in", file);
	else if (strcmp(is, form) != 0)
		rc = as_fail(err, AS_EDATA, "%s: an index of '%.20s', and this is of '%s': each in a file of its own", file, is, form);
	if (rc) {
		as_safetensors_close(*out);
		*out = NULL;
	}
	return rc ? rc : 1;
}

bool as_catalog_column(const struct as_safetensors *s, struct as_column *c)
{
	const struct as_tensor *t = as_safetensors_find(s, c->name);
	if (!t || t->dtype != c->dtype || t->ndim != 1 || (uintptr_t)t->data % as_dtype_size(t->dtype))
		return false;
	c->count = t->shape[0];
	c->at = t->data;
	return true;
}

int as_catalog_save(const char *file, const char *form, const struct as_column *c, int n, struct as_error *err)
{
	enum { MOST = 12 };
	struct as_named named[MOST];
	const struct as_meta meta[] = {{"format", FORMAT}, {"source", form}};
	struct as_newfile out = {0};
	memset(named, 0, sizeof named);
	for (int i = 0; i < n; i++) {
		strcpy(named[i].name, c[i].name);
		named[i].tensor = (struct as_tensor){c[i].dtype, 1, {c[i].count}, c[i].at ? c[i].at : ""};
	}
	int rc = as_newfile_open(&out, file, err);
	if (!rc)
		rc = as_safetensors_write(out.f, named, n, meta, sizeof meta / sizeof *meta, NULL, err);
	if (!rc)
		rc = as_newfile_commit(&out, err);
	as_newfile_abandon(&out);
	return rc;
}
