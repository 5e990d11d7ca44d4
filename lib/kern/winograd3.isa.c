/* Winograd's convolution F(3x3, 3x3): 25 products for 9 outputs, where F(4x4, 3x3) takes 36
 * for 16. Worse for large maps, better where 4x4 tiles stand out: one tile is a whole map of
 * 3x3, four are one of 6x6. Only the transforms differ. */
#define OUT 3
#define OTHER 4
#define WINOGRAD(x) AS_ISA_NAME(as_winograd3_##x)
#include "kern/winograd.isa.c"
