/* Private to lib/base: marks memory that nobody may touch, for the address sanitizer. The sanitizer guards
 * separate mallocs by itself, but not pieces of one malloc. */
#ifndef AS_BASE_POISON_H
#define AS_BASE_POISON_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) /* clang's name for it */
#define AS_POISONS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(AS_POISONS)
#define AS_POISONS 1
#endif

#ifdef AS_POISONS
#include <sanitizer/asan_interface.h>
#define AS_POISON(at, bytes) __asan_poison_memory_region((at), (bytes))
#define AS_UNPOISON(at, bytes) __asan_unpoison_memory_region((at), (bytes))
#define AS_POISONED(at) __asan_address_is_poisoned(at)
#else
#define AS_POISONS 0
#define AS_POISON(at, bytes) ((void)(at), (void)(bytes))
#define AS_UNPOISON(at, bytes) ((void)(at), (void)(bytes))
#define AS_POISONED(at) ((void)(at), 0)
#endif

#endif
