# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/control/test_control
tests_unit_control_test_control_SOURCES = \
	tests/unit/control/test_control.c \
	tests/unit/control/socket.h
tests_unit_control_test_control_LDADD = $(upto_control) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/control/test_request
tests_unit_control_test_request_SOURCES = \
	tests/unit/control/test_request.c \
	tests/unit/control/socket.h
tests_unit_control_test_request_LDADD = $(upto_control) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/control/test_status
tests_unit_control_test_status_SOURCES = \
	tests/unit/control/test_status.c \
	tests/unit/control/socket.h
tests_unit_control_test_status_LDADD = $(upto_control) $(UNIT_LIBS)
