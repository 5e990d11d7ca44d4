/* Feature streams as matrices: what is read, what is refused, what is held out, what two
 * sets have in common. With arguments it writes a stream instead, for tests/cli/probes.t:
 *   features.t ROWS WIDTH CLASSES SPREAD SEED [STEP [NAME...]]
 * rows around CLASSES centres of length 1, SPREAD apart from them (below 0: labels
 * that have nothing to do with the rows), label in turn, keys "parity" and "boxes" beside it: of a
 * thing, whose y, x, height and width follow from the row's first four values. STEP
 * is what lies between two labels (1); 0: no labels. NAMEs are the classes' names. */
#include "eval/features.h"
#include "eval/holdout.h"
#include "eval/match.h"
#include "eval/pick.h"
#include "eval/read.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/rng.h"
#include "stream/keys.h"

#include "../tap.h"

static struct as_error err;

/* The msgpack pair "parity": 0 or 1. */
static struct as_extra parity(int64_t label, char *at)
{
	memcpy(at, "\xa6parity", 7);
	at[7] = (char)(label & 1);
	return (struct as_extra){at, 8, 1};
}

static int write_clusters(int fd, int64_t rows, int64_t d, int64_t classes, double spread, uint64_t seed, int64_t step,
			  char **names)
{
	struct as_header header = {.kind = "feature", .records = (uint64_t)rows, .epochs = 1};
	struct as_writer *w;
	float x[512];
	struct as_keys keys = {0};
	char name[32];
	for (; names && *names; names++)
		if (as_names_add(&header.classes, *names, &err))
			return 1;
	int rc = d > 512 || as_writer_open(&w, fd, &header, &err);
	as_header_clear(&header);
	if (rc)
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
		struct as_record rec = {.seq = (uint64_t)i, .id = (uint64_t)i, .label = step ? label * step : -1};
		rec.feature = (struct as_tensor){AS_F4, 2, {1, d}, x};
		double box[4];
		for (int64_t k = 0; k < 4; k++)
			box[k] = (k < 2 ? .3 : .4) + .1 * (double)x[k % d];
		as_keys_int(&keys, "parity", label & 1);
		as_keys_map(&keys, "boxes", 1);
		as_keys_floats(&keys, "thing", box, 4);
		rec.name = (struct as_text){name, (size_t)snprintf(name, sizeof name, "%d\t%d", (int)seed, (int)i)};
		if (as_keys_end(&keys, &rec.extra, &err) || as_writer_put(w, &rec, &err)) {
			as_writer_abandon(w);
			return 1;
		}
	}
	as_keys_clear(&keys);
	return as_writer_close(w, NULL, &err) != 0;
}

/* A stream of three records, the last one changed by `fault`, read with `key`, whose labels are needed
 * but for a fault of 5. */
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
		rec.label = (fault == 3 || fault == 5) && i == 2 ? -1 : rec.label;
		x[0] = fault == 4 && i == 2 ? -INFINITY : x[0];
		rec.name = (struct as_text){i == 1 ? "a.png" : "", i == 1 ? 5 : 0};
		rec.id = 100 - (uint64_t)i;
		if (as_writer_put(w, &rec, &err))
			return got;
	}
	if (as_writer_close(w, NULL, &err))
		return got;
	close(end[1]);
	err = (struct as_error){.record = -1};
	if (!as_reader_open(&r, end[0], "pipe", "feature", &err)) {
		got = as_features_read(f, r, key, fault != 5, &err);
		as_reader_close(r);
	}
	close(end[0]);
	return got;
}

