/* Streams: what is written comes back; whatever ends early, is changed or lied about is
 * noticed, and before memory is taken for it. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "stream/stream.h"

#include "../tap.h"

struct bytes {
	char *at;
	size_t count;
};

/* The last eight bytes, big-endian. */
static uint64_t last_number(const struct bytes *b)
{
	uint64_t v = 0;
	for (size_t i = b->count - 8; i < b->count; i++)
		v = v << 8 | (unsigned char)b->at[i];
	return v;
}

static struct bytes slurp(FILE *f)
{
	struct bytes b = {0};
	fseek(f, 0, SEEK_END);
	b.count = (size_t)ftell(f);
	b.at = malloc(b.count + 1);
	rewind(f);
	b.count = fread(b.at, 1, b.count, f);
	return b;
}

static int as_file(const struct bytes *b, size_t count, FILE **f)
{
	*f = tmpfile();
	fwrite(b->at, 1, count, *f);
	fflush(*f);
	rewind(*f);
	return fileno(*f);
}

static struct as_record sample(int i, const uint8_t *pixels, const float *param)
{
	struct as_record r = {.seq = (uint64_t)i, .id = UINT64_MAX - (uint64_t)i, .epoch = 3, .label = i % 3 - 1};
	r.name = (struct as_text){"a/b.png", i ? 7 : 0};
	if (i % 2)
		r.image = (struct as_image){.jpeg = {"not really a jpeg", 17}, .height = 4, .width = 5, .turn = 6};
	else
		r.image.pixels = (struct as_tensor){AS_U1, 3, {2, 2, 3}, pixels};
	r.role[0].param = (struct as_tensor){AS_F4, 2, {2, 3}, param};
	r.role[0].omega = (struct as_tensor){AS_F4, 2, {2, 0}, param};
	r.extra = (struct as_extra){"\xa6" "colour\x05\xa1z\x92\xc0\xff", 14, 2};
	return r;
}

static struct bytes small_stream(int records)
{
	struct as_error err = {0};
	char policy[] = "size = 2\n";
	struct as_header h = {.kind = "sample", .records = 3, .epochs = 1, .policy = policy};
	struct as_writer *w = NULL;
	FILE *f = tmpfile();
	uint8_t pixels[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255};
	float param[6] = {1, 2, 3, 4, 5, 6.5f};
	int bad = as_names_add(&h.classes, "cat", &err) || as_names_add(&h.classes, "dog", &err) ||
		  as_names_add(&h.chain, "test 0 --seed 1", &err) || as_writer_open(&w, fileno(f), &h, &err);
	for (int i = 0; i < records && !bad; i++) {
		struct as_record r = sample(i, pixels, param);
		bad = as_writer_put(w, &r, &err);
	}
	as_writer_skip(w, 2);
	struct as_seal seal = {0};
	bad = bad || as_writer_close(w, &seal, &err);
	ok(!bad && seal.count == (uint64_t)records && seal.skipped == 2, "a stream is written %s", err.text);
	h.policy = NULL;
	as_header_clear(&h);
	struct bytes b = slurp(f);
	fclose(f);
	return b;
}

/* Reads the whole: the last return value of as_reader_next, or what open said. */
static int read_all(int fd, uint64_t *count, struct as_error *err)
{
	struct as_reader *r = NULL;
	struct as_record rec;
	*count = 0;
	int rc = as_reader_open(&r, fd, "test", NULL, err);
	while (!rc && (rc = as_reader_next(r, &rec, err)) > 0) {
		++*count;
		rc = 0;
	}
	as_reader_close(r);
	return rc;
}

static int read_bytes(const struct bytes *b, size_t n, uint64_t *count, struct as_error *err)
{
	FILE *f;
	int rc = read_all(as_file(b, n, &f), count, err);
	fclose(f);
	return rc;
}

static void round_trip(const struct bytes *b)
{
	struct as_error err = {0};
	struct as_reader *r = NULL;
	struct as_record rec;
	FILE *f;
	int rc = as_reader_open(&r, as_file(b, b->count, &f), "test", "view,sample", &err);
	if (!ok(!rc, "it is opened %s", err.text))
		return;
	const struct as_header *h = as_reader_header(r);
	ok(!strcmp(h->kind, "sample") && h->records == 3 && h->epochs == 1 && h->classes.count == 2 &&
		   !strcmp(as_names_at(&h->classes, 1), "dog") && !as_names_at(&h->classes, 2) &&
		   !strcmp(h->policy, "size = 2\n") && !strcmp(as_names_at(&h->chain, 0), "test 0 --seed 1"),
	   "the header comes back");
	int good = 0;
	for (int i = 0; i < 3; i++) {
		int64_t colour = 0, none = 7;
		float p[6];
		if (as_reader_next(r, &rec, &err) != 1)
			break;
		as_tensor_floats(&rec.role[0].param, 0, 6, p);
		good += rec.seq == (uint64_t)i && rec.id == UINT64_MAX - (uint64_t)i && rec.epoch == 3 &&
			rec.label == i % 3 - 1 && rec.name.length == (i ? 7 : 0) && p[5] == 6.5f &&
			rec.role[0].omega.shape[1] == 0 && rec.role[0].omega.data &&
			as_extra_int(&rec.extra, "colour", &colour, &err) == 1 && colour == 5 &&
			as_extra_int(&rec.extra, "col", &none, &err) == 0 && none == 7 &&
			as_extra_int(&rec.extra, "z", &none, &err) < 0 && rec.extra.pairs == 2;
		good += i % 2 ? rec.image.jpeg.length == 17 && rec.image.height == 4 && rec.image.width == 5 &&
					rec.image.turn == 6 && !rec.image.pixels.data :
				rec.image.height == 2 && rec.image.width == 2 && rec.image.turn == 1 &&
					!memcmp((const char *)rec.image.pixels.data + 11, "\xff", 1);
	}
	is_int(good, 6, "every field of every record comes back");
	is_int(as_reader_next(r, &rec, &err), 0, "the trailer is good");
	is_int(as_reader_next(r, &rec, &err), 0, "and stays so");
	ok(as_reader_seal(r).skipped == 2 && as_reader_seal(r).count == 3, "the trailer's counts come back");
	as_reader_close(r);
	fclose(f);
}

