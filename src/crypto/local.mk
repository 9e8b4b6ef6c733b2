# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/crypto/libcrypto.a
src_crypto_libcrypto_a_SOURCES = \
	src/crypto/aead.h \
	src/crypto/digest.h \
	src/crypto/jwk.h \
	src/crypto/jwk_set.h \
	src/crypto/jws.h \
	src/crypto/jwt.h \
	src/crypto/key.h \
	src/crypto/key_int.h \
	src/crypto/random.h \
	src/crypto/aead.c \
	src/crypto/digest.c \
	src/crypto/jwk.c \
	src/crypto/jwk_set.c \
	src/crypto/jwk_write.c \
	src/crypto/jws.c \
	src/crypto/jwt.c \
	src/crypto/key.c \
	src/crypto/key_load.c \
	src/crypto/random.c
upto_crypto = src/crypto/libcrypto.a $(upto_data)
