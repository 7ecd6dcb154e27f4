/* Vocabularies: written, read and judged; made of a split by first appearance. The
 * published one is in golden/test_vocabulary_reference.c. */
#include "tiny.h"

#include "pipeline/train_set.h"
#include "qa/vocabulary.h"

static enum avqa_status parse(struct avqa_vocabulary *out, const char *text)
{
    struct avqa_json *json = check_parse(text);
    enum avqa_status rc = avqa_vocabulary_from_json(out, json);
    avqa_json_free(json);
    return rc;
}

static void test_json(void **state)
{
    (void)state;
    static const char text[] = "{\"tokens\": \"unicode\", \"length\": 5, \"words\": "
                               "[\"<pad>\", \"\", \"erhu\"], "
                               "\"answers\": [\"yes\", \"no\"]}";
    struct avqa_vocabulary v = {.length = 0};
    struct avqa_buf out = AVQA_BUF_INIT;
    assert_ok(parse(&v, text));
    assert_int_equal(v.way, AVQA_TOKENS_UNICODE);
    assert_int_equal(v.length, 5);
    assert_int_equal(avqa_vocabulary_word(&v, "<pad>"), 0);
    assert_int_equal(avqa_vocabulary_word(&v, ""), 1);
    assert_int_equal(avqa_vocabulary_word(&v, "erhu"), 2);
    assert_int_equal(avqa_vocabulary_word(&v, "Erhu"), AVQA_VOCABULARY_UNKNOWN);
    assert_int_equal(avqa_vocabulary_answer(&v, "no"), 1);
    assert_int_equal(avqa_vocabulary_answer(&v, "erhu"), AVQA_VOCABULARY_UNKNOWN);
    struct avqa_json *json = avqa_vocabulary_json(&v);
    avqa_json_print(&out, json, 0);
    assert_string_equal(avqa_buf_str(&out), text);
    avqa_json_free(json);
    avqa_buf_release(&out);
    avqa_vocabulary_release(&v);
    assert_int_equal(v.words.n, 0);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } all[] = {
        {"[]", "a vocabulary is an object, not a list"},
        {"{\"length\":1,\"words\":[\"<pad>\"],\"answers\":[\"a\"]}",
         "\"tokens\" is missing: \"music-avqa\" or \"unicode\""},
        {"{\"tokens\":\"x\",\"length\":1,\"words\":[\"<pad>\"],\"answers\":[\"a\"]}",
         "\"tokens\": no way \"x\""},
        {"{\"tokens\":\"unicode\",\"length\":0,\"words\":[\"<pad>\"],"
         "\"answers\":[\"a\"]}",
         "\"length\" is no number of words"},
        {"{\"tokens\":\"unicode\",\"length\":4097,\"words\":[\"<pad>\"],"
         "\"answers\":[\"a\"]}",
         "\"length\" is no number of words"},
        {"{\"tokens\":\"unicode\",\"length\":2,\"words\":[\"a\",\"<pad>\"],"
         "\"answers\":[\"a\"]}",
         "the first of \"words\" is \"a\", not \"<pad>\""},
        {"{\"tokens\":\"unicode\",\"length\":2,\"words\":[\"<pad>\",\"a\",\"a\"],"
         "\"answers\":[\"a\"]}",
         "\"words\" has \"a\" twice"},
        {"{\"tokens\":\"unicode\",\"length\":2,\"words\":[\"<pad>\"],"
         "\"answers\":[\"a\",\"a\"]}",
         "\"answers\" has \"a\" twice"},
        {"{\"tokens\":\"unicode\",\"length\":2,\"words\":[\"<pad>\",3],"
         "\"answers\":[\"a\"]}",
         "\"words\" has a number in it"},
        {"{\"tokens\":\"unicode\",\"length\":2,\"words\":[],\"answers\":[\"a\"]}",
         "\"words\" is no list with something in it"},
        {"{\"tokens\":\"unicode\",\"length\":2,\"words\":[\"<pad>\"]}",
         "\"answers\" is no list with something in it"},
        {"{\"tokens\":\"unicode\",\"length\":2,\"words\":[\"<pad>\"],"
         "\"answers\":[\"a\"],\"more\":1}",
         "more"},
    };
    for (size_t i = 0; i < N_OF(all); i++) {
        struct avqa_vocabulary v = {.length = 0};
        assert_fails(parse(&v, all[i].text), AVQA_EFORMAT, all[i].message);
        assert_int_equal(v.words.n, 0);
        assert_int_equal(v.length, 0);
    }
}

static void test_file(void **state)
{
    (void)state;
    struct avqa_vocabulary v = {.length = 0};
    char *dir = check_folder();
    char *path = check_write_text(dir, "words.json", "{\"tokens\":\"unicode\"}");
    assert_fails(avqa_vocabulary_read(&v, path), AVQA_EFORMAT,
                 "words.json: \"length\" is no number");
    free(path);
    path = avqa_io_join(dir, "none.json");
    assert_fails(avqa_vocabulary_read(&v, path), AVQA_ENOENT, "none.json");
    free(path);
    check_remove(dir);
}

/* ---- made of a split ------------------------------------------------------------- */

static void make(struct avqa_vocabulary *v, const struct tiny *t, const char *split,
                 enum avqa_tokens_way way, size_t length)
{
    struct avqa_catalog *cat;
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_vocabulary_make(v, cat, split, way, length));
    avqa_catalog_close(cat);
}

static char *joined(const struct avqa_intern *texts)
{
    struct avqa_buf out = AVQA_BUF_INIT;
    for (uint32_t i = 0; i < texts->n; i++)
        avqa_buf_addf(&out, "%s%s", i ? " " : "", avqa_intern_text(texts, i));
    char *text = avqa_mem_strdup(avqa_buf_str(&out));
    avqa_buf_release(&out);
    return text;
}

static void expect(const struct avqa_intern *texts, const char *expected)
{
    char *text = joined(texts);
    assert_string_equal(text, expected);
    free(text);
}

static void put_rows(struct tiny *t)
{
    tiny_add(t, "v1", "X09", "violin", "no");
    tiny_put(t, &(struct tiny_row){.video = "v2",
                                   .code = "V03",
                                   .answer = "gone",
                                   .more = "\"question_deleted\": 1"});
    tiny_add(t, "v2", "X09", "erhu", "yes");
    tiny_import(t, "train");
    tiny_add(t, "v3", "X09", "drum", "maybe");
    tiny_import(t, "val");
}

static void test_made(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_vocabulary v = {.length = 0};
    struct avqa_catalog *cat;
    put_rows(&t);
    make(&v, &t, "train", AVQA_TOKENS_MUSIC_AVQA, 0);
    expect(&v.words, "<pad> Is the violin in video always playing erhu");
    expect(&v.answers, "no yes");
    assert_int_equal(v.length, 14);
    avqa_vocabulary_release(&v);
    make(&v, &t, "train", AVQA_TOKENS_UNICODE, 0);
    expect(&v.words, "<pad> is the violin in video always playing erhu");
    assert_int_equal(v.length, 8);
    avqa_vocabulary_release(&v);
    make(&v, &t, "train", AVQA_TOKENS_UNICODE, 3);
    assert_int_equal(v.length, 3);
    avqa_vocabulary_release(&v);
    assert_ok(avqa_dataset_open(&cat, t.dataset, AVQA_CATALOG_READ));
    assert_fails(avqa_vocabulary_make(&v, cat, "dev", AVQA_TOKENS_UNICODE, 0),
                 AVQA_ENOENT, "train");
    assert_int_equal(v.words.n, 0);
    avqa_catalog_close(cat);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
