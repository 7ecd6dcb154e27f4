/* See pickle_class.h. What each may be given is PyTorch's torch/_utils.py and
 * torch/nn/parameter.py, from 0.2 to 2.x. */
#include "nn/pickle_class.h"
#include "nn/pickle_run.h"

#include <string.h>

static const struct {
    const char *module, *name;
    enum avqa_pickle_class class;
    enum avqa_tensor_type type;
} classes[] = {
    {"collections", "OrderedDict", AVQA_PICKLE_ORDERED_DICT, 0},
    {"torch", "Size", AVQA_PICKLE_SIZE, 0},
    {"torch._utils", "_rebuild_tensor", AVQA_PICKLE_REBUILD_TENSOR, 0},
    {"torch._utils", "_rebuild_tensor_v2", AVQA_PICKLE_REBUILD_TENSOR, 0},
    {"torch._utils", "_rebuild_parameter", AVQA_PICKLE_REBUILD_PARAMETER, 0},
    {"torch.nn.parameter", "Parameter", AVQA_PICKLE_PARAMETER, 0},
    {"torch", "FloatStorage", AVQA_PICKLE_STORAGE_TYPE, AVQA_TENSOR_F32},
    {"torch", "HalfStorage", AVQA_PICKLE_STORAGE_TYPE, AVQA_TENSOR_F16},
    {"torch", "BFloat16Storage", AVQA_PICKLE_STORAGE_TYPE, AVQA_TENSOR_BF16},
    {"torch", "DoubleStorage", AVQA_PICKLE_STORAGE_TYPE, AVQA_TENSOR_F64},
    {"torch", "LongStorage", AVQA_PICKLE_STORAGE_TYPE, AVQA_TENSOR_I64},
    {"torch", "IntStorage", AVQA_PICKLE_STORAGE_TYPE, AVQA_TENSOR_I32},
    {"torch", "ShortStorage", AVQA_PICKLE_STORAGE_TYPE, AVQA_TENSOR_I16},
    {"torch", "CharStorage", AVQA_PICKLE_STORAGE_TYPE, AVQA_TENSOR_I8},
    {"torch", "ByteStorage", AVQA_PICKLE_STORAGE_TYPE, AVQA_TENSOR_U8},
    {"torch", "BoolStorage", AVQA_PICKLE_STORAGE_TYPE, AVQA_TENSOR_BOOL},
};

static bool same(const char *text, const char *other, size_t len)
{
    return strlen(text) == len && memcmp(text, other, len) == 0;
}

/* So many bytes of a name are shown. */
static int shown(const struct avqa_pickle_value *text)
{
    return text->n < 100 ? (int)text->n : 100;
}

static enum avqa_status push_class(struct avqa_pickle *p,
                                   const struct avqa_pickle_value *module,
                                   const struct avqa_pickle_value *name)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (same(classes[i].module, module->text, module->n) &&
            same(classes[i].name, name->text, name->n))
            return avqa_pickle_push_new(
                p, &(struct avqa_pickle_value){.kind = AVQA_PICKLE_CLASS,
                                               .type = classes[i].type,
                                               .class = classes[i].class});
    bool is_tensor = same("torch._utils", module->text, module->n) ||
                     (name->n > 7 && same("Storage", name->text + name->n - 7, 7));
    return avqa_fail(AVQA_EFORMAT, "%s: byte %u: %.*s.%.*s %s", p->name, p->op_at,
                     shown(module), module->text, shown(name), name->text,
                     is_tensor ? "is a kind of tensor that is not read here"
                               : "is no part of a state dict; in Python: torch.save("
                                 "model.state_dict(), OTHER), or of a checkpoint: "
                                 "torch.save(torch.load(FILE)[\"state_dict\"], OTHER)");
}

/* A line without its end, as a text. */
static enum avqa_status take_line(struct avqa_pickle_value *out, struct avqa_pickle *p)
{
    const uint8_t *b = p->bytes + p->at;
    const uint8_t *end = memchr(b, '\n', p->len - p->at);
    if (!end)
        return avqa_pickle_bad(p, "the pickle ends within an opcode");
    *out =
        (struct avqa_pickle_value){.n = (uint32_t)(end - b), .text = (const char *)b};
    p->at += out->n + 1;
    return AVQA_OK;
}

