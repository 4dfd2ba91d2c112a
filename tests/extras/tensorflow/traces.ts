/** The traces that the tests take: WebAssembly has all but those between clipped and not, the library, which is quick, those with its gradients. */
export const traces = /^(?!.*_mid$)/;
export const LIBRARY_TRACES = /^(lora|full)$/;
