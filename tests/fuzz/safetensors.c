/* Any bytes as a safetensors file. Whatever is accepted is read to the last value and
 * written again: what is read of that is the same, and so are its bytes, written once more. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "stream/safetensors.h"

#include "fuzz.h"

const char *const fuzz_corpus = "tests/fuzz/corpus/safetensors", *const fuzz_ending = ".safetensors";
const bool fuzz_writes = true;

/* What is in a file, as far as as_safetensors_write takes it. */
struct content {
	struct as_named *at;
	int n, m;
	struct as_meta meta[4];
};

static struct content content_of(const struct as_safetensors *s)
{
	static const char *const keys[] = {"format", "step", "policy", "by"};
	struct as_error err;
	float some[64];
	int n = as_safetensors_count(s);
	struct content c = {.at = calloc((size_t)n + 1, sizeof *c.at)};
	for (int i = 0; i < n; i++) {
		const struct as_tensor *t = as_safetensors_at(s, i), *same;
		const char *name = as_safetensors_name(s, i);
		int64_t count = t ? as_tensor_count(t) : 0;
		for (int64_t at = 0; at < count; at += 64)
			as_tensor_floats(t, at, count - at < 64 ? count - at : 64, some);
		if (as_safetensors_find(s, name) != t || !as_safetensors_get(s, name, &same, &err) != !!t)
			abort();
		if (!t || strlen(name) >= sizeof c.at->name)
			continue;
		strcpy(c.at[c.n].name, name);
		c.at[c.n++].tensor = *t;
	}
	for (int i = 0; i < 4; i++)
		if (as_safetensors_meta(s, keys[i]))
			c.meta[c.m++] = (struct as_meta){keys[i], as_safetensors_meta(s, keys[i])};
	return c;
}

static bool same_tensor(const struct as_tensor *a, const struct as_tensor *b)
{
	size_t bytes = (size_t)as_tensor_count(a) * as_dtype_size(a->dtype);
	return a->dtype == b->dtype && a->ndim == b->ndim &&
	       !memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) && !memcmp(a->data, b->data, bytes);
}

static bool same_content(const struct content *a, const struct content *b)
{
	bool same = a->n == b->n && a->m == b->m;
	for (int i = 0; same && i < a->n; i++)
		same = !strcmp(a->at[i].name, b->at[i].name) && same_tensor(&a->at[i].tensor, &b->at[i].tensor);
	for (int i = 0; same && i < a->m; i++)
		same = a->meta[i].key == b->meta[i].key && !strcmp(a->meta[i].value, b->meta[i].value);
	return same;
}

static int open_file(struct as_safetensors **s, FILE *f)
{
	struct as_error err;
	char path[64];
	snprintf(path, sizeof path, "/dev/fd/%d", fileno(f));
	return as_safetensors_open(s, path, &err);
}

static void write_file(FILE *f, const struct content *c)
{
	struct as_error err;
	rewind(f);
	/* not emptied first: some file systems then write to the disk at every close */
	if (as_safetensors_write(f, c->at, c->n, c->meta, c->m, NULL, &err) || fflush(f) || ftruncate(fileno(f), ftell(f)))
		abort();
}

static bool same_bytes(FILE *a, FILE *b)
{
	static char at[2][1 << 20];
	ssize_t n = pread(fileno(a), at[0], sizeof at[0], 0), m = pread(fileno(b), at[1], sizeof at[1], 0);
	return n == m && n >= 0 && n < (ssize_t)sizeof at[0] && !memcmp(at[0], at[1], (size_t)n);
}

enum fuzz_found fuzz_try(const uint8_t *data, size_t size)
{
	static FILE *input, *once, *twice;
	struct as_safetensors *s = NULL, *again = NULL;
	if (!input && (!(input = tmpfile()) || !(once = tmpfile()) || !(twice = tmpfile())))
		abort();
	if (pwrite(fileno(input), data, size, 0) != (ssize_t)size || ftruncate(fileno(input), (off_t)size))
		abort();
	if (open_file(&s, input))
		return FUZZ_REFUSED;
	struct content said = content_of(s);
	write_file(once, &said);
	if (open_file(&again, once))
		abort();
	struct content kept = content_of(again);
	write_file(twice, &kept);
	if (!same_content(&said, &kept) || !same_bytes(once, twice))
		abort();
	free(said.at);
	free(kept.at);
	as_safetensors_close(s);
	as_safetensors_close(again);
	return same_bytes(input, once) ? FUZZ_OURS : FUZZ_ACCEPTED;
}

void fuzz_seal(uint8_t *data, size_t size)
{
	static const char head[] = "{\"__metadata__\":{\"xxh64\":\"";
	enum { HEAD = sizeof head - 1, AT = 8 + HEAD, DIGITS = 16 };
	char digits[DIGITS + 1];
	if (size < AT + DIGITS || memcmp(data + 8, head, HEAD) != 0)
		return;
	memset(data + AT, '0', DIGITS);
	snprintf(digits, sizeof digits, "%016llx", (unsigned long long)XXH64(data, size, 0));
	memcpy(data + AT, digits, DIGITS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_try(data, size), 0;
}
