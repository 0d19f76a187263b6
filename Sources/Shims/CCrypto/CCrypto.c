#include "CCrypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>

// EVP_sha256() would be looked up anew by every computation, under a lock (OpenSSL 3): it is looked up once, and each thread keeps a context.
static const EVP_MD *sha256;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t contexts;

static void free_context(void *context) { EVP_MD_CTX_free(context); }

static void start(void) {
    const EVP_MD *fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (pthread_key_create(&contexts, free_context) == 0) sha256 = fetched;
}

static EVP_MD_CTX *thread_context(void) {
    if (pthread_once(&once, start) != 0 || !sha256) return NULL;
    EVP_MD_CTX *context = pthread_getspecific(contexts);
    if (context) return context;
    context = EVP_MD_CTX_new();
    if (context && pthread_setspecific(contexts, context) != 0) {
        EVP_MD_CTX_free(context);
        return NULL;
    }
    return context;
}

/// SHA-256 of two stretches, one after the other.
static int digest_of_two(const void *first, size_t first_count, const void *second, size_t second_count, unsigned char out[32]) {
    EVP_MD_CTX *context = thread_context();
    unsigned int length = 0;
    if (!context || EVP_DigestInit_ex2(context, sha256, NULL) != 1) return 0;
    if (first_count && EVP_DigestUpdate(context, first, first_count) != 1) return 0;
    if (second_count && EVP_DigestUpdate(context, second, second_count) != 1) return 0;
    return EVP_DigestFinal_ex(context, out, &length) == 1 && length == 32;
}

int batuta_sha256(const void *bytes, size_t count, unsigned char out[32]) { return digest_of_two(bytes, count, NULL, 0, out); }

void *batuta_sha256_begin(void) {
    EVP_MD_CTX *context = thread_context() ? EVP_MD_CTX_new() : NULL;
    if (context && EVP_DigestInit_ex2(context, sha256, NULL) == 1) return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

int batuta_sha256_add(void *context, const void *bytes, size_t count) { return count == 0 || EVP_DigestUpdate(context, bytes, count) == 1; }

int batuta_sha256_end(void *context, unsigned char out[32]) {
    unsigned int length = 0;
    return EVP_DigestFinal_ex(context, out, &length) == 1 && length == 32;
}

void batuta_sha256_free(void *context) { EVP_MD_CTX_free(context); }

// RFC 2104; the block of SHA-256 is 64 bytes.
int batuta_hmac_sha256(const void *key, size_t key_count, const void *bytes, size_t count, unsigned char out[32]) {
    unsigned char block[64] = {0}, inner[64], outer[64], hash[32];
    if (key_count > sizeof block) {
        if (!batuta_sha256(key, key_count, block)) return 0;
    } else if (key_count) {
        memcpy(block, key, key_count);
    }
    for (size_t index = 0; index < sizeof block; index++) {
        inner[index] = block[index] ^ 0x36;
        outer[index] = block[index] ^ 0x5c;
    }
    int done = digest_of_two(inner, sizeof inner, bytes, count, hash) && digest_of_two(outer, sizeof outer, hash, sizeof hash, out);
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(inner, sizeof inner);
    OPENSSL_cleanse(outer, sizeof outer);
    return done;
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

enum { nonce_length = 12, tag_length = 16 };

/// One pass over all of it; the lengths that libcrypto takes are ints.
static int pass(EVP_CIPHER_CTX *context, const void *associated, size_t associated_count, const void *in, size_t count, unsigned char *out) {
    int length = 0;
    if (associated_count > 1 << 20 || count > 1 << 30) return 0;
    if (associated_count && EVP_CipherUpdate(context, NULL, &length, associated, (int)associated_count) != 1) return 0;
    if (count && EVP_CipherUpdate(context, out, &length, in, (int)count) != 1) return 0;
    unsigned char rest[tag_length];
    return EVP_CipherFinal_ex(context, rest, &length) == 1;
}

int batuta_seal(
    const unsigned char key[32], const void *associated, size_t associated_count, const void *plain, size_t count, unsigned char *out
) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context) return 0;
    int done = batuta_random_bytes(out, nonce_length) && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, out) == 1
        && pass(context, associated, associated_count, plain, count, out + nonce_length)
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_length, out + nonce_length + count) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

int batuta_open(
    const unsigned char key[32], const void *associated, size_t associated_count, const unsigned char *sealed, size_t count, unsigned char *out
) {
    if (count < nonce_length + tag_length) return 0;
    size_t length = count - nonce_length - tag_length;
    unsigned char tag[tag_length];
    memcpy(tag, sealed + count - tag_length, tag_length);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context) return 0;
    int done = EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, sealed) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_length, tag) == 1
        && pass(context, associated, associated_count, sealed + nonce_length, length, out);
    EVP_CIPHER_CTX_free(context);
    if (!done && length) OPENSSL_cleanse(out, length);
    return done;
}
