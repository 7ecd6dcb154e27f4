/* The server as a program for shell tests: prints its ports, a line each, and serves
 * until its standard input ends; a folder behind their number is served too. With NAME
 * VERSION SIZE it writes that file instead. */
#include "fault_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int print_file(char **argv)
{
    char chunk[4096];
    int64_t size = strtoll(argv[3], NULL, 10);
    for (int64_t at = 0; at < size; at += (int64_t)sizeof chunk) {
        size_t n =
            size - at < (int64_t)sizeof chunk ? (size_t)(size - at) : sizeof chunk;
        fault_server_content(argv[1], atoi(argv[2]), size, at, chunk, n);
        fwrite(chunk, 1, n, stdout);
    }
    return fflush(stdout) != 0;
}

int main(int argc, char **argv)
{
    char byte;
    struct fault_server *servers[8];
    int n = argc >= 2 ? atoi(argv[1]) : 1;
    if (argc == 4)
        return print_file(argv);
    for (int i = 0; i < n && i < 8; i++) {
        servers[i] = fault_server_start(NULL, NULL);
        if (!servers[i])
            return 1;
        fault_server_folder(servers[i], argc == 3 ? argv[2] : NULL);
        printf("%d\n", fault_server_port(servers[i]));
    }
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
    for (int i = 0; i < n && i < 8; i++)
        fault_server_stop(servers[i]);
    return 0;
}
