/* Characters: UTF-8, and those that a terminal obeys. */
#ifndef AS_BASE_UTF8_H
#define AS_BASE_UTF8_H

#include <stddef.h>

#include "base/attr.h"

AS_BEGIN

/* Bytes of the UTF-8 character at `s`, of the n that are there; 0 when it is none (RFC 3629:
 * shortest form, no surrogates, at most U+10FFFF). */
size_t as_utf8(const char *s, size_t n);
/* Bytes of the control character at `s`, one that a terminal obeys: U+0000 to U+001F, U+007F,
 * U+0080 to U+009F, and a byte of these last that is no part of a UTF-8 character; 0: none. */
size_t as_control(const char *s, size_t n);
/* Makes each control character '?', in place: what comes from files and their names must not
 * rule a terminal or break the lines and columns of a table. */
void as_plain(char *text);

AS_END
#endif
