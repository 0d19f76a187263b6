#include "CArgon2.h"

#include <argon2.h>

int batuta_argon2id_hash(
    const void *password, size_t count, const void *salt, size_t salt_count, batuta_argon2_cost cost, char *out, size_t capacity) {
    return argon2id_hash_encoded(cost.passes, cost.memory, 1, password, count, salt, salt_count, 32, out, capacity) == ARGON2_OK;
}

int batuta_argon2id_verify(const char *encoded, const void *password, size_t count) {
    return argon2id_verify(encoded, password, count) == ARGON2_OK;
}

uint32_t batuta_argon2_version(void) { return ARGON2_VERSION_NUMBER; }
