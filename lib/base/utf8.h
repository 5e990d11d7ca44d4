/* Public since 0.2. Characters: UTF-8, and the control characters that a terminal obeys. */
#ifndef AS_BASE_UTF8_H
#define AS_BASE_UTF8_H

#include <stddef.h>

#include "base/attr.h"

AS_BEGIN

/* The length in bytes of the UTF-8 character at `s`, where n bytes are there; 0: not UTF-8 (RFC 3629:
 * shortest form, no surrogates, at most U+10FFFF). */
size_t as_utf8(const char *s, size_t n);
/* The length in bytes of the control character at `s`; 0: there is none. These are U+0000 to U+001F,
 * U+007F, U+0080 to U+009F, and bytes 0x80 to 0x9f outside of UTF-8. */
size_t as_control(const char *s, size_t n);
/* Replaces each control character by '?', in place: texts from files and file names must not control a
 * terminal or break the columns of a table. */
void as_plain(char *text);

AS_END
#endif