enum avqa_status avqa_pickle_global(struct avqa_pickle *p, int arg)
{
    (void)arg;
    struct avqa_pickle_value module = {0};
    struct avqa_pickle_value name = {0};
    enum avqa_status rc = take_line(&module, p);
    if (rc == AVQA_OK)
        rc = take_line(&name, p);
    return rc == AVQA_OK ? push_class(p, &module, &name) : rc;
}

enum avqa_status avqa_pickle_stack_global(struct avqa_pickle *p, int arg)
{
    (void)arg;
    uint32_t name = 0;
    uint32_t module = 0;
    enum avqa_status rc = avqa_pickle_pop(&name, p);
    if (rc == AVQA_OK)
        rc = avqa_pickle_pop(&module, p);
    if (rc != AVQA_OK)
        return rc;
    if (p->values[name].kind != AVQA_PICKLE_TEXT ||
        p->values[module].kind != AVQA_PICKLE_TEXT)
        return avqa_pickle_bad(p, "the name of a class is no text");
    return push_class(p, &p->values[module], &p->values[name]);
}

/* ---- calls that are not made ------------------------------------------------------
 */

static const struct avqa_pickle_value *
member(const struct avqa_pickle *p, const struct avqa_pickle_value *v, size_t i)
{
    return avqa_pickle_at(p, v, i);
}

static bool is(const struct avqa_pickle_value *v, enum avqa_pickle_kind kind)
{
    return v && v->kind == kind;
}

/* OrderedDict(), or OrderedDict([[key, value], ...]) as Python 2 wrote it. */
static enum avqa_status make_dict(struct avqa_pickle *p, uint32_t args)
{
    const struct avqa_pickle_value *list = member(p, &p->values[args], 0);
    uint32_t dict = (uint32_t)p->n_values;
    uint32_t cursor = list ? list->first : 0;
    if (p->values[args].n > 1 || (list && list->kind != AVQA_PICKLE_LIST))
        return avqa_pickle_bad(p, "an OrderedDict of something else than pairs");
    enum avqa_status rc =
        avqa_pickle_push_new(p, &(struct avqa_pickle_value){.kind = AVQA_PICKLE_DICT});
    while (rc == AVQA_OK && cursor != 0) {
        const struct avqa_pickle_value *pair = avqa_pickle_next(p, &cursor);
        if ((pair->kind != AVQA_PICKLE_LIST && pair->kind != AVQA_PICKLE_TUPLE) ||
            pair->n != 2)
            return avqa_pickle_bad(p, "an OrderedDict of something else than pairs");
        uint32_t key = pair->first;
        uint32_t ids[] = {p->links[key].value, p->links[p->links[key].next].value};
        rc = avqa_pickle_append(p, dict, ids[0]);
        if (rc == AVQA_OK)
            rc = avqa_pickle_append(p, dict, ids[1]);
    }
    return rc;
}

/* A value of another kind with the members of a tuple, which stays as it is. */
static enum avqa_status turn_into(struct avqa_pickle *p, uint32_t tuple,
                                  enum avqa_pickle_kind kind,
                                  enum avqa_tensor_type type)
{
    struct avqa_pickle_value made = p->values[tuple];
    made.kind = kind;
    made.type = type;
    return avqa_pickle_push_new(p, &made);
}

/* (storage, offset, shape, strides, requires_grad, hooks, metadata) */
static enum avqa_status make_tensor(struct avqa_pickle *p, uint32_t args)
{
    const struct avqa_pickle_value *v = &p->values[args];
    if (v->n < 4 || v->n > 7 || !is(member(p, v, 0), AVQA_PICKLE_STORAGE) ||
        !is(member(p, v, 1), AVQA_PICKLE_INT) ||
        !is(member(p, v, 2), AVQA_PICKLE_TUPLE) ||
        !is(member(p, v, 3), AVQA_PICKLE_TUPLE))
        return avqa_pickle_bad(
            p, "a tensor of something else than storage, offset, shape and strides");
    return turn_into(p, args, AVQA_PICKLE_TENSOR, member(p, v, 0)->type);
}

/* A parameter is its tensor; a torch.Size is its tuple. */
static enum avqa_status take_first(struct avqa_pickle *p, uint32_t args, uint32_t max,
                                   enum avqa_pickle_kind kind)
{
    const struct avqa_pickle_value *v = &p->values[args];
    if (v->n == 0 || v->n > max || member(p, v, 0)->kind != kind)
        return avqa_pickle_bad(p, kind == AVQA_PICKLE_TENSOR
                                      ? "a Parameter of something else than a tensor"
                                      : "a torch.Size of something else than a tuple");
    return avqa_pickle_push(p, p->links[v->first].value);
}

