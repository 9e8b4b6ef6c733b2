/* SPDX-License-Identifier: MIT */
#include "crypto/vectors.h"

#include "crypto/standard_keys.h"

/* RFC 7515 appendix A.1 to A.5; what A.1 to A.3 and A.5 sign is the same. */

const char rfc7515_payload[] =
	"{\"iss\":\"joe\",\r\n"
	" \"exp\":1300819380,\r\n"
	" \"http://example.com/is_root\":true}";

const char rfc7515_a1_header[] =
	"{\"typ\":\"JWT\",\r\n"
	" \"alg\":\"HS256\"}";

const char rfc7515_a1_key[] =
	"{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_"
	"T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}";

const char rfc7515_a1[] =
	"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHA"
	"iOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
	"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

const char rfc7515_a2_key[] = RFC7515_A2_KEY;

const char rfc7515_a2[] =
	"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQo"
	"gImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF"
	"80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W"
	"2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO7"
	"5vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j"
	"zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgG"
	"Y9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

const char rfc7515_a3_key[] = RFC7515_A3_KEY;

const char rfc7515_a3[] =
	"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQo"
	"gImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfU"
	"AqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

const char rfc7515_a4_key[] =
	"{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AekpBQ8ST8a8VcfVOTNl353vSr"
	"DCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\",\"y"
	"\":\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4"
	"Kkd0AZMaZmh9ubmf63e3kyMj2\",\"d\":\"AY5pb7A0UFiB3RELSD64fTLOSV_jazdF"
	"7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C\"}";

const char rfc7515_a4[] =
	"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_"
	"UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgo"
	"XD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLze"
	"O_Jn";

const char rfc7515_a5[] =
	"eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog"
	"Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";

const char rfc7515_e[] =
	"eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJ"
	"TkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJ"
	"TA.";

/* RFC 7517 appendix A. */

const char rfc7517_a1[] =
	"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii1"
	"1ySs3526iDZ8AiTo7Tu6KPAqv7D4\",\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8Px"
	"ltmWWlbbM4IFyM\",\"use\":\"enc\",\"kid\":\"1\"},{\"kty\":\"RSA\",\"n"
	"\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86"
	"zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4"
	"Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs"
	"8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQ"
	"Fh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJz"
	"KnqDKgw\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}]}";

const char rfc7517_a2_ec[] =
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ"
	"8AiTo7Tu6KPAqv7D4\",\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4I"
	"FyM\",\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\",\"use\":"
	"\"enc\",\"kid\":\"1\"}";

