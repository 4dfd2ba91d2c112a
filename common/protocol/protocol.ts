/**
 * What an engine process and the others say to each other: events, commands and results, as types alone. They import nothing but each
 * other, so that any process can read them without loading the engine. Everyone imports them from here.
 */

export type * from './assess.ts';
export type * from './bench.ts';
export type * from './bench.ts';
export type * from './bench.ts';
export type * from './commands.ts';
export type * from './doctor.ts';
export type * from './events.ts';
export type * from './price.ts';
export type * from './results.ts';
