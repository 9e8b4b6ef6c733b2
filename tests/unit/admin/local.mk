# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/admin/test_control
tests_unit_admin_test_control_SOURCES = \
	tests/unit/admin/test_control.c \
	tests/unit/admin/page.h
tests_unit_admin_test_control_LDADD = $(upto_admin) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/admin/test_control_request
tests_unit_admin_test_control_request_SOURCES = \
	tests/unit/admin/test_control_request.c \
	tests/unit/admin/page.h
tests_unit_admin_test_control_request_LDADD = $(upto_admin) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/admin/test_health
tests_unit_admin_test_health_SOURCES = \
	tests/unit/admin/test_health.c \
	tests/unit/admin/page.h
tests_unit_admin_test_health_LDADD = $(upto_admin) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/admin/test_html
tests_unit_admin_test_html_SOURCES = \
	tests/unit/admin/test_html.c \
	tests/unit/admin/page.h
tests_unit_admin_test_html_LDADD = $(upto_admin) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/admin/test_login_page
tests_unit_admin_test_login_page_SOURCES = \
	tests/unit/admin/test_login_page.c \
	tests/unit/admin/page.h
tests_unit_admin_test_login_page_LDADD = $(upto_admin) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/admin/test_pages
tests_unit_admin_test_pages_SOURCES = \
	tests/unit/admin/test_pages.c \
	tests/unit/admin/page.h
tests_unit_admin_test_pages_LDADD = $(upto_admin) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/admin/test_status
tests_unit_admin_test_status_SOURCES = \
	tests/unit/admin/test_status.c \
	tests/unit/admin/page.h
tests_unit_admin_test_status_LDADD = $(upto_admin) $(UNIT_LIBS)
