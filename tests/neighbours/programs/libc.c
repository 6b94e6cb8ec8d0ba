/* What a C library makes of names: each argument is `host:NAME` (getaddrinfo) or `srv:NAME` (res_search). */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

static void host(const char *name)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found, *each;
    int failed = getaddrinfo(name, NULL, &hints, &found);

    if (failed) {
        printf("\t%s", failed == EAI_NONAME ? "EAI_NONAME" : failed == EAI_AGAIN ? "EAI_AGAIN" : gai_strerror(failed));
        return;
    }
    for (each = found; each; each = each->ai_next) {
        char text[INET6_ADDRSTRLEN];
        const void *address = each->ai_family == AF_INET ? (void *)&((struct sockaddr_in *)each->ai_addr)->sin_addr
                                                         : (void *)&((struct sockaddr_in6 *)each->ai_addr)->sin6_addr;
        printf("\t%s", inet_ntop(each->ai_family, address, text, sizeof text));
    }
    freeaddrinfo(found);
}

static void srv(const char *name)
{
    static unsigned char octets[65536];
    int size = res_search(name, ns_c_in, ns_t_srv, octets, sizeof octets);
    ns_msg message;
    ns_rr record;

    if (size < 0 || ns_initparse(octets, size, &message)) {
        printf("\tNONE");
        return;
    }
    for (int number = 0; number < ns_msg_count(message, ns_s_an); number++) {
        char target[256];
        if (ns_parserr(&message, ns_s_an, number, &record) || ns_rr_type(record) != ns_t_srv)
            continue;
        dn_expand(octets, octets + size, ns_rr_rdata(record) + 6, target, sizeof target);
        printf("\t%u:%s", ns_get16(ns_rr_rdata(record) + 4), target);
    }
}

int main(int argc, char **argv)
{
    for (int number = 1; number < argc; number++) {
        const char *name = strchr(argv[number], ':') + 1;
        printf("%s", argv[number]);
        strncmp(argv[number], "host", 4) ? srv(name) : host(name);
        putchar('\n');
    }
}
