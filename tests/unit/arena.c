/* Memory that is taken from one piece: counted and taken alike, aligned, zero, apart; and
 * where an address sanitizer looks, nothing but what was taken may be touched. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/poison.h"

#include "../tap.h"

enum { PIECES = 5 };
static const size_t pieces[PIECES] = {1, 64, 65, 4096, 100};

static void take(struct as_arena *a, char *at[PIECES])
{
	for (int i = 0; i < PIECES; i++)
		at[i] = as_arena_take(a, pieces[i]);
}

/* How many of the bytes from..to-1 a sanitizer lets nobody touch. */
static int64_t guarded(const char *from, const char *to)
{
	int64_t n = 0;
	for (const char *p = from; AS_POISONS && p < to; p++)
		n += AS_POISONED(p);
	return n;
}

static void test_arena(void)
{
	struct as_arena a = {0};
	char *at[PIECES];
	take(&a, at);
	size_t counted = a.used;
	bool none = true, aligned = true, apart = true, zero = true;
	for (int i = 0; i < PIECES; i++)
		none = none && !at[i];
	if (!ok(none && as_arena_open(&a, &as_host_memory, NULL) == 0 && a.used == 0, "an arena counts, then opens"))
		return;
	take(&a, at);
	is_int((int64_t)a.used, (int64_t)counted, "what was counted is what is taken");
	int64_t shut = 0, open = 0;
	for (int i = 0; i < PIECES; i++) {
		const char *end = i + 1 < PIECES ? at[i + 1] : a.at + a.cap;
		aligned = aligned && (uintptr_t)at[i] % 64 == 0;
		apart = apart && at[i] + pieces[i] <= end;
		for (size_t j = 0; j < pieces[i]; j++)
			zero = zero && !at[i][j];
		memset(at[i], 1 + i, pieces[i]);
		shut += end - at[i] - (int64_t)pieces[i] - guarded(at[i] + pieces[i], end);
		open += guarded(at[i], at[i] + pieces[i]);
	}
	for (int i = 0; i < PIECES; i++)
		for (size_t j = 0; j < pieces[i]; j++)
			apart = apart && at[i][j] == 1 + i;
	ok(aligned && apart && zero, "each piece begins at a multiple of 64, is its own, and is zero");
	if (AS_POISONS)
		ok(!shut && !open, "gaps may not be touched, pieces may: %d and %d bytes are otherwise", (int)shut, (int)open);
	else
		skip("no address sanitizer guards the gaps");
	as_arena_close(&a);
	ok(!a.at && !a.used && !a.cap, "closed, it is as new");
}

/* The same memory, taken again and otherwise. */
static void test_over(void)
{
	struct as_arena a = {0};
	char *own = aligned_alloc(64, 1 << 15), *p, *q;
	as_arena_over(&a, own, 1 << 15);
	p = as_arena_take(&a, 700);
	memset(p, 1, 700);
	as_arena_over(&a, own, 1 << 15);
	q = as_arena_take(&a, 200);
	ok(p == own && q == own && a.cap == 1 << 15, "an arena over memory that is there begins at its begin");
	if (AS_POISONS)
		is_int(guarded(own, own + (1 << 15)), (1 << 15) - 200, "of what was taken before nothing may be touched");
	else
		skip("no address sanitizer guards what was taken before");
	free(own);
}

static void test_room(void)
{
	char *p = NULL;
	size_t have = 0;
	bool good = as_room(&p, &have, 104, NULL) == 0 && p && have == 104;
	char *first = p;
	good = good && as_room(&p, &have, 40, NULL) == 0 && p == first && have == 104;
	ok(good, "room for less is the room that is there");
	if (AS_POISONS)
		is_int(guarded(p, p + 104), 64, "... of which no more may be touched");
	else
		skip("no address sanitizer guards the rest");
	ok(as_room(&p, &have, 112, NULL) == 0 && have == 112 && guarded(p, p + 112) == 0, "room for more is made");
	if (AS_POISONS)
		skip("an address sanitizer ends a program that asks for too much");
	else
		ok(as_room(&p, &have, SIZE_MAX / 2, NULL) == AS_EMEM && !p && !have, "where there is none, nothing is kept");
	free(p);
}

static void test_mul(void)
{
	size_t out = 7;
	ok(as_mul(0, SIZE_MAX, &out) && out == 0 && as_mul(SIZE_MAX, 0, &out) && out == 0, "nothing times all is nothing");
	ok(as_mul(SIZE_MAX / 3, 3, &out) && out == SIZE_MAX / 3 * 3, "a product that just fits");
	ok(!as_mul(SIZE_MAX / 2 + 1, 2, &out) && out == SIZE_MAX / 3 * 3, "one too large leaves what was there");
}

int main(void)
{
	test_arena();
	test_over();
	test_room();
	test_mul();
	return done();
}
