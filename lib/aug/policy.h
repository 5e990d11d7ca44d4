/* Policies as text: presets, files, and the text that travels in a header.
 * One `key = value ...` per line, '#' comments:
 *
 *     name = cifar
 *     size = 32
 *     mean = .4914 .4822 .4465
 *     std = .2470 .2435 .2616
 *     filter = bilinear
 *     op = crop scale_min=.2 scale_max=1
 *     op = flip p=.5
 *
 * size and one op are required, mean is 0 and std is 1 when absent, the filter
 * bilinear, a setting that an op does not name is its preset. The first op is
 * the cut (crop, eval), no op stands twice. Writing a policy and reading it back
 * gives the same policy. */
#ifndef AS_AUG_POLICY_H
#define AS_AUG_POLICY_H

#include <stddef.h>

#include "aug/aug.h"

AS_BEGIN

/* Reads the text; an error (AS_EDATA) names the line and what is wrong with it. */
AS_NODISCARD int as_policy_parse(const char *text, struct as_policy *, struct as_error *);
/* The text of a policy, malloc'd; NULL without memory. */
char *as_policy_text(const struct as_policy *);
/* "cifar", "stl10", "imagenet", then perhaps ":weak", ":default" or ":strong", then
 * "+" and an augmentation to add with its preset law: "cifar:strong+rotation". AS_EARG. */
AS_NODISCARD int as_policy_preset(const char *name, struct as_policy *, struct as_error *);
/* The evaluation transform (eval.c) for S, mean, std and filter as given. */
void as_policy_eval(int size, const float mean[3], const float std[3], enum as_filter, struct as_policy *);

/* Building one by hand: a policy zeroed but for size, mean, std, filter and name,
 * then its ops in order. The law of an op with every setting at its preset, those
 * that scale times `strength`. */
void as_law_preset(const struct as_aug *, double strength, struct as_law *);
/* Appends an op; AS_EDATA when it cannot stand there. */
AS_NODISCARD int as_policy_add(struct as_policy *, const struct as_aug *, const struct as_law *, struct as_error *);

AS_END
#endif
