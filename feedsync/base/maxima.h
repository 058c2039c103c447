/* SPDX-License-Identifier: BSD-3-Clause */
/* Every maximum of feedsync, in one place. What exceeds one is refused with a message that names it. */
#pragma once

#include <stdint.h>

#define ONE_DAY_S 86400

#define MAX_LINE 4096                       /* octets of a line in a list; longer ones are rejected */
#define MAX_HELD 5000000                    /* lines of a list that wait for its end to be judged */
#define MAX_ZONE_WORD 131072                /* octets of a word in a zone file; data in hexadecimal has no more */
#define MAX_DOWNLOAD (UINT64_C(2) << 30)    /* octets of one downloaded document */
#define MAX_INFLATED (UINT64_C(4) << 30)    /* octets of a compressed document once inflated ... */
#define MAX_RATIO 200                       /* ... and how many times its size, from ... */
#define MAX_RATIO_FREE (UINT64_C(16) << 20) /* ... so many octets on */
#define MAX_BODY (UINT64_C(256) << 20)      /* octets of a JSON document that is read as a whole */
#define MAX_XZ_MEMORY (256U << 20)          /* octets of memory for inflating xz data */
#define MAX_JSON_ITEM (1 << 20)             /* octets of a line, or of an element of an array, of a JSON list */
#define MAX_JSON_DEPTH 1000                 /* of what a JSON list's document holds beside the list */
#define MAX_JSON_MEMORY (UINT64_C(1) << 30) /* octets that a JSON document may take when parsed */
#define MAX_EVENT (UINT64_C(64) << 20)      /* octets of an event of a MISP feed; 50,000 attributes take half of that */
#define MAX_EVENTS 100000                   /* events in a MISP manifest */
#define MAX_INSTANCE_EVENTS 1000000         /* events of a MISP instance, ... */
#define INSTANCE_AT_ONCE 500                /* ... of which so many are asked for in one question, ... */
#define INSTANCE_ATTRIBUTES 5000            /* ... which shall answer with no more attributes than this, ... */
#define MAX_INSTANCE_ATTRIBUTES 320000      /* ... unless one event has more: it may have so many */
#define MAX_INSTANCE_QUESTIONS 5000         /* that a MISP instance is asked in one run ... */
#define MAX_INSTANCE_FAILURES 8             /* ... until so many of them have failed */
#define INSTANCE_INTERVAL_S 30              /* between two runs, unless the configuration says otherwise */
/* A feed's share of a table. Every label of a name but the last may take a node of some 2.5 octets, and a name as
 * many octets as it is long: 1,109,721 real names have 1.4 nodes each. */
#define MAX_FEED_NODES 50000000
#define MAX_FEED_NAMES (UINT64_C(1) << 30) /* octets of its names */
#define MAX_LABELS 16 /* of a name that is to be blocked: of the real ones none has more than 11; below arpa all */
#define MAX_OBJECTS 5000000               /* STIX indicators or MISP attributes of one feed */
#define MAX_PAGES 5000                    /* of a feed that comes page by page */
#define MAX_FEED_DISK (UINT64_C(2) << 30) /* octets on the disk of a feed of many documents (pages, events) */
#define WHOLE_FETCH_S ONE_DAY_S       /* a feed that is asked only for what is new is fetched anew after so long ... */
#define WHOLE_EVENT_S (7 * ONE_DAY_S) /* ... and an event of a MISP feed after so long */
#define AGAIN_FREE 1000               /* so many events may be asked for again in a run, however few there are */
#define MAX_PATTERN 65536             /* octets of a STIX pattern */
#define MAX_REDIRECTS 3
#define MAX_CONNECTIONS 16     /* at once, over all feeds */
#define MAX_HOST_CONNECTIONS 4 /* at once to one host */
#define LOOKUP_TIMEOUT_S 30    /* for a host's addresses, where feedsync resolves by itself */
#define CONNECT_TIMEOUT_S 15
#define STALL_OCTETS_S 1000 /* a transfer of fewer octets a second ... */
#define STALL_TIMEOUT_S 60  /* ... for so long is given up; ... */
/* ... and so is one that has come at fewer than STALL_OCTETS_S times the square of its minutes: 4000 in the second */
#define TRANSFER_TIMEOUT_S 600
#define FETCH_TIMEOUT_S 1800    /* all transfers of one run; what is not done then waits for the next */
#define MAX_CLOCK_STEP_S 300    /* a time that is further ahead of the clock is one of another clock */
#define MAX_SERVER_CLOCK_S 3600 /* a server whose clock is further away from ours says another time */
#define MAX_FETCHERS 16         /* feeds asked at once, ... */
#define MAX_SLOW_FETCHERS 128   /* ... with those that have been under way for longer than GATHER_S */
#define MAX_WORKER_CPU_S 1800   /* of a processor, for who asks a feed or makes a table */
#define GATHER_S 30             /* what has come of some feeds waits for others so long before it is published, ... */
#define GATHER_FAILED_S 5       /* ... and so long for one that failed the last time */
#define CONTROL_REQUEST_S 5     /* who asks a `run` must have said for what within so long */
#define CONTROL_ALIVE_S 10      /* it says something that often until it is done ... */
#define CONTROL_SILENCE_S 60    /* ... and who hears nothing, or does not listen, for so long is given up */
#define RETRY_S 300             /* a feed that failed is asked again after so long, see schedule.h */
#define OVERRIDES_LOOK_S                                                                                               \
	10 /* what `feedsync allow ... --until` ends goes so long after that at the latest, where `run` runs */
