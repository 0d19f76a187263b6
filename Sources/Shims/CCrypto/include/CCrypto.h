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

/// AES-256-GCM under a random nonce: writes 12 bytes of nonce, `count` bytes of ciphertext and 16 bytes of tag. `associated` is bound to
/// them without being in them. 1 when it was sealed.
int batuta_seal(
    const unsigned char key[32], const void *associated, size_t associated_count, const void *plain, size_t count, unsigned char *out
);

/// Undoes `batuta_seal`: writes `count` - 28 bytes. 1 when nothing was changed; otherwise what was written is no use.
int batuta_open(
    const unsigned char key[32], const void *associated, size_t associated_count, const unsigned char *sealed, size_t count, unsigned char *out
);
