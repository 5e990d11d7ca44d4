/* safetensors: a file written byte by byte from the format's page is read, ours
 * is what that page says, every false claim is refused, and so is every bit of ours
 * that is another one. */
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

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
	refused("{" E("a", "F32", "[4294967296,4294967296,4]", "[0,0]") "}", 0, "negative or too large");
	refused("{" E("a", "F32", "[4611686018427387904]", "[0,0]") "}", 0, "dtype and shape");
	refused("{" E("a", "F32", "[-1]", "[0,4]") "}", 4, "negative or too large");
	refused("{" E("a", "F32", "[1,1,1,1,2]", "[0,4]") "}", 4, "dtype and shape");
	refused("{" E("a", "BOOL", "[1,-1]", "[0,4]") "}", 4, "negative or too large");
	refused("{" E("a", "BOOL", "[1]", "[0,4]") "," E("b", "F9", "[1]", "[2,6]") "}", 6, "overlaps");
	refused("{" E("a", "F32", "[1]", "[0,4]") "," E("a", "F32", "[1]", "[4,8]") "}", 8, "duplicate");
	refused("{" E("", "F32", "[1]", "[0,4]") "}", 4, "no name");
	refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets");
	refused("{\"a\":[]}", 0, "data_offsets");
	refused("{\"__metadata__\":{\"x\":1}}", 0, "not a text");
	refused("{\"__metadata__\":[]}", 0, "not a map");
	refused("[1]", 0, "not a safetensors");
	refused("{]", 0, "header");
	refused("", 0, "not a safetensors");
}

/* What nobody here needs must not stand in the way of what somebody does. */
static void strangers(void)
{
	static const struct {
		const char *name, *why;
	} held[] = {{"bool", "dtype BOOL"}, {"f8", "dtype F8_E4M3"}, {"later", "dtype Q3_K"}, {"five", "5 dimensions"}};
	static const char zeros[64];
	struct as_error err = {0};
	struct as_safetensors *s;
	const struct as_tensor *t;
	char json[2048], name[600];
	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = 0;
	snprintf(json, sizeof json, "{" E("bool", "BOOL", "[3]", "[0,3]") "," E("f8", "F8_E4M3", "[1]", "[3,4]") ","
		 E("later", "Q3_K", "[256]", "[4,8]") "," E("five", "F32", "[1,1,1,1,1]", "[8,12]") ","
		 E("half5", "F16", "[1,1,1,1,1]", "[12,14]") "," E("%s", "F32", "[1]", "[14,18]") "}", name);
	write_file(json, strlen(json), zeros, 18);
	if (!ok(!as_safetensors_open(&s, path, &err), "dtypes, dimensions and names of others %s", err.text))
		return;
	is_int(as_safetensors_count(s), 6, "are all there");
	for (int i = 0; i < 4; i++)
		ok(!as_safetensors_find(s, held[i].name) && !as_safetensors_at(s, i) &&
		   as_safetensors_get(s, held[i].name, &t, &err) == AS_EDATA && strstr(err.text, held[i].why),
		   "not to be had: %s", err.text);
	ok(as_safetensors_find(s, name) && !as_safetensors_get(s, name, &t, &err) && as_tensor_count(t) == 1,
	   "a name of 599 characters is found");
	ok(as_safetensors_get(s, "none", &t, &err) == AS_EDATA && strstr(err.text, "not in the file"), "%s", err.text);
	as_safetensors_close(s);
}

