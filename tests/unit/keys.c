/* Keys of one's own: the bytes, what is refused, and that a stream carries them. */
#include <stdlib.h>

#include "../tap.h"
#include "stream/keys.h"

static struct as_error err;

static void test_bytes(void)
{
	/* As Python's msgpack has them, packb of each key and value. */
	static const char want[] = "\xa6" "coarse\x13" "\xa4" "line\xcd\x01\x00" "\xa5" "below\xff" "\xa4" "turn\xcb\x3f\xd0\0\0\0\0\0\0"
				   "\xa3" "box\x92\xcb\x40\x4e\0\0\0\0\0\0\xcb\x40\x3b\0\0\0\0\0\0"
				   "\xa4" "file\x82\xa6" "format\xa3png\xa5" "bytes\x07";
	static const double box[2] = {60, 27};
	struct as_keys k = {0};
	struct as_extra x;
	int64_t value = 0;
	as_keys_int(&k, "coarse", 19);
	as_keys_int(&k, "line", 256);
	as_keys_int(&k, "below", -1);
	as_keys_float(&k, "turn", 0.25);
	as_keys_floats(&k, "box", box, 2);
	as_keys_map(&k, "file", 2);
	as_keys_text(&k, "format", (struct as_text){"png", 3});
	as_keys_int(&k, "bytes", 7);
	ok(!as_keys_end(&k, &x, &err) && x.pairs == 6 && x.bytes == sizeof want - 1 && !memcmp(x.at, want, x.bytes),
	   "every kind of value, to the byte");
	ok(as_extra_int(&x, "line", &value, &err) == 1 && value == 256, "and found again");
	ok(!as_keys_end(&k, &x, &err) && !x.pairs && !x.bytes, "nothing put: none");
	as_keys_int(&k, "coarse", 3);
	ok(!as_keys_end(&k, &x, &err) && x.pairs == 1 && as_extra_int(&x, "coarse", &value, &err) == 1 && value == 3,
	   "used again");
	as_keys_clear(&k);
	ok(!as_keys_end(&k, &x, &err) && !x.pairs, "cleared: none");
}

static void refuses(struct as_keys *k, int code, const char *text)
{
	struct as_extra x;
	int rc = as_keys_end(k, &x, &err);
	ok(rc == code && strstr(err.text, text) && !x.pairs, "refused: %s", err.text);
}

static void test_refusals(void)
{
	struct as_keys k = {0};
	struct as_extra x;
	char *long_text = calloc(1, AS_MAX_KEYS);
	as_keys_int(&k, "coarse", 1);
	as_keys_int(&k, "fine", 2);
	as_keys_int(&k, "coarse", 3);
	refuses(&k, AS_EARG, "'coarse' as a key of one's own: twice");
	as_keys_int(&k, "label", 1);
	refuses(&k, AS_EARG, "'label'");
	as_keys_int(&k, "width", 1); /* an image's record has none, but a view's has */
	refuses(&k, AS_EARG, "'width'");
	as_keys_map(&k, "file", 2);
	as_keys_int(&k, "width", 1);
	refuses(&k, AS_EDATA, "");
	as_keys_map(&k, "file", 2);
	as_keys_int(&k, "height", 1);
	as_keys_int(&k, "width", 1);
	ok(!as_keys_end(&k, &x, &err) && x.pairs == 1, "within a map every key is free");
	if (ok(long_text != NULL, "a long text"))
		as_keys_text(&k, "text", (struct as_text){long_text, AS_MAX_KEYS});
	refuses(&k, AS_EMEM, "at most 65536");
	free(long_text);
	as_keys_clear(&k);
}

int main(void)
{
	test_bytes();
	test_refusals();
	return done();
}
