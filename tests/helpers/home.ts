/**
 * Loaded before every test file: what it and the commands that it starts keep (history, caches) goes to a folder of its own,
 * never to where the person who runs the tests keeps theirs.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

const home = path.join(tmpdir(), `fettle-test-home-${randomBytes(6).toString('hex')}`);
process.env.FETTLE_HOME = home;
// what commands say is looked for in English, whatever the tester's terminal speaks
process.env.FETTLE_LANGUAGE = 'en';
// the workers share two cores: a second thread mostly waits in a loop, and takes twice the processor's time for the same steps
process.env.OMP_NUM_THREADS ??= '1';
// TensorFlow's own library, where a machine has it, has tests of its own, which name its folder themselves (tensorflow.ts): every
// process that looks at the computer would load it
process.env.FETTLE_TFJS_BACKEND ??= 'wasm';
process.env.FETTLE_TEST_TFJS_HOME ??= process.env.FETTLE_TFJS_HOME ?? '';
delete process.env.FETTLE_TFJS_HOME;
// so has OpenVINO's
process.env.FETTLE_TEST_OPENVINO_HOME ??= process.env.FETTLE_OPENVINO_HOME ?? '';
delete process.env.FETTLE_OPENVINO_HOME;
// and so has ggml's for cards; that for the processor comes with the packages
process.env.FETTLE_TEST_GGML_HOME ??= process.env.FETTLE_GGML_HOME ?? '';
delete process.env.FETTLE_GGML_HOME;
// a card that the library sees, as on a Mac, is for tests that name it
process.env.FETTLE_GGML_DEVICE = 'CPU';

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});
