/* How the programs that read features get them. */
#ifndef AS_TOOLS_FEATURES_H
#define AS_TOOLS_FEATURES_H

#include "eval/features.h"

/* The features in a file (NULL: stdin) with the labels under that key; dies where they
 * cannot be read. Free with as_features_clear. */
struct as_features load_features(const char *path, const char *label);

#endif
