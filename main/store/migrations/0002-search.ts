/** Full-text search over what a person may remember of a run; runs that are there already are taken into it. */

import { searchText } from '../search.ts';
import type { Migration } from './migration.ts';

interface OldRun {
  readonly key: number;
  readonly name: string;
  readonly notes: string;
  readonly model: string;
  readonly data: string;
  readonly tagsJson: string;
  readonly configJson: string;
}

export const search: Migration = {
  name: '0002-search',
  up(on) {
    // no content of its own: the texts are in the table of runs, and here only the words
    on.exec(
      'create virtual table runSearch using fts5(name, notes, model, data, tags, config, ' +
        `content='', contentless_delete=1, prefix='1 2 3', tokenize="unicode61 remove_diacritics 2")`,
    );
    on.exec(
      'create trigger runSearchDeleted after delete on runs begin delete from runSearch where rowid = old.key; end',
    );
    const insert =
      'insert into runSearch(rowid, name, notes, model, data, tags, config) values (?, ?, ?, ?, ?, ?, ?)';
    for (const row of on.read('select key, name, notes, model, data, tagsJson, configJson from runs')) {
      const { key, name, notes, model, data, tagsJson, configJson } = row as OldRun;
      const tags = searchText(JSON.parse(tagsJson));
      on.write(insert, [key, name, notes, model, data, tags, searchText(JSON.parse(configJson))]);
    }
  },
};
