#include "CResolver.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

static void use(struct __res_state *state, const struct sockaddr_in *servers, int count) {
#ifdef __APPLE__
    union res_sockaddr_union addresses[MAXNS];
    memset(addresses, 0, sizeof addresses);
    for (int i = 0; i < count; i++) addresses[i].sin = servers[i];
    res_setservers(state, addresses, count);
#else
    for (int i = 0; i < count; i++) state->nsaddr_list[i] = servers[i];
    state->nscount = count;
#endif
}

int resolver_query(const char *name, uint16_t type, const struct sockaddr_in *servers, int count, int seconds,
                   unsigned char *answer, int capacity) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return -2;
    state.retrans = seconds;
    state.retry = 2;
    if (count > MAXNS) count = MAXNS;
    if (count > 0) use(&state, servers, count);
    int length = res_nquery(&state, name, ns_c_in, type, answer, capacity);
    int problem = state.res_h_errno;
    res_nclose(&state);
    if (length >= 0) return length;
    return problem == HOST_NOT_FOUND || problem == NO_DATA ? -1 : -2;
}

int resolver_record_at(const unsigned char *answer, int length, int index, struct resolver_record *record) {
    ns_msg message;
    ns_rr found;
    if (ns_initparse(answer, length, &message) != 0) return -1;
    if (index >= ns_msg_count(message, ns_s_an)) return 0;
    if (ns_parserr(&message, ns_s_an, index, &found) != 0) return -1;
    strncpy(record->owner, ns_rr_name(found), sizeof record->owner - 1);
    record->owner[sizeof record->owner - 1] = 0;
    record->type = ns_rr_type(found);
    record->data = ns_rr_rdata(found);
    record->length = ns_rr_rdlen(found);
    return 1;
}
