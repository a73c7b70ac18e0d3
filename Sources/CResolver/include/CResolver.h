#ifndef CRESOLVER_H
#define CRESOLVER_H

#include <netinet/in.h>
#include <stdint.h>

/// Asks resolvers for the records of a name, by the system's resolver library. `servers`: at most three; none: those of resolv.conf. Each is asked
/// twice, for `seconds` each time. Blocks meanwhile.
///
/// Returns: the length of the answer in `answer`, which may be longer than `capacity`; -1: the name has no such record; -2: nobody could tell.
int resolver_query(const char *name, uint16_t type, const struct sockaddr_in *servers, int count, int seconds,
                   unsigned char *answer, int capacity);

/// A record of an answer. `data` points into it.
struct resolver_record {
    char owner[1025];
    uint16_t type;
    const unsigned char *data;
    uint16_t length;
};

/// Reads the record at `index` of an answer's section of answers.
///
/// Returns: 1; 0: there is none; -1: the answer is malformed.
int resolver_record_at(const unsigned char *answer, int length, int index, struct resolver_record *record);

#endif
