/** Actions on a run that several places offer (report, repeat, bundle, copy, delete), and its tabs. */
import type { MixedRow, RunDetails, RunRow } from '../../common/api/contract.ts';
import { hyphenated } from '../../common/values.ts';
import { bytes } from '../../common/words/format.ts';
import { api, canReveal, download, pickPath, printReport } from '../api.ts';
import { router } from '../router.svelte.ts';
import { toasts } from '../state/layers.svelte.ts';
import { wizard } from '../state/wizard.svelte.ts';
import type { StepId } from '../state/wizard-steps.ts';
import { history as historyText, run as text } from '../text/text.ts';

/** The parts of a run's page, as they stand in its address. */
export type TabId = 'training' | 'result' | 'use' | 'details';

const TABS: readonly string[] = ['training', 'result', 'use', 'details'] satisfies TabId[];

export function isTab(value: string | undefined): value is TabId {
  return value !== undefined && TABS.includes(value);
}

/** A name for a file: letters, digits and hyphens; `fallback` where nothing is left. */
export function slug(name: string, fallback = 'run'): string {
  return hyphenated(name.normalize('NFKD').replace(/\p{M}/gu, '')) || fallback;
}

/** Gives the HTML report as a file. */
export async function downloadReport({ id, name }: Pick<RunRow, 'id' | 'name'>): Promise<void> {
  const { html } = await api.runs.report({ id });
  download(html, `${slug(name)}-report.html`, 'text/html;charset=utf-8');
}

/** The report as PDF: a file in the window, the browser's dialog for printing in a tab. */
export async function reportAsPdf({ id, name }: Pick<RunRow, 'id' | 'name'>): Promise<void> {
  if (!canReveal) return printReport(id);
  const [out] = await pickPath('save', `${slug(name)}-report.pdf`);
  if (out === undefined) return;
  const { path } = await api.runs.pdf({ id, out });
  toasts.say(text.actions.pdfSaved(path));
}

/** Opens `step` of a new run with the settings of this one, and of a remedy on top where one is named. */
export async function repeat(id: string, remedy?: string, step: StepId = 'plan'): Promise<void> {
  await wizard.saveNow();
  const draft = await api.runs.duplicate(remedy === undefined ? { id } : { id, remedy });
  wizard.open(draft);
  router.go('new', step);
}

/** Opens the rows that a run mixed up in a new run with its settings. */
export async function lookAt(id: string, rows: readonly MixedRow[]): Promise<void> {
  await repeat(id, undefined, 'data');
  wizard.mixedUp = rows;
}

/** Keeps a sorter that was measured beside a run, and opens it to sort with. */
export async function useSorter(id: string, by: 'words' | 'vectors'): Promise<void> {
  const { runId } = await api.runs.keepSorter({ id, by });
  router.go('run', runId, 'use');
}

/** Takes a way that was tried beside a sorter into the history, and opens it. */
export async function useRung(id: string, rung: number): Promise<void> {
  const { runId } = await api.runs.keepSorter({ id, rung });
  router.go('run', runId, 'use');
}

/** Asks for a place and writes everything about the run into one file there. */
export async function saveBundle({ id, name }: Pick<RunRow, 'id' | 'name'>): Promise<void> {
  const [out] = await pickPath('save', `${slug(name)}.zip`);
  if (out === undefined) return;
  const { path, bytes: size } = await api.runs.bundle({ id, out });
  toasts.say(text.actions.bundled(path, bytes(size)));
}

/** Puts runs into the bin and offers to take them out again; `onchange` is called after both. */
export async function remove(
  runs: readonly Pick<RunRow, 'id' | 'name'>[],
  onchange: () => void,
): Promise<void> {
  const ids = runs.map(({ id }) => id);
  await api.runs.delete({ ids });
  toasts.say(historyText.removed(ids.length), {
    undo: async () => {
      await api.runs.restore({ ids });
      toasts.say(historyText.restored(ids.length));
      onchange();
    },
  });
  onchange();
}

export type ExportForm = 'peft' | 'safetensors' | 'gguf' | 'onnx';
export type ExportType = 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q5_1' | 'q5_0' | 'q4_1' | 'q4_0' | 'int8';

/** Bits of a weight; GGUF's blocks of 32 weights have one or two 16-bit scales. */
const BITS: Readonly<Record<ExportType, number>> = {
  f32: 32,
  f16: 16,
  bf16: 16,
  q8_0: 8.5,
  q5_1: 6,
  q5_0: 5.5,
  q4_1: 5,
  q4_0: 4.5,
  int8: 9,
};

const TYPES: Readonly<Record<ExportForm, readonly ExportType[]>> = {
  peft: ['f32', 'f16', 'bf16'],
  safetensors: ['f16', 'bf16', 'f32'],
  gguf: ['q8_0', 'f16', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'f32'],
  onnx: ['f32', 'int8'],
};

/** Of a model that reads; weights of a folder stay as they are. */
const TYPES_OF_READERS: Readonly<Partial<Record<ExportForm, readonly ExportType[]>>> = {
  safetensors: [],
  gguf: ['f16', 'q8_0', 'f32'],
};

/** Types of a form, the recommended one first. */
export const typesOf = (form: ExportForm, reads = false): readonly ExportType[] =>
  (reads ? TYPES_OF_READERS[form] : undefined) ?? TYPES[form];

/** Bytes of a copy of the run's model, about; null where the run has not recorded its weights. */
export function copyBytes(
  { start }: Pick<RunDetails, 'start'>,
  form: ExportForm,
  type: ExportType,
): number | null {
  if (start === null) return null;
  const weights = form === 'peft' ? start.trainableParameters : start.parameters;
  return (weights * BITS[type]) / 8;
}
