/** Why a job ended without a result, in a sentence, from the end of its log. */
import type { Problem } from '../../common/api/contract.ts';
import { say } from '../../common/words/language.ts';

type Words = (name: string) => readonly [code: string, message: string, hint: string];

const moreMemory = () => say`Use fewer tokens at once, activation recompute or QLoRA, or a larger card.`;
const moreMainMemory = () => say`Use fewer tokens at once, or give the job more memory there.`;
const again = () => say`Resume to continue from the last checkpoint.`;
const cancelled: Words = (name) => ['target-cancelled', say`Somebody cancelled the job on ${name}.`, again()];

/** The first that fits counts. None has a code that a rescue would answer with settings of this computer. */
const CAUSES: readonly (readonly [RegExp, Words])[] = [
  [
    // what manages jobs calls it as PyTorch calls that of a card
    /running low on memory|\bexceptions\.OutOfMemoryError/,
    (name) => ['target-memory', say`${name} ran out of main memory.`, moreMainMemory()],
  ],
  [
    /CUDA out of memory|OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED/i,
    (name) => ['target-memory', say`The card of ${name} ran out of memory.`, moreMemory()],
  ],
  [
    /No space left on device|Disk quota exceeded|PytorchStreamWriter failed writing/i,
    (name) => [
      'target-disk-full',
      say`The disk of ${name} is full.`,
      say`Free some space there, then resume.`,
    ],
  ],
  [
    /DUE TO TIME LIMIT|TIMEOUT/,
    (name) => ['target-time', say`${name} ended the job at its time limit.`, again()],
  ],
  [
    /DUE TO PREEMPTION|PREEMPTED/,
    (name) => ['target-preempted', say`${name} gave the place to another job.`, again()],
  ],
  [/DUE TO NODE FAILURE|NODE_FAIL/, (name) => ['target-node', say`A computer of ${name} failed.`, again()]],
  // who cancels a job cancels its steps; in the time that it gets to end before another takes its place, Slurm ends its steps alone; and
  // before its time ends its script alone is told
  [/STEP .*CANCELLED AT[\s\S]*JOB .*CANCELLED AT|JOB .*CANCELLED AT[\s\S]*STEP .*CANCELLED AT/, cancelled],
  [
    /^Fettle: told to end/m,
    (name) => ['target-time', say`${name} ended the job at its time limit.`, again()],
  ],
  [
    /STEP .*CANCELLED AT/,
    (name) => ['target-preempted', say`${name} gave the place to another job.`, again()],
  ],
  [/CANCELLED AT|Job was intentionally stopped/, cancelled],
  [
    /DUE TO MEMORY|oom.kill|exitcode\s*:\s*-9|Signal 9|Killed/i,
    (name) => ['target-memory', say`${name} ran out of main memory.`, moreMainMemory()],
  ],
  [
    /ModuleNotFoundError: No module named|ImportError|PackageNotFoundError/,
    (name) => [
      'target-packages',
      say`The Python of ${name} lacks a package.`,
      say`Test the target to see which one, and install it there.`,
    ],
  ],
  [
    /No CUDA GPUs are available|CUDA driver version is insufficient|no kernel image is available|no NVIDIA driver/i,
    (name) => [
      'target-card',
      say`PyTorch can’t use a card of ${name}.`,
      say`Test the target, and look for its driver and cards.`,
    ],
  ],
  [
    /401 Client Error|403 Client Error|GatedRepoError|RepositoryNotFoundError/,
    (name) => [
      'target-hub',
      say`The Hub doesn’t give this model to ${name}.`,
      say`Log in to the Hub there, or send the model from here.`,
    ],
  ],
  [
    /Connection(?:Error| reset| refused)|NCCL (?:error|WARN)|RendezvousConnectionError/i,
    (name) => ['target-network', say`The processes of ${name} lost each other.`, again()],
  ],
];

/** What a job that ends itself says of its end, in words of `CAUSES`. */
const WORDS_OF_CODE: Readonly<Record<string, string>> = {
  'out-of-memory': 'OutOfMemoryError',
  'disk-full': 'No space left on device',
};

/** What the end of a log says of why the job ended; null where it says nothing that is known. */
export function causeIn(name: string, text: string): Problem | null {
  const found = CAUSES.find(([pattern]) => pattern.test(text))?.[1](name);
  return found ? { code: found[0], message: found[1], hint: found[2] } : null;
}

/** Of these a job is told, and saves itself. */
const TOLD: readonly string[] = ['target-time', 'target-preempted', 'target-node', 'target-cancelled'];

/** Who made a job save itself and end; null where its log does not say. */
export function causeOfStop(name: string, log: readonly string[]): Problem | null {
  const cause = causeIn(name, log.join('\n'));
  return cause && TOLD.includes(cause.code) ? cause : null;
}

/** Of a job that was asked to stop while it waited. */
export const stoppedBefore = (name: string): Problem => ({
  code: 'target-stopped',
  message: say`The job on ${name} was stopped before it began.`,
  hint: say`Resume to start it again.`,
});

/** The problem of a job that failed, or whose end nobody has seen. `last`: the end of its log. */
export function problemThere(
  name: string,
  last: readonly string[],
  failure: { readonly code: string; readonly message: string } | null,
): Problem {
  if (failure?.code === 'diverged') {
    const hint = say`Start a new run with a lower learning rate.`;
    return { code: 'diverged', message: say`Training became unstable there: ${failure.message}`, hint };
  }
  const text = [...last, failure?.message ?? '', WORDS_OF_CODE[failure?.code ?? ''] ?? ''].join('\n');
  const found = causeIn(name, text);
  if (found) return found;
  const words = (failure?.message ?? last.at(-1) ?? '').slice(0, 300);
  return {
    code: 'target-job-failed',
    message: words
      ? say`The job on ${name} failed. Last words: ${words}`
      : say`The job on ${name} ended without a word.`,
    hint: say`Resume to try again from the last checkpoint. The log of the run has more.`,
  };
}
