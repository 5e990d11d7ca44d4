/* Public since 0.2. All compiler extensions stand here; the rest of the tree is plain C11. */
#ifndef AS_BASE_ATTR_H
#define AS_BASE_ATTR_H

#if defined(__GNUC__)
#define AS_NODISCARD __attribute__((warn_unused_result))
#define AS_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define AS_NORETURN __attribute__((noreturn))
/* For lib/kern alone. AS_VECTOR: n floats (or doubles) as one value that can be added and multiplied, at
 * any address. AS_UNROLL: writes out a loop over constants, so that arrays which it indexes become
 * registers. */
#define AS_VECTOR_OF(type, n) type __attribute__((vector_size(sizeof(type) * (n)), aligned(sizeof(type)), may_alias))
#define AS_VECTOR(n) AS_VECTOR_OF(float, n)
#define AS_VECTOR64(n) AS_VECTOR_OF(double, n)
#define AS_INLINE inline __attribute__((always_inline))
#define AS_UNROLL _Pragma("GCC unroll 32")
#else
#define AS_NODISCARD
#define AS_PRINTF(fmt, first)
#define AS_NORETURN
#endif

#if defined(__cplusplus)
#define AS_BEGIN extern "C" {
#define AS_END }
#else
#define AS_BEGIN
#define AS_END
#endif

#endif
