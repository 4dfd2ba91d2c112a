import type { Access, LibraryFacts, PackNow } from '../../common/api/contract.ts';

export interface FakeLibrary {
  readonly facts: LibraryFacts;
  /** Of a card that it cannot use. */
  readonly access: Access;
  readonly pack: PackNow;
}
