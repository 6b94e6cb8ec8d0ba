/* Connections that are held and never used.
 *
 *     hold PORT COUNT SAID OCTETS
 *
 * Open COUNT TCP connections to 127.0.0.1:PORT, from many addresses, and open each that ends anew, RATE in a second at
 * most. Each says what is in the file SAID when it is there, and then OCTETS octets in a second. Print `held` when all were
 * opened once, and go on until the end of the input. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 16384, RATE = 500, FIRST_RATE = 5000, SOURCES = 250, SIZE = 65536, STEP_MS = 10 };
static int fds[MOST], next_told, epoll, size;
static unsigned char said[SIZE], got[SIZE];
static struct sockaddr_in server;
static unsigned long opened;

static void begin(int i) {
    int on = 1;
    struct sockaddr_in source = {.sin_family = AF_INET};
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + opened++ % SOURCES);
    int fd = fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0) perror("socket"), exit(1);
    setsockopt(fd, IPPROTO_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&source, sizeof source)) perror("bind"), exit(1);
    if (connect(fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) perror("connect"), exit(1);
    if (size) send(fd, said, size, MSG_NOSIGNAL);
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u32 = i};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Let the connections that have ended go. */
static void look(void) {
    struct epoll_event events[256];
    for (int ready; (ready = epoll_wait(epoll, events, 256, 0)) > 0;)
        for (int n = 0; n < ready; n++) {
            int i = events[n].data.u32;
            int count = recv(fds[i], got, SIZE, 0);
            if (count > 0 || (count < 0 && errno == EAGAIN)) continue;
            close(fds[i]);
            fds[i] = -1;
        }
}

int main(int argc, char **argv) {
    if (argc != 5) return fputs("usage: hold PORT COUNT SAID OCTETS\n", stderr), 2;
    int count = atoi(argv[2]), octets = atoi(argv[4]), told = 0;
    struct rlimit files = {MOST + 64, MOST + 64};
    if (count < 1 || count > MOST || setrlimit(RLIMIT_NOFILE, &files)) return perror("hold"), 1;
    FILE *file = fopen(argv[3], "rb");
    if (!file) return perror(argv[3]), 1;
    size = fread(said, 1, SIZE, file);
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    epoll = epoll_create1(0);
    memset(fds, -1, sizeof fds);
    struct pollfd input = {.fd = 0, .events = POLLIN};
    for (int at = 0; poll(&input, 1, STEP_MS) == 0;) {
        look();
        for (int left = (told ? RATE : FIRST_RATE) * STEP_MS / 1000, tries = count; left && tries; tries--) {
            if (fds[at] < 0) begin(at), left--;
            at = (at + 1) % count;
        }
        for (int n = 0; n < count * octets * STEP_MS / 1000; n++) {
            if (fds[next_told] >= 0) send(fds[next_told], "", 1, MSG_NOSIGNAL);
            next_told = (next_told + 1) % count;
        }
        if (!told && opened >= (unsigned long)count) told = 1, puts("held"), fflush(stdout);
    }
}
