/* SPDX-License-Identifier: MIT */
/* Whether a file is in the hands of those who may decide what this process
 * does, as OpenSSH's StrictModes asks it: who owns the file and the directories
 * on the way to it, and who else can write or read it. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/fault.h"

/* Who is trusted: root always, and these. */
struct ownership {
	uid_t user;  /* whose process it is */
	uid_t owner; /* one more, or the same again */
};

/* What is asked of a file beyond that nobody else can write to it. */
enum ownership_use {
	OWNERSHIP_READ,   /* nothing */
	OWNERSHIP_SECRET, /* it is told where everybody can read it */
	OWNERSHIP_KEY,    /* nobody else can read it */
};

enum ownership_result {
	OWNERSHIP_BAD,
	OWNERSHIP_EXPOSED, /* good, but everybody can reach and read it */
	OWNERSHIP_GOOD,
};

/* The process's own user, and nobody else. */
struct ownership ownership_of_process(void);

/* Looks at the file that path leads to (from the working directory where it is
 * relative), and at each directory and symbolic link on the way.
 *
 * Each belongs to root or to a trusted user, and nobody else can write to it:
 * not all users, no group but one that has no other member than trusted ones
 * and has one of these, and nobody by an access control list (acl(5)). In a
 * directory with the sticky bit only owners exchange files, so that everybody
 * may write to it; the links in it belong to a trusted user then. In a user
 * namespace a directory may belong to users that are not known there. What is
 * mounted read-only can be written by nobody. Devices are not looked at.
 *
 * OWNERSHIP_BAD and OWNERSHIP_EXPOSED come with a fault that names the file or
 * directory, and what would be right. A path that leads to no file is good as
 * far as it goes. May block: users are looked up. Any thread. */
ATTR_MUST_CHECK enum ownership_result
ownership_check(const struct ownership *who, const char *path,
		enum ownership_use use, struct fault *f);
