/** The libraries of executors that need one, by the names of the executors. */
import * as extras from '../extras/libraries.ts';
import { ggmlLibrary } from './ggml.ts';
import type { ExtraLibrary } from './library.ts';

export const LIBRARIES: Readonly<Record<string, ExtraLibrary>> = { ggml: ggmlLibrary, ...extras };
