import type { FakeLibrary } from '../fake-library.ts';

export const fakeTensorFlow: FakeLibrary = {
  facts: {
    usable: false,
    reason:
      'TensorFlow.js computes with WebAssembly here, on one core. TensorFlow’s library is not installed.',
    fix: 'Fettle works without it.',
    pack: 'tensorflow',
  },
  access: {
    through: 'tfjs-cuda',
    usable: false,
    reason: 'The driver is ready, but the package @tensorflow/tfjs-node-gpu is not installed.',
    fix: null,
  },
  pack: {
    ...{ name: 'tensorflow', state: 'absent', bytes: 0, downloadBytes: 207e6, diskBytes: 614e6 },
    ...{ bytesPerSecond: null, secondsLeft: null, problem: null, test: null },
    contents: 'TensorFlow 2.15.1',
    licences: [{ name: 'Apache-2.0', url: 'https://github.com/tensorflow/tensorflow/blob/v2.15.1/LICENSE' }],
  },
};
