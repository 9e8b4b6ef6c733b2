# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/http/test_address
tests_unit_http_test_address_SOURCES = \
	tests/unit/http/test_address.c
tests_unit_http_test_address_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_cache_control
tests_unit_http_test_cache_control_SOURCES = \
	tests/unit/http/test_cache_control.c
tests_unit_http_test_cache_control_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_challenge
tests_unit_http_test_challenge_SOURCES = \
	tests/unit/http/test_challenge.c
tests_unit_http_test_challenge_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_connection_auth
tests_unit_http_test_connection_auth_SOURCES = \
	tests/unit/http/test_connection_auth.c
tests_unit_http_test_connection_auth_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_content_coding
tests_unit_http_test_content_coding_SOURCES = \
	tests/unit/http/test_content_coding.c
tests_unit_http_test_content_coding_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_fields
tests_unit_http_test_fields_SOURCES = \
	tests/unit/http/test_fields.c
tests_unit_http_test_fields_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_message
tests_unit_http_test_message_SOURCES = \
	tests/unit/http/test_message.c
tests_unit_http_test_message_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_override
tests_unit_http_test_override_SOURCES = \
	tests/unit/http/test_override.c
tests_unit_http_test_override_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_path_reading
tests_unit_http_test_path_reading_SOURCES = \
	tests/unit/http/test_path_reading.c
tests_unit_http_test_path_reading_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_response_parser
tests_unit_http_test_response_parser_SOURCES = \
	tests/unit/http/test_response_parser.c
tests_unit_http_test_response_parser_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_target
tests_unit_http_test_target_SOURCES = \
	tests/unit/http/test_target.c
tests_unit_http_test_target_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_template
tests_unit_http_test_template_SOURCES = \
	tests/unit/http/test_template.c
tests_unit_http_test_template_LDADD = $(upto_http) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/http/test_url_secret
tests_unit_http_test_url_secret_SOURCES = \
	tests/unit/http/test_url_secret.c
tests_unit_http_test_url_secret_LDADD = $(upto_http) $(UNIT_LIBS)