/* Entered and renamed: what a network in a network is called. */
static void names(void)
{
	static const char json[] = "{" E("a.w", "F32", "[1]", "[4,8]") "," E("b.a.w", "F32", "[1]", "[0,4]") ","
		E("a.0.x", "F32", "[1]", "[8,12]") "," E("a.", "F32", "[1]", "[12,16]") "," E("w", "F32", "[1]", "[16,20]") "}";
	static const float data[] = {1, 2, 3, 4, 5};
	struct as_error err = {0};
	struct as_safetensors *s;
	float v = 0;
	write_file(json, strlen(json), data, sizeof data);
	if (!ok(!as_safetensors_open(&s, path, &err), "a file of names %s", err.text))
		return;
	as_safetensors_enter(s, "a.");
	ok(as_safetensors_count(s) == 2 && !as_safetensors_find(s, "a.w") && !as_safetensors_find(s, "") &&
	   as_safetensors_find(s, "w") && as_safetensors_find(s, "0.x"), "entered, only what was under a name is there");
	as_tensor_floats(as_safetensors_find(s, "w"), 0, 1, &v);
	ok(v == 2, "... and is what it was");
	ok(!as_safetensors_rename(s, "0.", "layer.", &err) && as_safetensors_find(s, "layer.x") && as_safetensors_find(s, "w") &&
	   !as_safetensors_find(s, "0.x"), "renamed");
	ok(!as_safetensors_rename(s, "layer.", "z", &err) && as_safetensors_find(s, "zx"), "... twice");
	as_safetensors_close(s);
}

/* Opens a header of so many bytes, "{}" and blanks; the error's code. */
static int padded(size_t length, struct as_error *err)
{
	struct as_safetensors *s;
	write_file("{}", length, "", 0);
	FILE *f = fopen(path, "r+b");
	for (size_t i = fseek(f, 0, SEEK_END) ? 0 : 2; i < length; i++)
		fputc(' ', f);
	fclose(f);
	int rc = as_safetensors_open(&s, path, err);
	if (!rc)
		as_safetensors_close(s);
	return rc;
}

/* A header may have 16 MiB, a file 16 GiB: both are looked at before memory is taken. */
static void limits(void)
{
	struct as_error err = {0};
	struct as_safetensors *s;
	ok(!padded(16 << 20, &err), "a header of 16 MiB %s", err.text);
	ok(padded((16 << 20) + 1, &err) == AS_EDATA && strstr(err.text, "a header of 16777217 bytes"), "refused: %s", err.text);
	write_file("{}", 2, "", 0);
	if (truncate(path, ((off_t)16 << 30) + 1)) {
		skip("the file system holds no file of 16 GiB");
		return;
	}
	ok(as_safetensors_open(&s, path, &err) == AS_EMEM && strstr(err.text, "17179869184"), "refused: %s", err.text);
}

static void sizes(void)
{
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
	uint64_t seal;
	is_int(as_safetensors_write(f, t, 3, meta, 2, &seal, &err), 0, "three tensors are written");
	int64_t size = ftell(f);
	fclose(f);
	char head[4096] = {0}, digits[17];
	f = fopen(path, "rb");
	size_t got = fread(head, 1, sizeof head, f);
	fclose(f);
	int64_t length = (unsigned char)head[0] | (unsigned char)head[1] << 8;
	ok((int64_t)got == size && (8 + length) % 64 == 0 && size == 8 + length + 32, "the payload is aligned and whole");
	ok(!memcmp(head + 8 + length, w, sizeof w) && !memcmp(head + 8 + length + 24, &n, 8), "in order, row-major");
	ok(strstr(head + 8, "\"net.w\\\"\\\\\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}") != NULL,
	   "described as the format says");
	snprintf(digits, sizeof digits, "%016llx", (unsigned long long)seal);
	char *at = strstr(head + 8, "\"xxh64\":\"") + 9;
	ok(!memcmp(at, digits, 16), "its seal is in the metadata");
	memset(at, '0', 16);
	ok(XXH64(head, (size_t)size, 0) == seal, "... and is the hash of the file without it");
	struct as_safetensors *s = NULL;
	ok(!as_safetensors_open(&s, path, &err), "and read back %s", err.text);
	ok(as_safetensors_hash(s) == seal && !as_safetensors_note(s), "... by the same name, with nothing to say");
	is_text(as_safetensors_meta(s, "policy"), "size = 32\nop = crop\n", "metadata come back");
	const struct as_tensor *back = as_safetensors_find(s, "net.w\"\\");
	ok(back && back->shape[1] == 3 && !memcmp(back->data, w, sizeof w), "tensors come back");
	is_text(as_safetensors_name(s, 1), "count", "in their order");
	as_safetensors_close(s);

	struct as_named twice[2] = {t[0], t[0]};
	f = fopen("/dev/null", "wb");
	is_int(as_safetensors_write(f, twice, 2, NULL, 0, NULL, &err), AS_EARG, "one name twice is refused");
	is_int(as_safetensors_write(f, t, 1, &(struct as_meta){"xxh64", "1"}, 1, NULL, &err), AS_EARG, "a seal of one's own, too");
	fclose(f);
	f = fopen("/dev/full", "wb");
	setvbuf(f, NULL, _IONBF, 0);
	is_int(as_safetensors_write(f, t, 3, meta, 2, NULL, &err), AS_EIO, "a full disk is an error");
	fclose(f);
}