/* Two records of three views each, behind what was drawn for them: six rows. */
static void views(void)
{
	struct as_header header = {.kind = "feature"};
	struct as_writer *w;
	struct as_reader *r;
	struct as_features f = {0};
	int end[2];
	float x[6];
	if (pipe(end) || as_names_add(&header.chain, "img-synth 1", &err) ||
	    as_names_add(&header.chain, "feat-extract 1 model:00ff --layer projector", &err) ||
	    as_names_add(&header.chain, "rec-cat 1 --limit 2", &err) || as_writer_open(&w, end[1], &header, &err)) {
		ok(false, "a stream of views: %s", err.text);
		return;
	}
	int bad = 0;
	for (int i = 0; i < 2; i++) {
		struct as_record rec = {.seq = 10 + (uint64_t)i, .id = 5, .label = i, .height = 9, .width = 9};
		for (int k = 0; k < 6; k++)
			x[k] = (float)(6 * i + k);
		rec.feature = (struct as_tensor){AS_F4, 2, {3, 2}, x};
		bad += as_writer_put(w, &rec, &err) != 0;
	}
	as_header_clear(&header);
	if (ok(!bad && !as_writer_close(w, NULL, &err) && !close(end[1]) && !as_reader_open(&r, end[0], "pipe", "feature", &err) &&
		       !as_features_read(&f, r, "label", true, &err), "views are read %s", err.text)) {
		int good = 0;
		for (int i = 0; i < 6 && f.n == 6; i++)
			good += f.seq[i] == 10 + (uint64_t)i / 3 && f.label[i] == i / 3 && f.id[i] == 5;
		for (int i = 0; i < 12 && f.n == 6; i++)
			good += f.x[i] == (float)i;
		is_int(good, 18, "each view is a row of its record's label");
		ok(!strcmp(f.origin.model, "00ff") && !strcmp(f.origin.by, "feat-extract 1 model:00ff --layer projector") &&
			   !strcmp(f.origin.of, "img-synth 1 | rec-cat 1 --limit 2"), "and where they come from: %s", f.origin.of);
		as_reader_close(r);
	}
	as_features_clear(&f);
	close(end[0]);
}

static void refuses(int fault, const char *key, const char *text)
{
	struct as_features f = {0};
	bool good = read_back(fault, key, &f) == AS_EDATA && strstr(err.text, text);
	ok(good && !f.x && (err.record == 2 || !strcmp(key, "shape")), "refused: %s (record %lld)", err.text,
	   (long long)err.record);
}

/* Labels far apart hold out what labels in a row do. */
static void holds_out(int64_t step)
{
	enum { N = 100 };
	int64_t label[N], y[N], out[4] = {0}, same = 0;
	uint64_t id[N];
	static unsigned char first[N];
	unsigned char part[N], again[N];
	struct as_features f = {.n = N, .d = 1, .label = label, .y = y, .id = id};
	struct as_classes classes = {0};
	for (int i = 0; i < N; i++) {
		id[i] = (uint64_t)i;
		label[i] = (i < 50 ? 0 : i < 90 ? 1 : i < 99 ? 2 : 3) * step; /* 50, 40, 9, 1 */
	}
	if (!ok(!as_classes_add(&classes, label, N, &err) && classes.count == 4, "four classes, %lld apart", (long long)step))
		return;
	as_features_number(&f, &classes);
	ok(!as_features_hold_out(&f, 0.2, 5, part, &err) && !as_features_hold_out(&f, 0.2, 6, again, &err), "held out");
	for (int i = 0; i < N; i++) {
		out[y[i]] += part[i];
		same += part[i] && again[i];
	}
	ok(out[0] == 10 && out[1] == 8 && out[2] == 2 && out[3] == 0, "a fifth of each class, never all of one");
	ok(same < 12, "another seed holds others out");
	if (step == 1)
		memcpy(first, part, N);
	ok(!memcmp(first, part, N), "the same rows whatever the classes are called");
	f.n = N - 1;
	same = 0;
	ok(!as_features_hold_out(&f, 0.2, 5, again, &err), "held out of one row fewer");
	for (int i = 0; i < N - 1; i++)
		same += part[i] == again[i];
	ok(same >= N - 2, "at most one other changes sides");
	f.n = N;
	for (int i = 0; i < N; i++)
		id[i] = (uint64_t)(i / 2);
	bool together = !as_features_hold_out(&f, 0.2, 5, again, &err);
	for (int i = 0; i < 48; i += 2)
		together = together && again[i] == again[i + 1];
	ok(together, "rows of one image stay together");
	as_classes_clear(&classes);
}