#define OVERTAKEN_TRIES 3           /* a table that commands overtake is made again so often; then they wait for it */
#define EXPIRY_S 900                /* entries that expire go so long after that at the latest, where `run` runs */
#define MAX_RETRY_AFTER_S ONE_DAY_S /* a server that asks to be left alone for longer is asked again after so long */
#define MAX_SECRET 1024             /* characters of a key, token or password */
#define MAX_CONFIG (UINT64_C(32) << 20) /* octets of the configuration file, ... */
#define MAX_CONFIG_VALUES 1000000       /* ... values and keys in it, aliases as what they stand for, ... */
#define MAX_CONFIG_DEPTH 8              /* ... lists and maps that stand within each other, ... */
#define MAX_CONFIG_ANCHORS 100          /* ... values that are named ("&name"), ... */
#define MAX_CONFIG_DIRECTIVES 16        /* ... and directives ("%TAG ...") */
#define MAX_INTERVAL_S (30 * ONE_DAY_S) /* between two fetches of a feed */
#define MAX_GROWTH_PERCENT 1000000      /* that a limit of growth may allow */
#define MAX_FEEDS 1000
#define MAX_STATE_PATH 1900 /* characters of the state directory's path: longer ones are made of it */
#define MAX_PATH 3900
#define MAX_NETWORKS 1000 /* of the operator that no feed may lead to */
#define MAX_FORWARDERS 16
#define PROBE_TIMEOUT_S 5   /* for the answer of a resolver that is probed */
#define PROBES_AT_ONCE 256  /* questions to resolvers under way */
#define MAX_CONDITIONS 16   /* of a feed */
#define MAX_SAMPLES 240     /* rejected entries of a feed kept as examples: room for all that reject.c wants */
#define MAX_SAMPLE_TEXT 240 /* characters of one */
#define MAX_GUARDED 5000000 /* names in all lists of the guard */
#define MAX_GUARD_FILES 1000
#define MAX_OWN 10000             /* own names to be guarded */
#define MAX_UNGUARDED 1000        /* names of a feed that are not guarded */
#define MAX_OUTPUTS 50            /* that we publish to */
#define MAX_PARTNERS 50           /* sources of feeds that are told what was hit ... */
#define MAX_SIGHTINGS_A_DAY 20000 /* ... and of how many entries on a day */
#define MAX_CHANNELS 16           /* from which resolvers elsewhere get tables */
#define MIN_CHANNEL_KEEP_S 3600   /* an object that no manifest names any more stays for so long at least, ... */
#define MAX_CHANNEL_OBJECTS 4096  /* ... and beyond that as long as there are no more than these */
#define BEHIND_CHANNEL_S 900      /* a channel that has not got a table for so long is behind */
#define MAX_DISTRIBUTE_S 1800     /* for all that one channel is given at a time */
#define RETRY_CHANNEL_S 30        /* a channel that failed is tried again after so long */
#define MAX_FLEET 10000           /* resolvers elsewhere that are watched, ... */
#define MIN_FLEET_INTERVAL_S 10   /* ... each of them asked no more often than that */
#define BEHIND_FLEET_S 300        /* one that has not the table that its channel got so long ago is outdated */
#define TOLD_FLEET_S 300          /* what Prometheus told of one longer ago does not count */
#define MAX_PROMETHEUS (UINT64_C(64) << 20) /* octets of what it tells ... */
#define MAX_PROMETHEUS_SERIES 640000        /* ... and series in it */
#define PROMETHEUS_WAIT_S 20                /* for that */
#define MAX_HIT_DIGEST (32 << 20)           /* octets of what a host tells of an hour's hits, ... */
#define MAX_HIT_ROWS 200000                 /* ... and rules, feeds and groups in it */
#define HIT_DIGEST_HOURS 168 /* for so many hours digests wait to be sent, and stay where they were sent to */
#define DIGEST_INTERVAL_S 60 /* between two looks for digests that are to be sent or taken */
#define MAX_DIGESTS_S 1800   /* for one of them */
#define HIT_DIGEST_MISSED 48 /* digests of so many hours are made when the collector begins anew */
#define MAX_CHANNEL_KEEP_S (365 * ONE_DAY_S)
#define MAX_RECIPIENTS 1000 /* of one of them */
#define MAX_TOMBSTONES_S (3650 * ONE_DAY_S)
#define MAX_OPERATOR_ITEMS 10000 /* names in `allow`, and in `block` */
#define ALARM_MIN_CHANGE 1000    /* entries: a smaller change of size is never an alarm */
#define ALARM_MIN_NODES 100000   /* nodes of the table: likewise */
#define ALARM_MIN_MALFORMED 10   /* fewer malformed entries are never one */

