/* Private to lib/image: the printable ASCII characters, 5 x 8 pixels each. */
#ifndef AS_IMAGE_FONT_H
#define AS_IMAGE_FONT_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

enum { AS_FONT_WIDTH = 5, AS_FONT_HEIGHT = 8, AS_FONT_ADVANCE = 6, AS_FONT_LINE = 10 };

/* Eight rows from the top, the leftmost pixel in bit 4; other characters than printable ASCII look like
 * '?'. */
const uint8_t *as_font_glyph(char);

AS_END
#endif
