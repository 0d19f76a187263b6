#pragma once

#include <stddef.h>

/// SHA-256 of `count` bytes into 32 bytes. 1 when it was computed.
int batuta_sha256(const void *bytes, size_t count, unsigned char out[32]);

/// SHA-256 of bytes that come in pieces. NULL without memory; not for two threads at once.
void *batuta_sha256_begin(void);
/// 1 when they were taken in.
int batuta_sha256_add(void *context, const void *bytes, size_t count);
/// Into 32 bytes, once. 1 when it was computed.
int batuta_sha256_end(void *context, unsigned char out[32]);
void batuta_sha256_free(void *context);

/// HMAC-SHA-256 into 32 bytes. 1 when it was computed.
int batuta_hmac_sha256(const void *key, size_t key_count, const void *bytes, size_t count, unsigned char out[32]);

/// 1 when both ranges hold the same bytes; the time taken does not depend on where they differ.
int batuta_equal(const void *left, const void *right, size_t count);

/// Random bytes fit for keys. 1 when they were made.
int batuta_random_bytes(void *out, size_t count);
