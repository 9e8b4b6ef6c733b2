# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/config/test_catalogue
tests_unit_config_test_catalogue_SOURCES = \
	tests/unit/config/test_catalogue.c \
	tests/unit/config/scratch.h
tests_unit_config_test_catalogue_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_cidr
tests_unit_config_test_cidr_SOURCES = \
	tests/unit/config/test_cidr.c \
	tests/unit/config/scratch.h
tests_unit_config_test_cidr_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_command
tests_unit_config_test_command_SOURCES = \
	tests/unit/config/test_command.c \
	tests/unit/config/scratch.h
tests_unit_config_test_command_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_config
tests_unit_config_test_config_SOURCES = \
	tests/unit/config/test_config.c \
	tests/unit/config/scratch.h
tests_unit_config_test_config_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_file
tests_unit_config_test_file_SOURCES = \
	tests/unit/config/test_file.c \
	tests/unit/config/scratch.h
tests_unit_config_test_file_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_include
tests_unit_config_test_include_SOURCES = \
	tests/unit/config/test_include.c \
	tests/unit/config/scratch.h
tests_unit_config_test_include_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_ini
tests_unit_config_test_ini_SOURCES = \
	tests/unit/config/test_ini.c \
	tests/unit/config/scratch.h
tests_unit_config_test_ini_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_live_secret
tests_unit_config_test_live_secret_SOURCES = \
	tests/unit/config/test_live_secret.c \
	tests/unit/config/scratch.h
tests_unit_config_test_live_secret_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_mask
tests_unit_config_test_mask_SOURCES = \
	tests/unit/config/test_mask.c \
	tests/unit/config/scratch.h
tests_unit_config_test_mask_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_nearest
tests_unit_config_test_nearest_SOURCES = \
	tests/unit/config/test_nearest.c \
	tests/unit/config/scratch.h
tests_unit_config_test_nearest_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_pairs
tests_unit_config_test_pairs_SOURCES = \
	tests/unit/config/test_pairs.c \
	tests/unit/config/scratch.h
tests_unit_config_test_pairs_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_profile
tests_unit_config_test_profile_SOURCES = \
	tests/unit/config/test_profile.c \
	tests/unit/config/scratch.h
tests_unit_config_test_profile_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_report
tests_unit_config_test_report_SOURCES = \
	tests/unit/config/test_report.c \
	tests/unit/config/scratch.h
tests_unit_config_test_report_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_strict
tests_unit_config_test_strict_SOURCES = \
	tests/unit/config/test_strict.c \
	tests/unit/config/scratch.h
tests_unit_config_test_strict_LDADD = $(upto_config) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/config/test_value
tests_unit_config_test_value_SOURCES = \
	tests/unit/config/test_value.c \
	tests/unit/config/scratch.h
tests_unit_config_test_value_LDADD = $(upto_config) $(UNIT_LIBS)
