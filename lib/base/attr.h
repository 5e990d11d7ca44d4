/* Compiler extensions, all of them: the rest of the tree is plain C11. */
#ifndef AS_BASE_ATTR_H
#define AS_BASE_ATTR_H

#if defined(__GNUC__)
#define AS_NODISCARD __attribute__((warn_unused_result))
#define AS_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define AS_NORETURN __attribute__((noreturn))
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
