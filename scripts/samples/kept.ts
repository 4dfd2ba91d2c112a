/** What of an assessment is kept as the result of a sample, and which models a folder has. */
import fs from 'node:fs';
import path from 'node:path';
import type { SampleResult } from '../../common/api/contract.ts';
import type { AssessResult, Estimate } from '../../common/protocol/protocol.ts';
import { decidingOf } from '../../common/scores.ts';

export interface ModelFile {
  readonly name: string;
  readonly path: string;
}

/** The models at `place`: a GGUF file, a model's own folder, or a folder with such in it, the smallest first. */
export function modelsIn(place: string): ModelFile[] {
  const found = path.resolve(place);
  if (isModel(found)) return [{ name: modelName(found), path: found }];
  return fs
    .readdirSync(found)
    .map((name) => path.join(found, name))
    .filter(isModel)
    .map((one) => ({ name: modelName(one), path: one, bytes: bytesOf(one) }))
    .sort((a, b) => a.bytes - b.bytes)
    .map(({ bytes: _, ...model }) => model);
}

function isModel(place: string): boolean {
  return place.endsWith('.gguf') || fs.existsSync(path.join(place, 'config.json'));
}

function bytesOf(place: string): number {
  if (!fs.statSync(place).isDirectory()) return fs.statSync(place).size;
  const weights = fs.readdirSync(place).filter((name) => name.endsWith('.safetensors'));
  return weights.reduce((sum, name) => sum + fs.statSync(path.join(place, name)).size, 0);
}

/** Without the ending and the bits that a file of it has. */
function modelName(place: string): string {
  return path.basename(place).replace(/([.-](I?Q\d\w*|F16|BF16|F32))?\.gguf$/i, '');
}

/** Answers that a card shows: the first that were asked, as the seed has drawn them. */
const SHOWN = 3;

type Facts = Pick<
  SampleResult,
  'sample' | 'model' | 'file' | 'date' | 'version' | 'commit' | 'machine' | 'flags' | 'rows' | 'costs'
>;

/** Throws where nothing was scored. */
export function resultOf(assessment: AssessResult, facts: Facts): SampleResult {
  const { verdict, answers, forgetting } = assessment;
  const found = scoreBefore(assessment);
  if (!verdict.score || !found) throw new Error(`${facts.sample}: nothing was scored: ${verdict.sentence}`);
  const { learned, forgot, score } = verdict;
  const before = { value: found.value, low: found.low, high: found.high };
  const quiz = forgetting?.quiz;
  return {
    ...facts,
    score,
    before,
    learned,
    forgot,
    quiz: quiz ? { items: quiz.total.items, before: quiz.total.before, after: quiz.total.after } : null,
    fell: (forgetting?.abilities?.measured ?? []).filter(({ fell }) => fell).map(({ name }) => name),
    answers: (answers?.answered ?? []).slice(0, SHOWN).map(({ prompt, wanted, answers: said }) => ({
      prompt,
      wanted,
      before: said.before ?? '',
      after: said.after ?? '',
    })),
  };
}

/** The base model's figure of the run's score. */
function scoreBefore({ preference, closed, answers, loss }: AssessResult): Estimate | undefined {
  const plain = answers?.variants.find(({ variant }) => variant === 'before');
  return (
    preference?.before ??
    closed?.known.before ??
    (plain && decidingOf(answers!, plain)) ??
    loss?.perplexityBefore
  );
}
