/* Private to lib/eval and its tests: texts and bytes as HTML and SVG. */
#ifndef AS_EVAL_HTML_H
#define AS_EVAL_HTML_H

#include <stdio.h>

#include "base/attr.h"

AS_BEGIN

/* Writes a text that shows as itself, in an element or within quotes: what HTML has a meaning for is escaped,
 * control characters become '?', and what is not UTF-8 the replacement character. */
void as_html_text(FILE *, const char *text);
/* As fprintf, but what "%s" inserts is escaped by as_html_text, what "%S" inserts is not. No other conversions
 * than these, "%d" and "%%". */
void as_html(FILE *, const char *format, ...);
/* Writes bytes as base64 (RFC 4648), in one line. */
void as_html_base64(FILE *, const void *bytes, size_t count);
/* Writes a number with so many digits behind the point and a true minus sign; `plus`: also with a plus sign. */
void as_html_number(FILE *, double v, int decimals, int plus);
/* Roughly how wide a text is in a usual font of this size, more rather than less. */
double as_html_width(const char *text, double size);
/* The text, or as much of its beginning as is no wider, and "…". */
enum { AS_HTML_SHORT = 256 };
const char *as_html_shorten(const char *text, double size, double width, char buf[AS_HTML_SHORT]);

AS_END
#endif
