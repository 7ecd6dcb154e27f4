/* Pickles: every opcode that a state dict needs gives its value; every other one, every
 * other class and every misuse is refused by name and byte; nothing that bytes say
 * makes it take more memory than its bound. What the bytes mean is in Python's
 * pickletools. */
#include "check.h"

#include "nn/pickle.h"

#include <stdbool.h>

static struct avqa_pickle *read_one(const char *bytes, size_t len)
{
    struct avqa_pickle *p = NULL;
    assert_ok(avqa_pickle_read(&p, NULL, "p", (const uint8_t *)bytes, len));
    return p;
}

static void refuse(const char *bytes, size_t len, const char *text)
{
    struct avqa_pickle *p = NULL;
    assert_fails(avqa_pickle_read(&p, NULL, "p", (const uint8_t *)bytes, len),
                 AVQA_EFORMAT, text);
    assert_has(avqa_message(), "p: byte ");
    assert_null(p);
}

#define READ(text) read_one(text, sizeof(text) - 1)
#define REFUSE(bytes, text) refuse(bytes, sizeof(bytes) - 1, text)
#define DICT "ccollections\nOrderedDict\n)R"
#define STORAGE                                                                        \
    "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"                                 \
    "0X\3\0\0\0cpuK\6tQ"
#define TENSOR                                                                         \
    "ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE "K\0K\2K\3\x86K\3K\1\x86\x89" DICT  \
    "tR"

static void expect_int(const char *bytes, size_t len, int64_t want)
{
    struct avqa_pickle *p = read_one(bytes, len);
    assert_int_equal(avqa_pickle_root(p)->kind, AVQA_PICKLE_INT);
    assert_true(avqa_pickle_root(p)->whole == want);
    avqa_pickle_free(p);
}

static void test_numbers(void **state)
{
    (void)state;
#define INT(bytes, want) expect_int(bytes, sizeof(bytes) - 1, want)
    INT("K\xff.", 255);
    INT("M\x34\x12.", 0x1234);
    INT("J\xff\xff\xff\xff.", -1);
    INT("J\0\0\0\x80.", INT32_MIN);
    INT("\x8a\0.", 0);
    INT("\x8a\1\xff.", -1);
    INT("\x8a\2\xff\0.", 255);
    INT("\x8a\5\0\0\0\0\1.", INT64_C(1) << 32);
    INT("\x8a\x8\xff\xff\xff\xff\xff\xff\xff\x7f.", INT64_MAX);
    struct avqa_pickle *p = READ("\x80\2G\xbf\xf8\0\0\0\0\0\0.");
    assert_int_equal(avqa_pickle_root(p)->kind, AVQA_PICKLE_REAL);
    assert_true(avqa_pickle_root(p)->real == -1.5);
    avqa_pickle_free(p);
    REFUSE("\x8a\x9\1\0\0\0\0\0\0\0\0.", "a whole number of 9 bytes");
    REFUSE("\x8a\xff", "a whole number of 255 bytes");
    REFUSE("\x8b\xff\xff\xff\x7f", "LONG4");
}

static void test_containers(void **state)
{
    (void)state;
    /* {"a": [None, True, (1, (2, 3, 4))], "b": ()} */
    struct avqa_pickle *p =
        READ("\x80\4\x95\x10\0\0\0\0\0\0\0}\x94(\x8c\1a](N\x88K\1K\2K\3K\4\x87\x86"
             "eU\1b)u.");
    const struct avqa_pickle_value *root = avqa_pickle_root(p);
    assert_int_equal(root->kind, AVQA_PICKLE_DICT);
    assert_int_equal(root->n, 4);
    assert_true(avqa_pickle_is_text(avqa_pickle_at(p, root, 0), "a"));
    assert_false(avqa_pickle_is_text(avqa_pickle_at(p, root, 0), "ab"));
    const struct avqa_pickle_value *list = avqa_pickle_at(p, root, 1);
    assert_int_equal(list->kind, AVQA_PICKLE_LIST);
    assert_int_equal(list->n, 3);
    assert_int_equal(avqa_pickle_at(p, list, 1)->whole, 1);
    const struct avqa_pickle_value *pair = avqa_pickle_at(p, list, 2);
    assert_int_equal(avqa_pickle_at(p, avqa_pickle_at(p, pair, 1), 2)->whole, 4);
    assert_true(avqa_pickle_is_text(avqa_pickle_at(p, root, 2), "b"));
    assert_int_equal(avqa_pickle_at(p, root, 3)->n, 0);
    assert_null(avqa_pickle_at(p, root, 4));
    avqa_pickle_free(p);
}

