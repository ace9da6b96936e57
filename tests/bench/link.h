/*
 * link.h - a slow line between an ssh client and an sshd: so many milliseconds each way, so many bits a second each way.
 *
 * A process of its own listens on loopback, starts one `sshd -i` for each connection, and hands segments on when a line
 * of that speed would have delivered their last byte. Each segment costs its bytes and the headers of Ethernet, IP and
 * TCP; what waits is bounded, as in a router, and whoever writes faster is held up. One connection at a time.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#define LINK_SEGMENT 1448 /* bytes of a TCP segment with time stamps, MTU 1500 */
#define LINK_HEADERS 66   /* Ethernet 14, IPv4 20, TCP with time stamps 32 */
#define LINK_QUEUE \
	(64 * 1024) /* bytes that wait each way: five times what the line holds at 100 ms, 1 Mbit/s */

struct link {
	pid_t pid;
	int port;
	int leash;              /* closed: the process ends */
	volatile int64_t *down; /* bytes towards the client, headers included; shared with the process */
};

/* sshd_argv[0] is an absolute path; one_way in ns; rate in bits a second. prepare: run in sshd's process before it. */
void link_open(struct link *l, const char *const *sshd_argv, void (*prepare)(void *ctx), void *ctx,
	       int64_t one_way, int64_t rate);
void link_close(struct link *l);
