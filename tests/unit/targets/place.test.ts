/** What is kept of a job in the folder of its run, by this Fettle and by an earlier one. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PLACE_FILE, targetOfRun } from '../../../main/elsewhere.ts';
import { newPlace, noteStop, readPlace, wasAskedToStop, writePlace } from '../../../main/targets/place.ts';
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
  expect(targetOfRun(folder)).toBeNull();
});

it('tells the target before anything is sent, and nothing of a run of this computer', () => {
  writePlace(folder, newPlace('lab', null));
  expect(targetOfRun(folder)).toBe('lab');
  expect(targetOfRun(path.join(folder, 'none'))).toBeNull();
});

it('was asked to stop as the job that it is, and not as an earlier one', () => {
  const place = { ...newPlace('lab', null), folder: 'runs/one', job: 'fettle-1' };
  expect(wasAskedToStop(folder, place)).toBe(false);
  noteStop(folder, place);
  expect(wasAskedToStop(folder, place)).toBe(true);
  expect(wasAskedToStop(folder, { ...place, job: 'fettle-2' })).toBe(false);
});
