# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/preview/test_preview
tests_unit_preview_test_preview_SOURCES = \
	tests/unit/preview/test_preview.c \
	tests/unit/preview/shown.h
tests_unit_preview_test_preview_LDADD = $(upto_preview) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/preview/test_secrets
tests_unit_preview_test_secrets_SOURCES = \
	tests/unit/preview/test_secrets.c \
	tests/unit/preview/shown.h
tests_unit_preview_test_secrets_LDADD = $(upto_preview) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/preview/test_text
tests_unit_preview_test_text_SOURCES = \
	tests/unit/preview/test_text.c \
	tests/unit/preview/shown.h
tests_unit_preview_test_text_LDADD = $(upto_preview) $(UNIT_LIBS)
