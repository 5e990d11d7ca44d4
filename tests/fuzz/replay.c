/* A fuzz target as a test: every input of its corpus must be what its name says, and a sealed
 * one must be refused when a byte of it is another; then some thousand inputs changed by a
 * seed. A target that finds a fault aborts, or its sanitizer does; the last input is then in
 * $TMPDIR/augself-fuzz.PID. */
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
		if (as_file_read(path, AS_PATH_FILE, MOST / 2, &bytes, &in[n].count, &err)) {
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

static enum fuzz_found try_now(void)
{
	return fuzz_try(now, now_count);
}

static void start_from(const struct input *in)
{
	memcpy(now, in->at, now_count = in->count);
}

static bool is_called(const struct input *in, const char *prefix)
{
	return !strncmp(in->name, prefix, strlen(prefix));
}

/* What a file's name says of it: "sealed-" is ours, and every byte of it is guarded; "good-" is
 * accepted, "bad-" refused. There are some of each: who takes all, or nothing, fails. */
static void test_names(const struct input *in, int files)
{
	static const char *const prefix[] = {"bad-", "good-", "sealed-"};
	int named = 0;
	for (int found = FUZZ_REFUSED; found <= (fuzz_writes ? FUZZ_OURS : FUZZ_ACCEPTED); found++) {
		int n = 0, wrong = 0;
		for (int i = 0; i < files; i++) {
			if (!is_called(&in[i], prefix[found]))
				continue;
			n++;
			start_from(&in[i]);
			enum fuzz_found got = try_now();
			if (got == (enum fuzz_found)found || (found == FUZZ_ACCEPTED && got == FUZZ_OURS))
				continue;
			wrong++;
			note("%s: %s", in[i].name, got == FUZZ_REFUSED ? "refused" : got == FUZZ_OURS ? "ours" : "accepted");
		}
		ok(n && !wrong, "%s: %d inputs called %s* are what they are called", fuzz_corpus, n, prefix[found]);
		named += n;
	}
	is_int(named, files, "each is called something");
}

/* Every byte of a sealed input changed, every fourth place where it could end, and a byte more. */
static void test_seal(const struct input *in)
{
	struct as_rng r = as_rng_at(2, in->count, 0, 0, 0);
	int64_t taken = 0;
	for (size_t i = 0; i < in->count; i++) {
		start_from(in);
		now[i] ^= (uint8_t)(1 + as_rng_below(&r, 255));
		if (try_now() != FUZZ_REFUSED && ++taken < 9)
			note("byte %zu as %d is accepted", i, now[i]);
		start_from(in);
		now_count = i;
		if (i % 4 == 0 && try_now() != FUZZ_REFUSED && ++taken < 9)
			note("accepted when it ends at %zu", i);
	}
	start_from(in);
	now[now_count++] = 0;
	taken += try_now() != FUZZ_REFUSED;
	ok(!taken, "%s: refused with any of %zu bytes changed, one that ends early, and one with a byte more", in->name, in->count);
}

static bool is_one_of(const struct input *in, int files)
{
	for (int i = 0; i < files; i++)
		if (in[i].count == now_count && !memcmp(in[i].at, now, now_count))
			return true;
	return false;
}

/* Inputs changed by a seed. What was sealed is refused; sealed anew, every second of them, it is
 * judged by what it says, and that is often nothing bad. */
static void test_changed(const struct input *in, int files)
{
	int taken = 0, anew = 0;
	for (int i = 0; i < CHANGED; i++) {
		struct as_rng r = as_rng_at(1, (uint64_t)i, 0, 0, 0);
		const struct input *start = &in[i / 2 % files], *other = &in[below(&r, (size_t)files)];
		for (int k = 1; k < files && i % 2 && is_called(start, "bad-"); k++)
			start = &in[(i / 2 + k) % files];
		start_from(start);
		for (size_t k = below(&r, 4) + 1; k-- && now_count;)
			change(&r, other);
		if (i % 2)
			fuzz_seal(now, now_count);
		bool accepted = try_now() != FUZZ_REFUSED;
		anew += accepted && i % 2;
		taken += accepted && i % 2 == 0 && is_called(start, "sealed-") && !is_one_of(in, files);
	}
	if (fuzz_writes)
		ok(!taken, "%d changed inputs: what was sealed is refused", CHANGED / 2);
	ok(anew > CHANGED / 100, "of %d changed inputs, sealed anew, %d are accepted", CHANGED / 2, anew);
}

int main(void)
{
	static struct input in[FILES];
	int files = read_corpus(in);
	signal(SIGABRT, keep_input);
	signal(SIGSEGV, keep_input);
	test_names(in, files);
	for (int i = 0; i < files; i++)
		if (is_called(&in[i], "sealed-"))
			test_seal(&in[i]);
	if (files)
		test_changed(in, files);
	for (int i = 0; i < files; i++)
		free(in[i].at);
	return done();
}
