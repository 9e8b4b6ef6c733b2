/* SPDX-License-Identifier: MIT */
/* What this process changes of itself that its children would inherit: the
 * limits of core dumps and of open files, the mode of new files. Programs that
 * it starts get these as it was given them itself. */
#pragma once

/* Notes them. Once, at the start of main, before anything changes them. */
void inherited_note(void);
/* In a child, between fork and exec: sets them again; nothing where they were
 * not noted. Calls only what may be called there (signal-safety(7), and
 * setrlimit(2), which takes no lock). */
void inherited_restore(void);
