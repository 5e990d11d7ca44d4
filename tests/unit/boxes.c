/* Boxes: the key of a record, sets of features whose records have one, how far a predicted box is from the true one,
 * and which penalty is chosen. */
#include "eval/boxes.h"

#include <stdlib.h>
#include <unistd.h>

#include "aug/roles.h"
#include "base/rng.h"
#include "eval/pick.h"
#include "stream/keys.h"

#include "../tap.h"

static struct as_error err;

/* ---- the key ---- */

static const double three[] = {.1, .2, .3, .4, 0, .5, .25, .125, .5, .5, .5, .5};

static void key(void)
{
	struct as_keys k = {0};
	struct as_extra extra;
	int64_t count;
	double box[AS_BOX];
	as_keys_int(&k, "colour", 3);
	as_keys_map(&k, "boxes", 2);
	as_keys_floats(&k, "cat", three, 8);
	as_keys_floats(&k, "dog", three + 8, 4);
	as_keys_text(&k, "note", (struct as_text){"boxes", 5});
	if (as_keys_end(&k, &extra, &err))
		abort();
	ok(!as_extra_boxes(&extra, "cat", &count, box, &err) && count == 2 && !memcmp(box, three + 4, sizeof box), "two boxes of a class");
	ok(!as_extra_boxes(&extra, "dog", &count, box, &err) && count == 1 && !memcmp(box, three + 8, sizeof box), "one of another");
	ok(!as_extra_boxes(&extra, "do", &count, box, &err) && count == 0, "none of a third, whose name begins a name");
	ok(!as_extra_boxes(&extra, NULL, &count, box, &err) && count == 3, "three in all");
	as_keys_int(&k, "colour", 3);
	if (as_keys_end(&k, &extra, &err))
		abort();
	ok(!as_extra_boxes(&extra, NULL, &count, box, &err) && count == 0, "none where there is no key");
	ok(!as_extra_boxes(&(struct as_extra){0}, NULL, &count, box, &err) && count == 0, "nor where there are no keys");
	as_keys_clear(&k);
}

/* Packed by hand: {"boxes": VALUE}. */
static void refuses(const char *value, size_t bytes, const char *text)
{
	char at[64] = "\xa5" "boxes";
	double box[AS_BOX];
	int64_t count;
	memcpy(at + 6, value, bytes);
	err.text[0] = '\0';
	int rc = as_extra_boxes(&(struct as_extra){at, 6 + bytes, 1}, NULL, &count, box, &err);
	ok(rc == AS_EDATA && strstr(err.text, text), "refused: %s", err.text);
}

static void bad_keys(void)
{
	refuses("\x94\0\0\1\1", 5, "not a map");
	refuses("\x81\xa1" "a\x93\0\0\1", 7, "not a list of four");
	refuses("\x81\xa1" "a\7", 4, "not a list of four");
	refuses("\x81\xa1" "a\x94\0\0\1\0", 8, "number 4, a height or width, is 0");
	refuses("\x81\xa1" "a\x94\0\0\x32\1", 8, "number 3 is no fraction");
	refuses("\x81\xa1" "a\x94\0\0\1\xa1" "b", 9, "number 4 is no fraction");
	refuses("\x81\xa1" "a\x94\xff\0\1\1", 8, "number 1 is no fraction");
	char at[] = "\xa5" "boxes\x81\xa1" "a\x94\0\1\1\xca\x3f\0\0\0";
	double box[AS_BOX];
	int64_t count;
	ok(!as_extra_boxes(&(struct as_extra){at, sizeof at - 1, 1}, "a", &count, box, &err) && count == 1 && box[0] == 0 &&
		   box[1] == 1 && box[3] == .5, "whole numbers and floats are numbers");
}

/* ---- a stream of features ---- */

enum { RECORDS = 6 };

