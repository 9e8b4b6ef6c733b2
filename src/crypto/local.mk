# Kept by build-aux/update-lists.
noinst_HEADERS += \
	src/crypto/aead.h \
	src/crypto/digest.h \
	src/crypto/random.h
upto_crypto = $(upto_data)
