#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/newfile.h"
#include "base/text.h"
#include "relay.h"

/* ---- files ---- */

/* Whether b is a file that writing `a` uses: `a` itself, and the files beside it. */
static bool touches(const struct place *a, const struct place *b)
{
	static const char *const beside[] = {"", ".part", ".lock"};
	char name[4096];
	for (int i = 0; i < 3; i++)
		if ((size_t)snprintf(name, sizeof name, "%s%s", a->path, beside[i]) < sizeof name && as_path_same(name, b->path))
			return true;
	return false;
}

/* Ends the program if a file could not be written: better before the work than after it. A pipe or a device
 * is opened later, when there is something to write. */
static void check_writable(const char *path)
{
	struct as_error err = {.record = -1};
	struct as_newfile file;
	if (as_path_ask(path, AS_PATH_PIPE | AS_PATH_DEVICE, NULL) == 1)
		return;
	if (as_newfile_open(&file, path, &err))
		die_error(NULL, &err);
	as_newfile_abandon(&file);
}

void check_places(const struct place *p, int n)
{
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			if (k != i && p[i].path && p[k].path && p[i].written && touches(&p[i], &p[k]))
				die(EXIT_USAGE, "%s %s and %s %s: one file for both", p[i].option, p[i].path, p[k].option,
				    p[k].path);
	for (int i = 0; i < n; i++)
		if (p[i].path && p[i].written)
			check_writable(p[i].path);
}

static struct as_hold held;

void drop_file(void)
{
	as_hold_drop(&held);
}

void hold_file(const char *path)
{
	struct as_error err = {.record = -1};
	if (as_hold_take(&held, path, &err))
		die_error(NULL, &err);
	atexit(drop_file);
}

/* ---- standard streams ---- */

static struct as_writer *sink; /* from open_output to close_output */

static int flush_sink(struct as_error *err)
{
	struct as_writer *w = sink;
	sink = NULL;
	return w ? as_writer_flush(w, err) : 0;
}

/* Enlarges a pipe to hold a few records of a hundred KiB, if the system can: with 64 KiB, reader and writer
 * would take turns several times a record. */
static void widen(int fd)
{
#ifdef F_SETPIPE_SZ
	enum { PIPE = 1 << 20 };
	if (fcntl(fd, F_GETPIPE_SZ) < PIPE)
		fcntl(fd, F_SETPIPE_SZ, PIPE); /* not a pipe, or not allowed: stays as it was */
#else
	(void)fd;
#endif
}

struct as_reader *open_input_file(const char *path, const char *kinds)
{
	bool standard = !path || !strcmp(path, "-");
	const char *name = standard ? "(stdin)" : path;
	struct as_reader *r;
	struct as_error err;
	struct stat st;
	int fd = 0;
	if (standard)
		refuse_terminal(0);
	else if (!stat(path, &st) && S_ISDIR(st.st_mode))
		die(EXIT_DATA, "%s: is a folder, and a stream is needed: img-read reads folders of images", path);
	else if ((fd = as_path_open(path, AS_PATH_FILE | AS_PATH_PIPE, &err)) < 0)
		die_error(NULL, &err);
	widen(fd);
	if (as_reader_open(&r, fd, name, kinds, &err))
		die_error(name, &err);
	return r;
}

struct as_reader *open_input(const char *kinds)
{
	return open_input_file(NULL, kinds);
}

struct as_writer *open_output_unsaid(const struct as_header *header)
{
	struct as_writer *w;
	struct as_error err;
	refuse_terminal(1); /* img-synth knows only after reading its options whether it writes there */
	widen(1);
	/* written now, so that the reader can refuse it before a record is made */
	if (as_writer_open(&w, 1, header, &err) || as_writer_flush(w, &err))
		die_error(NULL, &err);
	before_end(flush_sink);
	return sink = w;
}

struct as_writer *open_output(const char *kind, struct as_header *header, const char *operands)
{
	struct as_header empty = {0};
	struct as_error err;
	header = header ? header : &empty;
	snprintf(header->kind, sizeof header->kind, "%s", kind);
	if (as_names_add(&header->chain, tool_chain(operands), &err))
		die_error(NULL, &err);
	struct as_writer *w = open_output_unsaid(header);
	as_header_clear(&empty);
	return w;
}

void close_output(struct as_writer *w)
{
	struct as_seal seal;
	struct as_error err;
	sink = NULL;
	if (as_writer_close(w, &seal, &err))
		die_error(NULL, &err);
	keep_promise();
	int number = close(1) ? errno : relay_end();
	if (number && number != EPIPE)
		die(EXIT_DATA, "standard output: %s", strerror(number));
	if (number)
		exit(0);
	inform("sealed %016llx %llu records, %llu skipped", (unsigned long long)seal.hash,
	       (unsigned long long)seal.count, (unsigned long long)seal.skipped);
}
