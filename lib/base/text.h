/* Public since 0.2. Texts that people write: strict numbers, lists of `name=value`, lines of `name = value`. */
#ifndef AS_BASE_TEXT_H
#define AS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utf8.h"

AS_BEGIN

/* Reads the whole text as a number within [lo, hi]: no trailing characters, no blanks, no nan. Otherwise
 * AS_EARG, and the error quotes the text. */
AS_NODISCARD int as_parse_u64(const char *text, uint64_t lo, uint64_t hi, uint64_t *out, struct as_error *);
AS_NODISCARD int as_parse_i64(const char *text, int64_t lo, int64_t hi, int64_t *out, struct as_error *);
AS_NODISCARD int as_parse_f64(const char *text, double lo, double hi, double *out, struct as_error *);

/* Reads a length of time as seconds, at least 1: "3:50:00", as batch systems write it also "MINUTES:SECONDS", "DAYS-HOURS",
 * "DAYS-HOURS:MINUTES" and "1-12:00:00"; "230m", "1h30m", with d, h, m, s; or a number of seconds. AS_EARG. */
AS_NODISCARD int as_parse_seconds(const char *text, uint64_t *out, struct as_error *);

/* One `name=value` pair; `value` is "" when there was no '='. */
struct as_pair {
	char name[32];
	char value[96];
};

/* Reads the next pair of a list such as "crop=1,color=.5"; `seps` are the characters that separate pairs.
 * 1: a pair, 0: the end, AS_EARG: a pair has no name or is too long. *at moves past what was read. */
AS_NODISCARD int as_pair_next(const char **at, const char *seps, struct as_pair *out, struct as_error *);

/* A line of a text of `name = value` lines. All zero before the first. */
struct as_line {
	int number;                   /* from 1 */
	const char *name, *value;     /* in `text`, without blanks around them */
	char text[512];
};

/* Reads the next line that is not empty; '#' begins a comment. 1: a line, 0: the end. AS_EDATA: a line without
 * '=' or too long; `number` is its number. *at moves past what was read. */
AS_NODISCARD int as_line_next(const char **at, struct as_line *, struct as_error *);

/* Adds a name to a list that a message will quote: "a", "a, b". What does not fit is left off. */
void as_enlist(char *list, size_t room, const char *name);

/* Memory for the text of as_near. */
struct as_hint {
	char text[80];
};
/* The end of a message about a name that is unknown: "; did you mean 'color'?" with the nearest name of a list
 * "crop, color" (commas or blanks between), or "" when none is near. How far apart two names are is the number of
 * letters that were added, left out, changed, or swapped with their neighbour; capital or small is the same.
 * Near is up to a third of what was typed: 1 for 2 to 5 letters, 2 for 6 to 8, 3 for more, dashes in front not
 * counted. Of equally near names it is the first. The text is in *hint, which may be a temporary: &(struct as_hint){0}. */
const char *as_near(const char *name, const char *list, struct as_hint *hint);

/* The index of `name` among name_at(0), name_at(1), ... up to NULL. AS_EARG: "WHAT: 'NAME' is none of", the
 * known names, and which is near. All tables of descriptors are searched by this. */
int as_find(const char *what, const char *name, const char *(*name_at)(int i), struct as_error *);

/* Removes blanks at both ends, in place; returns the new beginning, which is in the same memory. */
char *as_trim(char *text);

/* Moves both pointers to the first line in which the texts differ, or to the end of the shorter text.
 * False: they are equal. */
bool as_text_differ(const char **a, const char **b);

/* Writes the value in the fewest digits that give the same value when read. buf holds 32 bytes. */
const char *as_format_f64(double value, char *buf);
const char *as_format_f32(float value, char *buf);

AS_END
#endif
