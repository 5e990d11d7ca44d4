/* feature: what a network makes of image files, a line of numbers for each.
 *
 *     cc -o feature feature.c $(pkg-config --cflags --libs augself)
 *     ./feature model.safetensors photo.jpg ...
 */
#include <augself/augself.h>
#include <stdio.h>
#include <stdlib.h>

/* Cuts an image as the network wants it, runs the network on it, and prints the feature. x holds one view. */
static int print_feature(struct as_extractor *network, const struct as_item *item, float *x, struct as_error *err)
{
	const struct as_policy *policy = as_extractor_policy(network);
	struct as_roles one = as_roles_of(policy, 1);
	struct as_size size = {item->image.height, item->image.width};
	struct as_viewer viewer = {.exact = false};
	float param[AS_MAX_PARAM], omega[AS_MAX_OMEGA];
	as_policy_sample(policy, 0, item->id, 0, 0, size, param, omega);
	int rc = as_views_make(&one, as_pix_chosen(), &item->image, param, AS_F4, &viewer, x, NULL, err);
	as_viewer_clear(&viewer);
	if (rc)
		return rc;
	const float *y = as_extractor_run(network, x, 1);
	printf("%.*s", (int)item->name.length, item->name.at);
	for (int64_t i = 0; i < as_extractor_width(network); i++)
		printf("\t%.7g", (double)y[i]);
	puts("");
	return 0;
}

int main(int argc, char **argv)
{
	struct as_error err;
	struct as_items files = {.count = 0};
	struct as_item item = {.id = 0};
	struct as_pool *pool = NULL;
	struct as_extractor *network = NULL;
	if (argc < 3)
		return fprintf(stderr, "usage: feature MODEL IMAGE...\n"), 2;
	struct as_source source = {.path = (const char *const *)argv + 2, .paths = argc - 2, .exif = true};
	int rc = as_pool_new(&pool, as_cpus(), &err);
	if (!rc) {
		struct as_engine engine = {.kern = as_kern_chosen(false), .pool = pool, .grains = 1};
		rc = as_extractor_open(&network, argv[1], &(struct as_extract){.batch = 1}, &engine, &err);
	}
	float *x = rc ? NULL : malloc(as_view_bytes(as_extractor_policy(network), AS_F4));
	if (!rc && !x)
		rc = as_fail(&err, AS_EMEM, "no memory for an image");
	if (!rc)
		rc = as_items_open(as_dataset_find("files", NULL), &source, &files, &err);
	for (int64_t i = 0; !rc && i < files.count; i++)
		if (!(rc = as_items_load(&files, i, &item, &err)))
			rc = print_feature(network, &item, x, &err);
	if (rc)
		fprintf(stderr, "feature: %s\n", err.text);
	free(x);
	as_item_clear(&item);
	as_items_close(&files);
	as_extractor_close(network);
	as_pool_free(pool);
	return rc != 0;
}