static void truncation(const struct bytes *b)
{
	uint64_t count;
	size_t missed = 0;
	int64_t last = -1;
	for (size_t n = 0; n < b->count; n++) {
		struct as_error err = {0};
		int rc = read_bytes(b, n, &count, &err);
		missed += rc != AS_ESHORT || (count && err.record != (int64_t)count) || err.record < last;
		last = err.record;
	}
	is_int((int64_t)missed, 0, "a stream that ends at any byte is AS_ESHORT and names the record");
}

/* How many bits of all can change without a reader noticing; *at is the byte of the last. */
static int unseen_bits(const struct bytes *b, size_t *at)
{
	uint64_t count;
	int unseen = 0;
	for (size_t n = 0; n < 8 * b->count; n++) {
		struct as_error err = {0};
		b->at[n / 8] ^= (char)(1 << n % 8);
		if (read_bytes(b, b->count, &count, &err) >= 0) {
			unseen++;
			*at = n / 8;
		}
		b->at[n / 8] ^= (char)(1 << n % 8);
	}
	return unseen;
}

static void damage(const struct bytes *b)
{
	uint64_t count;
	size_t at = 0;
	if (!is_int(unseen_bits(b, &at), 0, "any changed bit is noticed"))
		note("that of byte %zu of %zu is not", at, b->count);
	ok(XXH64(b->at, b->count - 8, 0) == last_number(b), "a stream ends with the XXH64 of all its other bytes");
	struct as_error err = {0};
	struct bytes more = {malloc(b->count + 1), b->count + 1};
	memcpy(more.at, b->at, b->count);
	more.at[b->count] = 0;
	is_int(read_bytes(&more, more.count, &count, &err), AS_EDATA, "a byte behind the trailer is an error");
	free(more.at);
}

/* A stream that augself 0.1.0 wrote. */
static void old_version(void)
{
	struct as_error err = {0};
	struct as_reader *r = NULL;
	struct as_record rec;
	FILE *f = fopen("tests/golden/stream-0.1.0.rec", "rb");
	if (!ok(f && !as_reader_open(&r, fileno(f), "old", "sample", &err), "a stream of 0.1.0 is read %s", err.text))
		return;
	is_int(as_reader_version(r), 1, "whose version is 1");
	ok(as_reader_next(r, &rec, &err) == 1 && as_reader_next(r, &rec, &err) == 1 && rec.seq == 1 &&
		   as_reader_next(r, &rec, &err) == 0, "to its end %s", err.text);
	struct as_seal seal = as_reader_seal(r);
	ok(seal.count == 2 && seal.skipped == 1 && seal.hash == 0xf19b01311fe7e658, "its seal is what its producer said");
	as_reader_close(r);
	size_t at = 0;
	struct bytes b = slurp(f);
	is_int(unseen_bits(&b, &at), 7, "only 7 bits of it are not guarded");
	ok(at > 8 && !memcmp(b.at + at - 7, "skipped", 7), "which are those of the skipped count");
	fclose(f);
	free(b.at);
}

/* Trailers that are none although their hash is right, and one with a key that nobody knows. */
static void odd_trailers(void)
{
#define START "\43\203\245magic\247augself\247version\2\244kind\245image"
#define TRAILER(part, body) {part, START body, sizeof START body - 1}
	static const struct {
		const char *part, *bytes;
		size_t count;
	} t[] = {
		TRAILER("not of version 2", "\51\204\247trailer\1\245count\0\247skipped\0\245xxh64\317"),
		TRAILER("not of version 2", "\51\204\247trailer\377\245count\0\247skipped\0\245xxh64\317"),
		TRAILER("count, skipped or xxh64", "\42\203\247trailer\2\247skipped\0\245xxh64\317"),
		TRAILER("last eight bytes", "\51\204\247trailer\2\245count\0\245xxh64\0\247skipped\317"),
		TRAILER("last eight bytes", "\51\204\247trailer\2\245count\0\247skipped\0\245xxh64\313"),
		TRAILER("says 1 records, 0 came", "\51\204\247trailer\2\245count\1\247skipped\0\245xxh64\317"),
		TRAILER("", "\51\204\247trailer\2\245count\0\247skipped\5\245xxh64\317"),
		TRAILER("skipped: 9223372036854775808 is above",
			"\61\204\247trailer\2\245count\0\247skipped\317\200\0\0\0\0\0\0\0\245xxh64\317"),
		TRAILER("", "\54\205\247trailer\2\245count\0\247skipped\0\241z\1\245xxh64\317"),
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct as_error err = {0};
		uint64_t count, hash = XXH64(t[i].bytes, t[i].count, 0);
		char all[128];
		memcpy(all, t[i].bytes, t[i].count);
		for (int k = 0; k < 8; k++)
			all[t[i].count + (size_t)k] = (char)(hash >> (56 - 8 * k));
		int rc = read_bytes(&(struct bytes){all, t[i].count + 8}, t[i].count + 8, &count, &err);
		ok(*t[i].part ? rc == AS_EDATA && strstr(err.text, t[i].part) : !rc, "%s", rc ? err.text : "a trailer");
	}
}

