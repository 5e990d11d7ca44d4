/* Streams: what is written comes back; whatever is cut, changed or lied about is
 * noticed, and before memory is taken for it. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "stream/stream.h"

#include "../tap.h"

struct bytes {
	char *at;
	size_t count;
};

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
	r.param = (struct as_tensor){AS_F4, 2, {2, 3}, param};
	r.omega = (struct as_tensor){AS_F4, 2, {2, 0}, param};
	r.extra = (struct as_extra){"\xa6" "colour\x05\xa1z\x92\xc0\xff", 14, 2};
	return r;
}

static struct bytes small_stream(int records)
{
	struct as_error err = {0};
	struct as_header h = {.kind = "sample", .records = 3, .epochs = 1, .policy = (char[]){"size = 2\n"}};
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
		as_tensor_floats(&rec.param, 0, 6, p);
		good += rec.seq == (uint64_t)i && rec.id == UINT64_MAX - (uint64_t)i && rec.epoch == 3 &&
			rec.label == i % 3 - 1 && rec.name.length == (i ? 7 : 0) && p[5] == 6.5f &&
			rec.omega.shape[1] == 0 && rec.omega.data &&
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
		missed += rc != AS_ECUT || (count && err.record != (int64_t)count) || err.record < last;
		last = err.record;
	}
	is_int((int64_t)missed, 0, "a stream cut at any byte is AS_ECUT and names the record");
}

static void damage(const struct bytes *b)
{
	uint64_t count;
	size_t missed = 0;
	for (size_t n = 0; n < b->count; n++) {
		struct as_error err = {0};
		b->at[n] ^= 0x15;
		missed += read_bytes(b, b->count, &count, &err) >= 0;
		b->at[n] ^= 0x15;
	}
	is_int((int64_t)missed, 2, "any changed byte is noticed, but in the skipped count and the trailer's number");
	struct as_error err = {0};
	struct bytes more = {malloc(b->count + 1), b->count + 1};
	memcpy(more.at, b->at, b->count);
	more.at[b->count] = 0;
	is_int(read_bytes(&more, more.count, &count, &err), AS_EDATA, "a byte behind the trailer is an error");
	free(more.at);
}

int main(void)
{
	struct bytes b = small_stream(3);
	round_trip(&b);
	truncation(&b);
	damage(&b);
	free(b.at);
	return done();
}
