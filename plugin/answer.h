/* From a ruling to what the client gets. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"
#include "decide.h"

struct module_qstate;

/* Puts the blocked answer into the query state: message or return code, EDE, TTLs. All memory is from the state's
 * region. A negative answer carries a SOA (RFC 2308) whose owner is the matched rule's name, or the query name where a
 * target decided, with the table's generation as its serial. The actions that are not built yet (redirect, sinkhole,
 * truncate) give NXDOMAIN. EDE (RFC 8914) is sent by Unbound to those clients only that sent EDNS. Returns false when
 * out of memory, with the state untouched. */
must_check bool answer_blocked(struct module_qstate *qstate, const struct ruling *ruling, uint64_t generation);
