/* SPDX-License-Identifier: MIT */
/* The parameters of a query or a form as they were written
 * (application/x-www-form-urlencoded): found by their decoded names, taken out
 * and added without a change to any other octet. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

/* Whether raw has a parameter of this (decoded) name; allocates nothing. */
bool parameters_have(struct str raw, struct str name);
/* Appends raw without the parameters of this name; false where none is left
 * (an empty one between two "&" is one). raw whose p is
 * NULL holds none. */
bool parameters_keep(struct buf *out, struct str raw, struct str name);
/* Appends raw and behind it "name=value": name is encoded, value is taken as
 * it is. */
void parameters_add(struct buf *out, struct str raw, struct str name,
		    struct str value);