static void numbers(void)
{
	struct as_classes c = {0};
	static const int64_t label[] = {7, INT64_MAX, -1, 7, 2, 2, 0, 7};
	ok(!as_classes_add(&c, label, 5, &err) && !as_classes_add(&c, label, 8, &err), "labels of two sets");
	ok(c.count == 4 && c.label[0] == 0 && c.label[1] == 2 && c.label[2] == 7 && c.label[3] == INT64_MAX,
	   "are four classes in order; -1 is none");
	ok(as_classes_place(&c, 0) == 0 && as_classes_place(&c, 7) == 2 && as_classes_place(&c, INT64_MAX) == 3 &&
		   as_classes_place(&c, 1) == -1 && as_classes_place(&c, -1) == -1 && as_classes_place(&c, 8) == -1,
	   "which class a label is, and which is none");
	as_classes_clear(&c);
	is_int(as_classes_place(&c, 0), -1, "none of no classes");
}

/* A set of n rows with labels 0, 1, ... and the classes' names. */
static struct as_features named(int64_t n, const char *const *name, int64_t names)
{
	struct as_features f = {.n = n, .d = 1, .named = names, .class_bytes = 64};
	f.label = malloc((size_t)n * sizeof *f.label);
	f.class_text = calloc(1, f.class_bytes);
	f.class_name = malloc((size_t)names * sizeof *f.class_name);
	char *at = f.class_text;
	for (int64_t i = 0; i < n; i++)
		f.label[i] = i;
	for (int64_t i = 0; i < names; i++) {
		f.class_name[i] = (struct as_class_name){i, at};
		at += sprintf(at, "%s", name[i]) + 1;
	}
	return f;
}

static bool called(const struct as_features *f, int64_t label, const char *name)
{
	const char *got = as_features_class(f, label);
	return name ? got && !strcmp(got, name) : !got;
}

/* K images of a class: views of one image are drawn together, fewer are among more, and other draws differ. */
static void draws_few(void)
{
	enum { ROWS = 60 };
	uint64_t id[ROWS];
	int64_t y[ROWS], least, n[3] = {0};
	unsigned char two[ROWS], five[ROWS], other[ROWS];
	bool nested = true, together = true, none = true;
	for (int i = 0; i < ROWS; i++) {
		id[i] = (uint64_t)(i / 2); /* two views of each of 30 images: of class 0, of 1; the last six of 2, or of none */
		y[i] = i < 24 ? 0 : i < 54 ? 1 : i < 58 ? 2 : -1;
	}
	const struct as_features f = {.n = ROWS, .d = 1, .id = id, .y = y};
	if (as_features_few(&f, 2, 7, two, &least, &err) || as_features_few(&f, 5, 7, five, &least, &err) ||
	    as_features_few(&f, 5, 8, other, &least, &err))
		abort();
	for (int i = 0; i < ROWS; i++) {
		nested = nested && two[i] <= five[i];
		together = together && five[i] == five[i ^ 1];
		none = none && !(y[i] < 0 && five[i]);
		n[y[i] < 0 ? 2 : y[i]] += y[i] < 2 && five[i];
	}
	ok(n[0] == 10 && n[1] == 10, "five images of each class, all their views");
	ok(nested && together && none, "two are among the five, views stay together, rows without a class stay out");
	ok(five[54] && five[57] && least == 2, "all of a class that has fewer, which is told");
	ok(memcmp(five, other, ROWS) != 0, "another draw has others");
}

