/** Where in a batch a task is. */
export interface Position {
  readonly image: number;
  /** The fixed part of the batch that one task computes. */
  readonly slice: number;
  /** The image's number within the few whose weight gradients are summed in one go. */
  readonly slot: number;
}

/** Parts of a batch whose weight gradients are summed apart: fixed, so that results do not depend on the number of threads. */
export const SLICES = 16;

/** Images whose weight gradients are summed in one go: enough to keep sums in registers, few enough for the second-level cache. */
export const SLOTS = 4;

/** The images of each slice. */
export function slicesOf(images: number): Position[][] {
  const slices = Math.min(images, SLICES);
  const start = (slice: number) => Math.floor((slice * images) / slices);
  return Array.from({ length: slices }, (_, slice) =>
    Array.from({ length: start(slice + 1) - start(slice) }, (_, number) => ({
      image: start(slice) + number,
      slice,
      slot: number % SLOTS,
    })),
  );
}
