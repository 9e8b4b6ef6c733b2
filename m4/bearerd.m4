dnl SPDX-License-Identifier: MIT
dnl The checks of this project's own: flags are probed one by one, so that a
dnl compiler that lacks one still builds, without it.

# BEARERD_COMPILE_FLAGS(VARIABLE, FLAGS)
# Appends to VARIABLE each of FLAGS that the compiler takes silently, together
# with the user's own flags.
AC_DEFUN([BEARERD_COMPILE_FLAGS], [
for bearerd_flag in m4_normalize([$2]); do
	AC_MSG_CHECKING([whether $CC accepts $bearerd_flag])
	bearerd_save=$CFLAGS
	CFLAGS="-Werror $bearerd_flag $CPPFLAGS $CFLAGS"
	AC_COMPILE_IFELSE(
		[AC_LANG_PROGRAM([[#include <string.h>]], [[return 0;]])],
		[AC_MSG_RESULT([yes])
		AS_VAR_APPEND([$1], [" $bearerd_flag"])],
		[AC_MSG_RESULT([no])])
	CFLAGS=$bearerd_save
done
])

# BEARERD_LINK_FLAGS(VARIABLE, FLAGS)
# The same for the linker.
AC_DEFUN([BEARERD_LINK_FLAGS], [
for bearerd_flag in m4_normalize([$2]); do
	AC_MSG_CHECKING([whether the linker accepts $bearerd_flag])
	bearerd_save_CFLAGS=$CFLAGS
	bearerd_save_LDFLAGS=$LDFLAGS
	CFLAGS="-Werror $HARDEN_CFLAGS $CFLAGS"
	LDFLAGS="$bearerd_flag $LDFLAGS"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes])
		AS_VAR_APPEND([$1], [" $bearerd_flag"])],
		[AC_MSG_RESULT([no])])
	CFLAGS=$bearerd_save_CFLAGS
	LDFLAGS=$bearerd_save_LDFLAGS
done
])

# BEARERD_LIBRARY(PREFIX, MODULE AND VERSION, DEBIAN'S PACKAGE)
# PREFIX_CFLAGS and PREFIX_LIBS of a library that the program cannot be
# without. Its headers count as the system's: our warnings are not for them.
AC_DEFUN([BEARERD_LIBRARY], [
PKG_CHECK_MODULES([$1], [$2], [],
	[AC_MSG_ERROR([$2 is needed (Debian's package is $3): $$1_PKG_ERRORS])])
$1_CFLAGS=`AS_ECHO(["$$1_CFLAGS"]) | sed 's/-I */-isystem /g'`
])

# BEARERD_LUA
# LUA_CFLAGS and LUA_LIBS of Lua 5.4, which each distribution's pkg-config knows
# by another name.
AC_DEFUN([BEARERD_LUA], [
bearerd_lua=lua5.4
for bearerd_name in lua5.4 lua-5.4 lua54; do
	AS_IF([$PKG_CONFIG --exists $bearerd_name],
		[bearerd_lua=$bearerd_name; break])
done
BEARERD_LIBRARY([LUA], [$bearerd_lua >= 5.4], [liblua5.4-dev])
])

# BEARERD_CURL_ON_GNUTLS
# Certificates are checked in GnuTLS's session behind libcurl's back, which
# another TLS library does not have. The program looks again at its start.
AC_DEFUN([BEARERD_CURL_ON_GNUTLS], [
AC_CACHE_CHECK([whether libcurl is built on GnuTLS], [bearerd_cv_curl_gnutls], [
	bearerd_save_CFLAGS=$CFLAGS
	bearerd_save_LIBS=$LIBS
	CFLAGS="$CURL_CFLAGS $CFLAGS"
	LIBS="$CURL_LIBS $LIBS"
	AC_RUN_IFELSE([AC_LANG_PROGRAM([[
#include <string.h>
#include <curl/curl.h>]], [[
const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
return !v->ssl_version || !strstr(v->ssl_version, "GnuTLS");]])],
		[bearerd_cv_curl_gnutls=yes], [bearerd_cv_curl_gnutls=no],
		[bearerd_cv_curl_gnutls="assumed, cross compiling"])
	CFLAGS=$bearerd_save_CFLAGS
	LIBS=$bearerd_save_LIBS
])
AS_VAR_IF([bearerd_cv_curl_gnutls], [no],
	[AC_MSG_ERROR(m4_normalize([libcurl must be the one that is built on
		GnuTLS (Debian's package is libcurl4-gnutls-dev)]))])
])
