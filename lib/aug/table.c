/* The table of augmentations. A new one is a file with its descriptor and a line here. */
#include <stddef.h>

#include "aug/aug.h"

/* In the order in which a preset has them; the first is a cut. */
#define AUGS(X)     \
	X(crop)     \
	X(eval)     \
	X(flip)     \
	X(color)    \
	X(solarize) \
	X(gray)     \
	X(blur)     \
	X(rotation)

#define DECLARE(name) extern const struct as_aug as_aug_##name;
AUGS(DECLARE)

#define POINT(name) &as_aug_##name,
const struct as_aug *const as_augs[] = {AUGS(POINT) NULL};
