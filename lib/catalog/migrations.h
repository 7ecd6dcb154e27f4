/* The files schema/NNN-*.sql, in order, built into the library: a catalog can be opened
 * wherever the library runs. Generated into migrations.c by the build. */
#ifndef AVQA_CATALOG_MIGRATIONS_H
#define AVQA_CATALOG_MIGRATIONS_H

extern const char *const avqa_migrations[];
extern const int avqa_n_migrations;

#endif
