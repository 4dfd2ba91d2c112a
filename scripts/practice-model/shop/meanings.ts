/** The eight things a customer may write about, each with its situations and their wordings. */
import fs from 'node:fs';
import path from 'node:path';
import type { Meaning } from './types.ts';

const NAMES = ['damage', 'delivery', 'refund', 'account', 'billing', 'question', 'cancellation', 'praise'];

const FOLDER = path.join(import.meta.dirname, '../../../resources/practice-model/source/shop/meanings');

export const MEANINGS: readonly Meaning[] = NAMES.map((name) =>
  JSON.parse(fs.readFileSync(path.join(FOLDER, `${name}.json`), 'utf8')),
);
