/* Any bytes as a stream. Whatever is accepted is used: every value read, shown,
 * packed again - which must succeed, since a writer takes what a reader gives. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "stream/tally.h"

#include "fuzz.h"

const char *const fuzz_corpus = "tests/fuzz/corpus/stream", *const fuzz_ending = ".rec";

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
	touch(&rec->param);
	touch(&rec->omega);
	touch(&rec->views);
	touch(&rec->feature);
	if (as_show_record(null, &(struct as_show){.full = true}, kind, rec, &err))
		abort();
	if (as_extra_int(&rec->extra, "colour", &value, &err) > 1)
		abort();
}

static void read_stream(struct as_reader *r, FILE *null, int sink)
{
	struct as_error err;
	struct as_record rec;
	struct as_writer *w = NULL;
	struct as_tally *t = NULL;
	const struct as_header *h = as_reader_header(r);
	struct as_show show = {0};
	if (as_writer_open(&w, sink, h, &err) || as_tally_new(&t, h, &show, &err))
		abort();
	if (as_show_header(null, h, &err))
		abort();
	bool counted = true;
	while (as_reader_next(r, &rec, &err) > 0) {
		use(&rec, h->kind, null);
		counted = counted && !as_tally_add(t, &rec, &err);
		if (as_writer_put(w, &rec, &err))
			abort();
	}
	if (as_writer_close(w, NULL, &err))
		abort();
	if (counted)
		as_tally_print(t, null);
	as_tally_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *input, *null;
	struct as_reader *r = NULL;
	struct as_error err;
	if (!input && (!(input = tmpfile()) || !(null = fopen("/dev/null", "w"))))
		abort();
	int fd = fileno(input);
	/* not cut to nothing first: some file systems then write to the disk at every close */
	if (pwrite(fd, data, size, 0) != (ssize_t)size || ftruncate(fd, (off_t)size) || lseek(fd, 0, SEEK_SET))
		abort();
	if (as_reader_open(&r, fd, "fuzz", NULL, &err))
		return 0;
	read_stream(r, null, fileno(null));
	as_reader_close(r);
	return 0;
}
