/* Schedules: what is known before the first record, and which ends of a stream are too early. */
#include "ssl/schedule.h"

#include "../tap.h"

#define ALL UINT64_MAX

/* What cannot be, or steps at most. */
static void test_make(uint64_t records, uint64_t epochs, int64_t asked, int64_t batch, uint64_t goal, const char *wrong,
		      uint64_t steps)
{
	struct as_header h = {.records = records, .epochs = epochs};
	struct as_recipe r;
	struct as_schedule s;
	struct as_error err = {0};
	as_recipe_default(&r);
	r.batch = batch;
	r.epochs = asked;
	int rc = as_schedule_make(&s, &h, &r, goal, &err);
	if (wrong)
		ok(rc == AS_EDATA && !strncmp(err.text, wrong, strlen(wrong)), "refused: %s (%s)", wrong, err.text);
	else
		ok(rc == 0 && s.steps == steps, "%d images, %d epochs: %d steps %s", (int)records, (int)epochs, (int)s.steps, err.text);
}

struct end {
	uint64_t records, epochs; /* of the header */
	int64_t asked;            /* the recipe's epochs; the batch is 10 */
	uint64_t goal, step, epoch, count, skipped, seq;
	const char *wrong; /* NULL: a good end */
};

static void test_end(const struct end *e)
{
	struct as_header h = {.records = e->records, .epochs = e->epochs};
	struct as_recipe r;
	struct as_schedule s;
	struct as_error err = {0};
	as_recipe_default(&r);
	r.batch = 10;
	r.epochs = e->asked;
	int rc = as_schedule_make(&s, &h, &r, e->goal, &err);
	rc = rc ? 1 : as_schedule_ended(&s, e->step, e->epoch, (struct as_seal){e->count, e->skipped, 0},
					as_header_before(&h, e->seq), &err);
	ok(e->wrong ? rc == AS_EDATA && strstr(err.text, e->wrong) : rc == 0, "%s %s", e->wrong ? "too early:" : "a good end", err.text);
}

/* Places of a shard's stream before any place: counted one by one. */
static void test_before(uint64_t index, uint64_t count, uint64_t block)
{
	struct as_header h = {.records = 10, .epochs = 3, .shard = {index, count, block}};
	bool good = true;
	for (uint64_t seq = 0, before = 0; seq <= 30; seq++) {
		good = good && as_header_before(&h, seq) == before;
		before += !count || seq % 10 / (block ? block : 1) % count == index - 1; /* the next place is the shard's */
	}
	ok(good, "images before each place, shard %d/%d, blocks of %d", (int)index, (int)count, (int)block);
}

int main(void)
{
	static const struct end ends[] = {
		/* 40 images, 1 epoch */
		{40, 1, 1, ALL, 4, 0, 40, 0, 0, NULL},
		{40, 1, 1, ALL, 3, 0, 39, 0, 0, "1 of its 40 images"},
		{40, 1, 1, ALL, 3, 0, 39, 1, 0, NULL}, /* one was bad */
		{40, 1, 1, ALL, 3, 0, 38, 1, 0, "1 of its 40"},
		/* 45 images, 2 epochs; one that goes on after the 4 steps of the first */
		{45, 2, 2, ALL, 8, 1, 90, 0, 0, NULL},
		{45, 2, 2, ALL, 4, 0, 45, 0, 0, "after step 4, with 1 of 2 epochs begun: 45 of its 90 images"},
		{45, 2, 2, ALL, 8, 1, 50, 0, 40, NULL},
		{45, 2, 2, ALL, 8, 1, 49, 0, 40, "1 of its 90"},
		{45, 2, 2, ALL, 8, 1, 44, 6, 40, NULL},
		{45, 2, 2, ALL, 8, 1, 5, 0, 85, NULL}, /* nothing but the last batch that is dropped */
		/* asked for */
		{45, 2, 2, 4, 4, 0, 40, 0, 0, NULL},
		{45, 2, 2, 5, 4, 0, 45, 0, 0, "after step 4 of 5"},
		{0, 2, 2, 4, 3, 0, 30, 0, 0, "after step 3 of 4"},
		/* a number of images that nobody knows */
		{0, 2, 2, ALL, 8, 1, 80, 0, 0, NULL},
		{0, 2, 2, ALL, 4, 0, 45, 0, 0, "with 1 of 2 epochs begun"},
		/* endless, and yet at its end: the recipe's epochs */
		{40, 0, 2, ALL, 8, 1, 80, 0, 0, NULL},
		{40, 0, 2, ALL, 7, 1, 79, 0, 0, "1 of its 80"},
		{0, 0, 2, ALL, 4, 0, 40, 0, 0, "with 1 of 2 epochs begun"},
		{0, 0, 2, ALL, 40, 9, 400, 0, 0, NULL},
		/* not one batch: too many were bad */
		{40, 1, 1, ALL, 0, 0, 9, 31, 0, "not one batch of 10 in an epoch: 9 images came, 31 were left out"},
		{40, 1, 1, 0, 0, 0, 0, 0, 0, NULL},
		/* more than 64 bits count */
		{UINT64_MAX / 2, 3, 3, ALL, 4, 2, 40, 0, 0, NULL},
		{UINT64_MAX / 2, 3, 3, ALL, 4, 1, 40, 0, 0, "with 2 of 3 epochs begun"},
	};
	test_make(110, 2, 2, 50, ALL, NULL, 4);
	test_make(110, 3, 2, 50, ALL, NULL, 6);
	test_make(110, 0, 2, 50, ALL, NULL, 0);
	test_make(0, 2, 2, 50, ALL, NULL, 0);
	test_make(50, 1, 1, 50, ALL, NULL, 1);
	test_make(49, 1, 1, 50, ALL, "batch: 50, but an epoch has 49 images: not one step; --batch 49 or less", 0);
	test_make(49, 0, 1, 50, 3, "batch: 50, but an epoch has 49 images", 0);
	test_make(1, 1, 1, 2, ALL, "batch: 2, but an epoch has one image", 0);
	test_make(49, 1, 1, 50, 0, NULL, 0);
	test_make(110, 2, 5, 50, ALL, "epochs: 5, but the stream has 2: ", 0);
	test_make(110, 2, 5, 50, 4, NULL, 4);
	test_make(110, 2, 5, 50, 5, "steps: 5, but the stream has 4 (2 epochs of 110 images, batches of 50): give its "
		  "source --epochs 3 or more, or say --steps 4", 0);
	test_make(110, 0, 5, 50, 500, NULL, 0);
	test_before(0, 0, 0);
	for (uint64_t i = 1; i <= 4; i++)
		test_before(i, 4, 0);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		test_end(&ends[i]);
	return done();
}
