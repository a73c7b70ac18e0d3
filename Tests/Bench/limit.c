/* The plain limit: hiredis, one connection, the queue's own scripts, one trip each.
 * limit PORT SCRIPTS enqueue|drain COUNT; prints a line of JSON. SCRIPTS: the folder with the queue's Lua files. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static redisContext *server;

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "limit: %s: %s\n", what, server ? server->errstr : "");
    exit(1);
}

static void append_file(char *text, size_t room, const char *folder, const char *name) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.lua", folder, name);
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    size_t length = strlen(text);
    length += fread(text + length, 1, room - length - 1, file);
    text[length] = 0;
    fclose(file);
}

/* Loads a script with the prelude before it; the SHA is kept for the whole run. */
static char *load(const char *folder, const char *name) {
    static char text[1 << 16];
    text[0] = 0;
    append_file(text, sizeof text, folder, "prelude");
    append_file(text, sizeof text, folder, name);
    redisReply *reply = redisCommand(server, "SCRIPT LOAD %s", text);
    if (!reply || reply->type != REDIS_REPLY_STRING) fail("SCRIPT LOAD");
    char *sha = strdup(reply->str);
    freeReplyObject(reply);
    return sha;
}

static redisReply *answer(redisReply *reply) {
    if (!reply || reply->type == REDIS_REPLY_ERROR) fail(reply ? reply->str : "no reply");
    return reply;
}

static void enqueue(const char *sha, long number) {
    freeReplyObject(answer(redisCommand(
        server, "EVALSHA %s 1 sq:{prov}:ready %ld provision interactive a%011lx store-n%ld user%ld 0 %s", sha, number, number, number, number % 1000, "")));
}

static int take_and_finish(const char *take, const char *finish, long number) {
    char token[64];
    snprintf(token, sizeof token, "limit%ld", number);
    redisReply *taken = answer(redisCommand(server, "EVALSHA %s 1 sq:{prov}:ready bench %s 60000 1 provision %s 1000000 1000000", take, token, ""));
    if (taken->elements < 2 || strcmp(taken->element[0]->str, "taken") != 0) return 0;
    freeReplyObject(answer(redisCommand(
        server, "EVALSHA %s 1 sq:{prov}:ready %s %s-1 %s", finish, taken->element[1]->element[0]->str, token, "")));
    freeReplyObject(taken);
    return 1;
}

int main(int count, char **words) {
    if (count != 5) {
        fprintf(stderr, "usage: limit PORT SCRIPTS enqueue|drain COUNT\n");
        return 2;
    }
    server = redisConnect("127.0.0.1", atoi(words[1]));
    if (!server || server->err) fail("connect");
    long jobs = atol(words[4]);
    int drains = strcmp(words[3], "drain") == 0;
    char *first = load(words[2], drains ? "take" : "enqueue");
    char *second = drains ? load(words[2], "finish") : NULL;
    double began = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (long number = 1; number <= jobs; number++) {
        if (!drains) enqueue(first, number);
        else if (!take_and_finish(first, second, number)) fail("fewer jobs than told");
    }
    double lasted = seconds(CLOCK_MONOTONIC) - began;
    printf("{\"count\": %ld, \"seconds\": %f, \"per_second\": %f, \"cpu_us\": %f}\n", jobs, lasted, (double)jobs / lasted,
           (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / (double)jobs);
    return 0;
}
