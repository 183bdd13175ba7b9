/** Computing threads of engine simd at most: far more than there are slices of a batch to share. */
export const MAX_THREADS = 256;
