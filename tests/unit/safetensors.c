/* safetensors: a file written byte by byte from the format's page is read, ours
 * is what that page says, and every false claim is refused. */
#include <stdlib.h>
#include <unistd.h>

#include "stream/safetensors.h"

#include "../tap.h"

static char path[] = "/tmp/as-safetensors-XXXXXX";

static void write_file(const char *json, size_t claim, const void *payload, size_t bytes)
{
	FILE *f = fopen(path, "wb");
	for (int i = 0; i < 8; i++)
		fputc((int)(claim >> 8 * i & 255), f);
	fputs(json, f);
	fwrite(payload, 1, bytes, f);
	fclose(f);
}

static int refused(const char *json, size_t bytes, const char *part)
{
	struct as_error err = {0};
	struct as_safetensors *s;
	static const char zeros[64];
	write_file(json, strlen(json), zeros, bytes);
	int rc = as_safetensors_open(&s, path, &err);
	if (!rc)
		as_safetensors_close(s);
	return ok(rc == AS_EDATA && strstr(err.text, part), "refused: %s", rc ? err.text : json);
}

#define E(name, dtype, shape, ends) "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" ends "}"

static void by_hand(void)
{
	/* 1.5 in F32; half: 1, 2^-24 (subnormal), -inf; bf16: -2 */
	static const unsigned char payload[] = {0,    0,    0xc0, 0x3f, 7,    0,    0,    0,    0, 0,
						0,    0,    0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc, 0, 0xc0};
	static const char json[] = "{\"__metadata__\":{\"format\":\"pt\"}," E("fc.weight", "F32", "[1,1]", "[0,4]") ","
		E("bf", "BF16", "[1]", "[18,20]") "," E("n", "I64", "[]", "[4,12]") "," E("none", "F32", "[0,3]", "[4,4]") ","
		E("half", "F16", "[3]", "[12,18]") "}   ";
	struct as_error err = {0};
	struct as_safetensors *s = NULL;
	write_file(json, strlen(json), payload, sizeof payload);
	if (!ok(!as_safetensors_open(&s, path, &err), "a file written by hand is opened %s", err.text))
		return;
	is_int(as_safetensors_count(s), 5, "it has five tensors");
	is_text(as_safetensors_meta(s, "format"), "pt", "and metadata");
	ok(!as_safetensors_meta(s, "none") && !as_safetensors_find(s, "x"), "what is not there is not found");
	const struct as_tensor *t = as_safetensors_find(s, "fc.weight");
	float v[3];
	as_tensor_floats(t, 0, 1, v);
	ok(t->ndim == 2 && t->dtype == AS_F4 && v[0] == 1.5f, "F32");
	t = as_safetensors_find(s, "half");
	as_tensor_floats(t, 0, 3, v);
	ok(t->dtype == AS_F4 && v[0] == 1 && v[1] == 0x1p-24f && isinf(v[2]) && v[2] < 0, "F16 is widened");
	as_tensor_floats(as_safetensors_find(s, "bf"), 0, 1, v);
	ok(v[0] == -2, "BF16 is widened");
	t = as_safetensors_find(s, "n");
	as_tensor_floats(t, 0, 1, v);
	ok(t->dtype == AS_I8 && t->ndim == 0 && as_tensor_count(t) == 1 && v[0] == 7, "a scalar has one element");
	is_int(as_tensor_count(as_safetensors_find(s, "none")), 0, "a tensor may be empty");
	as_safetensors_close(s);
}