const char rfc7517_a2_rsa[] =
	"{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbW"
	"hM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn"
	"jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2"
	"QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08"
	"qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF4"
	"4-csFCur-kEgU8awapJzKnqDKgw\",\"e\":\"AQAB\",\"d\":\"X4cTteJY_gn4FYP"
	"sXB8rdXix5vwsg1FLN5E3EaG6RJoVH-HLLKD9M7dx5oo7GURknchnrRweUkC7hT5fJLM"
	"0WbFAKNLWY2vv7B6NqXSzUvxT0_YSfqijwp3RTzlBaCxWp4doFk5N2o8Gy_nHNKroADI"
	"kJ46pRUohsXywbReAdYaMwFs9tv8d_cPVY3i07a3t8MN6TNwm0dSawm9v47UiCl3Sk5Z"
	"iG7xojPLu4sbg1U2jx4IBTNBznbJSzFHK66jT8bgkuqsk0GjskDJk19Z4qwjwbsnn4j2"
	"WBii3RL-Us2lGVkY8fkFzme1z0HbIkfz0Y6mqnOYtqc0X4jfcKoAC8Q\",\"p\":\"83"
	"i-7IvMGXoMXCskv73TKr8637FiO7Z27zv8oj6pbWUQyLPQBQxtPVnwD20R-60eTDmD2u"
	"jnMt5PoqMrm8RfmNhVWDtjjMmCMjOpSXicFHj7XOuVIYQyqVWlWEh6dN36GVZYk93N8B"
	"c9vY41xy8B9RzzOGVQzXvNEvn7O0nVbfs\",\"q\":\"3dfOR9cuYq-0S-mkFLzgItgM"
	"EfFzB2q3hWehMuG0oCuqnb3vobLyumqjVZQO1dIrdwgTnCdpYzBcOfW5r370AFXjiWft"
	"_NGEiovonizhKpo9VVS78TzFgxkIdrecRezsZ-1kYd_s1qDbxtkDEgfAITAG9LUnADun"
	"4vIcb6yelxk\",\"dp\":\"G4sPXkc6Ya9y8oJW9_ILj4xuppu0lzi_H7VTkS8xj5SdX"
	"3coE0oimYwxIi2emTAue0UOa5dpgFGyBJ4c8tQ2VF402XRugKDTP8akYhFo5tAA77Qe_"
	"NmtuYZc3C3m3I24G2GvR5sSDxUyAN2zq8Lfn9EUms6rY3Ob8YeiKkTiBj0\",\"dq\":"
	"\"s9lAH9fggBsoFR8Oac2R_E2gw282rT2kGOAhvIllETE1efrA6huUUvMfBcMpn8lqeW"
	"6vzznYY5SSQF7pMdC_agI3nG8Ibp1BUb0JUiraRNqUfLhcQb_d9GF4Dh7e74WbRsobRo"
	"nujTYN1xCaP6TO61jvWrX-L18txXw494Q_cgk\",\"qi\":\"GyM_p6JrXySiz1toFgK"
	"bWV-JdI3jQ4ypu9rbMWx3rQJBfmt0FoYzgUIZEVFEcOqwemRN81zoDAaa-Bk0KWNGDjJ"
	"HZDdDmFhW3AN7lI-puxk_mHZGJ11rxyR8O55XLSe3SPmRfKwZI6yU24ZxvQKFYItdldU"
	"KGzO6Ia6zTKhAVRU\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}";

const char rfc7517_a3[] =
	"{\"keys\":[{\"kty\":\"oct\",\"alg\":\"A128KW\",\"k\":\"GawgguFyGrWKa"
	"v7AX4VKUg\"},{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVM"
	"koqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\",\"kid\":"
	"\"HMAC key used in JWS spec Appendix A.1 example\"}]}";

/* RFC 7520 sections 3 and 4. */

const char rfc7520_payload[] =
	"It\342\200\231s a dangerous business, Frodo, going out your door. Yo"
	"u step onto the road, and if you don't keep your feet, there"
	"\342\200\231s no knowing where you might be swept off to.";

const char rfc7520_rsa_key[] =
	"{\"kty\":\"RSA\",\"kid\":\"bilbo.baggins@hobbiton.example\",\"use\":"
	"\"sig\",\"n\":\"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVT"
	"eT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL"
	"-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd"
	"1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3"
	"-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5"
	"iaiQkqgc5gHdrNP5zw\",\"e\":\"AQAB\"}";

const char rfc7520_ec_key[] =
	"{\"kty\":\"EC\",\"kid\":\"bilbo.baggins@hobbiton.example\",\"use\":"
	"\"sig\",\"crv\":\"P-521\",\"x\":\"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88"
	"c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt\",\"y\":\"Ady"
	"mlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJm"
	"bnX9cwlGfP-HqHZR1\",\"d\":\"AAhRON2r9cqXX1hg-RoI6R1tX5p2rUAYdmpHZoC1"
	"XNM56KtscrX6zbKipQrCW9CGZH3T4ubpnoTKLDYJ_fF3_rJt\"}";

const char rfc7520_oct_key[] =
	"{\"kty\":\"oct\",\"kid\":\"018c0ae5-4d9b-471b-bfd6-eef314bc7037\",\""
	"use\":\"sig\",\"alg\":\"HS256\",\"k\":\"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8"
	"FJG-Onbc6mxCcYg\"}";