/* ---- what a record may not be. Octal: text of n characters \240+n, list \220+n, map \200+n ---- */

/* A reader at the first record of an image stream made of these bytes. */
static int read_record(const char *body, size_t bytes, struct as_error *err)
{
	struct as_header h = {.kind = "image"};
	struct as_writer *w = NULL;
	struct as_reader *r = NULL;
	struct as_record rec;
	FILE *f = tmpfile();
	int rc = as_writer_open(&w, fileno(f), &h, err);
	if (!rc)
		rc = as_writer_flush(w, err);
	as_writer_abandon(w);
	fseek(f, 0, SEEK_END);
	unsigned char prefix[3] = {0xcd, (unsigned char)(bytes >> 8), (unsigned char)bytes};
	fwrite(prefix, 1, 3, f);
	fwrite(body, 1, bytes, f);
	fflush(f);
	lseek(fileno(f), 0, SEEK_SET);
	if (!rc)
		rc = as_reader_open(&r, fileno(f), "test", "image", err);
	if (!rc)
		rc = as_reader_next(r, &rec, err);
	as_reader_close(r);
	fclose(f);
	return rc;
}

#define ID "\243seq\1\242id\2\245epoch\0"
#define PIXELS "\245image\203\245dtype\243|u1\245shape\223\1\1\3\244data\304\3abc"
#define READ(body, err) read_record(body, sizeof(body) - 1, err)
#define REFUSED(body, part) refused(body, sizeof(body) - 1, part)

static void refused(const char *body, size_t bytes, const char *part)
{
	struct as_error err = {0};
	int rc = read_record(body, bytes, &err);
	ok(rc == AS_EDATA && err.record == 0 && strstr(err.text, part), "refused: %s", rc < 0 ? err.text : "nothing");
}

static void lies(void)
{
	struct as_error err = {0};
	is_int(READ("\204" ID PIXELS, &err), 1, "a record in the fewest bytes");
	is_int(READ("\204" PIXELS ID, &err), 1, "in any order");
	is_int(READ("\205" ID PIXELS "\245label\377", &err), 1, "label -1 is none");
	is_int(READ("\204\243seq\323\0\0\0\0\0\0\0\1\242id\320\2\245epoch\314\0" PIXELS, &err), 1, "numbers of any width");
	REFUSED("\205" ID PIXELS "\245label\376", "label: -2");
	REFUSED("\205" ID PIXELS "\245label\241x", "label");
	REFUSED("\205" ID PIXELS "\244name\1", "name: not a text");
	REFUSED("\205" ID PIXELS "\244name\242a\0", "zero byte");
	REFUSED("\205" ID PIXELS "\243seq\1", "seq: twice");
	REFUSED("\206" ID PIXELS "\241z\1\241z\1", "z: twice");
	REFUSED("\205" ID PIXELS "\1\1", "a key is not a text");
	REFUSED("\203" ID, "image: missing");
	REFUSED("\203\243seq\1\245epoch\0" PIXELS, "id: missing");
	REFUSED("\204\243seq\377\242id\2\245epoch\0" PIXELS, "seq: not a whole number >= 0");
	REFUSED("\204\243seq\1\242id\2\245epoch\317\0\0\0\1\0\0\0\0" PIXELS, "epoch");
	REFUSED("\204\243seq\312\0\0\0\0\242id\2\245epoch\0" PIXELS, "seq: not a whole number >= 0");
	REFUSED("\205" ID PIXELS, "not msgpack");
	REFUSED("\203" ID PIXELS, "after the map");
	REFUSED("\221\1", "not a map");
	REFUSED("\1", "not a map");
	REFUSED("", "not msgpack");
	REFUSED("\301", "not msgpack");
	REFUSED("\337\377\377\377\377" ID, "more values");
	REFUSED("\201\241x\335\377\377\377\377", "more values");
	REFUSED("\201\241x\306\377\377\377\377abc", "not msgpack");
	REFUSED("\201\241x\221\221\221\221\221\221\221\221\0", "nested deeper");
	REFUSED("\204" ID "\245image\1", "image: not a map");
	REFUSED("\204" ID "\245image\202\245dtype\243|u1\245shape\223\1\1\3", "image: dtype, shape or data missing");
	REFUSED("\204" ID "\245image\203\245dtype\243|u1\245shape\223\1\1\3\244data\304\2ab", "dtype and shape");
	REFUSED("\204" ID "\245image\203\245dtype\243|u1\245shape\223\1\1\3\244data\243abc", "not bin");
	REFUSED("\204" ID "\245image\203\245dtype\243>u1\245shape\223\1\1\3\244data\304\3abc", "dtype is none");
	REFUSED("\204" ID "\245image\203\245dtype\243|u1\245shape\223\1\3\1\244data\304\3abc", "(height, width, 3)");
	REFUSED("\204" ID "\245image\203\245dtype\243|u1\245shape\223\0\1\3\244data\304\0", "0 x 1 pixels");
	REFUSED("\204" ID "\245image\203\245dtype\243|u1\245shape\225\1\1\1\1\3\244data\304\3abc", "shape is not a list");
	REFUSED("\204" ID "\245image\203\245dtype\243|u1\245shape\223\1\1\377\244data\304\3abc", "negative or too large");
	REFUSED("\204" ID "\245image\203\245dtype\243|u1\245shape\224\316\177\377\377\377\316\177\377\377\377\316\177\377\377\377\3"
		"\244data\304\0",
		"negative or too large");
	REFUSED("\204" ID "\245image\203\245dtype\243|u1\245dtype\243|u1\244data\304\3abc", "dtype twice");
	REFUSED("\204" ID "\245image\204\245dtype\243|u1\245shape\223\1\1\3\244data\304\3abc\241x\1", "not known");
	REFUSED("\204" ID "\245image\203\244jpeg\304\1a\246height\0\245width\1", "0 x 1 pixels");
	REFUSED("\204" ID "\245image\203\244jpeg\304\1a\246height\1\245width\316\0\1\0\0", "65536 pixels");
	REFUSED("\204" ID "\245image\202\244jpeg\304\1a\246height\1", "width missing");
	REFUSED("\204" ID "\245image\204\244jpeg\304\1a\246height\1\245width\1\244turn\11", "turn 9");
	is_int(READ("\205" ID PIXELS "\241x\221\221\221\221\221\221\0", &err), 1, "unknown keys may nest");

	struct as_record bad = {.image.turn = 1, .image.jpeg = {"x", 1}, .image.height = 1, .image.width = 1, .label = -2};
	struct as_header h = {.kind = "image"};
	struct as_writer *w = NULL;
	ok(!as_writer_open(&w, STDERR_FILENO, &h, &err) && as_writer_put(w, &bad, &err) == AS_EDATA && err.record == 0,
	   "a writer refuses what a reader would");
	as_writer_abandon(w);
	strcpy(h.kind, "nothing");
	is_int(as_writer_open(&w, STDERR_FILENO, &h, &err), AS_EARG, "a kind that is not known");
}

