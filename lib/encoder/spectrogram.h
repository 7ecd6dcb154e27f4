/* The logarithmic spectrograms that OGM-GE (Peng et al., 2022) and those who compare
 * with it feed to their networks, one a clip; sound that is too short is repeated.
 *   crema-d         3 s at 22.05 kHz, clipped to +-1, librosa.stft(n_fft=512,
 *                   hop_length=353): centred, zeros around, periodic Hann; 257 x 188
 *   vggsound        5 s at 16 kHz, n_fft=256, hop_length=128; 129 x 626
 *   ave             10 s at 16 kHz, scipy.signal.spectrogram(nperseg=512,
 *                   noverlap=353): Tukey window, mean removed, density; normalised to
 *                   mean 0 and deviation 1; 257 x 1004
 *   crema-d-paper   the same of 3 s; 257 x 299
 * All are ln(x + 1e-7), x the magnitude, or for scipy's the power density. The
 * published code cuts VGGSound's five seconds at a random place; here they are the
 * first. */
#ifndef AVQA_ENCODER_SPECTROGRAM_H
#define AVQA_ENCODER_SPECTROGRAM_H

#include "encoder/kind.h"

const struct avqa_feature_kind *avqa_spectrogram_kinds(size_t *n);

#endif
