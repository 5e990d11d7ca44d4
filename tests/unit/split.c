/* Which images are wanted: parts as a property over many random sets, ratios, and what as_split_rank
 * says of images that are there several times. Lists and torch's random_split are in tests/unit/data.c
 * and tests/cli/img-read.t. */
#include <stdlib.h>

#include "../tap.h"
#include "base/rng.h"
#include "data/split.h"

enum { MOST = 80, PARTS = 3 };

/* A random set: few or many classes or none, ids that are indices or hashes. */
static int64_t make_set(struct as_rng *r, struct as_member *m)
{
	int64_t n = 1 + (int64_t)as_rng_below(r, MOST - 1);
	uint64_t classes = as_rng_below(r, 8);
	bool hashes = as_rng_below(r, 2);
	for (int64_t i = 0; i < n; i++) {
		m[i].id = hashes ? as_hash64(&i, sizeof i) ^ as_rng_u32(r) : (uint64_t)i;
		m[i].label = classes ? (int64_t)as_rng_below(r, classes) - 1 : -1;
	}
	return n;
}

static void make_ratio(struct as_rng *r, uint64_t *ratio)
{
	static const uint64_t usual[][PARTS] = {{8, 1, 1}, {9, 1, 0}, {1, 1, 1}, {0, 1, 1}, {1, 1, 98}, {100000, 1, 100000}};
	bool random = as_rng_below(r, 2);
	const uint64_t *from = usual[as_rng_below(r, sizeof usual / sizeof *usual)];
	for (int k = 0; k < PARTS; k++)
		ratio[k] = random ? 1 + as_rng_below(r, 100) : from[k];
}

static bool divided(const struct as_member *m, int64_t n, const uint64_t *ratio, uint64_t draw, int *part)
{
	int64_t rank[MOST + 1], size[MOST + 1];
	struct as_error err;
	if (as_split_rank(m, n, draw, rank, size, &err))
		return false;
	for (int64_t i = 0; i < n; i++)
		part[i] = as_split_part(rank[i], size[i], ratio, PARTS);
	return true;
}

/* Each class is divided where the ratios say: a part has less than one image more or fewer than its
 * share, but for the one that the first part has of a small class. */
static bool shares_are_right(const struct as_member *m, int64_t n, const uint64_t *ratio, const int *part)
{
	double total = (double)(ratio[0] + ratio[1] + ratio[2]);
	bool good = true;
	for (int64_t label = -1; label < 8; label++) {
		int64_t count[PARTS] = {0}, size = 0;
		for (int64_t i = 0; i < n; i++)
			if (m[i].label == label) {
				good = good && part[i] >= 0 && part[i] < PARTS;
				count[part[i]]++;
				size++;
			}
		for (int k = 0; k < PARTS; k++) {
			double off = (double)count[k] - (double)(size * (int64_t)ratio[k]) / total;
			good = good && off >= -1.0000001 - (k > 0) && off <= 1.0000001;
		}
		good = good && (!size || !ratio[0] || count[0]);
	}
	return good;
}

/* The most images of `part` that are on another side of a boundary in `now`. */
static int moved(const int *part, const int *now, int64_t n)
{
	int most = 0;
	for (int k = 0; k < PARTS - 1; k++) {
		int over = 0;
		for (int64_t i = 0; i < n; i++)
			over += (part[i] <= k) != (now[i] <= k);
		most = over > most ? over : most;
	}
	return most;
}

