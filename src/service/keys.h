/* SPDX-License-Identifier: MIT */
/* All keys of a configuration. */
#pragma once

#include "config/table.h"

/* All tables joined: those of service/service.h, oauth_settings_table, and
 * those of grants and client authentication methods; NULL-terminated. */
const struct config_table *const *service_tables(void);