static void test_tensor(void **state)
{
    (void)state;
    struct avqa_pickle *p = READ("\x80\2" DICT "(X\1\0\0\0w" TENSOR "u.");
    const struct avqa_pickle_value *t = avqa_pickle_at(p, avqa_pickle_root(p), 1);
    assert_int_equal(t->kind, AVQA_PICKLE_TENSOR);
    assert_int_equal(t->type, AVQA_TENSOR_F32);
    assert_int_equal(avqa_pickle_at(p, t, 0)->kind, AVQA_PICKLE_STORAGE);
    assert_int_equal(avqa_pickle_at(p, avqa_pickle_at(p, t, 2), 1)->whole, 3);
    avqa_pickle_free(p);
    /* A parameter is its tensor, new and old; what BUILD adds says nothing. */
    p = READ("ctorch._utils\n_rebuild_parameter\n(" TENSOR "\x88" DICT "tR.");
    assert_int_equal(avqa_pickle_root(p)->kind, AVQA_PICKLE_TENSOR);
    avqa_pickle_free(p);
    p = READ("ctorch.nn.parameter\nParameter\n(" TENSOR "t\x81(\x88\x89" DICT "tb.");
    assert_int_equal(avqa_pickle_root(p)->kind, AVQA_PICKLE_TENSOR);
    avqa_pickle_free(p);
    p = READ(DICT "}(X\1\0\0\0mNub.");
    assert_int_equal(avqa_pickle_root(p)->n, 0);
    avqa_pickle_free(p);
    p = READ("ccollections\nOrderedDict\n](](X\1\0\0\0aK\1eX\1\0\0\0bK\2\x86"
             "e\x85R.");
    assert_int_equal(avqa_pickle_root(p)->n, 4);
    assert_int_equal(avqa_pickle_at(p, avqa_pickle_root(p), 3)->whole, 2);
    avqa_pickle_free(p);
}

/* What runs commands in Python, and what merely is not of a state dict. */
static void test_classes(void **state)
{
    (void)state;
    REFUSE("\x80\2cos\nsystem\nX\2\0\0\0ls\x85R.", "byte 2: os.system is no part");
    REFUSE("cposix\nsystem\n", "posix.system");
    REFUSE("c__builtin__\neval\n", "__builtin__.eval");
    REFUSE("cbuiltins\ngetattr\n", "builtins.getattr");
    REFUSE("ctorch\n_utils._rebuild_tensor_v2\n", "torch._utils._rebuild_tensor_v2");
    REFUSE("ctorch\nload\n", "torch.load is no part");
    REFUSE("ctorch._utils\n_rebuild_sparse_tensor\n", "a kind of tensor that is not");
    REFUSE("ctorch\nComplexFloatStorage\n", "a kind of tensor that is not");
    REFUSE("ctorch.nn.parameter\nParameter2\n", "torch.nn.parameter.Parameter2");
    REFUSE("\x8c\2os\x8c\6system\x93.", "byte 12: os.system");
    REFUSE("K\1\x8c\6system\x93.", "the name of a class is no text");
    REFUSE("cos\nsystem", "ends within");
    REFUSE("cos", "ends within");
    REFUSE("(X\2\0\0\0lsios\nsystem\n.", "INST (0x69)");
    REFUSE("(cos\nsystem\no.", "os.system");
    REFUSE("(o.", "OBJ");
    REFUSE("\x82\1.", "EXT1");
    REFUSE("Pevil\n.", "PERSID");
    REFUSE("K\1\x85\x92.", "NEWOBJ_EX");
    REFUSE("\xff", "opcode ? (0xff)");
}

static void test_misuse(void **state)
{
    (void)state;
    REFUSE("", "without STOP");
    REFUSE("N", "without STOP");
    REFUSE(".", "nothing is on the stack");
    REFUSE("(.", "nothing is on the stack");
    REFUSE("NN.", "left on the stack");
    REFUSE("(N.", "left on the stack");
    REFUSE("t", "no mark");
    REFUSE("N\x86", "nothing is on the stack");
    REFUSE("N(N\x86", "nothing is on the stack");
    REFUSE("Na", "no list");
    REFUSE("NNa", "no list");
    REFUSE("](Nu", "no dict");
    REFUSE("}(Nu", "a key without a value");
    REFUSE("}NNNs", "no dict");
    REFUSE("(e", "no list");
    REFUSE("((Ne", "no list");
    REFUSE("h\0", "is empty");
    REFUSE("j\xff\xff\xff\xff", "is empty");
    REFUSE("q\0", "nothing is on the stack");
    REFUSE("Nr\xff\xff\xff\xff", "too far away");
    REFUSE("\x94", "nothing is on the stack");
    REFUSE("X\xff\xff\xff\xff", "ends within");
    REFUSE("\x8d\xff\xff\xff\xff\xff\xff\xff\xffN.", "longer than the pickle");
    REFUSE("\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", "longer than the pickle");
    REFUSE("\x80\1N.", "protocol 1");
    REFUSE("\x80\6N.", "protocol 6");
    REFUSE("NNR", "a call of something else");
    REFUSE("ccollections\nOrderedDict\nNR", "a call of something else");
    REFUSE("ctorch\nFloatStorage\n)R", "a class of storages");
    REFUSE("ccollections\nOrderedDict\n)\x81", "something else than a Parameter");
    REFUSE("ccollections\nOrderedDict\nK\1\x85R", "something else than pairs");
    REFUSE("ccollections\nOrderedDict\n]Na\x85R", "something else than pairs");
    REFUSE("ctorch._utils\n_rebuild_tensor_v2\n)R", "a tensor of something else");
    REFUSE("ctorch._utils\n_rebuild_tensor_v2\n(NNNNtR", "a tensor of something else");
    REFUSE("ctorch._utils\n_rebuild_parameter\nN\x85R",
           "a Parameter of something else");
    REFUSE("ctorch\nSize\nN\x85R", "a torch.Size of something else");
    REFUSE("}Nb", "attributes of something else");
    REFUSE("]}b", "attributes of something else");
    REFUSE(TENSOR "(" STORAGE "tb", "attributes of something else");
    REFUSE("NQ", "no storage");
    REFUSE("(X\7\0\0\0storageNNNK\1tQ", "no storage");
    REFUSE("(X\6\0\0\0modulectorch\nFloatStorage\nX\1\0\0\0"
           "0NK\1tQ",
           "no storage");
    REFUSE("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"
           "0NK\1)tQ",
           "before 0.4");
}

