// SPDX-License-Identifier: MIT
// Loaded into a program (LD_PRELOAD), it makes libraries say that they are old ones.

char *curl_version(void) { return "libcurl/7.61.0 OpenSSL/3.0.5"; }

const char *OpenSSL_version(int type) {
    (void)type;
    return "OpenSSL 3.0.5 5 Jul 2022";
}
