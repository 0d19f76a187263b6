#include "CCrypto.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

int batuta_sha256(const void *bytes, size_t count, unsigned char out[32]) {
    unsigned int length = 0;
    return EVP_Digest(bytes ? bytes : "", count, out, &length, EVP_sha256(), NULL) == 1 && length == 32;
}

int batuta_hmac_sha256(const void *key, size_t key_count, const void *bytes, size_t count, unsigned char out[32]) {
    unsigned int length = 0;
    if (key_count > INT_MAX) return 0;
    // A null key would make HMAC() reuse a previous one, so an empty key is passed as an empty string.
    if (!HMAC(EVP_sha256(), key ? key : "", (int)key_count, bytes ? bytes : (const void *)"", count, out, &length)) return 0;
    return length == 32;
}

int batuta_equal(const void *left, const void *right, size_t count) {
    return count == 0 || CRYPTO_memcmp(left, right, count) == 0;
}

int batuta_random_bytes(void *out, size_t count) {
    unsigned char *next = out;
    while (count > 0) {
        int part = count > 1 << 20 ? 1 << 20 : (int)count;
        if (RAND_bytes(next, part) != 1) return 0;
        next += part;
        count -= (size_t)part;
    }
    return 1;
}