/* ---- bombs ----------------------------------------------------------------------- */

static void test_deep(void **state)
{
    (void)state;
    enum { DEPTH = 1000000 };
    char *bytes = avqa_mem_new(2 * DEPTH + 2);
    memset(bytes, ')', 1);
    memset(bytes + 1, '\x85', DEPTH);
    bytes[DEPTH + 1] = '.';
    struct avqa_pickle *p = read_one(bytes, DEPTH + 2); /* ((((...),),),) */
    size_t depth = 0;
    const struct avqa_pickle_value *v = avqa_pickle_root(p);
    for (; v->n > 0; depth++)
        v = avqa_pickle_at(p, v, 0);
    assert_int_equal(depth, DEPTH);
    avqa_pickle_free(p);
    free(bytes);
}

static void test_too_many(void **state)
{
    (void)state;
    size_t n = (size_t)AVQA_PICKLE_MAX_VALUES + 2;
    char *bytes = avqa_mem_new(4 * n + 4);
    memset(bytes, 'N', n);
    refuse(bytes, n, "too many values");
    memset(bytes, '(', n);
    refuse(bytes, n, "too many values on the stack");
    /* A list that is appended to from the memo: few values, many members. */
    memcpy(bytes, "]q\0", 3);
    for (size_t i = 0; i < n; i++)
        memcpy(bytes + 3 + 3 * i, "h\0a", 3);
    struct avqa_pickle *p = NULL;
    bytes[3 + 3 * n] = '.';
    assert_ok(avqa_pickle_read(&p, NULL, "p", (const uint8_t *)bytes, 4 + 3 * n));
    assert_int_equal(avqa_pickle_root(p)->n, n); /* it holds itself; nobody goes down */
    avqa_pickle_free(p);
    free(bytes);
}

/* Each list holds the one before twice: 2^40 leaves for who would unfold it. */
static void test_doubling(void **state)
{
    (void)state;
    char bytes[40 * 7 + 8] = "]q\0";
    size_t len = 3;
    for (int i = 0; i < 40; i++) {
        const char step[] = {'h', (char)i, 'h', (char)i, '\x86', 'q', (char)(i + 1)};
        memcpy(bytes + len, step, sizeof step); /* what it is made of stays below */
        len += sizeof step;
    }
    refuse(bytes, len, "without STOP");
    bytes[len++] = '.';
    refuse(bytes, len, "left on the stack");
}

/* OrderedDict(list) copies: again and again it would fill any memory. */
static void test_copies(void **state)
{
    (void)state;
    enum { PAIRS = 1 << 16, CALLS = 1 << 10 };
    static const char call[] = "h\1h\2\x85R";
    struct avqa_buf b = AVQA_BUF_INIT;
    avqa_buf_adds(&b, "ccollections\nOrderedDict\nq\1]q\2");
    for (int i = 0; i < PAIRS; i++)
        avqa_buf_add(&b,
                     "NN\x86"
                     "a",
                     4);
    for (int i = 0; i < CALLS; i++)
        avqa_buf_add(&b, call, sizeof call - 1);
    assert_ok(avqa_buf_status(&b));
    refuse(b.data, b.len, "too many members");
    avqa_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),  cmocka_unit_test(test_containers),
        cmocka_unit_test(test_tensor),   cmocka_unit_test(test_classes),
        cmocka_unit_test(test_misuse),   cmocka_unit_test(test_deep),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_doubling),
        cmocka_unit_test(test_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
