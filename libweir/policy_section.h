/* SPDX-License-Identifier: BSD-3-Clause */
/* The policy in a table, as policy_encode.c writes it and policy_decode.c checks it. The section, in order:
 *   u32 feeds, categories, groups, client ranges, verdicts (0 not counted), classes
 *   u8 flags (bit 0 hits as events, bit 1 a contact follows, bit 2 rules are counted, bit 3 with a shared secret), u8 bits of a client's IPv4 address, u8 of its IPv6 address
 *   contact:  u8 length, mailbox name (wire format); from version 4 on
 *   rules:    u8 bits of an IPv4 address that tell clients apart, u8 of an IPv6 address; from version 4 on
 *   secret:   u8 length, path of its file; from version 4 on
 *   feed:     u8 flags (bit 0 check targets), u8 length, name
 *   category: u8 action, u16 ede, u32 ttl, u8 length, name, u8 length, text, u8 flags (bit 0 IPv4, bit 1 IPv6), the
 *             addresses that the flags tell of, u8 length, redirect target (wire format)
 *   group:    u8 length, name, categories x u8 action
 *   range:    16 octets of its first address, u8 group
 *   verdict:  u8 decision, u16 own, u16 effective, own x (u8 kind, u16 feed, u16 category), effective x (u16, u16)
 *   class:    u32 exact, u32 subtree
 */
#pragma once

enum { POLICY_HAS_IPV4 = 1, POLICY_HAS_IPV6 = 2 };
enum { POLICY_HITS_EVENTS = 1, POLICY_HAS_CONTACT = 2, POLICY_COUNTS_RULES = 4, POLICY_SHARES_SECRET = 8 };
