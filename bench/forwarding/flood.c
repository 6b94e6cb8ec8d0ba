/* More questions than any server answers, no two alike.
 *
 *     flood PORT SECONDS RATE
 *
 * Ask 127.0.0.1:PORT for the addresses of names below example.net, RATE in a second, whatever comes back. A name says when
 * it was asked for. The kernel cuts what is sent at once into datagrams (UDP_SEGMENT), which costs a fraction. Print how
 * many were sent, answered within a second, answered later, and answered without an address. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { SOCKETS = 4, BATCH = 64, SIZE = 46, HEADER = 12, STAMP = HEADER + 1, DIGITS = 16, RCODE = 0x0f, BUFFER = 4 << 20 };
static const int64_t SECOND = 1000000000;
static const unsigned char QUESTION[SIZE] =
    "\0\0\1\0\0\1\0\0\0\0\0\0\20................\7example\3net\0\0\1\0\1";
static unsigned char data[BATCH][SIZE], got[BATCH][512];
static struct iovec there[BATCH];
static struct mmsghdr in[BATCH];
static int64_t last;
static unsigned long sent, good, late, other;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

/* Write a moment, which no other question has, as letters from a to p. */
static void stamp(unsigned char *query) {
    int64_t moment = now();
    last = moment > last ? moment : last + 1;
    for (int i = 0; i < DIGITS; i++) query[STAMP + i] = 'a' + (last >> 4 * (DIGITS - 1 - i) & 15);
    memcpy(query, &sent, 2);
    sent++;
}

static int64_t stamped(const unsigned char *reply) {
    int64_t moment = 0;
    for (int i = 0; i < DIGITS; i++) moment = moment << 4 | ((reply[STAMP + i] | 0x20) - 'a');
    return moment;
}

static void drain(int sock) {
    for (;;) {
        int count = recvmmsg(sock, in, BATCH, MSG_DONTWAIT, NULL);
        if (count <= 0) return;
        int64_t moment = now();
        for (int i = 0; i < count; i++) {
            if (in[i].msg_len < SIZE) continue;
            if (got[i][3] & RCODE || !got[i][7]) other++;
            else if (moment - stamped(got[i]) > SECOND) late++;
            else good++;
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 4) return fputs("usage: flood PORT SECONDS RATE\n", stderr), 2;
    int64_t seconds = atof(argv[2]) * SECOND, rate = atoll(argv[3]);
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int sockets[SOCKETS], buffer = BUFFER, size = SIZE;
    for (int i = 0; i < SOCKETS; i++) {
        sockets[i] = socket(AF_INET, SOCK_DGRAM, 0);
        setsockopt(sockets[i], SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
        if (setsockopt(sockets[i], SOL_UDP, UDP_SEGMENT, &size, sizeof size)) return perror("UDP_SEGMENT"), 1;
        if (connect(sockets[i], (struct sockaddr *)&server, sizeof server)) return perror("connect"), 1;
    }
    for (int i = 0; i < BATCH; i++) {
        memcpy(data[i], QUESTION, SIZE);
        there[i] = (struct iovec){got[i], sizeof got[i]};
        in[i].msg_hdr = (struct msghdr){.msg_iov = &there[i], .msg_iovlen = 1};
    }
    int64_t began = now();
    for (unsigned turn = 0; now() - began < seconds; turn++) {
        int64_t due = (int64_t)((now() - began) / 1e9 * rate) - (int64_t)sent;
        int sock = sockets[turn % SOCKETS];
        if (due >= BATCH) {
            for (int i = 0; i < BATCH; i++) stamp(data[i]);
            send(sock, data, sizeof data, 0);
        } else {
            nanosleep(&(struct timespec){0, 50000}, NULL);
        }
        drain(sock);
    }
    for (int64_t ended = now(); now() - ended < SECOND;) {
        for (int i = 0; i < SOCKETS; i++) drain(sockets[i]);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    printf("%lu %lu %lu %lu\n", sent, good, late, other);
    return 0;
}
