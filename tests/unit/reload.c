/* What a state gives back: every value of it must be a number, every bit the one that was
 * written. A model's bits, too. */
#include "ssl/trainer.h"

#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "aug/roles.h"
#include "base/file.h"
#include "ssl/extract.h"

#include "../engine.h"
#include "../tap.h"

enum { B = 4, SIZE = 4, MOST = 1 << 28, DIGITS_AT = 8 + 26, FLIPS = 400 };

static char path[] = "/tmp/as-reload-XXXXXX";

/* A file, whole. */
struct file {
	char *at;
	size_t n;
};

static struct file file_read(void)
{
	struct file f;
	struct as_error err;
	if (as_file_read(path, AS_PATH_FILE, MOST, &f.at, &f.n, &err))
		abort();
	return f;
}

static void file_write(const struct file *f)
{
	FILE *out = fopen(path, "wb");
	if (!out || fwrite(f->at, 1, f->n, out) != f->n || fclose(out))
		abort();
}

/* The checksum that the bytes make now, as the page of ssl-train says it is made. */
static void seal(struct file *f)
{
	char digits[17];
	memset(f->at + DIGITS_AT, '0', 16);
	snprintf(digits, sizeof digits, "%016llx", (unsigned long long)XXH64(f->at, f->n, 0));
	memcpy(f->at + DIGITS_AT, digits, 16);
}

static struct as_trainer *trainer_new(const struct as_roles *p)
{
	struct as_recipe r;
	struct as_trainer *t;
	struct as_error err;
	as_recipe_default(&r);
	r.backbone = (struct as_backbone){"resnet18", "cifar", 1. / 64, SIZE};
	r.batch = B;
	r.epochs = 1;
	r.grains = 1;
	if (as_recipe_set(&r, "method", "moco", &err) || as_recipe_set(&r, "set", "queue=4,out=4", &err) ||
	    as_trainer_new(&t, &r, p, engine_of(true), true, &err))
		abort();
	return t;
}

static int resume(struct as_trainer *t, struct as_error *err)
{
	*err = (struct as_error){0};
	return as_trainer_resume(t, path, "source", err);
}

static int extract(struct as_trainer *t, struct as_error *err)
{
	struct as_extract how = {.batch = 1};
	struct as_extractor *e;
	(void)t;
	*err = (struct as_error){0};
	int rc = as_extractor_open(&e, path, &how, engine_of(true), err);
	if (!rc)
		as_extractor_close(e);
	return rc;
}

/* One value of a tensor in the file, under a seal that is right, is `value`. */
static bool is_refused(struct as_trainer *t, const struct file *whole, size_t at, float value, const char *name)
{
	struct file f = {malloc(whole->n), whole->n};
	struct as_error err;
	char want[160];
	memcpy(f.at, whole->at, f.n);
	memcpy(f.at + at, &value, sizeof value);
	seal(&f);
	file_write(&f);
	free(f.at);
	snprintf(want, sizeof want, "tensor %s: value ", name);
	int rc = resume(t, &err);
	if (rc == AS_EDATA && strstr(err.text, want))
		return true;
	note("%s of %g: %d: %s", name, (double)value, rc, err.text);
	return false;
}

static void test_values(struct as_trainer *t, const struct file *whole)
{
	struct as_safetensors *s;
	struct as_error err;
	int tensors = 0, refused = 0, variances = 0, positive = 0;
	file_write(whole);
	if (as_safetensors_open(&s, path, &err))
		abort();
	const char *first = as_safetensors_at(s, 0)->data;
	size_t payload = 8 + (size_t)((unsigned char)whole->at[0] | (unsigned char)whole->at[1] << 8 |
				      (unsigned char)whole->at[2] << 16);
	for (int i = 0; i < as_safetensors_count(s); i++) {
		const struct as_tensor *tensor = as_safetensors_at(s, i);
		const char *name = as_safetensors_name(s, i);
		size_t begin = payload + (size_t)((const char *)tensor->data - first);
		size_t last = begin + 4 * (size_t)(as_tensor_count(tensor) - 1);
		if (tensor->dtype != AS_F4)
			continue;
		tensors += 2;
		refused += is_refused(t, whole, begin, NAN, name) + is_refused(t, whole, last, -INFINITY, name);
		if (!strstr(name, "running_var"))
			continue;
		variances++;
		positive += is_refused(t, whole, last, -1e-30f, name);
	}
	as_safetensors_close(s);
	ok(tensors > 300 && refused == tensors, "%d of %d values that are none are refused by name", refused, tensors);
	ok(variances > 40 && positive == variances, "%d of %d negative variances, too", positive, variances);
}

