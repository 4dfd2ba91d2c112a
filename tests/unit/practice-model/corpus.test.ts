/** The corpus that the practice model was trained on comes out of its generator to the byte, whatever the code around the texts looks like. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { writeCorpus } from '../../../scripts/practice-model/corpus.ts';
import { seeded } from '../../../scripts/practice-model/draw.ts';
import { shopQuiz } from '../../../scripts/practice-model/shop/index.ts';
import { worldQuiz } from '../../../scripts/practice-model/world/index.ts';

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

it('is the corpus and the quiz that the shipped model was made with', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-corpus-'));
  try {
    const shares = { shop: 0.5, passages: 0.1, shopShares: { notes: 0.4, sorting: 0.25 } };
    writeCorpus(folder, { seed: 1, dialogues: 4000, emphasis: { repeating: 0.5 }, ...shares });
    expect({
      corpus: sha256(fs.readFileSync(path.join(folder, 'corpus.jsonl'))),
      heldOut: sha256(fs.readFileSync(path.join(folder, 'held-out.jsonl'))),
      quiz: sha256(JSON.stringify([...worldQuiz(seeded(5001)), ...shopQuiz(seeded(5002))])),
    }).toEqual({
      corpus: '6642b23ca5828be7f324e8ce1e1b53e52a300ba08e13413e3e25bdf5511c5fd5',
      heldOut: 'dfcbd7546707fd190a242bf43f225c8555d678c9e0a02ac8d854aed6e6b230dd',
      quiz: '2416e6e14674451da85f865933f3c24a604c9459b2800c67467124843d63dbef',
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
