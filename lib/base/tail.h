/* Public since 0.2. Files that grow while they are read, as logs do: a file may appear later, be replaced by another, be
 * shortened or written anew. Nothing here waits, except for a pipe's writer. */
#ifndef AS_BASE_TAIL_H
#define AS_BASE_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

AS_BEGIN

enum { AS_TAIL_NOTHING, AS_TAIL_BYTES, AS_TAIL_ANEW };
enum { AS_TAIL_CHUNK = 1 << 16, AS_TAIL_SEEN = 256 };

/* A file, and how far it was read. Close it with as_tail_close. */
struct as_tail {
	const char *path; /* borrowed; "-": standard input */
	int fd;           /* -1: not open */
	bool pipe;        /* what was read is gone */
	bool ended;       /* the pipe has: there will be no more */
	uint64_t device, inode, at; /* the file, and where the next bytes begin */
	size_t count;               /* of `seen`, the bytes before these: if the file has others there, it was written anew */
	char seen[AS_TAIL_SEEN], bytes[AS_TAIL_CHUNK];
};

/* Sets the path; nothing is opened before as_tail_next. */
void as_tail_init(struct as_tail *, const char *path);
/* AS_TAIL_BYTES: the next bytes, borrowed until the next call. AS_TAIL_NOTHING: there are no more now. AS_TAIL_ANEW: the
 * file is not what it was; what was read of it is out of date, and the next call reads from its beginning. AS_ENONE: it
 * has not been there yet; AS_EIO. */
AS_NODISCARD int as_tail_next(struct as_tail *, const char **bytes, size_t *n, struct as_error *);
void as_tail_close(struct as_tail *);

AS_END
#endif
