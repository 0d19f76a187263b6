#pragma once

#include <stddef.h>
#include <stdint.h>

/// What a password costs: `memory` in KiB, `passes` over it, one lane.
typedef struct {
    uint32_t memory;
    uint32_t passes;
} batuta_argon2_cost;

/// Argon2id of a password in its encoded form, at most `capacity` bytes with the final zero. Blocks, and takes the memory. 1 when it was computed.
int batuta_argon2id_hash(
    const void *password, size_t count, const void *salt, size_t salt_count, batuta_argon2_cost cost, char *out, size_t capacity);

/// 1 when the encoded hash is of this password. Takes what the hash says that it takes; blocks.
int batuta_argon2id_verify(const char *encoded, const void *password, size_t count);

/// The version of the algorithm: 0x13 is 1.3 (RFC 9106).
uint32_t batuta_argon2_version(void);
