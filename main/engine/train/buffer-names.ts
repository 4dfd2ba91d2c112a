/** What is kept of each trained parameter: its values, their gradients, and AdamW's two moments. */
export const BUFFERS = ['param', 'grad', 'm', 'v'] as const;
export type BufferName = (typeof BUFFERS)[number];
