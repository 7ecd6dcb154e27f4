/* See row.h. Frames are unpacked into the caller's memory; nothing is copied. The frame
 * of an array's last row has the padding of its tar member behind it. */
#include "shard/row.h"
#include "shard/tar.h"

/* Bytes of the frame of a row of the array's first or second member. */
static size_t plain_bytes(const struct avqa_shard_array *a, size_t member, size_t row)
{
    size_t n_frames;
    const struct avqa_frame_place *places = avqa_shard_places(a->shard, &n_frames);
    return places[a->member[member].row_frame + row].frame.plain;
}

/* Where the values of a sparse row begin in the room. */
static size_t values_at(const struct avqa_shard_array *a, size_t row)
{
    size_t blocks = (plain_bytes(a, 0, row) - 1) / AVQA_SHARD_ROW_ALIGN + 1;
    return blocks * AVQA_SHARD_ROW_ALIGN;
}

size_t avqa_shard_row_room(const struct avqa_shard_array *a, size_t row)
{
    if (row >= a->n_rows || !a->member->row_frame)
        return a->row_values * avqa_npy_type_bytes(a->npy.type);
    if (a->encoding == AVQA_SHARD_SPARSE16)
        return values_at(a, row) + plain_bytes(a, 1, row);
    return plain_bytes(a, 0, row);
}

static enum avqa_status read_sparse(struct avqa_shard_row *out,
                                    struct avqa_shard_lane *lane,
                                    const struct avqa_shard_array *a, size_t row,
                                    unsigned char *room)
{
    const struct avqa_shard_member *values = a->member + 1;
    unsigned char *at = room + values_at(a, row);
    size_t bytes = plain_bytes(a, 1, row);
    enum avqa_status rc =
        avqa_shard_frame_into(room, lane, a->shard, a->member->row_frame + row);
    if (rc == AVQA_OK)
        rc = avqa_shard_frame_into(at, lane, a->shard, values->row_frame + row);
    if (rc != AVQA_OK)
        return rc;
    if (row + 1 == a->n_rows)
        bytes -= avqa_tar_padding(values->bytes);
    *out = (struct avqa_shard_row){
        .type = AVQA_NPY_F2, .mask = room, .values = at, .n_values = bytes / 2};
    rc = avqa_sparse_check(room, a->row_values, out->n_values);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "%s", avqa_shard_name(a->shard));
}

enum avqa_status avqa_shard_row_read(struct avqa_shard_row *out,
                                     struct avqa_shard_lane *lane,
                                     const struct avqa_shard_array *a, size_t row,
                                     void *room)
{
    const char *key = avqa_shard_index(a->shard)->samples[a->sample].key;
    *out = (struct avqa_shard_row){
        .type = a->npy.type, .values = room, .n_values = a->row_values};
    if (row >= a->n_rows || !a->member->row_frame) /* the reader knows both */
        return avqa_shard_read(lane, a, row, 1, a->npy.type, room);
    enum avqa_status rc =
        a->encoding == AVQA_SHARD_SPARSE16
            ? read_sparse(out, lane, a, row, room)
            : avqa_shard_frame_into(room, lane, a->shard, a->member->row_frame + row);
    return rc == AVQA_OK ? rc
                         : avqa_fail_in(rc, "row %zu of %s of %s", row, a->name, key);
}
