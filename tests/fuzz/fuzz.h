/* What a fuzz target offers: libFuzzer's entry, and for tests/fuzz/replay.c what it found and
 * the folder of its inputs. With clang: -fsanitize=fuzzer and without replay.c. */
#ifndef AS_TESTS_FUZZ_H
#define AS_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What became of an input. Ours: accepted, and written again it is the same bytes, every one of
 * which its seal guards. */
enum fuzz_found { FUZZ_REFUSED, FUZZ_ACCEPTED, FUZZ_OURS };

/* Reads an input and uses all that came of it. Of a format that we write, what was accepted is
 * written, read and written again: these two must be the same bytes. Aborts where a promise is broken. */
enum fuzz_found fuzz_try(const uint8_t *data, size_t size);

/* Makes seals and sums of changed bytes right: a change is then judged by what it says. */
void fuzz_seal(uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const char *const fuzz_corpus, *const fuzz_ending;
extern const bool fuzz_writes; /* a format that we write: some inputs are ours */

#endif