static void not_streams(void)
{
	static const struct {
		const char *bytes;
		size_t count;
		const char *part;
	} t[] = {
		{"\377", 1, "not an augself stream"}, {"PK\3\4abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqr"
		"stuvwxyz", 82, "not an augself stream"},
		{"\43\203\245magic\247augself\247version\3\244kind\245image", 36, "(1 to 2 are)"},
		{"\43\203\245magic\247augself\247version\0\244kind\245image", 36, "(1 to 2 are)"},
		{"\44\203\245magic\247augself\247version\241x\244kind\245image", 37, "(1 to 2 are)"},
		{"\42\203\245magic\247augself\247version\1\244kind\244imag", 35, "'imag', which is not known"},
		{"\43\203\245magic\247augself\247version\1\244kind\245image", 36, "truncated"},
		{"\317\177\377\377\377\377\377\377\377", 9, "a length of 9223372036854775807"},
		{"\323\377\377\377\377\377\377\377\377", 9, "not an augself stream"},
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct as_error err = {0};
		uint64_t count;
		struct bytes b = {(char *)(uintptr_t)t[i].bytes, t[i].count};
		int rc = read_bytes(&b, b.count, &count, &err);
		ok(rc < 0 && strstr(err.text, t[i].part), "no stream: %s", err.text);
	}
}

/* The header's frame: its length takes one byte up to 127, two or three beyond. */
static size_t header_bytes(const struct bytes *b)
{
	const unsigned char *at = (const unsigned char *)b->at;
	return *at < 0x80 ? 1u + *at : *at == 0xcc ? 2u + at[1] : 3u + (unsigned)(at[1] << 8 | at[2]);
}

/* By a last byte in place of a length, a writer says that it has failed and said why. */
static void writers_that_fail(const struct bytes *b, size_t header)
{
	struct as_error err = {0};
	uint64_t count;
	char bytes[1 << 14];
	ok(b->count < sizeof bytes, "a stream that fits");
	for (size_t i = 0; i < 2; i++) {
		size_t n = i ? header : 0;
		memcpy(bytes, b->at, n);
		memcpy(bytes + n, "\300\1", 2);
		struct bytes said = {bytes, n + 1}, more = {bytes, n + 2};
		is_int(read_bytes(&said, n + 1, &count, &err), AS_ESAID, i ? "a writer that has failed after its header" : "before it");
		is_int(read_bytes(&more, n + 2, &count, &err), AS_EDATA, "but not where more follows");
	}
}

/* ---- pipes ---- */

struct feed {
	int fd;
	const char *at;
	size_t count;
	unsigned most; /* bytes in one write; between writes the reader is interrupted */
	pthread_t reader;
};

static void nothing(int signal)
{
	(void)signal;
}

static void *feed(void *ctx)
{
	struct feed *f = ctx;
	unsigned step = 1;
	while (f->count) {
		size_t n = step % f->most + 1;
		ssize_t k = write(f->fd, f->at, n < f->count ? n : f->count);
		if (k < 0)
			break;
		f->at += k;
		f->count -= (size_t)k;
		if (step % 16 == 0)
			pthread_kill(f->reader, SIGUSR1);
		step = step * 1103515245u + 12345u;
	}
	close(f->fd);
	return NULL;
}

