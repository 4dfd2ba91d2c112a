/** A library that an executor computes with: how the probes find it, and whether a card computes through it. */
import type { LibraryFacts, WebGpuAnswer } from '../../common/api/contract.ts';
import type { Card, Finding, Ways } from './graphics/card.ts';
import type { World } from './probe/world.ts';

export interface ExtraLibrary<Facts extends LibraryFacts = LibraryFacts> {
  /** As a list of what was found calls it. */
  readonly name: string;
  ask(world: World): Promise<Facts>;
  /** What is said where it did not answer in time. */
  readonly notKnown: () => string;
  /** What is known of it when a process has asked for the cards; left out where that tells nothing. */
  seen?(facts: Facts, answer: WebGpuAnswer): LibraryFacts;
  /** Of the way to cards that leads through its executor. `facts`: null where nobody knows. */
  access(card: Card, ways: Ways, facts: Facts | null, world: World): Finding;
  /** The command that gets its pack, and how a person gets it where there is none. */
  readonly command: string;
  readonly byHand: string;
}
