/* SPDX-License-Identifier: MIT */
/* Keys and signatures for tests: those of the standards, and some more. None
 * of them guards anything. */
#pragma once

/* RFC 7515 appendix A.1 to A.5; what A.1 to A.3 and A.5 sign is the same. */
extern const char rfc7515_payload[];
extern const char rfc7515_a1_header[];
extern const char rfc7515_a1_key[];
extern const char rfc7515_a1[];
extern const char rfc7515_a2_key[];
extern const char rfc7515_a2[];
extern const char rfc7515_a3_key[];
extern const char rfc7515_a3[];
extern const char rfc7515_a4_key[];
extern const char rfc7515_a4[];
extern const char rfc7515_a5[];
extern const char rfc7515_e[];

/* RFC 7517 appendix A. */
extern const char rfc7517_a1[];
extern const char rfc7517_a2_ec[];
extern const char rfc7517_a2_rsa[];
extern const char rfc7517_a3[];

/* RFC 7520 sections 3 and 4. */
extern const char rfc7520_payload[];
extern const char rfc7520_rsa_key[];
extern const char rfc7520_ec_key[];
extern const char rfc7520_oct_key[];
extern const char rfc7520_4_1[];
extern const char rfc7520_4_2[];
extern const char rfc7520_4_3[];
extern const char rfc7520_4_4_header[];
extern const char rfc7520_4_4[];

/* RFC 7638 section 3.1. */
extern const char rfc7638_key[];
extern const char rfc7638_thumbprint[];

/* RFC 8037 appendix A. */
extern const char rfc8037_key[];
extern const char rfc8037_public[];
extern const char rfc8037_thumbprint[];
extern const char rfc8037_a4[];

/* Keys made for these tests with openssl(1). The first four EC ones, and what
 * is public, are one and the same key. */
extern const char pem_p256[];
extern const char pem_p256_sec1[];
extern const char pem_p256_pkcs8_encrypted[];
extern const char pem_p256_sec1_encrypted[];
extern const char pem_p256_public[];
extern const char pem_p256_certificate[];
extern const char pem_p384[];
extern const char pem_p521[];
extern const char pem_secp256k1[];
extern const char pem_ed25519[];
extern const char pem_ed448[];
extern const char pem_x25519[];
extern const char pem_rsa[];
extern const char pem_rsa_pkcs1[];
extern const char pem_rsa_1024[];
extern const char pem_rsa_pss[];
