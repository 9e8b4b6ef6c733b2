# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/upstream/test_transfer_curl
tests_unit_upstream_test_transfer_curl_SOURCES = \
	tests/unit/upstream/test_transfer_curl.c \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h
tests_unit_upstream_test_transfer_curl_LDADD = $(upto_upstream) $(UNIT_LIBS)