/* Records of `views` rows; the first has no box, the second two, the others one: of a cat, or the last of a dog. */
static int read_back(int64_t views, const char *class, const struct as_policy *p, struct as_boxes *b, struct as_features *f)
{
	struct as_header header = {.kind = "feature"};
	struct as_keys k = {0};
	struct as_writer *w;
	struct as_reader *r;
	int end[2];
	float x[2 * 3];
	if (pipe(end))
		abort();
	if (p) {
		struct as_roles roles = as_roles_of(p, 1);
		if (as_roles_to_header(&roles, &header, &err))
			abort();
	}
	if (as_writer_open(&w, end[1], &header, &err))
		abort();
	as_header_clear(&header);
	for (int i = 0; i < RECORDS; i++) {
		struct as_record rec = {.seq = (uint64_t)i, .id = (uint64_t)i, .label = -1};
		for (int j = 0; j < 6; j++)
			x[j] = (float)(10 * i + j);
		rec.feature = (struct as_tensor){AS_F4, 2, {views, 3}, x};
		double box[2 * AS_BOX] = {.1 * i, .2, .3, .4, .1, .1, .1, .1};
		if (i)
			as_keys_map(&k, "boxes", 1);
		if (i)
			as_keys_floats(&k, i == RECORDS - 1 ? "dog" : "cat", box, i == 1 ? 8 : 4);
		if (as_keys_end(&k, &rec.extra, &err) || as_writer_put(w, &rec, &err))
			abort();
	}
	if (as_writer_close(w, NULL, &err) || close(end[1]) || as_reader_open(&r, end[0], "pipe", "feature", &err))
		abort();
	int rc = as_boxes_read(b, f, r, class, &err);
	as_reader_close(r);
	close(end[0]);
	as_keys_clear(&k);
	return rc;
}

static void sets(void)
{
	struct as_boxes b, picked;
	struct as_features f;
	if (ok(!read_back(2, "cat", NULL, &b, &f), "a stream is read")) {
		is_int(f.n, 6, "two views of each record with one cat");
		ok(b.none == 2 && b.several == 1, "of the others, two have none and one two");
		ok(f.seq[0] == 2 && f.seq[5] == 4 && f.x[0] == 20 && f.x[17] == 45 && f.y[3] == 0, "the rows are theirs");
		ok(b.box[0] == .1 * 2 && b.box[4 * 5] == .1 * 4 && b.box[4 * 5 + 3] == .4 && b.box[4] == b.box[0],
		   "and so are the boxes");
		ok(!b.whole, "no policy says that they are of whole images");
		const unsigned char part[] = {0, 0, 1, 1, 0, 1};
		if (as_boxes_pick(&picked, &b, f.n, part, 1, &err))
			abort();
		ok(picked.box[0] == .1 * 3 && picked.box[8] == .1 * 4, "some of them are picked");
		as_boxes_clear(&picked);
		as_boxes_clear(&b);
		as_features_clear(&f);
	}
	ok(!read_back(1, NULL, NULL, &b, &f) && f.n == 4 && b.none == 1 && b.several == 1, "of any class");
	as_boxes_clear(&b);
	as_features_clear(&f);
	is_int(read_back(1, "cow", NULL, &b, &f), AS_EDATA, "a class that no record has");
	ok(strstr(err.text, "not one record with exactly one box of 'cow': 6 have none") && !f.x && !b.box, "is told: %s", err.text);
}

static void whole(void)
{
	static const struct {
		const char *set;
		bool whole;
	} cases[] = {{NULL, false}, {"whole", true}};
	for (int i = 0; i < 2; i++) {
		struct as_policy p;
		struct as_boxes b;
		struct as_features f;
		as_policy_eval(8, (float[3]){0}, (float[3]){1, 1, 1}, AS_BILINEAR, &p);
		if (cases[i].set && as_policy_set(&p, 0, cases[i].set, 1, &err))
			abort();
		ok(!read_back(1, NULL, &p, &b, &f) && b.whole == cases[i].whole, "%s", i ? "a policy that shows all" : "one that cuts");
		as_boxes_clear(&b);
		as_features_clear(&f);
	}
}

/* ---- scores ---- */

/* The share of a fine grid's points in either box that lie in both. */
static double by_counting(const double *a, const double *b)
{
	enum { GRID = 500 };
	int both = 0, any = 0;
	for (int i = 0; i < GRID * GRID; i++) {
		double y = (i / GRID + .5) / GRID * 2 - .5, x = (i % GRID + .5) / GRID * 2 - .5;
		bool in_a = y > a[0] && y < a[0] + a[2] && x > a[1] && x < a[1] + a[3];
		bool in_b = y > b[0] && y < b[0] + b[2] && x > b[1] && x < b[1] + b[3];
		both += in_a && in_b;
		any += in_a || in_b;
	}
	return any ? both / (double)any : 0;
}

