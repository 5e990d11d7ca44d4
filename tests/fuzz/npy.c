/* Any bytes as a .npy file. Whatever is accepted is read to the last value, as all that it can be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream/array.h"

#include "fuzz.h"

const char *const fuzz_corpus = "tests/fuzz/corpus/npy", *const fuzz_ending = ".npy";
const bool fuzz_writes = false;

enum { SOME = 64 };

/* Reads all elements as one type; whether that works. */
static bool read_as(const char *path, int type)
{
	struct as_array_in *in;
	struct as_error err;
	struct as_names texts = {0};
	float f[SOME];
	double d[SOME];
	int64_t i[SOME];
	uint64_t u[SOME];
	uint8_t b[SOME];
	if (as_array_open(&in, path, NULL, &err))
		abort();
	int64_t n = as_array_row(in) * as_array_rows(in);
	int rc = 0;
	for (int64_t k; n && !rc; n -= k) {
		k = n < SOME ? n : SOME;
		rc = type == 0 ? as_array_floats(in, k, f, &err) : type == 1 ? as_array_doubles(in, k, d, &err) :
		     type == 2 ? as_array_i64(in, k, i, &err) : type == 3 ? as_array_u64(in, k, u, &err) :
		     type == 4 ? as_array_u8(in, k, b, &err) : as_array_texts(in, k, &texts, &err);
		as_names_clear(&texts);
	}
	/* The header promised the bytes, so that a value may be wrong, but not missing. */
	if (rc && (rc != AS_EDATA || strstr(err.text, "ends early")))
		abort();
	if (!rc && as_array_end(in, &err))
		abort();
	as_array_close(in);
	return !rc;
}

enum fuzz_found fuzz_try(const uint8_t *data, size_t size)
{
	static FILE *input;
	struct as_array_in *in;
	struct as_error err;
	char path[64], text[256];
	if (!input && !(input = tmpfile()))
		abort();
	if (pwrite(fileno(input), data, size, 0) != (ssize_t)size || ftruncate(fileno(input), (off_t)size))
		abort();
	snprintf(path, sizeof path, "/dev/fd/%d", fileno(input));
	if (as_array_open(&in, path, NULL, &err))
		return FUZZ_REFUSED;
	const struct as_array a = *as_array_said(in);
	as_array_text(&a, text, sizeof text);
	int64_t n = as_array_row(in) * as_array_rows(in);
	as_array_close(in);
	if (n > (int64_t)size)
		abort();
	bool read = false;
	for (int type = 0; type < 6; type++)
		read = read_as(path, type) || read;
	/* A number can always be read as a double; a text may have a character that is none. */
	if (!read && a.kind != 'U' && a.kind != 'S')
		abort();
	return FUZZ_ACCEPTED;
}

void fuzz_seal(uint8_t *data, size_t size)
{
	(void)data, (void)size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_try(data, size), 0;
}
