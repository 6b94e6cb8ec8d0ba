/* What c-ares makes of names: each argument is `host:NAME` (ares_getaddrinfo) or `srv:NAME` (ares_search). */
#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>

static void host(void *unused, int status, int timeouts, struct ares_addrinfo *found)
{
    struct ares_addrinfo_node *each;

    if (status != ARES_SUCCESS) {
        printf("\t%s", ares_strerror(status));
        return;
    }
    for (each = found->nodes; each; each = each->ai_next) {
        char text[INET6_ADDRSTRLEN];
        const void *address = each->ai_family == AF_INET ? (void *)&((struct sockaddr_in *)each->ai_addr)->sin_addr
                                                         : (void *)&((struct sockaddr_in6 *)each->ai_addr)->sin6_addr;
        printf("\t%s", inet_ntop(each->ai_family, address, text, sizeof text));
    }
    ares_freeaddrinfo(found);
}

static void srv(void *unused, int status, int timeouts, unsigned char *octets, int size)
{
    struct ares_srv_reply *found, *each;

    if (status == ARES_SUCCESS)
        status = ares_parse_srv_reply(octets, size, &found);
    if (status != ARES_SUCCESS) {
        printf("\t%s", ares_strerror(status));
        return;
    }
    for (each = found; each; each = each->next)
        printf("\t%u:%s", each->port, each->host);
    ares_free_data(found);
}

static void wait_for(ares_channel channel)
{
    for (;;) {
        fd_set readable, writable;
        struct timeval left;
        FD_ZERO(&readable);
        FD_ZERO(&writable);
        int count = ares_fds(channel, &readable, &writable);
        if (!count)
            return;
        select(count, &readable, &writable, NULL, ares_timeout(channel, NULL, &left));
        ares_process(channel, &readable, &writable);
    }
}

int main(int argc, char **argv)
{
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = ARES_AI_NOSORT};
    ares_channel channel;

    ares_library_init(ARES_LIB_INIT_ALL);
    if (ares_init(&channel))
        return 1;
    for (int number = 1; number < argc; number++) {
        const char *name = strchr(argv[number], ':') + 1;
        printf("%s", argv[number]);
        if (strncmp(argv[number], "host", 4))
            ares_search(channel, name, 1, 33, srv, NULL);
        else
            ares_getaddrinfo(channel, name, NULL, &hints, host, NULL);
        wait_for(channel);
        putchar('\n');
    }
    ares_destroy(channel);
}
