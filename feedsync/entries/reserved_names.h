/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of feeds and categories in a table that no configuration may give to a feed or category of its own. */
#pragma once

#define OPERATOR_FEED "operator"     /* the feed whose rules are the configuration's `allow` and `block` */
#define OPERATOR_CATEGORY "allow"    /* of what is allowed; what is blocked is of the */
#define DEFAULT_CATEGORY "malicious" /* category that every table has: of a feed that names none, and of `block` */
#define SELF_TEST_FEED "self-test"   /* feed and category of the self-test (self_test.h) */
