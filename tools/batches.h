/* ssl-train --find-batch: which batches fit, and how fast they are. */
#ifndef AS_TOOLS_BATCHES_H
#define AS_TOOLS_BATCHES_H

#include "ssl/trainer.h"

/* Prints a table of batches on standard output, and on standard error which is recommended and why. The recipe is
 * settled but for batch and grains; its batch is the one that was asked for. images: of an epoch, 0: not known. Measures for
 * about so many seconds. Ends the program if no batch fits. */
void find_batch(const struct as_recipe *, const struct as_roles *, const struct as_engine *, uint64_t images, double seconds);

#endif
