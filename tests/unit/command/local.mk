# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/command/test_browser
tests_unit_command_test_browser_SOURCES = \
	tests/unit/command/test_browser.c
tests_unit_command_test_browser_LDADD = $(upto_command) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/command/test_command
tests_unit_command_test_command_SOURCES = \
	tests/unit/command/test_command.c
tests_unit_command_test_command_LDADD = $(upto_command) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/command/test_control_client
tests_unit_command_test_control_client_SOURCES = \
	tests/unit/command/test_control_client.c
tests_unit_command_test_control_client_LDADD = $(upto_command) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/command/test_daemon
tests_unit_command_test_daemon_SOURCES = \
	tests/unit/command/test_daemon.c
tests_unit_command_test_daemon_LDADD = $(upto_command) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/command/test_descriptors
tests_unit_command_test_descriptors_SOURCES = \
	tests/unit/command/test_descriptors.c
tests_unit_command_test_descriptors_LDADD = $(upto_command) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/command/test_libraries
tests_unit_command_test_libraries_SOURCES = \
	tests/unit/command/test_libraries.c
tests_unit_command_test_libraries_LDADD = $(upto_command) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/command/test_status_introspection
tests_unit_command_test_status_introspection_SOURCES = \
	tests/unit/command/test_status_introspection.c
tests_unit_command_test_status_introspection_LDADD = $(upto_command) $(UNIT_LIBS)
