/**
 * The Modelfile with which Ollama loads a GGUF file: the chat template in Go's template language, the tokens that end an
 * answer, the system message that the model was trained with.
 */
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { type Turns, turnsOf } from './turns.ts';

export interface ModelfileOptions {
  /** What FROM names: a file beside the Modelfile, or the base model of an adapter. */
  readonly from: string;
  readonly adapter?: string;
  /** The system message of the training rows, where they all had the same. */
  readonly system: string | null;
  /** Whether the runtime itself puts BOS in front of a prompt. */
  readonly addsBos: boolean;
}

export interface Modelfile {
  readonly text: string;
  readonly notes: readonly string[];
}

const UNQUOTABLE =
  'The system message that the rows had holds three quotation marks in a row, which a Modelfile cannot: set it in Ollama.';

/** The Modelfile of a model with `tokenizer`. */
export function modelfile(tokenizer: Tokenizer, options: ModelfileOptions): Modelfile {
  const { template, notes: aboutTemplate } = goTemplate(tokenizer, options.addsBos);
  const isQuotable = !options.system?.includes('"""');
  const notes = isQuotable ? aboutTemplate : [...aboutTemplate, UNQUOTABLE];
  const stops = tokenizer.stopIds.map((id) => tokenizer.decode([id])).filter((text) => text.trim() !== '');
  const lines = [
    '# Made by Fettle. To use it: ollama create NAME -f Modelfile',
    ...notes.map((note) => `# ${note}`),
    `FROM ${options.from}`,
    ...(options.adapter === undefined ? [] : [`ADAPTER ${options.adapter}`]),
    ...(template === null ? [] : [`TEMPLATE ${quoted(template)}`]),
    ...(options.system !== null && isQuotable ? [`SYSTEM ${quoted(options.system)}`] : []),
    ...stops.map((stop) => `PARAMETER stop ${JSON.stringify(stop)}`),
  ];
  return { text: `${lines.join('\n')}\n`, notes };
}

function quoted(text: string): string {
  return `"""${text}"""`;
}

/** The template for Ollama; null where Ollama has to read the one in the GGUF file. */
export function goTemplate(
  { chat, special, decode }: Tokenizer,
  addsBos: boolean,
): { template: string | null; notes: readonly string[] } {
  if (!chat) return { template: '{{ .Prompt }}', notes: [] };
  const bos = addsBos && special.bos !== null ? decode([special.bos]) : '';
  const turns = turnsOf(chat, bos);
  const template = turns && inGo(turns);
  if (!turns || template === null)
    return {
      template: null,
      notes: ['The chat template of this model is not translated: Ollama reads the one in the GGUF file.'],
    };
  const notes = turns.systemHolds
    ? []
    : ['In longer conversations the system message stands at the start, where the model knows it elsewhere.'];
  return { template, notes };
}

/** The turns in Go's template language; null where a text in them would be taken for code. */
function inGo(turns: Turns): string | null {
  const texts = Object.values(turns).filter((text) => typeof text === 'string');
  if (texts.some((text) => text.includes('{{') || text.includes('"""') || text.endsWith('{'))) return null;
  const { opening, beforeSystem, afterSystem, beforeUser, afterUser, beforeAnswer, afterAnswer } = turns;
  // the turn at index 1 follows the system message where there is one
  const before = turns.systemInside
    ? `{{ if or (ne $i 1) (not $.System) }}${beforeUser}{{ end }}`
    : beforeUser;
  return [
    opening === '' ? '' : `{{ if not .System }}${opening}{{ end }}`,
    '{{ range $i, $_ := .Messages }}',
    `{{ if eq .Role "system" }}${beforeSystem}{{ .Content }}${afterSystem}`,
    `{{ else if eq .Role "user" }}${before}{{ .Content }}${afterUser}`,
    `{{ else if eq .Role "assistant" }}${beforeAnswer}{{ .Content }}${afterAnswer}`,
    '{{ end }}{{ end }}',
  ].join('');
}
