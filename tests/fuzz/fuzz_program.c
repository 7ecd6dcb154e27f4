/* Any text as a program of the answer language; the first byte is the number of slots,
 * the domains take turns. A refusal names a column within the text; what is accepted is
 * encoded for the solver and, if that finds a scene, evaluated over it. */
#include "qa/solver.h"
#include "fuzz.h"

static const char *const words[] = {"left", "right", "middle"};

/* What is looked at first depends on fewer slots, and so does a program without one. */
static void check_parts(struct avqa_arena *arena,
                        const struct avqa_program_node *program,
                        const struct avqa_program_scope *scope)
{
    const struct avqa_program_node *without;
    const struct avqa_program_node *first = avqa_program_first(program);
    FUZZ_REQUIRE(!first || first->n_slots < program->n_slots);
    for (size_t s = 0; s < program->n_slots; s++) {
        enum avqa_status rc =
            avqa_program_without(&without, arena, program, program->slots[s], scope);
        FUZZ_REQUIRE(rc != AVQA_OK || without->n_slots < program->n_slots);
    }
}

static void solve(const struct avqa_program_node *program,
                  const struct avqa_program_scope *scope)
{
    struct avqa_template t = {.code = "T", .answer = program};
    struct avqa_margins margins = AVQA_MARGINS_DEFAULTS;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    t.n_slots = scope->n_slots;
    t.n_answers = scope->n_answers;
    memcpy(t.slots, scope->slots, t.n_slots * sizeof *t.slots);
    memcpy(t.answers, scope->answers, t.n_answers * sizeof *t.answers);
    for (size_t s = 0; s < t.n_slots; s++)
        values[s] = words[s % 3];
    for (size_t w = 0; w < 3; w++) {
        struct avqa_answered asked = {&t, values, words[w]};
        struct avqa_solved solved = avqa_solve(&arena, &asked, 1, &margins);
        FUZZ_REQUIRE(solved.verdict != AVQA_CONSISTENT || solved.scene);
    }
    avqa_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_domain domains[AVQA_DOMAIN_TEXT + 1] = {0};
    const struct avqa_domain *slots[10];
    const struct avqa_domain *answers[AVQA_DOMAIN_TEXT + 1];
    struct avqa_arena arena = AVQA_ARENA_INIT;
    const struct avqa_program_node *program;
    if (size == 0)
        return 0;
    for (size_t k = 0; k <= AVQA_DOMAIN_TEXT; k++) {
        domains[k] = (struct avqa_domain){.name = "domain",
                                          .kind = (enum avqa_domain_kind)k,
                                          .values = words,
                                          .n_values = 3,
                                          .mirror = words};
        answers[k] = &domains[k];
    }
    for (size_t s = 0; s < 10; s++)
        slots[s] = &domains[s % (AVQA_DOMAIN_TEXT + 1)];
    struct avqa_program_scope scope = {slots, data[0] % (AVQA_TEMPLATE_MAX_SLOTS + 1),
                                       answers, AVQA_DOMAIN_TEXT + 1, NULL};
    char *text = fuzz_string(data + 1, size - 1);
    enum avqa_status rc = avqa_program_parse(&program, &arena, text, &scope);
    fuzz_check_message(rc);
    size_t column = 0;
    if (rc == AVQA_OK)
        solve(program, &scope);
    if (rc != AVQA_OK) {
        FUZZ_REQUIRE(rc == AVQA_EFORMAT);
        FUZZ_REQUIRE(sscanf(avqa_message(), "column %zu: ", &column) == 1);
        FUZZ_REQUIRE(column >= 1 && column <= strlen(text) + 1);
    }
    if (rc == AVQA_OK)
        check_parts(&arena, program, &scope);
    avqa_arena_release(&arena);
    free(text);
    return 0;
}