/* A bit here and there. */
static void test_bits(struct as_trainer *t, int (*load)(struct as_trainer *, struct as_error *), const char *what,
		      const struct file *whole)
{
	struct file f = {malloc(whole->n), whole->n};
	struct as_error err;
	int missed = 0;
	memcpy(f.at, whole->at, f.n);
	for (size_t i = 0; i < FLIPS; i++) {
		size_t bit = i < FLIPS / 2 ? 11 * i : 8 * f.n * i / FLIPS + i % 8; /* the metadata closely, and all else */
		f.at[bit / 8] ^= (char)(1 << bit % 8);
		file_write(&f);
		int rc = load(t, &err);
		if (rc != AS_EDATA)
			note("bit %zu: %d", bit, rc);
		missed += rc != AS_EDATA;
		f.at[bit / 8] ^= (char)(1 << bit % 8);
	}
	free(f.at);
	is_int(missed, 0, what);
}

/* A state whose recipe says nothing of a value, which stands there as a comment: one of a program that did not know it. */
static void test_unsaid(struct as_trainer *t, const struct file *whole, const char *name, bool good)
{
	struct file f = {malloc(whole->n), whole->n};
	struct as_error err;
	char line[40];
	size_t n = (size_t)snprintf(line, sizeof line, "\\n%s = ", name), at = 0;
	memcpy(f.at, whole->at, f.n);
	while (at + n < f.n && memcmp(f.at + at, line, n) != 0)
		at++;
	f.at[at + 2] = '#';
	seal(&f);
	file_write(&f);
	free(f.at);
	int rc = resume(t, &err);
	ok(at + n < whole->n && rc == (good ? 0 : AS_EARG), "a state without %s is %s %s", name, good ? "gone on from" : "refused",
	   err.text);
}

int main(void)
{
	struct as_policy policy;
	struct as_error err = {0};
	uint64_t seal_said;
	close(mkstemp(path));
	if (as_policy_preset("cifar", &policy, &err))
		abort();
	policy.size = SIZE;
	struct as_roles roles = as_roles_of(&policy, 2);
	struct as_trainer *t = trainer_new(&roles), *other = trainer_new(&roles);
	ok(!as_trainer_save(t, path, "source", &err), "a state of moco %s", err.text);
	struct file state = file_read();
	ok(!resume(other, &err), "is gone on from %s", err.text);
	struct file copy = {malloc(state.n), state.n};
	memcpy(copy.at, state.at, state.n);
	seal(&copy);
	ok(!memcmp(copy.at, state.at, state.n), "has the checksum that its bytes make");
	test_unsaid(other, &state, "grains", true);
	test_unsaid(other, &state, "optimizer", true);
	test_unsaid(other, &state, "augself-from", true);
	test_unsaid(other, &state, "set", false);
	test_values(other, &state);
	test_bits(other, resume, "no bit of it may change", &state);
	ok(!as_trainer_model(t, path, "source", &seal_said, &err), "a model %s", err.text);
	struct file model = file_read();
	char digits[17];
	snprintf(digits, sizeof digits, "%016llx", (unsigned long long)seal_said);
	ok(!memcmp(model.at + DIGITS_AT, digits, 16), "has the checksum that is said");
	ok(!extract(NULL, &err), "is read %s", err.text);
	test_bits(NULL, extract, "no bit of it may change", &model);
	free(state.at);
	free(copy.at);
	free(model.at);
	as_trainer_free(t);
	as_trainer_free(other);
	remove(path);
	return done();
}
