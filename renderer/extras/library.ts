/** What the page says of a library that an extra's executor computes with. */
import type { PackNow } from '../../common/api/contract.ts';

export interface ExtraLibrary {
  /** What its executor is called. */
  readonly executor: string;
  /** What the library is called, and the way to a card through it. */
  readonly library: string;
  readonly way: string;
  /** The pack that brings it, and what is said of that. */
  readonly pack: PackNow['name'];
  readonly packText: PackText;
}

export interface PackText {
  readonly title: string;
  readonly lead: string;
  readonly about: string;
  readonly get: string;
  readonly coming: string;
  removed(freed: number): string;
}
