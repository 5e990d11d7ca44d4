/* Whole policies, every pixel of every view, against views.py's float64 (strengths, both
 * presets of 32 and 96 pixels, images as odd as 1 x 1 and 64 x 1, natural and noise), and
 * resizing against Pillow's own pixels; on every instruction set that this CPU has. */
#include <stdlib.h>

#include "../pix_ref.h"
#include "../tap.h"
#include "aug/policy.h"
#include "kern/isa.h"
#include "project.h"
#include "stream/safetensors.h"

static struct as_safetensors *own, *images; /* images: those of aug.py */

static const struct as_tensor *numbered(const char *what, int n)
{
	char name[64];
	snprintf(name, sizeof name, "%s.%d", what, n);
	return as_safetensors_find(own, name);
}

static struct as_pixels source_of(const char *image)
{
	char name[64];
	snprintf(name, sizeof name, "image.%s", image);
	const struct as_tensor *t = as_safetensors_find(own, name);
	t = t ? t : as_safetensors_find(images, name);
	return t ? (struct as_pixels){t->data, t->shape[0], t->shape[1], 3 * t->shape[1], 1} : (struct as_pixels){0};
}

/* Floats and bytes of one view: |e| of the floats by their figures, and the bytes within
 * half a level of the floats (a product rounded on its way costs at most 1e-4 more) - so
 * within 0.53 of the reference, which rounding makes at most one level. */
static double check_view(const struct as_policy *p, const struct as_pix *pix, const float *param,
			 const struct as_pixels *source, const double *want, int64_t *bytes_off)
{
	int64_t n = 3 * (int64_t)p->size * p->size;
	float *x = malloc((size_t)n * sizeof *x);
	uint8_t *b = malloc((size_t)n);
	struct as_work work = {0};
	struct as_error err;
	double off = INFINITY;
	if (as_policy_apply(p, pix, param, source, &work, x, &err) == 0 &&
	    as_policy_apply_u1(p, pix, param, source, &work, b, &err) == 0)
		off = projected(x, n, want);
	else
		note("%s", err.text);
	for (int64_t i = 0; i < n && off < INFINITY; i++)
		*bytes_off += !(fabs((double)b[i] - 255 * (double)x[i]) <= .5 + 1e-4);
	as_work_clear(&work);
	free(x);
	free(b);
	return off;
}

/* The i-th of the space-separated names, from which the images of the views are taken in turn. */
static void name_at(const char *names, int i, char name[32])
{
	int count = 1;
	for (const char *c = names; *c; c++)
		count += *c == ' ';
	for (i %= count; i > 0; i--)
		names = strchr(names, ' ') + 1;
	snprintf(name, 32, "%.*s", (int)strcspn(names, " "), names);
}

static bool check_policy(int k)
{
	char key[32];
	struct as_policy p;
	struct as_error err;
	snprintf(key, sizeof key, "preset.%d", k);
	const char *preset = as_safetensors_meta(own, key);
	if (!preset)
		return false;
	const struct as_tensor *param = numbered("param", k), *sum = numbered("sum", k);
	if (as_policy_preset(preset, &p, &err) || param->shape[1] != p.nparam || sum->shape[1] != FIGURES)
		return ok(false, "%s: the columns of the reference", preset);
	for (int isa = AS_ISA_GENERIC - 1; isa <= (int)as_isa_chosen(); isa++) {
		const struct as_pix *pix = isa < AS_ISA_GENERIC ? &as_pix_ref : as_pix_at(isa);
		double worst = 0;
		int64_t bytes_off = 0;
		for (int64_t v = 0; v < param->shape[0]; v++) {
			char name[32];
			float row[AS_MAX_PARAM];
			double want[FIGURES];
			name_at(as_safetensors_meta(own, "images"), (int)v, name);
			struct as_pixels source = source_of(name);
			as_tensor_floats(param, v * p.nparam, p.nparam, row);
			memcpy(want, (const char *)sum->data + (size_t)v * sizeof want, sizeof want);
			double off = check_view(&p, pix, row, &source, want, &bytes_off);
			if (!(off <= PROJECTED))
				note("view %lld, of %s: |e| is about %.1e", (long long)v, name, off);
			worst = off > worst || off != off ? off : worst;
		}
		ok(worst <= PROJECTED && !bytes_off, "%s, %s: %lld views, |e| at most %.1e", pix->isa, preset,
		   (long long)param->shape[0], worst);
	}
	return true;
}

/* Pillow's pixels, and ours by the cut that takes a fractional box: within one level. */
static bool check_resize(int k, const struct as_pix *pix, int64_t count[3])
{
	char key[32], name[32], filter[16], text[64];
	int inner, S, step;
	snprintf(key, sizeof key, "resize.%d", k);
	const char *meta = as_safetensors_meta(own, key);
	if (!meta || sscanf(meta, "image=%31s inner=%d S=%d step=%d filter=%15s", name, &inner, &S, &step, filter) != 5)
		return false;
	struct as_pixels source = source_of(name);
	const struct as_tensor *want = numbered("out", k);
	struct as_policy p;
	struct as_work work = {0};
	struct as_error err;
	float box[4];
	as_tensor_floats(numbered("box", k), 0, 4, box);
	snprintf(text, sizeof text, "size = %d\nfilter = %s\nop = eval\n", S, filter);
	uint8_t *at = malloc((size_t)(3 * source.height * source.width)), *out = malloc(3 * (size_t)S * (size_t)S);
	for (int64_t i = 0; i < 3 * source.height * source.width; i++)
		at[i] = inner ? (uint8_t)rint(64 + source.at[i] / 255. * 127) : source.at[i];
	source.at = at;
	bool good = as_policy_parse(text, &p, &err) == 0 && as_policy_apply_u1(&p, pix, box, &source, &work, out, &err) == 0;
	const uint8_t *w = want->data;
	for (int y = 0; good && y < S; y += step)
		for (int x = 0; x < S; x += step)
			for (int c = 0; c < 3; c++) {
				int d = abs(out[(y * S + x) * 3 + c] - *w++);
				count[d < 2 ? d : 2]++;
			}
	if (!good)
		ok(false, "%s: %s", meta, err.text);
	as_work_clear(&work);
	free(at);
	free(out);
	return true;
}

int main(void)
{
	struct as_error err;
	if (as_safetensors_open(&images, "tests/golden/aug.safetensors", &err) < 0 ||
	    as_safetensors_open(&own, "tests/golden/views.safetensors", &err) < 0) {
		ok(false, "%s", err.text);
		return done();
	}
	int policies = 0;
	while (check_policy(policies))
		policies++;
	is_int(policies, 6, "cifar and stl10, weak, default and strong");
	for (int isa = AS_ISA_GENERIC - 1; isa <= (int)as_isa_chosen(); isa++) {
		const struct as_pix *pix = isa < AS_ISA_GENERIC ? &as_pix_ref : as_pix_at(isa);
		int64_t count[3] = {0};
		int n = 0;
		while (check_resize(n, pix, count))
			n++;
		ok(n > 100 && !count[2] && count[0] > 9 * count[1],
		   "%s: Pillow's bilinear and bicubic, %d sizes and boxes: %lld values equal, %lld one level off, %lld more",
		   pix->isa, n, (long long)count[0], (long long)count[1], (long long)count[2]);
	}
	as_safetensors_close(own);
	as_safetensors_close(images);
	return done();
}
