import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { resourcesFolder } from '../../../main/paths.ts';
import { Base } from '../../../main/store/base.ts';

const FOLDER = path.resolve('/home/ann/fettle');
const base = new Base(null as never, FOLDER);
const moved = new Base(null as never, path.resolve('/disk/new place'));

describe('paths in the store', () => {
  it.each([
    [path.join(FOLDER, 'runs', 'first'), '⟦data⟧/runs/first', path.join(moved.folder, 'runs', 'first')],
    [path.resolve('/home/ann/fettle-2/runs'), null, null],
    [path.resolve('/elsewhere'), null, null],
    [FOLDER, null, null],
    [path.join(FOLDER, 'runs', '..', '..', 'x'), null, path.resolve('/home/ann/x')],
  ])('%s is kept as %s', (file, kept, then) => {
    expect(base.kept(file)).toBe(kept ?? path.resolve(file));
    expect(base.found(base.kept(file))).toBe(path.resolve(file));
    expect(moved.found(base.kept(file))).toBe(then ?? file);
  });

  it('into the program are kept by name, and those of before are found where the program is now', () => {
    const sample = path.join(resourcesFolder(), 'samples', 'formal-tone.jsonl');
    const name = '⟦program⟧/samples/formal-tone.jsonl';
    const gone = '/tmp/.mount_gone/resources/samples/formal-tone.jsonl';
    expect([base.kept(sample), base.json({ data: [sample] })]).toEqual([name, `{"data":["${name}"]}`]);
    for (const kept of [name, gone]) {
      expect(base.found(kept)).toBe(sample);
      expect(base.parse(JSON.stringify({ data: [kept] }))).toEqual({ data: [sample] });
    }
  });

  it('in JSON follow the folder, also within commands, and nothing else changes', () => {
    const inside = path.join(FOLDER, 'runs', 'first');
    const value = {
      out: inside,
      command: `fettle train --out ${inside} --resume`,
      quoted: `say "${inside}"`,
      // not a path in the data folder
      other: `/backup${FOLDER}/runs`,
      sibling: `${FOLDER}-2/runs`,
      folder: FOLDER,
      text: 'ä \u2028 "quotes" \\ ⟦ ⟧ $& \n',
      list: [1, null, true, inside],
    };
    const kept = base.json(value);
    expect(kept.match(/⟦data⟧/g)).toHaveLength(4);
    expect(base.parse(kept)).toEqual(value);
    const there = path.join(moved.folder, 'runs', 'first');
    expect(moved.parse(kept)).toEqual({
      ...value,
      out: there,
      command: `fettle train --out ${there} --resume`,
      quoted: `say "${there}"`,
      list: [1, null, true, there],
    });
  });
});