const char rfc7520_4_1[] =
	"eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBs"
	"ZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHl"
	"vdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCB"
	"rZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h"
	"0IGJlIHN3ZXB0IG9mZiB0by4.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHox"
	"nW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBw"
	"A78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5"
	"aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjlu"
	"PxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u"
	"9ipH84ogoree7vjbU5y18kDquDg";

const char rfc7520_4_2[] =
	"eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBs"
	"ZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHl"
	"vdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCB"
	"rZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h"
	"0IGJlIHN3ZXB0IG9mZiB0by4.cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy4"
	"2miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpc"
	"bUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJR"
	"mBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDz"
	"T0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJ"
	"UAfmWjwZ6oD4ifKo8DYM-X72Eaw";

const char rfc7520_4_3[] =
	"eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBs"
	"ZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHl"
	"vdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCB"
	"rZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h"
	"0IGJlIHN3ZXB0IG9mZiB0by4.AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNla"
	"AjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDx"
	"XPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2";

const char rfc7520_4_4_header[] =
	"{\"alg\":\"HS256\",\"kid\":\"018c0ae5-4d9b-471b-bfd6-eef314bc7037\"}";

const char rfc7520_4_4[] =
	"eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMx"
	"NGJjNzAzNyJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmc"
	"gb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSB"
	"kb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW9"
	"1IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA"
	"7g1Md7p0";

/* RFC 7638 section 3.1. */

const char rfc7638_key[] =
	"{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbW"
	"hM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn"
	"jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2"
	"QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08"
	"qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF4"
	"4-csFCur-kEgU8awapJzKnqDKgw\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid"
	"\":\"2011-04-29\"}";

const char rfc7638_thumbprint[] =
	"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

/* RFC 8037 appendix A. */

const char rfc8037_key[] = RFC8037_KEY;

const char rfc8037_public[] =
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7"
	"hcvPapiMlrwIaaPcHURo\"}";

const char rfc8037_thumbprint[] =
	"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

const char rfc8037_a4[] =
	"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGC"
	"jP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_"
	"MuM0KAg";

/* Keys made for these tests with openssl(1). The first four EC ones, and what
 * is public, are one and the same key. */

