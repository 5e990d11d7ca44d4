/* Public since 0.2. All compiler extensions stand here, for gcc and clang; the rest of lib/ and tools/
 * is plain C11, but for a CPU's own instructions by their names (kern/lanes.h, kern/pix.isa.c) and the
 * calls of the address sanitizer (base/poison.h). */
#ifndef AS_BASE_ATTR_H
#define AS_BASE_ATTR_H

#if defined(__GNUC__)
#define AS_NODISCARD __attribute__((warn_unused_result))
#define AS_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define AS_NORETURN __attribute__((noreturn))
/* For lib/kern alone. AS_VECTOR: n floats (or doubles) as one value that can be added and multiplied, at
 * any address. AS_INLINE, AS_NOINLINE: a function that becomes a part of each caller, that never does.
 * AS_UNROLL: writes out a loop over constants, so that arrays which it indexes become registers;
 * AS_UNROLL_BY: so many turns of a loop at once. */
#define AS_VECTOR_OF(type, n) type __attribute__((vector_size(sizeof(type) * (n)), aligned(sizeof(type)), may_alias))
#define AS_VECTOR(n) AS_VECTOR_OF(float, n)
#define AS_VECTOR64(n) AS_VECTOR_OF(double, n)
#define AS_INLINE inline __attribute__((always_inline))
#define AS_NOINLINE __attribute__((noinline))
#define AS_PRAGMA(text) _Pragma(#text)
#define AS_UNROLL_BY(n) AS_PRAGMA(GCC unroll n)
#define AS_UNROLL AS_UNROLL_BY(32)
/* AS_TYPE_OF: the type of an expression; AS_CONVERT: a vector's elements, each converted; AS_PREFETCH:
 * this address will be read soon. AS_CPU_HAS: 1 if this CPU has the instruction set of that name. */
#define AS_TYPE_OF(x) __typeof__(x)
#define AS_CONVERT(x, type) __builtin_convertvector(x, type)
#define AS_PREFETCH(...) __builtin_prefetch(__VA_ARGS__)
#define AS_CPU_HAS(name) (__builtin_cpu_init(), __builtin_cpu_supports(name))
/* For lib/base/pool.c: tells the CPU that a loop waits for another thread. */
#if defined(__x86_64__) || defined(__i386__)
#define AS_PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define AS_PAUSE() __asm__ volatile("yield")
#else
#define AS_PAUSE() ((void)0)
#endif
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