static void lies(void)
{
	refused("{" E("a", "F32", "[2]", "[0,4]") "}", 4, "dtype and shape");
	refused("{" E("a", "F32", "[1]", "[0,4]") "}", 8, "described");
	refused("{" E("a", "F32", "[1]", "[4,8]") "}", 8, "a gap");
	refused("{" E("a", "F32", "[1]", "[0,4]") "," E("b", "F32", "[1]", "[2,6]") "}", 6, "overlaps");
	refused("{" E("a", "F32", "[2]", "[0,8]") "}", 4, "outside");
	refused("{" E("a", "F32", "[1]", "[8,4]") "}", 8, "outside");
	refused("{" E("a", "F32", "[1]", "[-4,0]") "}", 8, "outside");
	refused("{" E("a", "C64", "[1]", "[0,8]") "}", 8, "C64");
	refused("{" E("a", "F32", "[4294967296,4294967296,4]", "[0,0]") "}", 0, "cannot be");
	refused("{" E("a", "F32", "[4611686018427387904]", "[0,0]") "}", 0, "dtype and shape");
	refused("{" E("a", "F32", "[-1]", "[0,4]") "}", 4, "cannot be");
	refused("{" E("a", "F32", "[1,1,1,1,1]", "[0,4]") "}", 4, "at most 4");
	refused("{" E("a", "F32", "[1]", "[0,4]") "," E("a", "F32", "[1]", "[4,8]") "}", 8, "duplicate");
	refused("{" E("", "F32", "[1]", "[0,4]") "}", 4, "name");
	refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets");
	refused("{\"a\":[]}", 0, "data_offsets");
	refused("{\"__metadata__\":{\"x\":1}}", 0, "not a text");
	refused("{\"__metadata__\":[]}", 0, "not a map");
	refused("[1]", 0, "not a safetensors");
	refused("{]", 0, "header");
	refused("", 0, "not a safetensors");
	struct as_error err = {0};
	struct as_safetensors *s;
	write_file("{}", 3, "", 0);
	is_int(as_safetensors_open(&s, path, &err), AS_EDATA, "a header longer than the file");
	write_file("{}", SIZE_MAX, "", 0);
	is_int(as_safetensors_open(&s, path, &err), AS_EDATA, "a header of 2^64-1 bytes");
	write_file("{}", 2, "", 0);
	is_int(as_safetensors_open(&s, path, &err), 0, "a file without tensors is good");
	as_safetensors_close(s);
}

static void ours(void)
{
	static const float w[6] = {1, -2, 3, -4, 5, 6.25f};
	static const int64_t n = 123456789012;
	static const struct as_named t[] = {
		{"net.w\"\\", {AS_F4, 2, {2, 3}, w}}, {"count", {AS_I8, 0, {0}, &n}}, {"empty", {AS_U1, 1, {0}, w}}};
	static const struct as_meta meta[] = {{"policy", "size = 32\nop = crop\n"}, {"format", "pt"}};
	struct as_error err = {0};
	FILE *f = fopen(path, "wb");
	is_int(as_safetensors_write(f, t, 3, meta, 2, &err), 0, "three tensors are written");
	int64_t size = ftell(f);
	fclose(f);
	char head[4096] = {0};
	f = fopen(path, "rb");
	size_t got = fread(head, 1, sizeof head, f);
	fclose(f);
	int64_t length = (unsigned char)head[0] | (unsigned char)head[1] << 8;
	ok((int64_t)got == size && (8 + length) % 64 == 0 && size == 8 + length + 32, "the payload is aligned and whole");
	ok(!memcmp(head + 8 + length, w, sizeof w) && !memcmp(head + 8 + length + 24, &n, 8), "in order, row-major");
	ok(strstr(head + 8, "\"net.w\\\"\\\\\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}") != NULL,
	   "described as the format says");
	struct as_safetensors *s = NULL;
	ok(!as_safetensors_open(&s, path, &err), "and read back %s", err.text);
	is_text(as_safetensors_meta(s, "policy"), "size = 32\nop = crop\n", "metadata come back");
	const struct as_tensor *back = as_safetensors_find(s, "net.w\"\\");
	ok(back && back->shape[1] == 3 && !memcmp(back->data, w, sizeof w), "tensors come back");
	is_text(as_safetensors_at(s, 1)->name, "count", "in their order");
	as_safetensors_close(s);

	struct as_named twice[2] = {t[0], t[0]};
	f = fopen("/dev/null", "wb");
	is_int(as_safetensors_write(f, twice, 2, NULL, 0, &err), AS_EARG, "one name twice is refused");
	fclose(f);
	f = fopen("/dev/full", "wb");
	setvbuf(f, NULL, _IONBF, 0);
	is_int(as_safetensors_write(f, t, 3, meta, 2, &err), AS_EIO, "a full disk is an error");
	fclose(f);
}

static void cut(void)
{
	FILE *f = fopen(path, "rb");
	char all[4096];
	size_t n = fread(all, 1, sizeof all, f);
	int missed = 0;
	fclose(f);
	for (size_t k = 0; k < n; k++) {
		struct as_error err = {0};
		struct as_safetensors *s;
		f = fopen(path, "wb");
		fwrite(all, 1, k, f);
		fclose(f);
		missed += as_safetensors_open(&s, path, &err) != AS_EDATA;
	}
	is_int(missed, 0, "a file cut at any byte is refused");
}

int main(void)
{
	close(mkstemp(path));
	by_hand();
	lies();
	ours();
	cut();
	remove(path);
	struct as_error err = {0};
	struct as_safetensors *s;
	is_int(as_safetensors_open(&s, path, &err), AS_EIO, "a file that is not there");
	return done();
}
