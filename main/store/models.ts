/** Models on this computer. */
import { existsSync } from 'node:fs';
import type { Selectable } from 'kysely';
import type { LocalModel } from '../../preload/contract.ts';
import type { Store } from '../api/parts.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';
import type { ModelsTable } from './tables.ts';

export function openModels(base: Base): Store['models'] {
  const all = build.selectFrom('models').selectAll();
  const modelOf = (row: Selectable<ModelsTable> | undefined) => (row ? model(base, row) : null);
  return {
    list: () => base.on.all(all.orderBy('added', 'desc').orderBy('id')).map((row) => model(base, row)),
    find: (id) => modelOf(base.on.first(all.where('id', '=', id))),
    byPath: (file) => modelOf(base.on.first(all.where('path', '=', base.kept(file)))),
    save({ available: _, hasChatTemplate, path, ...rest }) {
      const values = { ...rest, path: base.kept(path), hasChatTemplate: hasChatTemplate ? 1 : 0 } as const;
      base.on.run(
        build
          .insertInto('models')
          .values(values)
          .onConflict((c) => c.column('id').doUpdateSet(values)),
      );
    },
    remove: (id) => void base.on.run(build.deleteFrom('models').where('id', '=', id)),
  };
}

function model(base: Base, { path: kept, hasChatTemplate, ...row }: Selectable<ModelsTable>): LocalModel {
  const path = base.found(kept);
  return {
    ...row,
    path,
    format: row.format as LocalModel['format'],
    source: row.source as LocalModel['source'],
    hasChatTemplate: hasChatTemplate === 1,
    available: existsSync(path),
  };
}
