/** Flags of `fettle targets add` for the extras' kinds of target. */
export { rayFlags } from './ray/flags.ts';
