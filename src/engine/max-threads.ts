/** The most computing threads of engine simd: far more than the 16 slices of a batch that training shares among them. */
export const MAX_THREADS = 256;
