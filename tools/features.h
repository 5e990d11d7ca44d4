/* How the programs that read features get them, and what they say of two sets. */
#ifndef AS_TOOLS_FEATURES_H
#define AS_TOOLS_FEATURES_H

#include <stdio.h>

#include "eval/features.h"

/* The features in a file (NULL: stdin) with the labels under that key; dies where they
 * cannot be read, or where a label is `needed` and missing. Free with as_features_clear. */
struct as_features load_features(const char *path, const char *label, bool needed);

/* Dies unless what is learnt from one can be asked of the other (as_features_match). */
void match_features(const char *learnt_path, struct as_features *learnt, const char *path,
		    struct as_features *asked);

/* Says which classes of a set are not among those learnt, and what comes of it. */
void warn_unlearnt(const char *learnt_path, const struct as_classes *learnt, const char *path,
		   const struct as_features *, const char *so);

/* Rows of one set that are in another too: by their id, and by their values as well. */
struct shared {
	int64_t ids, rows, of;
};
struct shared shared_rows(const struct as_features *learnt, const struct as_features *asked);

/* Says how many are the same, where any is, and what comes of it. */
void warn_shared(const struct shared *, const char *learnt_path, const char *path, const char *so);

/* A field of a table: NULL is empty, and no tab or other control character gets out. */
void put_text(FILE *, const char *text);

/* What messages call such a file. */
const char *file_name(const char *path);

#endif