static int opens(const char *all, size_t n, struct as_error *err)
{
	struct as_safetensors *s;
	FILE *f = fopen(path, "wb");
	fwrite(all, 1, n, f);
	fclose(f);
	int rc = as_safetensors_open(&s, path, err);
	if (!rc)
		as_safetensors_close(s);
	return rc;
}

/* Of a file of ours no bit can be another, in the data, the header or the seal. */
static void bits(void)
{
	static const float w[5] = {1, -2, 3, -4, 5};
	static const struct as_named t[] = {{"conv1.weight", {AS_F4, 1, {5}, w}}};
	static const struct as_meta meta[] = {{"format", "augself-state 2"}, {"recipe", "wd = 5e-4\n"}, {"seq", "12"}};
	struct as_error err = {0};
	char all[1024];
	FILE *f = fopen(path, "wb");
	ok(!as_safetensors_write(f, t, 1, meta, 3, NULL, &err) && !fclose(f), "a small state");
	f = fopen(path, "rb");
	size_t n = fread(all, 1, sizeof all, f);
	fclose(f);
	ok(!opens(all, n, &err), "of %zu bytes is opened %s", n, err.text);
	int missed = 0;
	for (size_t i = 0; i < 8 * n; i++) {
		all[i / 8] ^= (char)(1 << i % 8);
		int rc = opens(all, n, &err);
		if (rc != AS_EDATA || !err.text[0])
			note("bit %zu of byte %zu: %d", i % 8, i / 8, rc);
		missed += rc != AS_EDATA;
		all[i / 8] ^= (char)(1 << i % 8);
	}
	ok(!missed, "%zu files with one bit changed are refused", 8 * n);
}

/* Metadata by hand: which make a file ours, and what is asked of it then. */
static void seals(void)
{
	static const char *const keys[] = {"recipe", "policy", "source", "step", "epoch", "spread", "seq"};
	static const char *const old[] = {"augself-model 1", "augself-state 1"};
	struct as_error err = {0};
	struct as_safetensors *s;
	char json[256], why[80];
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		snprintf(json, sizeof json, "{\"__metadata__\":{\"format\":\"pt\",\"%s\":\"1\"}}", keys[i]);
		snprintf(why, sizeof why, "has '%s', as ours have, and no xxh64", keys[i]);
		refused(json, 0, why);
	}
	refused("{\"__metadata__\":{\"format\":\"augself-model 2\"}}", 0, "no xxh64");
	refused("{\"__metadata__\":{\"format\":\"augself-model 3\"}}", 0, "no xxh64");
	refused("{\"__metadata__\":{\"xxh64\":\"0000000000000000\",\"format\":\"augself-model 1\"}}", 0, "its checksum is 0000");
	refused("{\"__metadata__\":{\"xxh64\":\"\"}}", 0, "its checksum is ");
	for (int i = 0; i < 2; i++) {
		snprintf(json, sizeof json, "{\"__metadata__\":{\"format\":\"%s\",\"step\":\"1\"}}", old[i]);
		write_file(json, strlen(json), "", 0);
		if (ok(!as_safetensors_open(&s, path, &err), "%s is opened %s", old[i], err.text)) {
			ok(as_safetensors_note(s) && strstr(as_safetensors_note(s), "0.1.0"), "... with a word");
			as_safetensors_close(s);
		}
	}
	snprintf(json, sizeof json, "{\"__metadata__\":{\"format\":\"pt\",\"author\":\"somebody\"}}");
	write_file(json, strlen(json), "", 0);
	if (ok(!as_safetensors_open(&s, path, &err), "files of others are opened without %s", err.text)) {
		write_file(json, strlen(json), "", 0);
		char all[256];
		FILE *f = fopen(path, "rb");
		size_t n = fread(all, 1, sizeof all, f);
		fclose(f);
		ok(!as_safetensors_note(s) && as_safetensors_hash(s) == XXH64(all, n, 0), "... and named by their bytes");
		as_safetensors_close(s);
	}
}

