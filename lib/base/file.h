/* Paths and what they lead to. A pipe without a writer would be waited for without end, a
 * device read without end: so a path is asked what it is before a byte is read. */
#ifndef AS_BASE_FILE_H
#define AS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

AS_BEGIN

/* What a path may lead to, links followed; together where several are welcome. Folders,
 * sockets and disks never are. */
enum as_path_kind {
	AS_PATH_FILE = 1,  /* a file: it has a size, and can be read again */
	AS_PATH_PIPE = 2,  /* a pipe, as a shell's <(command): read once, to its end */
	AS_PATH_DEVICE = 4 /* /dev/null, a terminal */
};

/* 1: PATH is one of `kinds`; 0: nothing is there; AS_EIO, with what it is and what was wanted. */
AS_NODISCARD int as_path_ask(const char *path, unsigned kinds, struct as_error *);

/* A descriptor that reads PATH, the caller's to close, or <0: as above, and AS_ENONE where
 * nothing is there. Waits for a pipe's writer, and only where pipes are welcome. */
AS_NODISCARD int as_path_open(const char *path, unsigned kinds, struct as_error *);

/* Whether two paths lead to one file: links, hard links and ways through folders are seen
 * through, for a file that is not there yet as well. False where it cannot be told. */
bool as_path_same(const char *a, const char *b);

/* Where PATH leads when its links are followed, the last one also to what is not there yet. The
 * caller's to free; NULL: no memory, or links in a circle (errno says which). */
char *as_path_follow(const char *path);

/* A file being read from its beginning, as far as it is asked for: what is claimed in its first
 * bytes can be looked at before memory is taken for the rest. */
struct as_file {
	int fd;
	char *bytes; /* `count` of them so far */
	size_t count, room;
	uint64_t size; /* a pipe's is not known: UINT64_MAX */
};

AS_NODISCARD int as_file_open(struct as_file *, const char *path, unsigned kinds, struct as_error *);
/* Reads on until there are `count` bytes in all; fewer: it has ended. Errors do not name it. */
AS_NODISCARD int as_file_fill(struct as_file *, size_t count, struct as_error *);
/* Closes, and frees the bytes: a caller who keeps them sets `bytes` to NULL before. Harmless
 * after a failed open. */
void as_file_close(struct as_file *);

/* All of it, at most `limit` bytes (AS_EMEM beyond); *bytes is the caller's to free and ends
 * with a 0 that *count leaves out. */
AS_NODISCARD int as_file_read(const char *path, unsigned kinds, size_t limit, char **bytes, size_t *count,
			      struct as_error *);

/* The same of a text, in which a zero byte is AS_EDATA as soon as it comes. */
AS_NODISCARD int as_text_read(const char *path, unsigned kinds, size_t limit, char **text, struct as_error *);

AS_END
#endif