/* Pops arguments and class of a call. */
static enum avqa_status take_call(uint32_t *args, uint32_t *class,
                                  struct avqa_pickle *p)
{
    enum avqa_status rc = avqa_pickle_pop(args, p);
    if (rc == AVQA_OK)
        rc = avqa_pickle_pop(class, p);
    if (rc == AVQA_OK && (p->values[*class].kind != AVQA_PICKLE_CLASS ||
                          p->values[*args].kind != AVQA_PICKLE_TUPLE))
        rc = avqa_pickle_bad(p, "a call of something else than a class");
    return rc;
}

enum avqa_status avqa_pickle_reduce(struct avqa_pickle *p, int arg)
{
    (void)arg;
    uint32_t args = 0;
    uint32_t class = 0;
    enum avqa_status rc = take_call(&args, &class, p);
    if (rc != AVQA_OK)
        return rc;
    switch (p->values[class].class) {
    case AVQA_PICKLE_ORDERED_DICT:
        return make_dict(p, args);
    case AVQA_PICKLE_SIZE:
        return take_first(p, args, 1, AVQA_PICKLE_TUPLE);
    case AVQA_PICKLE_REBUILD_TENSOR:
        return make_tensor(p, args);
    case AVQA_PICKLE_REBUILD_PARAMETER:
    case AVQA_PICKLE_PARAMETER:
        return take_first(p, args, 3, AVQA_PICKLE_TENSOR);
    default:
        return avqa_pickle_bad(p, "a call of a class of storages");
    }
}

enum avqa_status avqa_pickle_newobj(struct avqa_pickle *p, int arg)
{
    (void)arg;
    uint32_t args = 0;
    uint32_t class = 0;
    enum avqa_status rc = take_call(&args, &class, p);
    if (rc == AVQA_OK && p->values[class].class != AVQA_PICKLE_PARAMETER)
        rc = avqa_pickle_bad(p, "a new object of something else than a Parameter");
    return rc == AVQA_OK ? take_first(p, args, 3, AVQA_PICKLE_TENSOR) : rc;
}

/* The attributes of an OrderedDict (state_dict()._metadata) and of an old Parameter
 * (requires_grad, volatile, hooks) say nothing about numbers and are left out. */
enum avqa_status avqa_pickle_build(struct avqa_pickle *p, int arg)
{
    (void)arg;
    uint32_t id = 0;
    enum avqa_status rc = avqa_pickle_pop(&id, p);
    if (rc != AVQA_OK)
        return rc;
    const struct avqa_pickle_value *state = &p->values[id];
    const struct avqa_pickle_value *of = avqa_pickle_top(p);
    bool fits = (is(of, AVQA_PICKLE_DICT) && state->kind == AVQA_PICKLE_DICT) ||
                (is(of, AVQA_PICKLE_TENSOR) && state->kind == AVQA_PICKLE_TUPLE &&
                 is(member(p, state, 0), AVQA_PICKLE_BOOL));
    return fits ? AVQA_OK
                : avqa_pickle_bad(p, "attributes of something else than an "
                                     "OrderedDict or a Parameter");
}

/* ("storage", class, key, place, count), in old files with a view of it or None. */
enum avqa_status avqa_pickle_persid(struct avqa_pickle *p, int arg)
{
    (void)arg;
    uint32_t id = 0;
    enum avqa_status rc = avqa_pickle_pop(&id, p);
    if (rc != AVQA_OK)
        return rc;
    const struct avqa_pickle_value *v = &p->values[id];
    const struct avqa_pickle_value *class = member(p, v, 1);
    if (v->kind != AVQA_PICKLE_TUPLE || v->n < 5 || v->n > 6 ||
        !avqa_pickle_is_text(member(p, v, 0), "storage") ||
        !is(class, AVQA_PICKLE_CLASS) || class->class != AVQA_PICKLE_STORAGE_TYPE ||
        !is(member(p, v, 2), AVQA_PICKLE_TEXT) || !is(member(p, v, 4), AVQA_PICKLE_INT))
        return avqa_pickle_bad(p, "something outside of the pickle that is no storage");
    if (v->n == 6 && !is(member(p, v, 5), AVQA_PICKLE_NONE))
        return avqa_pickle_bad(p,
                               "a view of a storage, as PyTorch before 0.4 wrote it");
    return turn_into(p, id, AVQA_PICKLE_STORAGE, class->type);
}
