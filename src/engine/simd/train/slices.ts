/** An image of the batch, with its slice and its slot. */
export interface Position {
  readonly image: number;
  /** The slice that the image belongs to; one task computes all images of a slice. */
  readonly slice: number;
  /** The image's number among the SLOTS images whose weight gradients are summed together. */
  readonly slot: number;
}

/** Number of slices of a batch, each with its own weight gradients. Fixed, so that results do not depend on the number of threads. */
export const SLICES = 16;

/** Images whose weight gradients are summed together: enough for sums in registers to pay, few enough for the second-level cache. */
export const SLOTS = 4;

/** The images of each slice. Fewer images than SLICES make fewer slices. */
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
