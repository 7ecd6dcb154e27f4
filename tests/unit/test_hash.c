/* The 64-bit hash is XXH3 and the digest SHA-256, against values of xxhsum and
 * sha256sum: keys in catalogs and seeds of items must never change. */
#include "check.h"

#include "base/hash.h"

static void test_xxh3(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t hash;
    } cases[] = {{"", 0x2d06800538d394c2},
                 {"a", 0xe6c632b61e964e1f},
                 {"abc", 0x78af5f94892f3950},
                 {"the quick brown fox jumps over the lazy dog", 0xe4541a9cacf545aa}};
    char long_text[1001];
    memset(long_text, 'x', 1000);
    long_text[1000] = '\0';
    for (size_t i = 0; i < N_OF(cases); i++) {
        assert_true(avqa_hash_str(0, cases[i].text) == cases[i].hash);
        assert_true(avqa_hash64(0, cases[i].text, strlen(cases[i].text)) ==
                    cases[i].hash);
    }
    assert_true(avqa_hash_str(0, long_text) == 0xc0a4877b962cba82);
    assert_true(avqa_hash_str(42, "abc") == 0xd8438def21bbdcc3);
    assert_true(avqa_hash64(0, "abcd", 3) == cases[2].hash);
}

static void test_sha256(void **state)
{
    (void)state;
    char hex[AVQA_SHA256_HEX];
    struct avqa_sha256 *sha = avqa_sha256_new();
    avqa_sha256_hex(sha, hex);
    assert_string_equal(
        hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    avqa_sha256_add(sha, "a", 1);
    avqa_sha256_add(sha, "", 0);
    avqa_sha256_add(sha, "bc", 2);
    avqa_sha256_hex(sha, hex);
    assert_string_equal(
        hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    for (int i = 0; i < 1000; i++)
        avqa_sha256_add(sha, "x", 1);
    avqa_sha256_hex(sha, hex);
    assert_string_equal(
        hex, "44f8354494a5ba03ba1792a8d3e9c534c47a9181980fde7a3f44b06ef2ae7c7f");
    avqa_sha256_free(sha);
    avqa_sha256_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_xxh3),
                                       cmocka_unit_test(test_sha256)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