static void test_parts(void)
{
	enum { SETS = 4000 };
	struct as_member m[MOST + 1];
	int part[MOST + 1], now[MOST + 1], reversed[MOST + 1], most = 0, any = 0;
	bool good = true, same = true;
	for (uint64_t set = 0; set < SETS; set++) {
		struct as_rng r = as_rng_at(1, set, 0, 0, 0);
		uint64_t ratio[PARTS], draw = as_rng_below(&r, 3);
		int64_t n = make_set(&r, m);
		make_ratio(&r, ratio);
		good = good && divided(m, n, ratio, draw, part) && shares_are_right(m, n, ratio, part);
		m[n] = (struct as_member){UINT64_C(0x9e3779b97f4a7c15) + set, m[as_rng_below(&r, (uint64_t)n)].label};
		good = good && divided(m, n + 1, ratio, draw, now);
		int over = moved(part, now, n);
		most = over > most ? over : most;
		any += over;
		for (int64_t i = 0; i < n / 2; i++) {
			struct as_member was = m[i];
			m[i] = m[n - 1 - i];
			m[n - 1 - i] = was;
		}
		good = good && divided(m, n, ratio, draw, reversed);
		for (int64_t i = 0; i < n; i++)
			same = same && part[i] == reversed[n - 1 - i];
	}
	ok(good, "each image is in one part, and each part of a class has its share");
	ok(most == 1 && any, "an image more moves at most one other over a boundary (%d moves in %d sets)", any, SETS);
	ok(same, "the order of the images does not matter");
}

static void test_repeats(void)
{
	struct as_member m[] = {{5, 1}, {6, 1}, {5, 1}, {7, 0}, {6, 0}, {8, 1}};
	int64_t rank[6], size[6];
	struct as_error err;
	bool good = !as_split_rank(m, 6, 0, rank, size, &err);
	ok(good && rank[0] == rank[2] && size[0] == 2 && size[2] == 2, "an image that is there twice counts once");
	ok(rank[1] == rank[4] && size[1] == 2, "one of two labels has the place of the lower");
	ok(rank[0] != rank[5] && rank[3] != rank[1], "others have places of their own");
	ok(!as_split_rank(m, 0, 0, rank, size, &err), "nothing");
}

static void test_draws(void)
{
	enum { N = 80 };
	struct as_member m[N];
	static const uint64_t ratio[PARTS] = {1, 0, 1};
	int part[4][N], both = 0;
	for (int i = 0; i < N; i++)
		m[i] = (struct as_member){(uint64_t)i, 0};
	for (uint64_t d = 0; d < 4; d++)
		ok(divided(m, N, ratio, d, part[d]), "draw %d", (int)d);
	for (int i = 0; i < N; i++)
		both += part[0][i] == part[1][i];
	ok(both > 20 && both < 60, "another draw divides otherwise: %d of 80 are where they were", both);
	/* As Python's xxhash has them: xxh64(struct.pack("<QQ", id, draw)).intdigest(), ids 0..5, draw 0. */
	static const int64_t want[6] = {1, 2, 5, 3, 0, 4};
	int64_t rank[6], size[6], by_rank[6];
	struct as_error err;
	ok(!as_split_rank(m, 6, 0, rank, size, &err), "six images");
	for (int i = 0; i < 6; i++)
		by_rank[rank[i]] = i;
	ok(!memcmp(by_rank, want, sizeof want), "ranked as XXH64 of id and draw says: %d %d %d %d %d %d", (int)by_rank[0],
	   (int)by_rank[1], (int)by_rank[2], (int)by_rank[3], (int)by_rank[4], (int)by_rank[5]);
}

static void test_words(void)
{
	static const char *const bad[] = {"", "8", "8:1", "8:1:1:1", "8:1:", ":8:1", "a:1:1", "8:1:-1", "8:.1:1", "0:0:0",
					  "8:1:100001", "8:1:1 ", "8,1,1"};
	struct as_choice c = {0};
	struct as_error err;
	ok(!as_choice_part(&c, "val", "80:5:15", &err) && c.part == 1 && c.ratio[0] == 80 && c.ratio[1] == 5 && c.ratio[2] == 15,
	   "80:5:15");
	ok(!as_choice_part(&c, "test", "0:0:1", &err) && c.part == 2, "one part may be all");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(as_choice_part(&c, "train", bad[i], &err) == AS_EARG, "refused: %s", err.text);
	ok(as_choice_part(&c, "trainval", "1:1:1", &err) == AS_EARG, "refused: %s", err.text);
}

int main(void)
{
	test_parts();
	test_repeats();
	test_draws();
	test_words();
	return done();
}