#define KEPT_TABLES 10                  /* published tables kept for a rollback, ... */
#define KEPT_OCTETS (UINT64_C(1) << 30) /* ... as long as all of them take no more than this */
#define KEPT_ROOM 4                     /* ... and the disk has room for so many more */
#define HISTORY_CHANGES 10000           /* changes of one publish that the history keeps, of each kind */
#define HISTORY_SHARE 100               /* that each feed may have of these; the same part for each, if that is more */
#define HISTORY_ROWS 1000000            /* changes, and results of feeds, that it keeps in all */
#define DATABASE_WAIT_MS 5000           /* for another program that has a file of SQLite's locked */
#define DATABASE_STEP 1000000           /* instructions of SQLite's machine, ... */
#define HISTORY_WORK 300                /* ... and how often so many one command may need: some seconds */
#define LOCK_WAIT_S 600                 /* for another feedsync that publishes or shares */
#define MAX_SHARE_S 1800                /* for all that is given to others at a time */
#define SIGHTINGS_WORK 20000            /* likewise, to the sightings */
#define MAX_PARTNER_S 3600              /* for what one partner is told at a time, ... */
#define MAX_SIGHTINGS_S 225000          /* ... and for all of them: each has his time and a quarter of an hour */
#define SHARED_LOG_WORK 20000           /* likewise, to the log of what was given to others */
#define MAX_TRENDS_S (UINT32_C(3650) * 86400) /* the longest time for which trends are kept */
#define MAX_QUERIES_WORDS 16                  /* of the command that tells how many queries there were */
#define COLLECT_S 5                           /* between two readings of what resolvers count: less than CELLS_SLOT_S */
#define COMMIT_RULES 20000                    /* rules with news that are committed before the minute is over */
#define COLLECT_END_MS 10000                  /* for a collector that shall end to write what it has read */
#define TRENDS_OLD_S 300                      /* trends that were written longer ago are behind */
#define RETRY_COLLECT_S 30                    /* a collector that ended is begun again after so long */
#define QUERIES_WAIT_MS 2000                  /* for the command that tells how many queries there were */
#define MAX_RULE_COUNTS 1000000               /* rules that wait in memory for a store that cannot be written */
#define TRENDS_WORK 20000                     /* likewise, of what one question to the trends may need: some minutes */
#define MAX_MAPS 100                          /* lines of a feed's map */
#define SIGNATURE_AGE_S (90 * ONE_DAY_S) /* a signature that was made longer ago is old, unless a feed says otherwise */
#define MAX_AGE_S (UINT32_C(3650) * 86400) /* the longest max-age */
#define PULL_INTERVAL_S 15                 /* between two looks at a manifest, a quarter of it more or less */
#define PULL_WHOLE_S 300                   /* a server is not believed for longer that a manifest is unchanged */
#define PULL_LOOK_S 30                     /* for one look */
#define PULL_DELTA_SPREAD_S 10             /* a fleet that is offered a delta begins to fetch it within so long ... */
#define PULL_TABLE_SPREAD_S 120            /* ... and a whole table within so long */
#define PULL_SERIAL_LEAP 1000              /* that a serial may rise beyond one in a second */
#define PULL_RETRY_S 30 /* a table that was offered and failed is fetched again after so long, then twice as long ... */
#define MAX_PULL_RETRY_S 900 /* ... up to this */
#define MAX_PULL_S 3600      /* for one pull of `run`, in all */
#define PULL_STALE_S 900     /* without a look: nobody pulls any more */
#define WAKE_INTERVAL_S 2    /* between two looks at what wakes a puller; PULL_INTERVAL_S where there is nothing */
#define WAKE_LOOK_S 10       /* for one such look */
#define WAKE_LOOKS 2000      /* of one process; then another one goes on */
#define WAKE_PAUSE_S 5       /* between two pulls that were woken, at least */
