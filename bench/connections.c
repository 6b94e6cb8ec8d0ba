/* One question on each TCP connection, as clients ask whose answer was too large for UDP.
 *
 *     connections PORT SECONDS OPEN QUERIES
 *
 * Ask 127.0.0.1:PORT the messages of the file QUERIES, each behind its length, over and over, on OPEN connections at a time.
 * A connection ends when its answer is there. They come from many addresses, so that no port is asked from twice within a
 * minute. Print what dnsperf does: how many were answered, how many were not, and with which rcode. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1024, SIZE = 65537, SOURCES = 200, RCODES = 16, HEADER = 12, TIMEOUT = 2 };
static const int64_t SECOND = 1000000000;
static const char *NAMES[RCODES] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
static struct connection { int fd, have; int64_t began; unsigned char id[2], got[SIZE]; } all[MOST];
static struct sockaddr_in server;
static unsigned char *queries, *next, *end;
static unsigned long answered[RCODES], done, lost, opened;
static int epoll, is_over;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

/* Connect, and send a question without waiting for the connection to be there: it goes with the handshake's end. */
static void begin(struct connection *one) {
    int on = 1;
    struct sockaddr_in source = {.sin_family = AF_INET};
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + opened++ % SOURCES);
    one->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(one->fd, IPPROTO_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, &on, sizeof on);
    if (bind(one->fd, (struct sockaddr *)&source, sizeof source)) perror("bind"), exit(1);
    if (connect(one->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) perror("connect"), exit(1);
    one->have = 0;
    one->began = now();
    if (next == end) next = queries;
    int size = 2 + (next[0] << 8 | next[1]);
    memcpy(one->id, next + 2, 2);
    if (send(one->fd, next, size, MSG_NOSIGNAL) != size) perror("send"), exit(1); /* on this machine it is there at once */
    next += size;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    epoll_ctl(epoll, EPOLL_CTL_ADD, one->fd, &event);
}

static void finish(struct connection *one, int is_lost) {
    if (is_lost) lost++;
    close(one->fd);
    one->fd = -1;
    if (!is_over) begin(one);
}

static void read_answer(struct connection *one) {
    int count = recv(one->fd, one->got + one->have, SIZE - one->have, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return finish(one, 1);
    one->have += count;
    if (one->have < 2 || one->have < 2 + (one->got[0] << 8 | one->got[1])) return;
    int is_wrong = one->have < 2 + HEADER || memcmp(one->got + 2, one->id, 2);
    if (!is_wrong) done++, answered[one->got[5] & 0x0f]++;
    finish(one, is_wrong);
}

int main(int argc, char **argv) {
    if (argc != 5) return fputs("usage: connections PORT SECONDS OPEN QUERIES\n", stderr), 2;
    int64_t until = now() + atof(argv[2]) * SECOND;
    int count = atoi(argv[3]);
    FILE *file = fopen(argv[4], "rb");
    struct stat status;
    if (!file || count < 1 || count > MOST || fstat(fileno(file), &status)) return perror(argv[4]), 1;
    queries = next = malloc(status.st_size);
    end = queries + fread(queries, 1, status.st_size, file);
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    epoll = epoll_create1(0);
    for (int i = 0; i < count; i++) begin(&all[i]);
    for (int left = count; left;) {
        struct epoll_event events[64];
        int ready = epoll_wait(epoll, events, 64, 100);
        is_over = now() > until;
        for (int i = 0; i < ready; i++) read_answer(events[i].data.ptr);
        left = 0;
        for (int i = 0; i < count; i++) {
            if (all[i].fd >= 0 && now() - all[i].began > TIMEOUT * SECOND) finish(&all[i], 1);
            left += all[i].fd >= 0;
        }
    }
    printf("  Queries completed:    %lu\n  Queries lost:         %lu\n  Response codes:       ", done, lost);
    for (int i = 0, first = 1; i < RCODES; i++)
        if (answered[i]) printf("%s%s %lu (%.2f%%)", first ? "" : ", ", NAMES[i] ? NAMES[i] : "OTHER", answered[i], 100.0 * answered[i] / done), first = 0;
    puts("");
}