const char pem_p256[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAcoyyONNDhdqvh5C\n"
	"FIflwmN4MQyweAeelayeaHVqmo2hRANCAAQ7cL08mVFTqsxaI99LLMvDiWH1sk1q\n"
	"N+0EdDWq46rMXfVFaqLTgZIdtAE2rBAVdF1ToQ0XZzRQ8bs7GIKpXcdA\n"
	"-----END PRIVATE KEY-----\n";

const char pem_p256_sec1[] =
	"-----BEGIN EC PARAMETERS-----\n"
	"BggqhkjOPQMBBw==\n"
	"-----END EC PARAMETERS-----\n"
	"-----BEGIN EC PRIVATE KEY-----\n"
	"MHcCAQEEIAHKMsjjTQ4Xar4eQhSH5cJjeDEMsHgHnpWsnmh1apqNoAoGCCqGSM49\n"
	"AwEHoUQDQgAEO3C9PJlRU6rMWiPfSyzLw4lh9bJNajftBHQ1quOqzF31RWqi04GS\n"
	"HbQBNqwQFXRdU6ENF2c0UPG7OxiCqV3HQA==\n"
	"-----END EC PRIVATE KEY-----\n";

const char pem_p256_pkcs8_encrypted[] =
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
	"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi0BpqCJcQO4gICCAAw\n"
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEDbZNrXptw/ULUGJTffmePkEgZBS\n"
	"28YY/d3TSpizSv3O9ByVThNywhFhc/2GKeQzmHWljShgMOQhRrDVwPSDYRD+G11b\n"
	"Ck6T+fopSwUHGWxn5hp9WjTbqNYizpCq9EHep0iidvXdAdh/uFTw/NsDJgSckH2k\n"
	"sZGX0A+PY0HKs5OxjxJFF3BNjmHCteZ4/bm0MBgCObh/ox8p4V/+ECHwlEQ2Ix0=\n"
	"-----END ENCRYPTED PRIVATE KEY-----\n";

const char pem_p256_sec1_encrypted[] =
	"-----BEGIN EC PRIVATE KEY-----\n"
	"Proc-Type: 4,ENCRYPTED\n"
	"DEK-Info: AES-128-CBC,27E94B0AB3A889D1A213953EF33A8246\n"
	"\n"
	"6FqWx7niZB79KxmyNdt0CSqc02E0cC5HJrng+oBLLyYULJ55jYBX7w82/hn+0Qh1\n"
	"kWN9JEaW45VUMJC3GkWE4jbdyTy40E99A1rglsmKVQzRT6NzW4WjcUhPrYf5GMbv\n"
	"k//1sPSgfBIJ1kGAPvfphoOFPiqevHTk6JN1H+Nz2Fo=\n"
	"-----END EC PRIVATE KEY-----\n";

const char pem_p256_public[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEO3C9PJlRU6rMWiPfSyzLw4lh9bJN\n"
	"ajftBHQ1quOqzF31RWqi04GSHbQBNqwQFXRdU6ENF2c0UPG7OxiCqV3HQA==\n"
	"-----END PUBLIC KEY-----\n";

const char pem_p256_certificate[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBbTCCAROgAwIBAgIUX+27+dFJPo6MgZ3eMAaFGtVWoC4wCgYIKoZIzj0EAwIw\n"
	"DDEKMAgGA1UEAwwBeDAeFw0yNjExMjUyMjMxNTZaFw0zNjExMjIyMjMxNTZaMAwx\n"
	"CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ7cL08mVFTqsxa\n"
	"I99LLMvDiWH1sk1qN+0EdDWq46rMXfVFaqLTgZIdtAE2rBAVdF1ToQ0XZzRQ8bs7\n"
	"GIKpXcdAo1MwUTAdBgNVHQ4EFgQUq8BbeLgrOA4dEDh7ijUOeHriQJkwHwYDVR0j\n"
	"BBgwFoAUq8BbeLgrOA4dEDh7ijUOeHriQJkwDwYDVR0TAQH/BAUwAwEB/zAKBggq\n"
	"hkjOPQQDAgNIADBFAiBJxHEB+mgaOZV7apZitLNVHIEGttBJoRW85tp05TLSAQIh\n"
	"AMjsJxQtfd6fXLZbGwD4T2uobfa3srctfLoR7RShCLcz\n"
	"-----END CERTIFICATE-----\n";

const char pem_p384[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDD0lotEiBA/LEkrFKd2\n"
	"GoCiLuTPxxRITmke+HHOOLaU91szm4p02bFluX5es+FNER+hZANiAASnYseVXxNi\n"
	"09uZ7+4WOmquox8c4LZAWzRaUS5yJlrpe/2uuRRs7q2vYq2Poah6usOCE6F41RHu\n"
	"y+cA0MITy19xt4+bn7+ZkfC3lx0RPW7NcV/g5L/4oW4GUowXZ2PqjKY=\n"
	"-----END PRIVATE KEY-----\n";

const char pem_p521[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIBdc+/Y15aUMEn2C/e\n"
	"ElSthgStKZVVmh3Mz801FEWxI/K3lANMBMkVUsLZI7Z8mrixr76eTOtgFDc2+eL8\n"
	"IrNbPiuhgYkDgYYABAFMACC6mqKJMvS5HAUu3C50UFYHSExnn9p+yKYk7UnYCfG4\n"
	"6NIX4m62PDxBKChbIZKdmp5w40DbDZb15CrVCjdY9wHZ8kcRkJTo8qT8ft/4YJkv\n"
	"l/hmOqj5T+U8uf+4oZpHirBw64lHKxNLw3dk2XbjZKPWrhqtH4m24z8XVlkMZqY/\n"
	"iw==\n"
	"-----END PRIVATE KEY-----\n";

const char pem_secp256k1[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQg6typM3W/PiX9wCIhSr19\n"
	"vN41UrImT4jilckbLiaKuFihRANCAATSAItqPB3+VjgZvCkGnWdBlwW1yMy1pZxD\n"
	"+QKqymbBKC1mjdIsBG4FCGk0MgloziYF6asQNpVFjEO1hsqiRuHQ\n"
	"-----END PRIVATE KEY-----\n";

const char pem_ed25519[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIHUaBZRMbZCAdYfcjTkI7Z4DrRDbOekCp4LHOL6LvvES\n"
	"-----END PRIVATE KEY-----\n";

const char pem_ed448[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MEcCAQAwBQYDK2VxBDsEOVgzug6YovjjPMS03364/LNomp19DCsVuMkEAMv0qhrO\n"
	"eYS16dJy+j/IrS3vUShOp2cZKN64i/+hsA==\n"
	"-----END PRIVATE KEY-----\n";

const char pem_x25519[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VuBCIEIKiHzbjpQvmLdSiO1R1zkif/+I3VUzjwYOdMZ0t0vW98\n"
	"-----END PRIVATE KEY-----\n";

const char pem_rsa[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCmGuQOwBoXIuc0\n"
	"41BO2N/5GEeaeYHi0VtNZsttk94ULHBdRSKH6wPcp/BzWYR8FuW+R+cYZAhItlcj\n"
	"XxqwFwAHDWiQurKNhYOKSx61TjPduPhl4WW1dVVxdz2JLSZEM5Lm60W2X0T/rEk6\n"
	"JWtWAjqic/QZFf3e3J8AOXD4SA4S40lRj79knchgJqhqbdUGrnnPoyCiPu7I6M2t\n"
	"OlyMtOz/JAEERDrvYttcWaYQA+eahRXPDcaTgCTghR8Bh5A6+zzxWuSRaHX1/EjE\n"
	"z3ZUUOwIkEwwDyfOcfp6sRNN1OF2aVfQ1BYHmProHCbjxLj3hKVmIj9LYMm2VaJr\n"
	"Oj3p85OfAgMBAAECggEAB1oQAf8f/dTTpZRHYlYDA8QUAehNhrvRbgmWCLw6C2ve\n"
	"xUy2tzarAxcuc0yLqppbgiKDPfcfeWhopEN6AOqOW8GM1pW3gBVgDxI9bQo7DXM5\n"
	"u037Rx7HBgX1uUlASlXQs1vHyBygsdhESB3j3virnl5szWIbIcQOCDUtT4U7lOZc\n"
	"JhnrIh+poAiwnTA6X+yPmxDYvWIAjfjTd2qjSW5X1/tuMaVMqNIL4OaIdGThDUkB\n"
	"UFRXqm6JHiRBoOqQGpc8k1EKnSL8nEcEn7CXe11GYEaikRIcrqSmk9ID8wmlDScn\n"
	"16j9HXclVu+rpNHW7Y+yCmWPJZBT/l7/eFYZoH6BEQKBgQDXjaPA1hcXaRH15sZT\n"
	"Ps+Nrr4Bzi+NFs2zvSQUSWFOLS3cNTr2hlIZOQWaaIRvSpnsMdvU79U/ecMasZY/\n"
	"tcAYEHUOaN9QR1+Iwmia15h6M5t2oKJzg9yJ3dfacAE32B2B+2zc8ezB5fi9YeL1\n"
	"yKbh3CMWu+d/SqERLURHLSPWAwKBgQDFRfIfRDQbMVxNvLX16WJY1V39Jz/ATtf1\n"
	"fw1G51aRQklh9o+BpjGWKXhJhyM0GwThXK5ierL/HLy95gTgRnOGUprTUYWFiKLo\n"
	"QBLLImXNL8U4MnYFtsj9uKBJxwiquYT+8pJmWV8EKlpBg4QdujI66UoKGfa2JgN7\n"
	"WsUh3xoXNQKBgQDLY/PjDmBFj7gJzpLOk9Lmfr79Fx/ZQm4grlTv63mseYbvZS7Y\n"
	"1U98S0jVNM/Z74ujyjwDBbazKWKGupDqVsYGLuk1CpHEv0QO2Fo52Tsf+7gyzEnd\n"
	"M8wSLsjxbYRIvFzDfIlxRbnAEA6QLGAqyQVm0wAtAGrkuneWrJ7jhl1tHwKBgDvk\n"
	"XXsCoPM0jDqJtZDAV3xy4wMtvFwtU8GT3jsNlymov1C/o5gQFfPqCTwBjD2Qim3F\n"
	"TqhVaiyr092vjQFuQjqgr6LCmFAPSK5MbahAfDnMbAsAvvZDJUhqmjdr9wSmKGui\n"
	"x7HNJlzEYvyK6jyAQCnElBb3BQEOD3aO+1SqQGiVAoGBAMXxEAKeUFbtuLMpxPqS\n"
	"aD+U1Vk+Jmgnh51ThO6wF2cgHsREN/XcW77TmLsUJDvQRKSlTVs1I8bpmOvbglgy\n"
	"7n49QqU3WoxOG9ZXIcbAt9kr4rBfk6/7Myyb95arc/TZdykX1Ias0lFMD8Q9mbx/\n"
	"EAKdEh5NLeIcDeXiTqnrz4X5\n"
	"-----END PRIVATE KEY-----\n";

const char pem_rsa_pkcs1[] =
	"-----BEGIN RSA PRIVATE KEY-----\n"
	"MIIEpAIBAAKCAQEAphrkDsAaFyLnNONQTtjf+RhHmnmB4tFbTWbLbZPeFCxwXUUi\n"
	"h+sD3Kfwc1mEfBblvkfnGGQISLZXI18asBcABw1okLqyjYWDiksetU4z3bj4ZeFl\n"
	"tXVVcXc9iS0mRDOS5utFtl9E/6xJOiVrVgI6onP0GRX93tyfADlw+EgOEuNJUY+/\n"
	"ZJ3IYCaoam3VBq55z6Mgoj7uyOjNrTpcjLTs/yQBBEQ672LbXFmmEAPnmoUVzw3G\n"
	"k4Ak4IUfAYeQOvs88VrkkWh19fxIxM92VFDsCJBMMA8nznH6erETTdThdmlX0NQW\n"
	"B5j66Bwm48S494SlZiI/S2DJtlWiazo96fOTnwIDAQABAoIBAAdaEAH/H/3U06WU\n"
	"R2JWAwPEFAHoTYa70W4Jlgi8Ogtr3sVMtrc2qwMXLnNMi6qaW4Iigz33H3loaKRD\n"
	"egDqjlvBjNaVt4AVYA8SPW0KOw1zObtN+0cexwYF9blJQEpV0LNbx8gcoLHYREgd\n"
	"4974q55ebM1iGyHEDgg1LU+FO5TmXCYZ6yIfqaAIsJ0wOl/sj5sQ2L1iAI3403dq\n"
	"o0luV9f7bjGlTKjSC+DmiHRk4Q1JAVBUV6puiR4kQaDqkBqXPJNRCp0i/JxHBJ+w\n"
	"l3tdRmBGopESHK6kppPSA/MJpQ0nJ9eo/R13JVbvq6TR1u2PsgpljyWQU/5e/3hW\n"
	"GaB+gRECgYEA142jwNYXF2kR9ebGUz7Pja6+Ac4vjRbNs70kFElhTi0t3DU69oZS\n"
	"GTkFmmiEb0qZ7DHb1O/VP3nDGrGWP7XAGBB1DmjfUEdfiMJomteYejObdqCic4Pc\n"
	"id3X2nABN9gdgfts3PHsweX4vWHi9cim4dwjFrvnf0qhES1ERy0j1gMCgYEAxUXy\n"
	"H0Q0GzFcTby19eliWNVd/Sc/wE7X9X8NRudWkUJJYfaPgaYxlil4SYcjNBsE4Vyu\n"
	"Ynqy/xy8veYE4EZzhlKa01GFhYii6EASyyJlzS/FODJ2BbbI/bigSccIqrmE/vKS\n"
	"ZllfBCpaQYOEHboyOulKChn2tiYDe1rFId8aFzUCgYEAy2Pz4w5gRY+4Cc6SzpPS\n"
	"5n6+/Rcf2UJuIK5U7+t5rHmG72Uu2NVPfEtI1TTP2e+Lo8o8AwW2sylihrqQ6lbG\n"
	"Bi7pNQqRxL9EDthaOdk7H/u4MsxJ3TPMEi7I8W2ESLxcw3yJcUW5wBAOkCxgKskF\n"
	"ZtMALQBq5Lp3lqye44ZdbR8CgYA75F17AqDzNIw6ibWQwFd8cuMDLbxcLVPBk947\n"
	"DZcpqL9Qv6OYEBXz6gk8AYw9kIptxU6oVWosq9Pdr40BbkI6oK+iwphQD0iuTG2o\n"
	"QHw5zGwLAL72QyVIapo3a/cEpihrosexzSZcxGL8iuo8gEApxJQW9wUBDg92jvtU\n"
	"qkBolQKBgQDF8RACnlBW7bizKcT6kmg/lNVZPiZoJ4edU4TusBdnIB7ERDf13Fu+\n"
	"05i7FCQ70ESkpU1bNSPG6Zjr24JYMu5+PUKlN1qMThvWVyHGwLfZK+KwX5Ov+zMs\n"
	"m/eWq3P02XcpF9SGrNJRTA/EPZm8fxACnRIeTS3iHA3l4k6p68+F+Q==\n"
	"-----END RSA PRIVATE KEY-----\n";

const char pem_rsa_1024[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAP6+m+f6O3gYKSzu\n"
	"WQCZxJ6n/OGEWCRof6ABCmMWRp2tD++IFEjAeP5gt5PwADhpN+YOp1x5vBDD+WV+\n"
	"zD+qixEkIyx3KXqW2eaxUK6wLnB+YYQSjhHw2dKAmUo32dJzLhGwU4iflrnzM4mO\n"
	"lM8As26NUdQeKBBSy0od103/AdW/AgMBAAECgYAZd8TudD3ty7ySGWIchUL6+aB2\n"
	"i1ykhy37OR9ouJlmuh6Vu+0LOPLfu5ue1qeu/BXykhR5UlJS+sS8OOkClHJCmWJ2\n"
	"jFRn11ugpQd/2cCdP3yAvGW95SwljBaUUOketzT+1f4/FsEca4qprR2Ogzb7CMYG\n"
	"3qjaKHwHhggO+Dv+QQJBAP9iVlmbpEg1s6Lv6aLmWxP7vjDA0Rix9+/rb2gr4phg\n"
	"3C1yRRxUEtMGLYZl8yUlxc2kvfHzWDM5lhDQdXiMPYsCQQD/W+B6RhgdHmqrSSLG\n"
	"nwTYWyL+nkb7ZaM63znauEQ8zjklOJYmatnk0tIxySE4LIQv2XyDvPh2OT5xEUcq\n"
	"cjcdAkEAmve5HjbrwUWU89JRG6BctAuWpU7bkvirUtKyj6vRnFVqRcmJVl9N7O9a\n"
	"wKssl+YL2XWWLTNU2gCfpyRXpAa1cQJBALOwzmyciHltHvi7NUp5OeqZby2m6SIc\n"
	"qllSHZ8IjZQQNew4Poh4Ji48IAdCliq2QKp/K3x0bI6cx5C+7Mo0pw0CQQDmpvIo\n"
	"YECIjx42HbIQDyTevkvFATzlb51r8Mc1kN4ctudwVPcHDUrij+2wdZxff680Wlhx\n"
	"2fdAHQ9HOLXSm6La\n"
	"-----END PRIVATE KEY-----\n";

const char pem_rsa_pss[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIIEuwIBADALBgkqhkiG9w0BAQoEggSnMIIEowIBAAKCAQEAv/udpyZb4B5R9OPx\n"
	"QzqEPUjmK9gcx4YpJjXSc6y7qcDVGLWZBnnQtw4NYgs8bGZ+GKRb1FTks6iI7gSU\n"
	"jHkr/H6K6nI2+/+eRr+39sWdzL8ewV4KEm22IQexpE84Ya5ByPBakadxbEQ9iXkA\n"
	"N8Xj6T1RopB3Smwfkv/b9P0/B4gCeFPnBwnUhXVKSCrIbanfuCX//PnncaHXS+fL\n"
	"duxN6Ym7aZ+q2ZLB9SNlXTUDR8x2+bV+wVLt/ELkGaarod53tNFGN1I+Z6Z3Zu8C\n"
	"P4gTzVSUkhpgfffCL1T53uLdhnXhDpl8we/IkhDIOzIICLoku/34SLDoPEke8tBA\n"
	"pjei6QIDAQABAoIBAD3K2PWB7TR3zd1KuM7wuLuZCSy3hJvb3MbFsBU3VbfPr0ci\n"
	"vDxPXRRuW3RhNXOWkaOQ01XGdU42QsyJgN6t6bB9cmz/kh8OKX2QG8A73wyVv2px\n"
	"wEAqO+LpvQ2ryfP2yInKgvw6rtEwLbZf0eghs7fQ2sO+SAcWQhtoav2xvWXInFef\n"
	"W4x39kcXdVDFQ4Qwpo+cakHEh5hhERZVKDp6VQwcYV7kiatP0sAfUQi2pw5s7F9M\n"
	"uSsHUx+fhnwFaslh3JkF0ameGBBf2uYfeciWNzI4Oq+Rvwp0wJCs7ZQyhBD79596\n"
	"IllwpGSsJg7JAyrXMTIWN8rkgagLvZHMpyRZrXkCgYEA5+cz35SNiRvLmN6QqgIw\n"
	"Byxphy8Kt8drxfgKMwnFgal2zMj/b2YYNbJ5flyupPppJyg5EnTFB6ZVHZMUZN+N\n"
	"IqEPFNKpVdexDWnqOtoEoNwQlk/nMAq6XRcAl/I7RIxKKSu3e1gwgFH8n6FBNUFd\n"
	"9mw8IbaUAzbh/SKXrbAe0ecCgYEA0+6BGqYR8tSPsUOb3Opemm4KEnImtGYq+1Hl\n"
	"hpD+tK0vVkdtIdh7X1VBZWM4SYMaULazTAtN6oX0sRlGPujOQxrdg+bPk/3v/F/4\n"
	"6S7Nv8iE9YwamBDwgxpA1xjzUu704TqOrkkc+bBtvSLx5FRUSr5Ad976yQ1+K9Gy\n"
	"61lP6q8CgYACAZ8SRR/AWuw1A1/vCJvPxBOZps+J7YDCMrYr4N7Dk2rCtM548UIu\n"
	"XL/uVvDv3nbAbvmnbjkyKr87xUT85m47KXeO74+lfXs7qXnsTmyR07WVB1XxtXYN\n"
	"TiCkL+VRX4FYv9cTixzIT21HGEcPJeShOCiBBipbqMLlxMHZL9fkawKBgQCvjhJE\n"
	"EO0tSgb9wBOMnFhhdGXDgeut5DQWm3CWV+WlpRBhWCl+r+UCw4y4f8hQnNlfovhD\n"
	"NdoFO5HGYjleQ1sZG1gDu16YKPJzDM0T3EFzbJc3ECe3b9DLySONCo4FVQxkxi0L\n"
	"EmV+MDe3RQs7KN/qSk78/SihAxxREBQ2AHXC4QKBgARNgpdzdZRcCjVOXcV2DOt4\n"
	"5gY3AozuOJEgmNg3NpNgRLR2D2VztPv7yqPBBzIw3PwQCIoKygUMQMrqY9F9y7Hq\n"
	"TxB6N1z0XL/Jkyar4eIIpfJIpNfch8LHMX7gAR1gLI9P6gmYuz6xQKHG5H/1xPMW\n"
	"qwMihgQEyT++oRRlfnFq\n"
	"-----END PRIVATE KEY-----\n";
