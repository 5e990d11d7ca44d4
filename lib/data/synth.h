/* Public since 0.2. The built-in image set: one object on clutter; its shape, colour, place, size and turn
 * are drawn independently and are known. No single pixel tells the shape, and only the object has the
 * colour. An image depends on (seed, id) and on the size in pixels. */
#ifndef AS_DATA_SYNTH_H
#define AS_DATA_SYNTH_H

#include <stdint.h>

#include "base/error.h"

AS_BEGIN

/* What is asked of an image, and how many questions there are. */
enum as_factor { AS_SHAPE, AS_COLOUR, AS_PLACE, AS_FACTORS };

/* The facts of an image. */
struct as_synth {
	int factor[AS_FACTORS]; /* classes: 0..7, 0..7, 0..8 */
	double size;            /* diameter of the circle around the object, over the image's side */
	double turn;            /* of the object, in turns, [0,1) */
	double y, x;            /* of its centre, over the image's side */
};

/* "shape", "colour", "place"; the number of classes of a factor and their names. */
extern const char *const as_factor_name[AS_FACTORS];
int as_factor_classes(enum as_factor);
const char *as_factor_class(enum as_factor, int c);

/* Images of the test split have ids from here on; those of train have smaller ids. */
#define AS_SYNTH_TEST (UINT64_C(1) << 32)

/* The facts of image `id`. */
struct as_synth as_synth_facts(uint64_t seed, uint64_t id);

/* Draws image `id` as |u1 (side,side,3). It shows what as_synth_facts says. */
void as_synth_draw(uint64_t seed, uint64_t id, int side, uint8_t *rgb);

/* The same with objects of the caller's on the ground of image `id`, each over those before it. */
void as_synth_show(uint64_t seed, uint64_t id, int side, const struct as_synth *object, int objects, uint8_t *rgb);

/* In pixels from the upper left corner, which is 0, 0. */
struct as_synth_box {
	int left, top, width, height;
};
/* The smallest box around the pixels that the object touches in the upper left height x width pixels of a
 * drawing of side x side. */
struct as_synth_box as_synth_box(const struct as_synth *, int side, int height, int width);

/* Writes images of 32 x 32 into the folder `dir` (made if it does not exist) in the file format of
 * CIFAR-10: ids 0..count-1 in data_batch_1.bin to data_batch_5.bin, a fifth as many of the test split in
 * test_batch.bin, the classes of `label` in batches.meta.txt. count is at least 5. AS_EIO. */
AS_NODISCARD int as_synth_cifar(const char *dir, uint64_t seed, uint64_t count, enum as_factor label,
				struct as_error *);

AS_END
#endif
