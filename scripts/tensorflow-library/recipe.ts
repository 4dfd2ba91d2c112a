/** What the folder is made of. A change here makes folders of before outdated: they are made anew. */

export const RECIPE = {
  /** Of this file; to be raised where the way of building changes. */
  version: 1,
  tensorflow: '2.15.1',
  wheel: {
    package: 'tensorflow-cpu',
    file: 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    bytes: 207_208_420,
    sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
  },
  /** The library that has TensorFlow's C functions, and the one that it needs. */
  libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  /** The headers that the binding includes, directly or not. */
  headers: [
    /^tensorflow\/c\/(eager\/)?[\w]+\.h$/,
    /^tensorflow\/core\/platform\/ctstring\w*\.h$/,
    /^tsl\/c\/\w+\.h$/,
    /^tsl\/platform\/ctstring\w*\.h$/,
  ],
} as const;

/** What an installed package and an unpacked library take with the wheel beside them. */
export const ROOM_BYTES = 1_250_000_000;