static void matches(void)
{
	struct as_features learnt = named(3, (const char *[]){"ant", "bee", "cat"}, 3);
	struct as_features less = named(2, (const char *[]){"ant", "cat"}, 2);
	struct as_features more = named(4, (const char *[]){"ape", "bee", "cat", "dog"}, 4);
	struct as_features most = named(3, (const char *[]){"dog", "eel", "cat"}, 3);
	struct as_features other = named(1, (const char *[]){"oak"}, 1);
	struct as_features twice = named(3, (const char *[]){"bee", "cat", "cat"}, 3);
	struct as_features bare = {.n = 1, .d = 1};
	ok(!as_features_match(&learnt, &learnt, &err) && learnt.named == 3 && !as_features_match(&learnt, &bare, &err),
	   "the same names, or none: nothing is renumbered");
	ok(!as_features_match(&learnt, &less, &err) && less.label[0] == 0 && less.label[1] == 2 && called(&less, 2, "cat"),
	   "a class that is lacking: the others keep their names");
	ok(!as_features_match(&learnt, &more, &err) && more.label[0] == 3 && more.label[1] == 1 && more.label[2] == 2 &&
		   more.label[3] == 4 && called(&more, 3, "ape") && called(&more, 4, "dog") && called(&more, 1, "bee"),
	   "classes that are new stand behind");
	ok(!as_features_match(&learnt, &most, &err) && most.label[0] == 4 && most.label[1] == 5 && most.label[2] == 2 &&
		   called(&most, 4, "dog"),
	   "and are known to the next set");
	ok(learnt.named == 6 && called(&learnt, 3, "ape") && called(&learnt, 5, "eel") && called(&learnt, 6, NULL),
	   "they are named among those learnt");
	ok(as_features_match(&learnt, &other, &err) == AS_EDATA && strstr(err.text, "'oak'") && strstr(err.text, "'ant'"),
	   "not one name in both: %s", err.text);
	ok(as_features_match(&twice, &learnt, &err) == AS_EDATA && strstr(err.text, "two are called 'cat'"),
	   "two classes of one name: %s", err.text);
	strcpy(learnt.origin.model, "00ff");
	strcpy(less.origin.model, "00fe");
	ok(as_features_match(&learnt, &less, &err) == AS_EDATA && strstr(err.text, "model 00fe"), "models differ: %s", err.text);
	as_features_clear(&learnt);
	as_features_clear(&less);
	as_features_clear(&more);
	as_features_clear(&most);
	as_features_clear(&other);
	as_features_clear(&twice);
}

static void shares(void)
{
	float a[] = {1, 2, 1, 3, 5, 5, 5, 5}, b[] = {1, 3, 1, 2, 9, 9, 5, 5};
	uint64_t a_id[] = {7, 7, 2, 2}, b_id[] = {7, 7, 7, 3};
	const struct as_features x = {.n = 4, .d = 2, .x = a, .id = a_id}, y = {.n = 4, .d = 2, .x = b, .id = b_id};
	int64_t ids, rows;
	ok(!as_features_shared(&x, &y, &ids, &rows, &err) && ids == 3 && rows == 2,
	   "three ids are in both sets, two rows with the same values");
	ok(!as_features_shared(&x, &x, &ids, &rows, &err) && ids == 4 && rows == 4, "a set has all of itself");
}

int main(int argc, char **argv)
{
	if (argc > 5)
		return write_clusters(1, atol(argv[1]), atol(argv[2]), atol(argv[3]), atof(argv[4]), (uint64_t)atol(argv[5]),
				      argc > 6 ? atol(argv[6]) : 1, argc > 6 ? argv + 7 : NULL);
	struct as_features f = {0}, some = {0};
	is_int(read_back(0, "label", &f), 0, "three records are read");
	ok(f.n == 3 && f.d == 3 && !f.unlabelled && f.y[0] == -1, "rows and width; no classes as yet");
	ok(f.label[1] == 4 && f.seq[2] == 12 && f.id[2] == 98 && f.x[8] == 3, "labels, seqs, ids, values");
	ok(!as_features_name(&f, 0) && !strcmp(as_features_name(&f, 1), "a.png") && !as_features_name(&f, 2), "names");
	ok(!as_features_pick(&some, &f, (const unsigned char[]){1, 0, 1}, 1, &err) && some.n == 2 && some.seq[1] == 12 &&
		   some.id[0] == 100,
	   "rows are picked");
	as_features_clear(&some);
	as_features_clear(&f);
	is_int(read_back(0, "parity", &f), 0, "another key is the label");
	ok(f.n == 3 && f.label[0] == 0 && f.label[1] == 1, "its values");
	as_features_clear(&f);
	ok(!read_back(5, "label", &f) && f.label[2] == -1 && f.unlabelled == 1, "a label that is not needed may be missing");
	as_features_clear(&f);
	ok(!read_back(5, "shape", &f) && f.label[0] == -1 && f.unlabelled == 3, "a key that is not needed as well");
	as_features_clear(&f);
	refuses(1, "label", "nan");
	refuses(4, "label", "infinite");
	refuses(2, "label", "2 wide");
	refuses(3, "label", "not in the record");
	refuses(0, "shape", "not in the record");
	views();
	numbers();
	holds_out(1);
	holds_out(1000);
	draws_few();
	matches();
	shares();
	return done();
}
