// SPDX-License-Identifier: MIT
// The border to libcrypto: typed, small, and the only place where its structures and OSSL_PARAM are seen.
// Every function that returns bool says false only where OpenSSL failed (in practice: no memory).
#ifndef COPENSSL_H
#define COPENSSL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct evp_mac_ctx_st EVP_MAC_CTX;

/// The version of the libcrypto that is linked, such as "OpenSSL 3.0.22 25 Aug 2026".
const char *vault_openssl_version(void);

/// Random bytes of OpenSSL's CSPRNG; see RAND_bytes(3).
bool vault_random(uint8_t *out, size_t count);

/// Whether two stretches of `count` bytes are the same, in time that depends on `count` only; see CRYPTO_memcmp(3).
bool vault_equal(const void *a, const void *b, size_t count);

/// Overwrites bytes in a way that the compiler does not leave out; see OPENSSL_cleanse(3).
void vault_wipe(void *bytes, size_t count);

bool vault_sha256(const uint8_t *data, size_t count, uint8_t out[32]);

/// A context that has taken in the key, to be duplicated for each message and freed once; NULL on failure.
EVP_MAC_CTX *vault_hmac_prepare(const uint8_t *key, size_t key_count);
void vault_hmac_free(EVP_MAC_CTX *prepared);

/// HMAC-SHA-256 with a duplicate of `prepared`, which stays as it was: any number of threads may do this at once.
bool vault_hmac(EVP_MAC_CTX *prepared, const uint8_t *data, size_t count, uint8_t out[32]);

/// HKDF-SHA-256, extract and expand (RFC 5869). An empty salt is HashLen zeros, as section 2.2 says.
bool vault_hkdf(const uint8_t *key, size_t key_count, const uint8_t *salt, size_t salt_count, const uint8_t *info,
                size_t info_count, uint8_t *out, size_t out_count);

/// AES-256-GCM, 96-bit nonce, 128-bit tag: writes `count` bytes (at least 1) of ciphertext and 16 bytes of tag.
bool vault_gcm_seal(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *aad, size_t aad_count,
                    const uint8_t *plaintext, size_t count, uint8_t *out);

enum vault_opening { VAULT_OPENED, VAULT_NOT_AUTHENTIC, VAULT_FAILED };

/// The reverse: reads `count` bytes of ciphertext (at least 1) and 16 bytes of tag, writes `count` bytes of plaintext,
/// or wipes what it has written so far and answers otherwise.
enum vault_opening vault_gcm_open(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *aad, size_t aad_count,
                                  const uint8_t *sealed, size_t count, uint8_t *out);

// Linux

/// No core dump of this process, and no look into it by another one of the same user; see prctl(2), PR_SET_DUMPABLE,
/// which Swift does not see because it is variadic.
bool vault_keep_memory_private(void);

#endif