static int through_pipe(const struct bytes *b, unsigned most, uint64_t *count, struct as_error *err)
{
	int end[2];
	pthread_t t;
	if (pipe(end))
		return AS_EIO;
	struct feed f = {end[1], b->at, b->count, most, pthread_self()};
	pthread_create(&t, NULL, feed, &f);
	int rc = read_all(end[0], count, err);
	close(end[0]);
	pthread_join(t, NULL);
	return rc;
}

/* A stream of `records` images of side x side pixels and a name, so that its
 * frames can be given any size. */
static struct bytes big_stream(int records, int side, int name)
{
	struct as_error err = {0};
	struct as_header h = {.kind = "image"};
	struct as_writer *w = NULL;
	FILE *f = tmpfile();
	char *pixels = malloc((size_t)side * (size_t)side * 3);
	static const char names[4096] = {[0] = 'x'};
	char text[4096];
	memset(text, 'n', sizeof text);
	for (int i = 0; i < side * side * 3; i++)
		pixels[i] = (char)(i * 7 + names[0]);
	int bad = as_writer_open(&w, fileno(f), &h, &err);
	for (int i = 0; i < records && !bad; i++) {
		struct as_record r = {.seq = (uint64_t)i, .label = -1, .name = {text, (size_t)name}};
		r.image.pixels = (struct as_tensor){AS_U1, 3, {side, side, 3}, pixels};
		bad = as_writer_put(w, &r, &err);
	}
	if (bad || as_writer_close(w, NULL, &err))
		ok(false, "%s", err.text);
	struct bytes b = slurp(f);
	fclose(f);
	free(pixels);
	return b;
}

static void sizes(void)
{
	enum { BUFFER = 256 * 1024 }; /* of reader and writer */
	int bad = 0, hit = 0;
	uint64_t count;
	struct bytes first = big_stream(1, 294, 2500); /* 259308 bytes of pixels: just below */
	int exact = 2500 + BUFFER - (int)first.count;
	for (int name = exact - 40; name <= exact + 40; name++) {
		struct as_error err = {0};
		struct bytes b = big_stream(1, 294, name);
		hit += b.count >= BUFFER - 1 && b.count <= BUFFER + 1;
		bad += read_bytes(&b, b.count, &count, &err) != 0 || count != 1;
		bad += read_bytes(&b, b.count - 1, &count, &err) != AS_ESHORT;
		free(b.at);
	}
	free(first.at);
	is_int(bad, 0, "streams about as long as the buffer");
	is_int(hit, 3, "of its length, one less and one more among them");
	struct bytes b = big_stream(3, 700, 1);
	struct as_error err = {0};
	ok(!read_bytes(&b, b.count, &count, &err) && count == 3, "records larger than the buffer %s", err.text);
	ok(!through_pipe(&b, 60000, &count, &err) && count == 3, "through a pipe, in pieces, interrupted %s", err.text);
	free(b.at);
	b = small_stream(200);
	ok(!through_pipe(&b, 3, &count, &err) && count == 200, "small records through a pipe, by three bytes %s", err.text);
	b.count -= 5;
	is_int(through_pipe(&b, 700, &count, &err), AS_ESHORT, "a truncated stream on a pipe is noticed");
	free(b.at);
}

/* A record that claims 200 MiB while 100 bytes come: the buffer grows with what
 * arrives. The largest size of this process says so. */
static void claims_cost_nothing(void)
{
	struct bytes b = big_stream(0, 1, 0);
	struct bytes lie = {calloc(1, b.count + 200), 0};
	uint64_t count;
	struct as_error err = {0};
	size_t header = (size_t)(unsigned char)b.at[0] + 1;
	struct rusage before, after;
	memcpy(lie.at, b.at, header);
	memcpy(lie.at + header, "\316\14\200\0\0", 5);
	lie.count = header + 105;
	getrusage(RUSAGE_SELF, &before);
	is_int(read_bytes(&lie, lie.count, &count, &err), AS_ESHORT, "a claim of 200 MiB with 100 bytes behind it");
	getrusage(RUSAGE_SELF, &after);
	ok(after.ru_maxrss - before.ru_maxrss < 4096, "takes no memory (%ld KiB)", after.ru_maxrss - before.ru_maxrss);
	memcpy(lie.at + header, "\316\20\0\0\1", 5);
	ok(read_bytes(&lie, lie.count, &count, &err) == AS_EDATA && strstr(err.text, "268435457"), "%s", err.text);
	free(lie.at);
	free(b.at);
}

/* ---- headers ---- */

/* What a reader says of a header that a writer lets pass; <0: the writer does not. */
static int through(const struct as_header *h, struct as_header *back, struct as_error *err)
{
	struct as_writer *w = NULL;
	struct as_reader *r = NULL;
	FILE *f = tmpfile();
	int rc = as_writer_open(&w, fileno(f), h, err);
	if (!rc)
		rc = as_writer_close(w, NULL, err);
	lseek(fileno(f), 0, SEEK_SET);
	if (!rc && !ok(!as_reader_open(&r, fileno(f), "test", NULL, err), "what is written is read %s", err->text))
		rc = 1;
	if (r)
		rc = as_header_copy(back, as_reader_header(r), err);
	as_reader_close(r);
	fclose(f);
	return rc;
}

/* A list of `count` texts of `length` characters. */
static struct as_names list_of(int64_t count, size_t length)
{
	struct as_names names = {0};
	struct as_error err;
	char *text = calloc(length + 1, 1);
	memset(text, 'n', length);
	for (int64_t i = 0; i < count; i++)
		if (as_names_add(&names, text, &err))
			ok(false, "%s", err.text);
	free(text);
	return names;
}

