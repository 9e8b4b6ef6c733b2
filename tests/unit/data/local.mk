# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/data/test_base64url
tests_unit_data_test_base64url_SOURCES = \
	tests/unit/data/test_base64url.c
tests_unit_data_test_base64url_LDADD = $(upto_data) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/data/test_date
tests_unit_data_test_date_SOURCES = \
	tests/unit/data/test_date.c
tests_unit_data_test_date_LDADD = $(upto_data) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/data/test_form
tests_unit_data_test_form_SOURCES = \
	tests/unit/data/test_form.c
tests_unit_data_test_form_LDADD = $(upto_data) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/data/test_json
tests_unit_data_test_json_SOURCES = \
	tests/unit/data/test_json.c
tests_unit_data_test_json_LDADD = $(upto_data) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/data/test_json_out
tests_unit_data_test_json_out_SOURCES = \
	tests/unit/data/test_json_out.c
tests_unit_data_test_json_out_LDADD = $(upto_data) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/data/test_json_path
tests_unit_data_test_json_path_SOURCES = \
	tests/unit/data/test_json_path.c
tests_unit_data_test_json_path_LDADD = $(upto_data) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/data/test_json_refusal
tests_unit_data_test_json_refusal_SOURCES = \
	tests/unit/data/test_json_refusal.c
tests_unit_data_test_json_refusal_LDADD = $(upto_data) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/data/test_parameters
tests_unit_data_test_parameters_SOURCES = \
	tests/unit/data/test_parameters.c
tests_unit_data_test_parameters_LDADD = $(upto_data) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/data/test_uri
tests_unit_data_test_uri_SOURCES = \
	tests/unit/data/test_uri.c
tests_unit_data_test_uri_LDADD = $(upto_data) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/data/test_utf8
tests_unit_data_test_utf8_SOURCES = \
	tests/unit/data/test_utf8.c
tests_unit_data_test_utf8_LDADD = $(upto_data) $(UNIT_LIBS)
