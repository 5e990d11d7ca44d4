/* Private to lib/stream and lib/data: archives of files, by libarchive, which is loaded when one is opened (stream/late.h): zip files,
 * which are NumPy's .npz, and tar archives of images. */
#ifndef AS_STREAM_ARCHIVE_H
#define AS_STREAM_ARCHIVE_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

AS_BEGIN

struct as_archive;

/* Reads an archive from fd, which the caller still owns. AS_EIO: libarchive is not here, which the error says how to
 * mend. AS_EDATA: no archive. */
AS_NODISCARD int as_archive_open(struct as_archive **, int fd, struct as_error *);
/* The next file in it: its name, borrowed until the next call, and its size, UINT64_MAX if the archive does not say
 * it beforehand. 1: a file, 0: the end, AS_EDATA: damaged. */
AS_NODISCARD int as_archive_next(struct as_archive *, const char **name, uint64_t *bytes, struct as_error *);
/* Reads at most n of its bytes; *got is 0 at its end, when the sum over its bytes was right. AS_EDATA: damaged. */
AS_NODISCARD int as_archive_read(struct as_archive *, void *to, size_t n, size_t *got, struct as_error *);

/* A member of a tar archive. */
struct as_archive_member {
	const char *name;   /* borrowed until the next */
	uint64_t bytes, at; /* its size; where its bytes begin in the archive */
	enum as_member_kind { AS_MEMBER_FILE, AS_MEMBER_FOLDER, AS_MEMBER_LINK, AS_MEMBER_SPARSE, AS_MEMBER_OTHER } kind;
};

/* Reads a tar archive that is not compressed, from where fd stands; its bytes can be read by as_archive_read, or later by
 * pread. Errors as of as_archive_open. */
AS_NODISCARD int as_archive_open_tar(struct as_archive **, int fd, struct as_error *);
/* The next member. 1: a member, 0: the end, and `at` is where it ends; AS_EDATA: damaged. */
AS_NODISCARD int as_archive_member(struct as_archive *, struct as_archive_member *, struct as_error *);

/* Writes a zip file to f, which the caller still owns. Nothing is compressed, and no time is in it. */
AS_NODISCARD int as_archive_create(struct as_archive **, FILE *f, struct as_error *);
/* Begins a file of so many bytes; as_archive_write writes some of them. AS_EIO. */
AS_NODISCARD int as_archive_add(struct as_archive *, const char *name, uint64_t bytes, struct as_error *);
AS_NODISCARD int as_archive_write(struct as_archive *, const void *, size_t n, struct as_error *);
/* Writes the list of what is in it. */
AS_NODISCARD int as_archive_finish(struct as_archive *, struct as_error *);

/* Frees, after reading or writing; NULL is none. */
void as_archive_close(struct as_archive *);

AS_END
#endif
