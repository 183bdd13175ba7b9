/** What `--kernels` accepts besides `auto`: native code, or WebAssembly, which is always there. */
export const KERNEL_NAMES = ['native', 'wasm'] as const;
export type KernelsName = (typeof KERNEL_NAMES)[number];
