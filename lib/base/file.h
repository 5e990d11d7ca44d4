/* Public since 0.2. Paths and the files that they lead to. Reading a pipe without a writer would wait for
 * ever, and reading a device might never end. So the kind of a path is checked before a byte is read. */
#ifndef AS_BASE_FILE_H
#define AS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

AS_BEGIN

/* What a path may lead to, after links. Kinds can be added up where several are allowed. Folders, sockets
 * and disks are never allowed. */
enum as_path_kind {
	AS_PATH_FILE = 1,  /* a file: it has a size and can be read again */
	AS_PATH_PIPE = 2,  /* a pipe, such as a shell's <(command): can be read once */
	AS_PATH_DEVICE = 4 /* /dev/null or a terminal */
};

/* 1: PATH is one of `kinds`; 0: it does not exist; AS_EIO: it is something else (the error says what, and
 * what was expected). */
AS_NODISCARD int as_path_ask(const char *path, unsigned kinds, struct as_error *);

/* Opens PATH for reading. Returns a descriptor, which the caller closes, or <0: errors as above, and
 * AS_ENONE if it does not exist. Waits for the writer of a pipe only if `kinds` allows pipes. */
AS_NODISCARD int as_path_open(const char *path, unsigned kinds, struct as_error *);

/* Whether two paths lead to the same file, through links, hard links and different ways through folders;
 * also for a file that does not exist yet. False if it cannot be known. */
bool as_path_same(const char *a, const char *b);

/* The path that PATH leads to after all links; the last link may lead to a file that does not exist yet.
 * The caller frees it. NULL: no memory, or links in a circle (see errno). */
char *as_path_follow(const char *path);

/* A file that is read from its beginning, only as far as asked: what its first bytes claim can be checked
 * before memory is taken for the rest. */
struct as_file {
	int fd;
	char *bytes; /* the `count` bytes read so far */
	size_t count, room;
	uint64_t size; /* UINT64_MAX for a pipe, whose size is not known */
};

/* Opens a path of one of the kinds; errors as of as_path_open. */
AS_NODISCARD int as_file_open(struct as_file *, const char *path, unsigned kinds, struct as_error *);
/* Reads until there are `count` bytes in all. If there are fewer, the file has ended. AS_EIO, AS_EMEM;
 * the text does not name the file. */
AS_NODISCARD int as_file_fill(struct as_file *, size_t count, struct as_error *);
/* Closes the file and frees the bytes. To keep the bytes, set `bytes` to NULL before. May be called after a
 * failed open. */
void as_file_close(struct as_file *);

/* Reads the whole file, at most `limit` bytes (AS_EMEM beyond). The caller frees *bytes, which ends with a
 * 0 that *count does not include. */
AS_NODISCARD int as_file_read(const char *path, unsigned kinds, size_t limit, char **bytes, size_t *count,
			      struct as_error *);

/* The same for a text: a zero byte in it is AS_EDATA as soon as it is read. */
AS_NODISCARD int as_text_read(const char *path, unsigned kinds, size_t limit, char **text, struct as_error *);

AS_END
#endif
