/* Weights that a script wrote with torchvision's names, and what comes out of them: the
 * extractor reads each file, tells architecture, stem and width from its tensors, and has
 * PyTorch's features in evaluation mode at 50 x 50 pixels (backbones.py). */
#include "ssl/extract.h"

#include "../engine.h"
#include "reference.h"

enum { IMAGES = 4, SIZE = 50 };

static void check_features(struct as_extractor *e)
{
	float *x = take(IMAGES * SIZE * SIZE * 3, sizeof *x);
	draw_pixels("images", IMAGES, SIZE, NULL, NULL, x);
	group_open("features");
	store_floats("y", as_extractor_run(e, x, IMAGES), IMAGES * as_extractor_width(e), (struct how){.share = FIRST});
	group_close();
	free(x);
}

static void test_backbone(const char *arch, const char *stem, bool exact)
{
	struct as_safetensors *file;
	struct as_extractor *e;
	struct as_error err = {0};
	char path[80], name[80];
	snprintf(case_name, sizeof case_name, "%s-%s/", arch, stem);
	snprintf(path, sizeof path, "tests/golden/%s-%s.safetensors", arch, stem);
	snprintf(name, sizeof name, "%s %s x0.03125, %d px, mean and std of ImageNet", arch, stem, SIZE);
	if (!ok(as_safetensors_open(&file, path, &err) == 0, "%s %s", path, err.text))
		return;
	reference = file;
	struct as_extract how = {.size = SIZE, .batch = IMAGES};
	if (!strcmp(stem, "cifar")) { /* a 3x3 stem says nothing of stride, padding and pooling */
		int no = as_extractor_open(&e, path, &how, engine_of(exact), &err);
		ok(no == AS_EARG && strstr(err.text, "say --stem cifar"), "refused: %s", err.text);
		how.stem = stem;
	}
	int rc = as_extractor_open(&e, path, &how, engine_of(exact), &err);
	if (ok(rc == 0, "as a model, %s %s", exact ? "exact" : "fast", err.text)) {
		is_text(as_extractor_name(e), name, "is known for what it is");
		check_features(e);
		as_extractor_close(e);
	}
	as_safetensors_close(file);
}

int main(void)
{
	static const char *const archs[] = {"resnet18", "resnet34", "resnet50"};
	for (int i = 0; i < 6; i++) {
		test_backbone(archs[i / 2], "cifar", i % 2);
		test_backbone(archs[i / 2], "imagenet", i % 2);
	}
	test_comparison();
	return done();
}
