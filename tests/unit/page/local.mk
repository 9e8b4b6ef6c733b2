# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/page/test_health
tests_unit_page_test_health_SOURCES = \
	tests/unit/page/test_health.c \
	tests/unit/page/page.h
tests_unit_page_test_health_LDADD = $(upto_page) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/page/test_html
tests_unit_page_test_html_SOURCES = \
	tests/unit/page/test_html.c \
	tests/unit/page/page.h
tests_unit_page_test_html_LDADD = $(upto_page) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/page/test_login_page
tests_unit_page_test_login_page_SOURCES = \
	tests/unit/page/test_login_page.c \
	tests/unit/page/page.h
tests_unit_page_test_login_page_LDADD = $(upto_page) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/page/test_pages
tests_unit_page_test_pages_SOURCES = \
	tests/unit/page/test_pages.c \
	tests/unit/page/page.h
tests_unit_page_test_pages_LDADD = $(upto_page) $(UNIT_LIBS)