/* Other formats are told by their first bytes. */
static void foreigners(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *is, *help; /* the help's words; NULL: none */
	} kind[] = {
		{"PK\3\4\0\0\10\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\22\0archive/data.pkl", 46, "PyTorch", "torch.load("},
		{"PK\3\4\0\0\10\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\7\0\22\0arr.npy", 37, "NumPy", "numpy.load("},
		{"PK\3\4", 4, "zip archive", "torchvision"},
		{"\x80\2\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.", 15, "pickle", "torch.load("},
		{"\x80\4\x95\0\0\0\0\0\0\0", 10, "pickle", "torch.load("},
		{"\x89HDF\r\n\x1a\n\0\0\0\0", 12, "HDF5", "torchvision"},
		{"GGUF\3\0\0\0\0\0\0\0", 12, "GGUF", "torchvision"},
		{"\x93NUMPY\1\0v\0{'descr", 17, "NumPy", "torchvision"},
		{"\x08\7\x12\7pytorch", 11, "ONNX", NULL},
		{"\x1f\x8b\x08\0\0\0\0\0\0\0", 10, "gunzip", NULL},
		{"version https://git-lfs.github.com/spec/v1\n", 43, "git lfs pull", NULL},
		{"<!DOCTYPE html><html>", 21, "web page", NULL},
		{"something else altogether", 25, "not a safetensors file", NULL},
		{"", 0, "empty", NULL},
	};
	for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
		struct as_error err = {0};
		int rc = opens(kind[i].bytes, kind[i].n, &err);
		ok(rc == AS_EDATA && strstr(err.text, kind[i].is) && !err.help == !kind[i].help, "%s", err.text);
		if (!kind[i].help || !err.help)
			continue;
		ok(strstr(err.help, kind[i].help) && !strchr(err.help, 1) && !strchr(err.help, 2), "... with what to type or to give");
		if (strstr(kind[i].help, "load("))
			ok(strstr(err.help, path) && strstr(err.help, "save_file") && strstr(err.help, ".safetensors\")'"),
			   "... a command for this file");
	}
	/* 640 is 0x280: a header's size may look like a pickle, and the rest decides */
	struct as_error err = {0};
	ok(!padded(640, &err), "a header of 640 bytes is none %s", err.text);
}

static void truncated(void)
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
	is_int(missed, 0, "a file that ends at any byte is refused");
}

int main(void)
{
	close(mkstemp(path));
	by_hand();
	lies();
	sizes();
	strangers();
	names();
	limits();
	ours();
	truncated();
	bits();
	seals();
	foreigners();
	remove(path);
	struct as_error err = {0};
	struct as_safetensors *s;
	is_int(as_safetensors_open(&s, path, &err), AS_ENONE, "a file that is not there");
	return done();
}
