# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/service/test_access
tests_unit_service_test_access_SOURCES = \
	tests/unit/service/test_access.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_access_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_authorities
tests_unit_service_test_authorities_SOURCES = \
	tests/unit/service/test_authorities.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_authorities_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_authorization
tests_unit_service_test_authorization_SOURCES = \
	tests/unit/service/test_authorization.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_authorization_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_check
tests_unit_service_test_check_SOURCES = \
	tests/unit/service/test_check.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_check_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_check_proxy
tests_unit_service_test_check_proxy_SOURCES = \
	tests/unit/service/test_check_proxy.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_check_proxy_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_endpoints
tests_unit_service_test_endpoints_SOURCES = \
	tests/unit/service/test_endpoints.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_endpoints_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_example
tests_unit_service_test_example_SOURCES = \
	tests/unit/service/test_example.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_example_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_hooks
tests_unit_service_test_hooks_SOURCES = \
	tests/unit/service/test_hooks.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_hooks_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_host
tests_unit_service_test_host_SOURCES = \
	tests/unit/service/test_host.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_host_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_index
tests_unit_service_test_index_SOURCES = \
	tests/unit/service/test_index.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_index_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_keys
tests_unit_service_test_keys_SOURCES = \
	tests/unit/service/test_keys.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_keys_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_login_url
tests_unit_service_test_login_url_SOURCES = \
	tests/unit/service/test_login_url.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_login_url_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_manual
tests_unit_service_test_manual_SOURCES = \
	tests/unit/service/test_manual.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_manual_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_match
tests_unit_service_test_match_SOURCES = \
	tests/unit/service/test_match.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_match_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_notify_target
tests_unit_service_test_notify_target_SOURCES = \
	tests/unit/service/test_notify_target.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_notify_target_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_others
tests_unit_service_test_others_SOURCES = \
	tests/unit/service/test_others.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_others_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_paths
tests_unit_service_test_paths_SOURCES = \
	tests/unit/service/test_paths.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_paths_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_provider
tests_unit_service_test_provider_SOURCES = \
	tests/unit/service/test_provider.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_provider_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_routes
tests_unit_service_test_routes_SOURCES = \
	tests/unit/service/test_routes.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_routes_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_services
tests_unit_service_test_services_SOURCES = \
	tests/unit/service/test_services.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_services_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_sharing
tests_unit_service_test_sharing_SOURCES = \
	tests/unit/service/test_sharing.c \
	tests/unit/service/scratch.h \
	tests/unit/service/tree.h
tests_unit_service_test_sharing_LDADD = $(upto_service) $(UNIT_LIBS)
