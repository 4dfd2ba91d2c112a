/** Drafts: what the wizard remembers between two visits. */
import { randomBytes } from 'node:crypto';
import type { Store } from '../api/parts.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';

export function openDrafts(base: Base): Store['drafts'] {
  return {
    list: () =>
      base.on
        .all(build.selectFrom('drafts').selectAll().orderBy('updated', 'desc').orderBy('id'))
        .map(({ id, updated, contentJson }) => ({ id, updated, content: base.parse(contentJson) })),
    save(given, content) {
      const id = given ?? randomBytes(6).toString('hex');
      const updated = new Date().toISOString();
      const values = { id, updated, contentJson: base.json(content) };
      base.on.run(
        build
          .insertInto('drafts')
          .values(values)
          .onConflict((c) => c.column('id').doUpdateSet(values)),
      );
      return { id, updated, content };
    },
    discard: (id) => void base.on.run(build.deleteFrom('drafts').where('id', '=', id)),
  };
}
