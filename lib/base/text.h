/* Texts that people write: strict numbers and lists of `name=value`. */
#ifndef AS_BASE_TEXT_H
#define AS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utf8.h"

AS_BEGIN

/* The whole text as a number within [lo, hi], or AS_EARG with a sentence that
 * quotes it: no trailing characters, no blanks, no nan. */
AS_NODISCARD int as_parse_u64(const char *text, uint64_t lo, uint64_t hi, uint64_t *out, struct as_error *);
AS_NODISCARD int as_parse_i64(const char *text, int64_t lo, int64_t hi, int64_t *out, struct as_error *);
AS_NODISCARD int as_parse_f64(const char *text, double lo, double hi, double *out, struct as_error *);

/* One `name=value` pair; `value` is "" when there was no '='. */
struct as_pair {
	char name[32];
	char value[96];
};

/* The next pair of a list such as "crop=1,color=.5" whose separators are any
 * character of `seps`: 1 a pair, 0 the end, <0 a pair without a name or too
 * long. *at moves past what was read. */
AS_NODISCARD int as_pair_next(const char **at, const char *seps, struct as_pair *out, struct as_error *);

/* Adds a name to a list that messages quote: "a", "a, b"; what has no room is cut. */
void as_enlist(char *list, size_t room, const char *name);

/* The index of a name among name_at(0), name_at(1), ... up to a NULL. AS_EARG: "WHAT: 'NAME' is none of" those
 * there are. How every table of descriptors is searched. */
int as_find(const char *what, const char *name, const char *(*name_at)(int i), struct as_error *);

/* Cuts blanks off both ends, in place; where the text begins. */
char *as_trim(char *text);

/* Moves both on to where the first line begins in which two texts differ, or to the end of the
 * one that ends first; false: they are equal. */
bool as_text_differ(const char **a, const char **b);

/* In the fewest digits that read back the same. buf holds 32 bytes. */
const char *as_format_f64(double value, char *buf);
const char *as_format_f32(float value, char *buf);

AS_END
#endif
