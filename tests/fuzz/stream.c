/* Any bytes as a stream. Whatever is accepted is used: every value read, shown,
 * packed again - which must succeed, since a writer takes what a reader gives. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "stream/tally.h"

#include "fuzz.h"

const char *const fuzz_corpus = "tests/fuzz/corpus/stream", *const fuzz_ending = ".rec";
const bool fuzz_writes = true;

static void touch(const struct as_tensor *t)
{
	float some[64];
	int64_t n = t->data ? as_tensor_count(t) : 0;
	for (int64_t at = 0; at < n; at += 64)
		as_tensor_floats(t, at, n - at < 64 ? n - at : 64, some);
}

static void use(const struct as_record *rec, const char *kind, FILE *null)
{
	struct as_error err;
	int64_t value;
	touch(&rec->image.pixels);
	for (int k = 0; k < AS_MAX_ROLES; k++) {
		touch(&rec->role[k].param);
		touch(&rec->role[k].omega);
		touch(&rec->role[k].views);
	}
	touch(&rec->feature);
	if (as_show_record(null, &(struct as_show){.full = true}, kind, rec, &err))
		abort();
	if (as_extra_int(&rec->extra, "colour", &value, &err) > 1)
		abort();
}

/* What came of a stream, and how far: refused with its header; in part; whole. */
enum reach { NOTHING, PART, WHOLE };

/* Writes what comes to `sink`, sealed, whether all came or not. */
static enum reach copy(struct as_reader *r, int sink, FILE *null)
{
	struct as_error err;
	struct as_record rec;
	struct as_writer *w = NULL;
	const struct as_header *h = as_reader_header(r);
	int rc;
	if (as_writer_open(&w, sink, h, &err))
		abort();
	while ((rc = as_reader_next(r, &rec, &err)) > 0) {
		if (null)
			use(&rec, h->kind, null);
		if (as_writer_put(w, &rec, &err))
			abort();
	}
	if (rc == 0)
		as_writer_skip(w, as_reader_seal(r).skipped);
	if (as_writer_close(w, NULL, &err))
		abort();
	return rc == 0 ? WHOLE : PART;
}

/* From the beginning of one file to another; with `null`, all of it is used. */
static enum reach pass_on(FILE *from, FILE *to, FILE *null)
{
	struct as_reader *r = NULL;
	struct as_error err;
	int fd = fileno(from), sink = fileno(to);
	if (lseek(fd, 0, SEEK_SET) || lseek(sink, 0, SEEK_SET))
		abort();
	if (as_reader_open(&r, fd, "fuzz", NULL, &err))
		return NOTHING;
	enum reach reach = copy(r, sink, null);
	as_reader_close(r);
	/* not emptied first: some file systems then write to the disk at every close */
	if (ftruncate(sink, lseek(sink, 0, SEEK_CUR)))
		abort();
	return reach;
}

/* What rec-view --stats says of a whole stream. */
static void count(FILE *from, FILE *null)
{
	struct as_reader *r = NULL;
	struct as_record rec;
	struct as_tally *t = NULL;
	const struct as_show show = {0}; /* borrowed until as_tally_free */
	struct as_error err;
	int rc = 1;
	if (lseek(fileno(from), 0, SEEK_SET) || as_reader_open(&r, fileno(from), "fuzz", NULL, &err))
		abort();
	if (as_show_header(null, as_reader_header(r), &err) || as_tally_new(&t, as_reader_header(r), &show, &err))
		abort();
	while (rc && (rc = as_reader_next(r, &rec, &err)) > 0)
		rc = !as_tally_add(t, &rec, &err); /* it need not know what it cannot count */
	if (!rc)
		as_tally_print(t, null);
	as_tally_free(t);
	as_reader_close(r);
}

static bool same(FILE *a, FILE *b)
{
	static char at[2][1 << 18];
	ssize_t n = pread(fileno(a), at[0], sizeof at[0], 0), m = pread(fileno(b), at[1], sizeof at[1], 0);
	return n == m && n >= 0 && n < (ssize_t)sizeof at[0] && !memcmp(at[0], at[1], (size_t)n);
}

enum fuzz_found fuzz_try(const uint8_t *data, size_t size)
{
	static FILE *null, *input, *once, *twice;
	if (!null && (!(null = fopen("/dev/null", "w")) || !(input = tmpfile()) || !(once = tmpfile()) || !(twice = tmpfile())))
		abort();
	if (pwrite(fileno(input), data, size, 0) != (ssize_t)size || ftruncate(fileno(input), (off_t)size))
		abort();
	enum reach reach = pass_on(input, once, null);
	if (reach == NOTHING)
		return FUZZ_REFUSED;
	count(once, null);
	if (pass_on(once, twice, NULL) != WHOLE || !same(once, twice))
		abort();
	return reach == PART ? FUZZ_REFUSED : same(input, once) ? FUZZ_OURS : FUZZ_ACCEPTED;
}

void fuzz_seal(uint8_t *data, size_t size)
{
	uint64_t hash = size < 8 ? 0 : XXH64(data, size - 8, 0);
	for (size_t i = 0; i < 8 && size >= 8; i++)
		data[size - 1 - i] = (uint8_t)(hash >> 8 * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_try(data, size), 0;
}
