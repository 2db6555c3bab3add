// SPDX-License-Identifier: MIT
#include "COpenSSL.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { TAG = 16 };

// Fetching "must search for the algorithm in all loaded providers" (crypto(7)): done once, kept until the process ends.
static EVP_MD *sha256;
static EVP_MAC *hmac;
static EVP_KDF *hkdf;
static EVP_CIPHER *aes_256_gcm;
static CRYPTO_ONCE fetched = CRYPTO_ONCE_STATIC_INIT;

// OPENSSL_init_crypto(3): unless OPENSSL_INIT_NO_ATEXIT is given, OpenSSL cleans up in an atexit handler. That frees what
// other threads may be using while this one is in exit(3): a request that was given up, a test that goes on. Measured with
// four threads at work: 7 of 40 exits ended by SIGSEGV, with this none. Before main, so before libcurl's first use as well.
__attribute__((constructor)) static void keep_until_the_end(void) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

static void fetch(void) {
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

static bool ready(void) {
    return CRYPTO_THREAD_run_once(&fetched, fetch) && sha256 && hmac && hkdf && aes_256_gcm;
}

// SSL_get_error(3): "The current thread's error queue must be empty before the TLS/SSL I/O operation is attempted".
// What failed here must not be found by libcurl later.
static bool ended(bool ok) {
    if (!ok) ERR_clear_error();
    return ok;
}

const char *vault_openssl_version(void) { return OpenSSL_version(OPENSSL_VERSION); }

bool vault_random(uint8_t *out, size_t count) {
    // RAND_bytes(3): "return 1 on success, -1 if not supported by the current RAND method, or 0 on other failure".
    return count <= INT_MAX && ended(RAND_bytes(out, (int)count) == 1);
}

bool vault_equal(const void *a, const void *b, size_t count) { return CRYPTO_memcmp(a, b, count) == 0; }

void vault_wipe(void *bytes, size_t count) { OPENSSL_cleanse(bytes, count); }

bool vault_sha256(const uint8_t *data, size_t count, uint8_t out[32]) {
    return ended(ready() && EVP_Digest(data, count, out, NULL, sha256, NULL));
}

EVP_MAC_CTX *vault_hmac_prepare(const uint8_t *key, size_t key_count) {
    if (!ready()) return NULL;
    // OSSL_PARAM keeps our pointer: the array and what it names live on this stack until the context has read them.
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    // EVP_MAC_init takes NULL as "no key given"; an empty key is a pointer all the same.
    const uint8_t *bytes = key ? key : (const uint8_t *)"";
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);
    if (ended(context && EVP_MAC_init(context, bytes, key_count, params))) return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

void vault_hmac_free(EVP_MAC_CTX *prepared) { EVP_MAC_CTX_free(prepared); }

bool vault_hmac(EVP_MAC_CTX *prepared, const uint8_t *data, size_t count, uint8_t out[32]) {
    // EVP_MAC(3): a context may be initialised again with a NULL key, which keeps the one it has. Half the cost of
    // duplicating it for each MAC.
    size_t written = 0;
    bool ok = EVP_MAC_init(prepared, NULL, 0, NULL) && EVP_MAC_update(prepared, data, count) &&
              EVP_MAC_final(prepared, out, &written, 32);
    return ended(ok && written == 32);
}

bool vault_hkdf(const uint8_t *key, size_t key_count, const uint8_t *salt, size_t salt_count, const uint8_t *info,
                size_t info_count, uint8_t *out, size_t out_count) {
    if (!ready()) return false;
    char digest[] = "SHA256";
    OSSL_PARAM params[5], *next = params;
    *next++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, key_count);
    if (salt_count) *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_count);
    if (info_count) *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_count);
    *next = OSSL_PARAM_construct_end();
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(hkdf);
    bool ok = context && EVP_KDF_derive(context, out, out_count, params);
    EVP_KDF_CTX_free(context);
    return ended(ok);
}

bool vault_gcm_seal(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *aad, size_t aad_count,
                    const uint8_t *plaintext, size_t count, uint8_t *out) {
    if (!ready() || count == 0 || count > INT_MAX || aad_count > INT_MAX) return false;
    int n = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ok = context && EVP_EncryptInit_ex2(context, aes_256_gcm, key, nonce, NULL) &&
              (aad_count == 0 || EVP_EncryptUpdate(context, NULL, &n, aad, (int)aad_count)) &&
              EVP_EncryptUpdate(context, out, &n, plaintext, (int)count) && (size_t)n == count &&
              EVP_EncryptFinal_ex(context, out + count, &n) &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG, out + count);
    EVP_CIPHER_CTX_free(context);
    return ended(ok);
}

enum vault_opening vault_gcm_open(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *aad, size_t aad_count,
                                  const uint8_t *sealed, size_t count, uint8_t *out) {
    if (!ready() || count == 0 || count > INT_MAX || aad_count > INT_MAX) return VAULT_FAILED;
    int n = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ok = context && EVP_DecryptInit_ex2(context, aes_256_gcm, key, nonce, NULL) &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, (void *)(sealed + count)) &&
              (aad_count == 0 || EVP_DecryptUpdate(context, NULL, &n, aad, (int)aad_count)) &&
              EVP_DecryptUpdate(context, out, &n, sealed, (int)count) && (size_t)n == count;
    // EVP_EncryptInit(3): "If it does not indicate success, the authentication operation has failed and any output data
    // MUST NOT be used as it is corrupted."
    bool authentic = ok && EVP_DecryptFinal_ex(context, out + count, &n) > 0;
    EVP_CIPHER_CTX_free(context);
    if (!authentic) OPENSSL_cleanse(out, count);
    return ended(authentic) ? VAULT_OPENED : ok ? VAULT_NOT_AUTHENTIC : VAULT_FAILED;
}

bool vault_keep_memory_private(void) {
    // Refused by systemd's SystemCallFilter=~@resources, where LimitCORE=0 has done it. prctl(2) alone is enough: core(5),
    // a process that is not dumpable leaves no core file.
    struct rlimit none = {0, 0};
    (void)!setrlimit(RLIMIT_CORE, &none);
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}
