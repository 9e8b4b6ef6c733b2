# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/service/test_check
tests_unit_service_test_check_SOURCES = \
	tests/unit/service/test_check.c \
	tests/unit/service/scratch.h
tests_unit_service_test_check_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_routes
tests_unit_service_test_routes_SOURCES = \
	tests/unit/service/test_routes.c \
	tests/unit/service/scratch.h
tests_unit_service_test_routes_LDADD = $(upto_service) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/service/test_services
tests_unit_service_test_services_SOURCES = \
	tests/unit/service/test_services.c \
	tests/unit/service/scratch.h
tests_unit_service_test_services_LDADD = $(upto_service) $(UNIT_LIBS)