static void names_through(bool chain, int64_t count, size_t length, const char *why)
{
	struct as_error err = {0};
	struct as_header h = {.kind = "image"}, back = {0};
	struct as_names *list = chain ? &h.chain : &h.classes, *got = chain ? &back.chain : &back.classes;
	*list = list_of(count, length);
	int rc = through(&h, &back, &err);
	if (why)
		ok(rc == AS_EDATA && strstr(err.text, why), "not written: %s", rc ? err.text : "it is");
	else
		ok(!rc && got->count == count && strlen(as_names_at(got, count - 1)) == length,
		   "%lld texts of %zu characters are written and read %s", (long long)count, length, err.text);
	as_header_clear(&h);
	as_header_clear(&back);
}

/* The limits that stand in lib/stream/schema.c, which a writer keeps, to the last text and byte. */
static void lists_of_headers(void)
{
	names_through(false, 32768, 1, NULL);
	names_through(false, 32769, 1, "header: classes: 32769 texts");
	names_through(false, 1024, 1024, NULL);
	names_through(false, 1025, 1024, "of 1049600 bytes, at most 32768 of 1048576");
	names_through(true, 256, 4096, NULL);
	names_through(true, 257, 1, "header: chain: 257 texts");
	names_through(true, 255, 4113, "at most 256 of 1048576");
}

/* The header of a stranger: three pairs, and this one. */
static int read_pair(const char *pair, size_t bytes, struct as_error *err)
{
	static const char start[] = "\204\245magic\247augself\247version\2\244kind\245image";
	size_t n = sizeof start - 1 + bytes;
	struct bytes b = {malloc(n + 5), n + 5};
	uint64_t count;
	unsigned char length[5] = {0xce, (unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
				   (unsigned char)n};
	memcpy(b.at, length, 5);
	memcpy(b.at + 5, start, sizeof start - 1);
	memcpy(b.at + 5 + sizeof start - 1, pair, bytes);
	int rc = read_bytes(&b, b.count, &count, err);
	free(b.at);
	return rc;
}

/* A list of `count` texts of `length` < 65536 characters under a key of 5 or 7 letters. */
static int read_list(const char *key, uint32_t count, uint16_t length, struct as_error *err)
{
	size_t room = 16 + (size_t)count * (3u + length), n = strlen(key) + 1;
	char *pair = malloc(room), *at = pair + n + 5;
	memcpy(pair + 1, key, n - 1);
	pair[0] = (char)(0xa0 + n - 1);
	memcpy(pair + n, (char[]){(char)0xdd, (char)(count >> 24), (char)(count >> 16), (char)(count >> 8), (char)count}, 5);
	for (uint32_t i = 0; i < count; i++, at += 3 + length) {
		memcpy(at, (char[]){(char)0xda, (char)(length >> 8), (char)length}, 3);
		memset(at + 3, 'n', length);
	}
	int rc = read_pair(pair, (size_t)(at - pair), err);
	free(pair);
	return rc;
}

static void strange_headers(void)
{
	static const struct {
		const char *key, *part; /* part "": the header is taken, and the stream ends behind it */
		uint32_t count;
		uint16_t length;
	} list[] = {
		{"classes", "truncated", 32768, 1}, {"classes", "not a list of at most 32768", 32769, 1},
		{"classes", "truncated", 1024, 1024}, {"classes", "more than", 1025, 1024},
		{"classes", "truncated", 17, 61680}, {"classes", "more than 61424", 17, 61697},
		{"chain", "truncated", 256, 4096}, {"chain", "not a list of at most 256", 257, 1},
		{"chain", "more than", 255, 4113},
	};
	static const struct {
		const char *part, *pair;
		size_t bytes;
	} odd[] = {
#define PAIR(part, pair) {part, pair, sizeof pair - 1}
		PAIR("truncated", "\245shard\222\1\1"), PAIR("truncated", "\245shard\222\3\7"),
		PAIR("truncated", "\245shard\222\1\316\377\377\377\377"),
		PAIR("shard: 4294967296 is above", "\245shard\222\1\317\0\0\0\1\0\0\0\0"),
		PAIR("shard: 0 of 7", "\245shard\222\0\7"), PAIR("shard: 8 of 7", "\245shard\222\10\7"),
		PAIR("shard: not a list of two", "\245shard\221\1"), PAIR("shard: not a list of two", "\245shard\2431/7"),
		PAIR("shard: not a whole number", "\245shard\222\2411\7"),
		PAIR("truncated", "\247records\317\177\377\377\377\377\377\377\377"),
		PAIR("records: 9223372036854775808 is above", "\247records\317\200\0\0\0\0\0\0\0"),
		PAIR("truncated", "\246epochs\317\0\0\0\1\0\0\0\0"),
		PAIR("epochs: 4294967297 is above", "\246epochs\317\0\0\0\1\0\0\0\1"),
		PAIR("policy: not a text", "\246policy\1"), PAIR("classes: not a text", "\247classes\221\1"),
	};
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct as_error err = {0};
		int rc = read_list(list[i].key, list[i].count, list[i].length, &err);
		ok(rc < 0 && strstr(err.text, list[i].part), "%u %s of %u bytes: %s", list[i].count, list[i].key,
		   list[i].length, err.text);
	}
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct as_error err = {0};
		int rc = read_pair(odd[i].pair, odd[i].bytes, &err);
		ok(rc < 0 && strstr(err.text, odd[i].part), "%.7s: %s", odd[i].pair + 1, err.text);
	}
}

