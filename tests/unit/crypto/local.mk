# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/crypto/test_aead
tests_unit_crypto_test_aead_SOURCES = \
	tests/unit/crypto/test_aead.c \
	tests/unit/crypto/jws_check.h \
	tests/unit/crypto/standard_keys.h \
	tests/unit/crypto/vectors.c \
	tests/unit/crypto/vectors.h
tests_unit_crypto_test_aead_LDADD = $(upto_crypto) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/crypto/test_digest
tests_unit_crypto_test_digest_SOURCES = \
	tests/unit/crypto/test_digest.c \
	tests/unit/crypto/jws_check.h \
	tests/unit/crypto/standard_keys.h \
	tests/unit/crypto/vectors.c \
	tests/unit/crypto/vectors.h
tests_unit_crypto_test_digest_LDADD = $(upto_crypto) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/crypto/test_jwk
tests_unit_crypto_test_jwk_SOURCES = \
	tests/unit/crypto/test_jwk.c \
	tests/unit/crypto/jws_check.h \
	tests/unit/crypto/standard_keys.h \
	tests/unit/crypto/vectors.c \
	tests/unit/crypto/vectors.h
tests_unit_crypto_test_jwk_LDADD = $(upto_crypto) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/crypto/test_jwk_set
tests_unit_crypto_test_jwk_set_SOURCES = \
	tests/unit/crypto/test_jwk_set.c \
	tests/unit/crypto/jws_check.h \
	tests/unit/crypto/standard_keys.h \
	tests/unit/crypto/vectors.c \
	tests/unit/crypto/vectors.h
tests_unit_crypto_test_jwk_set_LDADD = $(upto_crypto) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/crypto/test_jws
tests_unit_crypto_test_jws_SOURCES = \
	tests/unit/crypto/test_jws.c \
	tests/unit/crypto/jws_check.h \
	tests/unit/crypto/standard_keys.h \
	tests/unit/crypto/vectors.c \
	tests/unit/crypto/vectors.h
tests_unit_crypto_test_jws_LDADD = $(upto_crypto) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/crypto/test_jws_standards
tests_unit_crypto_test_jws_standards_SOURCES = \
	tests/unit/crypto/test_jws_standards.c \
	tests/unit/crypto/jws_check.h \
	tests/unit/crypto/standard_keys.h \
	tests/unit/crypto/vectors.c \
	tests/unit/crypto/vectors.h
tests_unit_crypto_test_jws_standards_LDADD = $(upto_crypto) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/crypto/test_jwt
tests_unit_crypto_test_jwt_SOURCES = \
	tests/unit/crypto/test_jwt.c \
	tests/unit/crypto/jws_check.h \
	tests/unit/crypto/standard_keys.h \
	tests/unit/crypto/vectors.c \
	tests/unit/crypto/vectors.h
tests_unit_crypto_test_jwt_LDADD = $(upto_crypto) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/crypto/test_key
tests_unit_crypto_test_key_SOURCES = \
	tests/unit/crypto/test_key.c \
	tests/unit/crypto/jws_check.h \
	tests/unit/crypto/standard_keys.h \
	tests/unit/crypto/vectors.c \
	tests/unit/crypto/vectors.h
tests_unit_crypto_test_key_LDADD = $(upto_crypto) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/crypto/test_random
tests_unit_crypto_test_random_SOURCES = \
	tests/unit/crypto/test_random.c \
	tests/unit/crypto/jws_check.h \
	tests/unit/crypto/standard_keys.h \
	tests/unit/crypto/vectors.c \
	tests/unit/crypto/vectors.h
tests_unit_crypto_test_random_LDADD = $(upto_crypto) $(UNIT_LIBS)
