dnl SPDX-License-Identifier: MIT
dnl The checks of this project's own: flags are probed one by one, so that a
dnl compiler that lacks one still builds, without it.

# BEARERD_COMPILE_FLAGS(VARIABLE, FLAGS)
# Appends to VARIABLE each of FLAGS that the compiler takes silently, together
# with the user's own flags.
AC_DEFUN([BEARERD_COMPILE_FLAGS], [
m4_foreach_w([flag], [$2], [
AS_VAR_PUSHDEF([cache], [bearerd_cv_compile_]flag)
AC_CACHE_CHECK([whether $CC accepts ]flag, [cache], [
	bearerd_save=$CFLAGS
	CFLAGS="-Werror flag $CPPFLAGS $CFLAGS"
	AC_COMPILE_IFELSE(
		[AC_LANG_PROGRAM([[#include <string.h>]], [[return 0;]])],
		[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
	CFLAGS=$bearerd_save
])
AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" flag"])])
AS_VAR_POPDEF([cache])
])
])

# BEARERD_LINK_FLAGS(VARIABLE, FLAGS)
# The same for the linker.
AC_DEFUN([BEARERD_LINK_FLAGS], [
m4_foreach_w([flag], [$2], [
AS_VAR_PUSHDEF([cache], [bearerd_cv_link_]flag)
AC_CACHE_CHECK([whether the linker accepts ]flag, [cache], [
	bearerd_save=$LDFLAGS
	LDFLAGS="-Werror $HARDEN_CFLAGS flag $LDFLAGS"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
		[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
	LDFLAGS=$bearerd_save
])
AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" flag"])])
AS_VAR_POPDEF([cache])
])
])

# BEARERD_LIBRARY(PREFIX, MODULE AND VERSION, DEBIAN'S PACKAGE)
# PREFIX_CFLAGS and PREFIX_LIBS of a library that the program cannot be
# without. Its headers count as the system's: our warnings are not for them.
AC_DEFUN([BEARERD_LIBRARY], [
PKG_CHECK_MODULES([$1], [$2], [],
	[AC_MSG_ERROR([$2 is needed (Debian's package is $3): $$1_PKG_ERRORS])])
$1_CFLAGS=`AS_ECHO(["$$1_CFLAGS"]) | sed 's/-I */-isystem /g'`
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
	[AC_MSG_ERROR([libcurl must be the one that is built on GnuTLS (Debian's package is libcurl4-gnutls-dev)])])
])