/* Shards, and what a header tells of how many records there are. */
static void shards(void)
{
	struct as_error err = {0};
	struct as_header h = {.kind = "image", .records = 13, .epochs = 3, .shard = {2, 3, 0}}, back = {0};
	ok(!through(&h, &back, &err) && back.shard.index == 2 && back.shard.count == 3 && back.records == 13, "a shard");
	as_header_clear(&back);
	h.shard = (struct as_shard){4, 3, 0};
	is_int(through(&h, &back, &err), AS_EDATA, "a writer refuses what is none");
	int wrong = 0;
	for (uint64_t n = 1; n < 20; n++)
		for (uint64_t count = 0; count < 24; count++)
			for (uint64_t index = 1; index <= (count ? count : 1); index++) {
				uint64_t mine = 0;
				h = (struct as_header){.records = n, .epochs = 3, .shard = {index, count, 0}};
				for (uint64_t seq = 0; seq < 3 * n; seq++) {
					wrong += as_header_before(&h, seq) != mine;
					mine += count < 2 || seq % n % count == index - 1;
				}
				wrong += as_header_total(&h) != mine || as_header_per_epoch(&h) * 3 != mine;
			}
	is_int(wrong, 0, "which records of an epoch, of all, and before one, are a shard's");
	h = (struct as_header){.records = AS_MAX_SEQ, .epochs = 2};
	ok(as_header_total(&h) == 2 * AS_MAX_SEQ, "the most that is counted");
	h.epochs = 3;
	is_int((int64_t)as_header_total(&h), 0, "more is not known");
	h.epochs = 0;
	is_int((int64_t)as_header_total(&h), 0, "what is endless has no count");
}

/* 300,000 names are found one by one: walking the list for each would be 5 x 10^10 steps. */
static void many_names(void)
{
	enum { N = 300000 };
	struct as_names names = {0};
	struct as_error err = {0};
	char text[24];
	int64_t wrong = 0;
	clock_t start = clock();
	for (int i = 0; i < N && !wrong; i++) {
		snprintf(text, sizeof text, "class %d", i);
		wrong += as_names_add(&names, text, &err) != 0;
	}
	for (int i = 0; i < N; i++) {
		const char *name = as_names_at(&names, N - 1 - i);
		wrong += !name || atoi(name + 6) != N - 1 - i;
	}
	is_int(wrong, 0, "every one of 300000 names");
	ok(clock() - start < 10 * CLOCKS_PER_SEC, "at once");
	ok(!as_names_at(&names, N) && !as_names_at(&names, -1), "and none beyond");
	as_names_clear(&names);
	ok(!as_names_put(&names, (struct as_text){"abc", 2}, &err) && !strcmp(as_names_at(&names, 0), "ab"),
	   "a text without a 0 behind it");
	as_names_clear(&names);
}

/* Nothing that is added up begins again at 0. */
static void sums(void)
{
	struct as_error err = {0};
	struct as_header h = {.kind = "image"};
	struct as_writer *w = NULL;
	struct as_seal seal = {0};
	struct as_record rec = {.label = -1, .image = {.jpeg = {"j", 1}, .height = 2, .width = 2, .turn = 1}};
	FILE *f = tmpfile();
	int rc = as_writer_open(&w, fileno(f), &h, &err);
	rec.seq = AS_MAX_SEQ + 1;
	ok(!rc && as_writer_put(w, &rec, &err) == AS_EDATA && strstr(err.text, "seq"), "refused: %s", err.text);
	rec.seq = AS_MAX_SEQ;
	rc = as_writer_put(w, &rec, &err);
	as_writer_skip(w, 7);
	as_writer_skip(w, UINT64_MAX);
	rc = as_writer_close(w, &seal, &err) || rc;
	ok(!rc && seal.skipped == AS_MAX_SEQ, "more is skipped than can be counted");
	lseek(fileno(f), 0, SEEK_SET);
	uint64_t count;
	ok(!read_all(fileno(f), &count, &err) && count == 1, "and read %s", err.text);
	fclose(f);
}

static void ends(void)
{
	struct as_error err = {0};
	struct as_header h = {.kind = "image"};
	struct as_writer *w = NULL;
	int end[2];
	if (!ok(!pipe(end), "a pipe"))
		return;
	close(end[0]);
	int rc = as_writer_open(&w, end[1], &h, &err);
	ok(!rc && as_writer_flush(w, &err) == AS_EPIPE, "a reader that has left is AS_EPIPE");
	is_int(as_writer_close(w, NULL, &err), AS_EPIPE, "and stays so");
	close(end[1]);
	FILE *full = fopen("/dev/full", "wb");
	rc = as_writer_open(&w, fileno(full), &h, &err);
	ok(!rc && as_writer_close(w, NULL, &err) == AS_EIO, "a full disk shows at the close: %s", err.text);
	fclose(full);
	struct as_reader *r;
	is_int(as_reader_open(&r, -1, "test", NULL, &err), AS_EIO, "a descriptor that is none");
	struct bytes b = small_stream(1);
	FILE *f;
	is_int(as_reader_open(&r, as_file(&b, b.count, &f), "test", "image,view", &err), AS_EDATA, "a kind not welcome");
	fclose(f);
	free(b.at);
}

