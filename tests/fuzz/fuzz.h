/* What a fuzz target offers: libFuzzer's entry, and for tests/fuzz/replay.c the
 * folder of its inputs. With clang: -fsanitize=fuzzer and without replay.c. */
#ifndef AS_TESTS_FUZZ_H
#define AS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const char *const fuzz_corpus, *const fuzz_ending;

#endif
