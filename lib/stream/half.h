/* Private to lib/stream: half floats. */
#ifndef AS_STREAM_HALF_H
#define AS_STREAM_HALF_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* The bits of the float that has the value of the half float (IEEE binary16) with these bits. */
uint32_t as_half_bits(uint16_t);

AS_END
#endif