/* What was drawn for views stays with their features; of images there is nothing. */
static void features(void)
{
	static const float six[6] = {1, 2, 3, 4, 5, 6};
	struct as_error err = {0};
	struct as_header h = {.kind = "feature"};
	struct as_writer *w = NULL;
	struct as_reader *r = NULL;
	struct as_record rec = {.label = -1, .feature = {AS_F4, 2, {2, 3}, six}}, got;
	FILE *f = tmpfile();
	int rc = as_writer_open(&w, fileno(f), &h, &err) || as_writer_put(w, &rec, &err);
	rec.height = 4;
	rec.width = 65535;
	rec.role[0].param = (struct as_tensor){AS_F4, 2, {2, 2}, six};
	rec.role[0].omega = (struct as_tensor){AS_F4, 2, {2, 0}, six};
	rc = rc || as_writer_put(w, &rec, &err);
	rec.height = 65536;
	ok(!rc && as_writer_put(w, &rec, &err) == AS_EDATA, "refused: %s", err.text);
	rec.height = 4;
	rec.role[0].param.shape[0] = 3;
	ok(as_writer_put(w, &rec, &err) == AS_EDATA, "refused: %s", err.text);
	rec.role[0].param = (struct as_tensor){0};
	rec.role[0].omega.shape[0] = 1;
	ok(as_writer_put(w, &rec, &err) == AS_EDATA, "refused: %s", err.text);
	rc = rc || as_writer_close(w, NULL, &err);
	lseek(fileno(f), 0, SEEK_SET);
	rc = rc || as_reader_open(&r, fileno(f), "f", "feature", &err);
	ok(!rc && as_reader_next(r, &got, &err) == 1 && !got.height && !got.width && !got.role[0].param.data && !got.role[0].omega.data &&
		   got.feature.shape[1] == 3 && !got.extra.pairs, "features of an image %s", err.text);
	ok(!rc && as_reader_next(r, &got, &err) == 1 && got.height == 4 && got.width == 65535 && got.role[0].param.shape[1] == 2 &&
		   got.role[0].omega.data && got.role[0].omega.shape[0] == 2 && got.feature.shape[1] == 3, "of views %s", err.text);
	as_reader_close(r);
	fclose(f);
}

/* Keys that nobody knows, of the header and of records, pass through a reader and
 * a writer; a key that the new kind knows itself is not written twice. */
static void carried(void)
{
	struct as_error err = {0};
	struct as_header h = {.kind = "image", .extra = {"\244note\203\241a\1\241b\300\241c\220", 15, 1}};
	struct as_writer *w = NULL;
	struct as_reader *r = NULL;
	struct as_record rec = {.label = -1, .image = {.jpeg = {"j", 1}, .height = 2, .width = 2, .turn = 1}};
	rec.extra = (struct as_extra){"\246height\7\246colour\315\1\0\243old\320\200", 27, 3};
	FILE *f = tmpfile(), *g = tmpfile();
	bool good = !as_writer_open(&w, fileno(f), &h, &err) && !as_writer_put(w, &rec, &err) &&
		    !as_writer_close(w, NULL, &err);
	lseek(fileno(f), 0, SEEK_SET);
	good = good && !as_reader_open(&r, fileno(f), "f", NULL, &err) && as_reader_next(r, &rec, &err) == 1;
	struct as_header view = {0};
	good = good && !as_header_copy(&view, as_reader_header(r), &err);
	strcpy(view.kind, "view");
	static const uint8_t pixels[3] = {1, 2, 3};
	static const float one[1] = {1};
	rec.height = rec.width = 2;
	rec.role[0].views = (struct as_tensor){AS_U1, 4, {1, 1, 1, 3}, pixels};
	rec.role[0].param = rec.role[0].omega = (struct as_tensor){AS_F4, 2, {1, 1}, one};
	good = good && !as_writer_open(&w, fileno(g), &view, &err) && !as_writer_put(w, &rec, &err) &&
	       !as_writer_close(w, NULL, &err);
	as_reader_close(r);
	as_header_clear(&view);
	lseek(fileno(g), 0, SEEK_SET);
	if (ok(good && !as_reader_open(&r, fileno(g), "g", "view", &err) && as_reader_next(r, &rec, &err) == 1,
	       "unknown keys pass through %s", err.text)) {
		int64_t colour = 0, old = 0;
		const struct as_header *back = as_reader_header(r);
		ok(back->extra.bytes == 15 && !memcmp(back->extra.at, h.extra.at, 15), "the header's as they were");
		ok(rec.extra.pairs == 2 && rec.height == 2, "a record's but what the new kind says itself");
		ok(as_extra_int(&rec.extra, "colour", &colour, &err) == 1 && colour == 256 &&
			   as_extra_int(&rec.extra, "old", &old, &err) == 1 && old == -128,
		   "and their values");
		as_reader_close(r);
	}
	fclose(f);
	fclose(g);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = nothing}, NULL); /* no SA_RESTART */
	claims_cost_nothing();
	struct bytes b = small_stream(3);
	round_trip(&b);
	truncation(&b);
	writers_that_fail(&b, header_bytes(&b));
	damage(&b);
	free(b.at);
	old_version();
	odd_trailers();
	lies();
	not_streams();
	sizes();
	lists_of_headers();
	strange_headers();
	shards();
	many_names();
	sums();
	ends();
	carried();
	features();
	return done();
}
