/**
 * What an engine process and the others say to each other: events, commands and results, as types alone. They import nothing but each
 * other, so that any process can read them without loading the engine. Everyone imports them from here.
 */
export type * from './protocol/adapters.ts';
export type * from './protocol/assess.ts';
export type * from './protocol/bench.ts';
export type * from './protocol/commands.ts';
export type * from './protocol/doctor.ts';
export type * from './protocol/events.ts';
export type * from './protocol/price.ts';
export type * from './protocol/probe.ts';
export type * from './protocol/results.ts';