static void overlaps(void)
{
	double worst = 0;
	int touching = 0;
	for (uint64_t i = 0; i < 40; i++) {
		struct as_rng r = as_rng_at(5, i, 0, 0, 1);
		double a[AS_BOX], b[AS_BOX];
		for (int k = 0; k < AS_BOX; k++) {
			a[k] = as_rng_between(&r, k < 2 ? -.2 : .1, k < 2 ? .6 : .7);
			b[k] = as_rng_between(&r, k < 2 ? -.2 : .1, k < 2 ? .6 : .7);
		}
		worst = fmax(worst, fabs(as_box_overlap(a, b) - by_counting(a, b)));
		touching += as_box_overlap(a, b) > 0;
	}
	ok(worst < .01 && touching > 20 && touching < 40, "overlaps as by counting points, off by %.3f; %d of 40 do", worst, touching);
	const double box[] = {.1, .1, .2, .2}, odd[] = {.2, .2, -.3, .4};
	is_close(as_box_overlap(box, box), 1, 1e-15, "a box and itself");
	ok(as_box_overlap(odd, box) == 0 && as_box_overlap(odd, odd) == 0, "a predicted height below 0 overlaps nothing");
}

static void scores(void)
{
	const double t[] = {0, 0, .5, .5, 0, 0, 1, 1}, p[] = {0, 0, .5, .25, 0, 0, 1, 1};
	struct as_box_score s = as_box_score(p, false, t, 2);
	is_close(s.squared, .0625 / 8, 1e-15, "the squared error is a mean over boxes and numbers");
	is_close(s.overlap, .75, 1e-15, "the overlap a mean over boxes");
	is_close(s.overlap_interval, 1.96 * .25 / sqrt(2), 1e-12, "its interval has 1.96 standard errors");
	is_close(s.squared_interval, 1.96 * .0625 / 8 / sqrt(2), 1e-12, "and the error's");
	s = as_box_score(t, true, t, 2);
	is_close(s.overlap, (1 + .25) / 2, 1e-15, "one box for all");
}

/* Boxes that follow from the features, with noise: the penalty's place is in between, and the error is the noise's. */
static void fits(void)
{
	enum { N = 300, D = 12 };
	static float x[3][N * D];
	static double box[3][N * AS_BOX], guess[N * AS_BOX], weights[AS_BOX * (D + 1)];
	struct as_features f[3];
	for (int s = 0; s < 3; s++) {
		struct as_rng r;
		for (int i = 0; i < N; i++) {
			r = as_rng_at(9, (uint64_t)(s * N + i), 0, 0, 1);
			for (int j = 0; j < D; j++)
				x[s][i * D + j] = (float)as_rng_between(&r, -1, 1);
			for (int k = 0; k < AS_BOX; k++)
				box[s][i * AS_BOX + k] = .4 + .1 * (double)x[s][i * D + k] + as_rng_between(&r, -.05, .05);
		}
		f[s] = (struct as_features){.n = s ? N : 40, .d = D, .x = x[s]};
	}
	struct as_targets train = {&f[0], box[0]}, val = {&f[1], box[1]};
	static struct as_box_fit fit, fixed = {.w = .5}, again;
	if (as_boxes_fit(&train, &val, &fit, weights, NULL, &err))
		abort();
	int best = 0;
	for (int i = 0; i < AS_BOX_PATH; i++)
		best = fit.score[i].squared < fit.score[best].squared ? i : best;
	ok(fit.w == as_box_penalty(best) && best > 0 && best < AS_BOX_PATH - 1, "the best penalty on validation, %g", fit.w);
	as_ridge_predict(weights, AS_BOX, &f[2], guess);
	double noise = .1 * .1 / 12;
	ok(as_box_score(guess, false, box[2], N).squared < 1.15 * noise &&
		   as_box_score(fit.mean, true, box[2], N).squared > 3 * noise, "what is left is the noise");
	if (as_boxes_fit(&train, &val, &fixed, weights, NULL, &err) || as_boxes_fit(&train, NULL, &again, weights, NULL, NULL) != AS_EARG)
		ok(false, "nothing to choose by is refused");
	ok(fixed.w == .5, "a penalty that is given stays");
}

int main(void)
{
	key();
	bad_keys();
	sets();
	whole();
	overlaps();
	scores();
	fits();
	return done();
}
