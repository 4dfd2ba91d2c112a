/** What `fettle export` prints. */
import { expect, it } from 'vitest';
import type { ExportProof, ExportResult } from '../../../common/protocol/protocol.ts';
import { exportText } from '../../../main/cli/export.ts';
import { proofInWords } from '../../../main/engine/export/prove.ts';

const PROOF: ExportProof = {
  by: 'llama.cpp',
  promptSource: 'held-out rows',
  prompts: 5,
  equalAnswers: 5,
  tokens: 88,
  firstDifference: null,
  maxLogProbDrift: 1e-5,
  tokenizerTexts: 20,
  tokenizerAgrees: 20,
  tensors: 272,
};

const RESULT: ExportResult = {
  as: 'gguf',
  adapterOnly: false,
  type: 'q8_0',
  out: '/exports/first',
  files: ['/exports/first/Modelfile', '/exports/first/first-q8_0.gguf'],
  bytes: 145_000_000,
  name: 'first',
  proof: PROOF,
  proved: proofInWords(PROOF, 'q8_0'),
  notes: ['The embedding is kept in q8_0.'],
  next: [
    { about: 'Ollama', command: 'ollama create first -f /exports/first/Modelfile' },
    { about: 'LM Studio', command: 'lms import /exports/first/first-q8_0.gguf' },
  ],
  seconds: 12.3,
};

it('shows where the files are, what the proof found, and commands to copy', () => {
  expect(exportText(RESULT).split('\n')).toEqual([
    'Written  /exports/first (145 MB in 2 files, q8_0, 12 s)',
    '         /exports/first/Modelfile',
    '         /exports/first/first-q8_0.gguf',
    expect.stringMatching(
      /^Proved {3}5 of 5 answers equal .*: loaded back by llama\.cpp, .* \(88 tokens\)\. /,
    ),
    'Note     The embedding is kept in q8_0.',
    'To use it:',
    '  Ollama     ollama create first -f /exports/first/Modelfile',
    '  LM Studio  lms import /exports/first/first-q8_0.gguf',
    '',
  ]);
});

it('does not call proved what answers too differently, and names a type that rounds less', () => {
  const lines = exportText({ ...RESULT, warning: 'Save it as f16.' }).split('\n');
  expect(lines.find((line) => line.startsWith('Checked  5 of 5'))).toBeDefined();
  expect(lines).toContain('Warning  Save it as f16.');
  expect(lines.join('\n')).not.toContain('Proved');
});

it.each([
  [{}, ['5 of 5 answers equal', 'differ by less than 0.1%', 'All 20 difficult texts', 'All 272 tensors']],
  [{ equalAnswers: 3, firstDifference: 7 }, ['3 of 5 answers equal', 'type q4_0 causes this', 'at token 7']],
  [{ maxLogProbDrift: 0.02 }, ['differ by up to 2.0%']],
  [{ maxLogProbDrift: 1.5 }, ['differ by up to a factor of 4.5']],
  [{ tokenizerAgrees: 19 }, ['19 of 20 difficult texts give the same tokens']],
  [{ by: 'fettle', promptSource: 'neutral texts' }, ['loaded back by Fettle', 'with neutral questions']],
] as const)('says of a proof with %j what it means', (change, words) => {
  const text = proofInWords({ ...PROOF, ...change }, 'q4_0');
  for (const word of words) expect(text).toContain(word);
});
