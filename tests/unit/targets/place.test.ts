/** What is kept of a job in the folder of its run, by this Fettle and by an earlier one. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PLACE_FILE } from '../../../main/runs/recover.ts';
import { newPlace, readPlace, writePlace } from '../../../main/targets/place.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

it('is read as it was written', () => {
  const place = { ...newPlace('lab', null), folder: 'runs/one', job: 'fettle-1', isStarted: true };
  writePlace(folder, place);
  expect(readPlace(folder)).toEqual(place);
});

it('is read where jobs had no names yet', () => {
  const { job: _, ...older } = { ...newPlace('lab', null), folder: 'runs/one', isStarted: true };
  writeFileSync(path.join(folder, PLACE_FILE), JSON.stringify(older));
  expect(readPlace(folder)).toEqual({ ...older, job: null });
});

it('is nothing where the file is damaged', () => {
  writeFileSync(path.join(folder, PLACE_FILE), '{"target": 3}');
  expect(readPlace(folder)).toBeNull();
});
