// Keeps a closure `(Int) throws -> Void` that doesn't escape while threads call it. Swift itself would put it into a
// block of memory first, at every run. Calls are Swift's own, so both functions are declared there, not in the header.

#include "CChunk.h"

#include <stdint.h>

typedef __attribute__((swiftcall)) void body(
    intptr_t chunk, __attribute__((swift_context)) void *context, __attribute__((swift_error_result)) void **error);

__attribute__((swiftcall)) void sonde_chunk_keep(void *code, void *context, sonde_chunk *chunk) {
  chunk->code = code;
  chunk->context = context;
}

__attribute__((swiftcall)) void sonde_chunk_call(
    const sonde_chunk *chunk, intptr_t number, __attribute__((swift_context)) void *unused,
    __attribute__((swift_error_result)) void **error) {
  ((body *)chunk->code)(number, chunk->context, error);
}
