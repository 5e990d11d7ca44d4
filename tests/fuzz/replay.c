/* A fuzz target as a test: every input of its corpus, then some thousand inputs
 * changed by a seed. A target that finds a fault aborts, or its sanitizer does;
 * the last input is then in $TMPDIR/augself-fuzz.PID. */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"

#include "../tap.h"
#include "fuzz.h"

enum { MOST = 1 << 16, FILES = 64, CHANGED = 6000 };

static uint8_t now[MOST];
static size_t now_count;

static void keep_input(int signal_number)
{
	char path[256];
	const char *dir = getenv("TMPDIR");
	snprintf(path, sizeof path, "%s/augself-fuzz.%ld", dir ? dir : "/tmp", (long)getpid());
	FILE *f = fopen(path, "wb");
	if (f) {
		fwrite(now, 1, now_count, f);
		fclose(f);
	}
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

struct input {
	char name[128];
	uint8_t *at;
	size_t count;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct input *)a)->name, ((const struct input *)b)->name);
}

static int read_corpus(struct input *in)
{
	int n = 0;
	DIR *d = opendir(fuzz_corpus);
	for (struct dirent *e; d && n < FILES && (e = readdir(d));) {
		char path[512];
		struct as_error err;
		const char *dot = strrchr(e->d_name, '.');
		if (!dot || strcmp(dot, fuzz_ending))
			continue;
		snprintf(path, sizeof path, "%s/%s", fuzz_corpus, e->d_name);
		snprintf(in[n].name, sizeof in[n].name, "%.120s", e->d_name);
		char *bytes;
		if (as_file_read(path, MOST / 2, &bytes, &in[n].count, &err)) {
			note("%s", err.text);
			continue;
		}
		in[n++].at = (uint8_t *)bytes;
	}
	if (d)
		closedir(d);
	qsort(in, (size_t)n, sizeof *in, by_name); /* the order must not depend on the disk */
	return n;
}

static size_t below(struct as_rng *r, size_t n)
{
	return (size_t)as_rng_below(r, n ? n : 1);
}

/* One change of `now`: a bit, a byte, a number, bytes out, bytes in, or a piece of
 * another input over it. */
static void change(struct as_rng *r, const struct input *other)
{
	static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0x90, 0xa0, 0xc0, 0xc1, 0xc6, 0xcf, 0xd3, 0xdd, 0xdf, 0xff};
	size_t at = below(r, now_count), n = below(r, 16) + 1;
	size_t left = now_count - at;
	switch (as_rng_below(r, 6)) {
	case 0: now[at] ^= (uint8_t)(1u << as_rng_below(r, 8)); break;
	case 1: now[at] = odd[as_rng_below(r, sizeof odd)]; break;
	case 2:
		for (size_t i = at; i < now_count && i < at + 4; i++)
			now[i] = as_rng_below(r, 2) ? 0xff : (uint8_t)as_rng_u32(r);
		break;
	case 3:
		n = n < left ? n : left;
		memmove(now + at, now + at + n, left - n);
		now_count -= n;
		break;
	case 4:
		if (now_count + n > MOST)
			break;
		memmove(now + at + n, now + at, left);
		for (size_t i = at; i < at + n; i++)
			now[i] = (uint8_t)as_rng_u32(r);
		now_count += n;
		break;
	default: {
		size_t from = below(r, other->count), most = other->count - from;
		n *= 8;
		n = n < most ? n : most;
		n = n < left ? n : left;
		memcpy(now + at, other->at + from, n);
	}
	}
}

int main(void)
{
	static struct input in[FILES];
	int files = read_corpus(in);
	signal(SIGABRT, keep_input);
	signal(SIGSEGV, keep_input);
	for (int i = 0; i < files; i++) {
		memcpy(now, in[i].at, now_count = in[i].count);
		LLVMFuzzerTestOneInput(now, now_count);
	}
	ok(files > 0, "%d inputs of %s", files, fuzz_corpus);
	for (int i = 0; i < CHANGED && files; i++) {
		struct as_rng r = as_rng_at(1, (uint64_t)i, 0, 0, 0);
		const struct input *start = &in[i % files], *other = &in[below(&r, (size_t)files)];
		memcpy(now, start->at, now_count = start->count);
		for (size_t k = below(&r, 4) + 1; k-- && now_count;)
			change(&r, other);
		LLVMFuzzerTestOneInput(now, now_count);
	}
	ok(files > 0, "%d changed inputs", CHANGED);
	for (int i = 0; i < files; i++)
		free(in[i].at);
	return done();
}
