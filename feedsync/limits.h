/* Every maximum of feedsync, in one place. What exceeds one is refused with a message that names it. */
#pragma once

#define MAX_LINE 4096                  /* octets of a line in a list; longer ones are rejected */
#define MAX_BODY (UINT64_C(256) << 20) /* octets of one downloaded document, inflated */
#define MAX_EVENTS 100000              /* events in a MISP manifest */
#define MAX_REDIRECTS 3
#define MAX_CONNECTIONS 16     /* at once, over all feeds */
#define MAX_HOST_CONNECTIONS 4 /* at once to one host */
#define CONNECT_TIMEOUT_S 15
#define STALL_TIMEOUT_S 30 /* a transfer below one octet a second for so long is given up */
#define TRANSFER_TIMEOUT_S 600
#define MAX_FEEDS 1000
#define MAX_SAMPLES 64      /* rejected entries of a feed kept as examples */
#define MAX_SAMPLE_TEXT 120 /* characters of one */
