/* Private to tests/bench: the training step that is measured, and that is predicted. */
#ifndef AS_TESTS_STEP_H
#define AS_TESTS_STEP_H

#include "ssl/trainer.h"

/* SimSiam with AugSelf heads of crop and color; up to 64 pixels the stem and the policy are CIFAR's. */
struct as_recipe step_recipe(struct as_policy *, const char *arch, int size, int batch);
/* Two views of n images, of whose pixels there is room: parameters as a policy draws them, labels 0. */
void step_draw(struct as_batch *, const struct as_policy *, int64_t n);
/* Pixels of noise. */
void step_fill(struct as_batch *, const struct as_policy *);

#endif
