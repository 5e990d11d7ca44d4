/* mean: the mean colour of each image of a stream, as a table; what a program on libaugself
 * looks like.
 *
 *     cc -o mean mean.c $(pkg-config --cflags --libs augself)
 *     img-synth --count 3 | ./mean
 */
#include <augself/augself.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Prints one image's line; 0, or a negative enum as_err with *err filled. */
static int print_mean(const struct as_record *rec, struct as_error *err)
{
	uint64_t sum[3] = {0};
	size_t bytes;
	int rc = as_image_bytes(&rec->image, &bytes, err);
	if (rc < 0)
		return rc;
	uint8_t *rgb = malloc(bytes);
	if (!rgb)
		return as_fail(err, AS_EMEM, "no memory for an image of %zu bytes", bytes);
	rc = as_image_decode(&rec->image, rgb, NULL, err);
	for (size_t i = 0; rc >= 0 && i < bytes; i++)
		sum[i % 3] += rgb[i];
	free(rgb);
	if (rc < 0)
		return rc;
	double pixels = (double)bytes / 3;
	printf("%" PRIu64 "\t%.*s\t%.2f\t%.2f\t%.2f\n", rec->seq, (int)rec->name.length, rec->name.at, (double)sum[0] / pixels,
	       (double)sum[1] / pixels, (double)sum[2] / pixels);
	return 0;
}

int main(void)
{
	struct as_error err;
	struct as_reader *in = NULL;
	struct as_record rec;
	int rc = as_reader_open(&in, 0, "standard input", "image", &err);
	if (rc >= 0)
		puts("seq\tname\tred\tgreen\tblue");
	while (rc >= 0 && (rc = as_reader_next(in, &rec, &err)) > 0)
		rc = print_mean(&rec, &err);
	as_reader_close(in);
	if (rc < 0)
		fprintf(stderr, "mean: %s\n", err.text);
	if (fclose(stdout)) {
		perror("mean: standard output");
		rc = -1;
	}
	return rc < 0;
}
