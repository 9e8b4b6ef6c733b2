# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/authserver/test_call
tests_unit_authserver_test_call_SOURCES = \
	tests/unit/authserver/test_call.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_call_LDADD = $(upto_authserver) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/authserver/test_call_proof
tests_unit_authserver_test_call_proof_SOURCES = \
	tests/unit/authserver/test_call_proof.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_call_proof_LDADD = $(upto_authserver) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/authserver/test_discovery
tests_unit_authserver_test_discovery_SOURCES = \
	tests/unit/authserver/test_discovery.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_discovery_LDADD = $(upto_authserver) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/authserver/test_id_check
tests_unit_authserver_test_id_check_SOURCES = \
	tests/unit/authserver/test_id_check.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_id_check_LDADD = $(upto_authserver) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/authserver/test_introspect
tests_unit_authserver_test_introspect_SOURCES = \
	tests/unit/authserver/test_introspect.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_introspect_LDADD = $(upto_authserver) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/authserver/test_jwks
tests_unit_authserver_test_jwks_SOURCES = \
	tests/unit/authserver/test_jwks.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_jwks_LDADD = $(upto_authserver) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/authserver/test_metadata_fetch
tests_unit_authserver_test_metadata_fetch_SOURCES = \
	tests/unit/authserver/test_metadata_fetch.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_metadata_fetch_LDADD = $(upto_authserver) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/authserver/test_metadata_store
tests_unit_authserver_test_metadata_store_SOURCES = \
	tests/unit/authserver/test_metadata_store.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_metadata_store_LDADD = $(upto_authserver) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/authserver/test_redact
tests_unit_authserver_test_redact_SOURCES = \
	tests/unit/authserver/test_redact.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_redact_LDADD = $(upto_authserver) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/authserver/test_server_request
tests_unit_authserver_test_server_request_SOURCES = \
	tests/unit/authserver/test_server_request.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_server_request_LDADD = $(upto_authserver) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/authserver/test_token_call
tests_unit_authserver_test_token_call_SOURCES = \
	tests/unit/authserver/test_token_call.c \
	tests/unit/authserver/clients.h \
	tests/unit/authserver/endpoint.h \
	tests/unit/authserver/server_fixture.h
tests_unit_authserver_test_token_call_LDADD = $(upto_authserver) $(UNIT_LIBS)
