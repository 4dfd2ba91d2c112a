/** ggml's library and its pack on the fake computer. */
import type { FakeLibrary } from '../../extras/fake-library.ts';

const NOT_HERE = {
  usable: false,
  reason: 'ggml’s library for graphics cards is not here.',
  fix: 'Get the Vulkan pack.',
};

export const fakeGgml: FakeLibrary = {
  facts: { ...NOT_HERE, pack: 'ggml' },
  access: { through: 'ggml', ...NOT_HERE },
  pack: {
    ...{ name: 'ggml', state: 'absent', bytes: 0, downloadBytes: 27e6, diskBytes: 73e6 },
    ...{ bytesPerSecond: null, secondsLeft: null, problem: null, test: null },
    contents: 'ggml (node-llama-cpp) 3.21.1',
    licences: [{ name: 'MIT', url: 'https://github.com/ggml-org/ggml/blob/master/LICENSE' }],
  },
};
