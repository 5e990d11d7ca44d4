/* Any bytes as a safetensors file. Whatever is accepted is read to the last value
 * and written again, which must succeed, and has the seal that its bytes make. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream/safetensors.h"

#include "fuzz.h"

const char *const fuzz_corpus = "tests/fuzz/corpus/safetensors", *const fuzz_ending = ".safetensors";

static void use(const struct as_safetensors *s, FILE *null)
{
	struct as_error err;
	float some[64];
	int n = as_safetensors_count(s), kept = 0;
	struct as_named *all = calloc((size_t)n + 1, sizeof *all);
	for (int i = 0; i < n; i++) {
		const struct as_tensor *t = as_safetensors_at(s, i), *same;
		const char *name = as_safetensors_name(s, i);
		int64_t count = t ? as_tensor_count(t) : 0;
		for (int64_t at = 0; at < count; at += 64)
			as_tensor_floats(t, at, count - at < 64 ? count - at : 64, some);
		if (as_safetensors_find(s, name) != t || !as_safetensors_get(s, name, &same, &err) != !!t)
			abort();
		if (!t || strlen(name) >= sizeof all->name)
			continue;
		strcpy(all[kept].name, name);
		all[kept++].tensor = *t;
	}
	if (as_safetensors_write(null, all, kept, NULL, 0, NULL, &err))
		abort();
	free(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *input, *null;
	static char path[64];
	struct as_safetensors *s = NULL;
	struct as_error err;
	if (!input && (!(input = tmpfile()) || !(null = fopen("/dev/null", "w"))))
		abort();
	int fd = fileno(input);
	snprintf(path, sizeof path, "/dev/fd/%d", fd);
	/* not cut to nothing first: some file systems then write to the disk at every close */
	if (pwrite(fd, data, size, 0) != (ssize_t)size || ftruncate(fd, (off_t)size))
		abort();
	if (as_safetensors_open(&s, path, &err))
		return 0;
	use(s, null);
	as_safetensors_close(s);
	return 0;
}
