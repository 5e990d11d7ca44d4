/* Policies as text: presets, files, and the line that travels in a header.
 * One `key = value ...` per line, '#' comments:
 *
 *     size = 32
 *     mean = .4914 .4822 .4465
 *     std = .2470 .2435 .2616
 *     filter = bilinear
 *     op = crop scale_min=.2 scale_max=1
 *     op = flip p=.5
 *
 * Writing a policy and reading it back gives the same policy. */
#ifndef AS_AUG_POLICY_H
#define AS_AUG_POLICY_H

#include <stddef.h>

#include "aug/aug.h"

AS_BEGIN

/* Reads the text; an error names the line and what is wrong with it. */
AS_NODISCARD int as_policy_parse(const char *text, struct as_policy *, struct as_error *);
/* The text of a policy, malloc'd; NULL without memory. */
char *as_policy_text(const struct as_policy *);
/* "cifar", "stl10", "imagenet", or one with ":weak", ":strong", "+rotation", "+solarize" behind. */
AS_NODISCARD int as_policy_preset(const char *name, struct as_policy *, struct as_error *);
/* The evaluation transform (SPEC 1, Evaluation) for S, mean, std and filter as given. */
void as_policy_eval(int size, const float mean[3], const float std[3], enum as_filter, struct as_policy *);

AS_END
#endif
