/** The libraries of extras' executors, as the page names them. */
import * as extras from '../extras/libraries.ts';
import type { ExtraLibrary } from '../extras/library.ts';

const ALL: Readonly<Partial<Record<string, ExtraLibrary>>> = { ...extras };

export const libraryOf = (executor: string): ExtraLibrary | undefined => ALL[executor];
