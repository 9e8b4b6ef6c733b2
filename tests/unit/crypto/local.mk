# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/crypto/test_aead
tests_unit_crypto_test_aead_SOURCES = \
	tests/unit/crypto/test_aead.c
tests_unit_crypto_test_aead_LDADD = $(upto_crypto) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/crypto/test_digest
tests_unit_crypto_test_digest_SOURCES = \
	tests/unit/crypto/test_digest.c
tests_unit_crypto_test_digest_LDADD = $(upto_crypto) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/crypto/test_random
tests_unit_crypto_test_random_SOURCES = \
	tests/unit/crypto/test_random.c
tests_unit_crypto_test_random_LDADD = $(upto_crypto) $(UNIT_LIBS)
