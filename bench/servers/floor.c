/* The floor: what receiving a datagram and sending one costs on this machine, with nothing in between.
 *
 *     floor PORT REPLY
 *
 * Answer every datagram to 127.0.0.1:PORT with the octets of the file REPLY under the ID of the query. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ID = 2, MAX_UDP = 65535 };

int main(int argc, char **argv) {
    static unsigned char query[MAX_UDP], reply[MAX_UDP];
    if (argc != 3) return fputs("usage: floor PORT REPLY\n", stderr), 2;
    FILE *file = fopen(argv[2], "rb");
    if (!file) return perror(argv[2]), 1;
    size_t size = fread(reply, 1, sizeof reply, file);

    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))}, client;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(sock, (struct sockaddr *)&here, sizeof here)) return perror("bind"), 1;
    for (;;) {
        socklen_t length = sizeof client;
        ssize_t got = recvfrom(sock, query, sizeof query, 0, (struct sockaddr *)&client, &length);
        if (got < ID) continue;
        memcpy(reply, query, ID);
        sendto(sock, reply, size, 0, (struct sockaddr *)&client, length);
    }
}
