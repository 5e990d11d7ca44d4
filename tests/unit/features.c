/* Feature streams as matrices: what is read, what is refused, what is held out. With
 * arguments it writes a stream instead, for tests/cli/probes.t:
 *   features.t ROWS WIDTH CLASSES SPREAD SEED
 * rows around CLASSES centres of length 1, SPREAD apart from them (below 0: labels
 * that have nothing to do with the rows), label in turn, a key "parity" beside it. */
#include "eval/features.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/rng.h"

#include "../tap.h"

static struct as_error err;

/* The msgpack pair "parity": 0 or 1. */
static struct as_extra parity(int64_t label, char *at)
{
	memcpy(at, "\xa6parity", 7);
	at[7] = (char)(label & 1);
	return (struct as_extra){at, 8, 1};
}

static int write_clusters(int fd, int64_t rows, int64_t d, int64_t classes, double spread, uint64_t seed)
{
	struct as_header header = {.kind = "feature", .records = (uint64_t)rows, .epochs = 1};
	struct as_writer *w;
	float x[512];
	char extra[8];
	if (d > 512 || as_writer_open(&w, fd, &header, &err))
		return 1;
	for (int64_t i = 0; i < rows; i++) {
		int64_t label = i % classes, centre = label;
		struct as_rng noise = as_rng_at(seed, (uint64_t)i, 1, 0, 0);
		if (spread < 0)
			centre = (int64_t)as_rng_below(&noise, (uint64_t)classes);
		struct as_rng middle = as_rng_at(99, (uint64_t)centre, 0, 0, 0);
		double size = 0;
		for (int64_t j = 0; j < d; j++) {
			double v = as_rng_between(&middle, -1, 1);
			x[j] = (float)v;
			size += v * v;
		}
		for (int64_t j = 0; j < d; j++)
			x[j] = (float)(x[j] / sqrt(size) + fabs(spread) * as_rng_between(&noise, -1, 1));
		struct as_record rec = {.seq = (uint64_t)i, .id = (uint64_t)i, .label = label};
		rec.feature = (struct as_tensor){AS_F4, 2, {1, d}, x};
		rec.extra = parity(label, extra);
		if (as_writer_put(w, &rec, &err)) {
			as_writer_abandon(w);
			return 1;
		}
	}
	return as_writer_close(w, NULL, &err) != 0;
}

/* A stream of three records, the last one changed by `fault`, read with `key`. */
static int read_back(int fault, const char *key, struct as_features *f)
{
	struct as_header header = {.kind = "feature"};
	struct as_writer *w;
	struct as_reader *r;
	float x[3] = {1, 2, 3};
	int end[2], got = -100;
	char extra[8];
	if (pipe(end) || as_writer_open(&w, end[1], &header, &err))
		return got;
	for (int i = 0; i < 3; i++) {
		struct as_record rec = {.seq = 10 + (uint64_t)i, .label = i == 1 ? 4 : 0};
		rec.feature = (struct as_tensor){AS_F4, 2, {1, 3}, x};
		rec.extra = parity(i, extra);
		x[0] = fault == 1 && i == 2 ? NAN : 1;
		rec.feature.shape[1] = fault == 2 && i == 2 ? 2 : 3;
		rec.label = fault == 3 && i == 2 ? -1 : rec.label;
		rec.label = fault == 4 && i == 2 ? AS_MAX_CLASSES : rec.label;
		if (as_writer_put(w, &rec, &err))
			return got;
	}
	if (as_writer_close(w, NULL, &err))
		return got;
	close(end[1]);
	err = (struct as_error){.record = -1};
	if (!as_reader_open(&r, end[0], "pipe", "feature", &err)) {
		got = as_features_read(f, r, key, &err);
		as_reader_close(r);
	}
	close(end[0]);
	return got;
}

static void refuses(int fault, const char *key, const char *text)
{
	struct as_features f = {0};
	bool good = read_back(fault, key, &f) == AS_EDATA && strstr(err.text, text);
	ok(good && !f.x && (err.record == 2 || !strcmp(key, "shape")), "refused: %s (record %lld)", err.text,
	   (long long)err.record);
}

static void holds_out(void)
{
	enum { N = 100 };
	int64_t label[N], out[4] = {0}, same = 0;
	unsigned char part[N], again[N];
	struct as_features f = {.n = N, .d = 1, .label = label, .classes = 4};
	for (int i = 0; i < N; i++)
		label[i] = i < 50 ? 0 : i < 90 ? 1 : i < 99 ? 2 : 3; /* 50, 40, 9, 1 */
	ok(!as_features_hold_out(&f, 0.2, 5, part, &err) && !as_features_hold_out(&f, 0.2, 6, again, &err), "held out");
	for (int i = 0; i < N; i++) {
		out[label[i]] += part[i];
		same += part[i] && again[i];
	}
	ok(out[0] == 10 && out[1] == 8 && out[2] == 2 && out[3] == 0, "a fifth of each class, never all of one");
	ok(same < 12, "another seed holds others out");
}

int main(int argc, char **argv)
{
	if (argc == 6)
		return write_clusters(1, atol(argv[1]), atol(argv[2]), atol(argv[3]), atof(argv[4]),
				      (uint64_t)atol(argv[5]));
	struct as_features f = {0}, some = {0};
	is_int(read_back(0, "label", &f), 0, "three records are read");
	ok(f.n == 3 && f.d == 3 && f.classes == 5, "rows, width, classes");
	ok(f.label[1] == 4 && f.seq[2] == 12 && f.x[8] == 3, "labels, seqs, values");
	ok(!as_features_pick(&some, &f, (const unsigned char[]){1, 0, 1}, 1, &err) && some.n == 2 && some.seq[1] == 12,
	   "rows are picked");
	as_features_clear(&some);
	as_features_clear(&f);
	is_int(read_back(0, "parity", &f), 0, "another key is the label");
	ok(f.n == 3 && f.label[0] == 0 && f.label[1] == 1 && f.classes == 2, "its values");
	as_features_clear(&f);
	refuses(1, "label", "nan");
	refuses(2, "label", "2 wide");
	refuses(3, "label", "not in the record");
	refuses(4, "label", "100000");
	refuses(0, "shape", "not in the record");
	holds_out();
	return done();
}
