/* The upstream: a server that is never the one who is waited for.
 *
 *     upstream PORT
 *
 * Answer every question that comes to 127.0.0.1:PORT over UDP. What is below cluster.local does not exist (NXDOMAIN, with
 * the SOA of cluster.local); any other name has one A record, 10.x.y.z, and one AAAA record, 2001:db8::xx:yyzz, where
 * xyz follow from the name (FNV-1a), so that an answer for another name is seen to be wrong. TTLs are 300 seconds. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    HEADER = 12, TAIL = 4, OPT = 11, MAX_UDP = 65535, MOST_NAME = 255, BUFFER = 4 << 20,
    FLAGS_HIGH = 2, FLAGS_LOW = 3, ANCOUNT = 7, NSCOUNT = 9, ARCOUNT = 11,
    QR = 0x80, RD = 0x01, RA = 0x80, CD = 0x10, NXDOMAIN = 3, A = 1, SOA = 6, AAAA = 28,
};
static const unsigned char CLUSTER_LOCAL[] = "\7cluster\5local";
static const unsigned char TTL[] = {0, 0, 1, 44};
static const unsigned char NUMBERS[] = {0, 0, 0, 1, 0, 0, 28, 32, 0, 0, 7, 8, 0, 1, 81, 128, 0, 0, 1, 44};

static unsigned char *put(unsigned char *at, const void *from, size_t size) {
    memcpy(at, from, size);
    return at + size;
}

/* Owner (a pointer to an offset of the message), type, IN, TTL; the length and the data are left to the caller. */
static unsigned char *record(unsigned char *at, size_t owner, int type) {
    unsigned char fixed[] = {0xc0 | owner >> 8, owner, 0, type, 0, 1};
    return put(put(at, fixed, sizeof fixed), TTL, sizeof TTL);
}

static unsigned char *soa(unsigned char *at, size_t apex) {
    unsigned char pointer[] = {0xc0 | apex >> 8, apex}, *start = record(at, apex, SOA), *end;
    end = put(put(start + 2, "\2ns\3dns", 7), pointer, 2);
    end = put(put(end, "\12hostmaster", 11), pointer, 2);
    end = put(end, NUMBERS, sizeof NUMBERS);
    put(start, (unsigned char[]){0, end - start - 2}, 2);
    return end;
}

static unsigned char *address(unsigned char *at, int type, uint32_t hash) {
    unsigned char ipv4[] = {0, 4, 10, hash >> 16, hash >> 8, hash};
    unsigned char ipv6[18] = {0, 16, 0x20, 0x01, 0x0d, 0xb8, [15] = hash >> 16, hash >> 8, hash};
    at = record(at, HEADER, type);
    return type == A ? put(at, ipv4, sizeof ipv4) : put(at, ipv6, sizeof ipv6);
}

/* Write the reply to a query; 0 if it is none. */
static size_t answer(const unsigned char *query, size_t size, unsigned char *reply) {
    size_t end = HEADER;
    uint32_t hash = 2166136261u;
    unsigned char name[MOST_NAME + 1];
    while (end < size && query[end] && end - HEADER < MOST_NAME) {
        unsigned char c = query[end++];
        if (c >= 'A' && c <= 'Z') c |= 0x20;
        name[end - 1 - HEADER] = c;
        hash = (hash ^ c) * 16777619u;
    }
    size_t length = end - HEADER, apex = sizeof CLUSTER_LOCAL - 1;
    if (end + 1 + TAIL > size || query[FLAGS_HIGH] & QR) return 0;
    int type = query[end + 1] << 8 | query[end + 2], asked_opt = query[ARCOUNT] == 1;
    int absent = length >= apex && !memcmp(name + length - apex, CLUSTER_LOCAL, apex);
    end += 1 + TAIL;

    memset(reply, 0, HEADER);
    memcpy(reply, query, 2);
    memcpy(reply + HEADER, query + HEADER, end - HEADER);
    reply[FLAGS_HIGH] = QR | (query[FLAGS_HIGH] & RD);
    reply[FLAGS_LOW] = RA | (query[FLAGS_LOW] & CD) | (absent ? NXDOMAIN : 0);
    reply[5] = 1;
    unsigned char *at = reply + end;
    if (absent) {
        reply[NSCOUNT] = 1;
        at = soa(at, HEADER + length - apex);
    } else if (type == A || type == AAAA) {
        reply[ANCOUNT] = 1;
        at = address(at, type, hash & 0xffffff);
    }
    if (asked_opt && end + OPT <= size) {
        reply[ARCOUNT] = 1;
        at = put(at, (unsigned char[]){0, 0, 41, 4, 208, 0, 0, query[end + 7] & 0x80, 0, 0, 0}, OPT);
    }
    return at - reply;
}

int main(int argc, char **argv) {
    static unsigned char query[MAX_UDP], reply[MAX_UDP];
    if (argc != 2) return fputs("usage: upstream PORT\n", stderr), 2;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))}, client;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int sock = socket(AF_INET, SOCK_DGRAM, 0), buffer = BUFFER;
    setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (bind(sock, (struct sockaddr *)&here, sizeof here)) return perror("bind"), 1;
    for (;;) {
        socklen_t length = sizeof client;
        ssize_t got = recvfrom(sock, query, sizeof query, 0, (struct sockaddr *)&client, &length);
        size_t size = got < HEADER ? 0 : answer(query, got, reply);
        if (size) sendto(sock, reply, size, 0, (struct sockaddr *)&client, length);
    }
}
