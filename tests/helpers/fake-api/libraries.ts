/** What the fake computer has of libraries that executors need: ggml's, and those of extras. */
import * as extras from '../../extras/fake-libraries.ts';
import type { FakeLibrary } from '../../extras/fake-library.ts';
import { fakeGgml } from './ggml.ts';

export const FAKE_LIBRARIES: Readonly<Record<string, FakeLibrary>> = { ggml: fakeGgml, ...extras };
