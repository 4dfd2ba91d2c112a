/** TensorFlow's library: the packages that have it, the better first, and the file of the TensorFlow pack that has its C functions. */
export const TENSORFLOW = {
  packages: ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'],
  library: 'libtensorflow_cc.so.2',
} as const;
