/** The libraries of executors that need one, as the page names them. */
import * as extras from '../extras/libraries.ts';
import type { ExtraLibrary } from '../extras/library.ts';
import { wizard } from '../text/wizard.ts';

const ALL: Readonly<Partial<Record<string, ExtraLibrary>>> = {
  ggml: {
    executor: 'ggml',
    library: 'ggml',
    way: 'ggml',
    pack: 'ggml',
    packText: wizard.computer.packs.ggml,
  },
  ...extras,
};

export const libraryOf = (executor: string): ExtraLibrary | undefined => ALL[executor];
