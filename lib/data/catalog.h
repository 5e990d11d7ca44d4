/* Private to lib/data: what img-read --index keeps in a file, so that a set of a million images opens without a look at each
 * folder or archive: a safetensors file of columns. An index is never believed: every folder or archive that it speaks of has a
 * stamp there, and one whose stamp is another now is read anew. */
#ifndef AS_DATA_CATALOG_H
#define AS_DATA_CATALOG_H

#include <sys/stat.h>

#include "data/inside.h"
#include "stream/safetensors.h"

AS_BEGIN

/* What changes whenever a folder's names or a file's bytes do: times in nanoseconds, size in bytes. Three zeros: of something
 * that had changed so lately that it could change again within the same tick of the clock; no file has this stamp. */
enum { AS_STAMP = 3 };
struct as_stamp {
	int64_t at[AS_STAMP]; /* modified, changed, size */
};
struct as_stamp as_stamp_of(const struct stat *);
/* The same as it may be kept: zeros if it is of the last two seconds. */
struct as_stamp as_stamp_settled(struct as_stamp);
bool as_stamp_same(const struct as_stamp *, const int64_t at[AS_STAMP]);

/* ---- the file: catalog.c ---- */

/* A column of an index. */
struct as_column {
	const char *name;
	enum as_dtype dtype;
	int64_t count;
	const void *at;
};
/* Opens an index that was written for this form ("folders", "tar", "stream"). 1: it is there, 0: there is no such file,
 * <0: it is something else, or damaged. */
AS_NODISCARD int as_catalog_load(struct as_safetensors **, const char *file, const char *form, struct as_error *);
/* Finds a column; false: it is not there, of another dtype, or cannot be read where it lies. */
bool as_catalog_column(const struct as_safetensors *, struct as_column *);
/* Writes an index. AS_EIO, AS_EMEM. */
AS_NODISCARD int as_catalog_save(const char *file, const char *form, const struct as_column *, int n, struct as_error *);
/* The error for an index whose columns do not fit each other. */
int as_catalog_broken(const char *file, struct as_error *);

/* ---- of folders: folders_kept.c ---- */

/* Kinds of a folder's entries. A file without the name of an image is looked at each time, since its bytes tell. */
#define AS_ENTRY_FOLDER 'd'
#define AS_ENTRY_IMAGE 'i'
#define AS_ENTRY_FILE '?'
#define AS_ENTRY_OTHER 'o'

struct as_catalog;
AS_NODISCARD int as_catalog_open(struct as_catalog **, const char *file, struct as_error *);
/* Finds the entries of the folder root/inside, which has this stamp: each its kind, its name and a 0, up to *end. False: they
 * are not known, or not of this stamp. */
bool as_catalog_find(struct as_catalog *, const char *root, const char *inside, const struct as_stamp *, const char **at,
		     const char **end);
/* Begins a folder that is read anew; adds an entry to it. */
AS_NODISCARD int as_catalog_begin(struct as_catalog *, const char *inside, const struct as_stamp *, struct as_error *);
AS_NODISCARD int as_catalog_add(struct as_catalog *, char kind, const char *name, struct as_error *);
/* Writes the file if something in it is new; notes what had changed, and if it cannot be written. */
AS_NODISCARD int as_catalog_end(struct as_catalog *, struct as_names *notes, struct as_error *);
void as_catalog_close(struct as_catalog *);

AS_END
#endif
