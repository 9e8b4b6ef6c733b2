/* SPDX-License-Identifier: MIT */
/* Where bearerd's own files are (bearerd(8), Files). */
#pragma once

#include <stddef.h>

#include "service/service.h"

/* The default file: /etc/bearerd/bearerd.ini for root, else below
 * $XDG_CONFIG_HOME or ~/.config. mem_free. */
char *services_default_path(void);
/* Where profiles are looked for last: $BEARERD_PROVIDER_DIR; or, for a
 * program that stands where it was built, conf/providers there; or where they
 * are installed. mem_free. */
char *services_provider_dir(void);
/* The folder of the store and its key (bearerd(8), Files). mem_free. */
char *services_state_dir(void);
/* Where the commands reach the daemon: control, or its default (bearerd(8),
 * Files). mem_free. */
char *services_control_path(const struct proxy_settings *p);
/* The store's specification, the default filled in; mem_free by way of
 * secret_unref. */
struct secret *services_store_spec(const struct services *s);
/* The first key file (to be made where missing: *made_here), then the rest.
 * mem_free of each and of the array. */
char **services_key_files(const struct services *s, size_t *n);
