/**
 * The Modelfile with which Ollama loads a GGUF file: chat template in Go's language, stops, system message.
 */

import { say } from '../../../common/words/language.ts';
import type { Message } from '../../rows/messages.ts';
import type { ChatTemplate, Tokenizer } from '../data/tokens/tokenizer-types.ts';

interface ModelfileOptions {
  /** What FROM names: a file beside the Modelfile, or the base model of an adapter. */
  readonly from: string;
  readonly adapter?: string;
  /** The system message of the training rows, where they all had the same. */
  readonly system: string | null;
  /** Whether the runtime itself puts BOS in front of a prompt. */
  readonly addsBos: boolean;
}

interface Modelfile {
  readonly text: string;
  readonly notes: readonly string[];
}

const unquotable = () =>
  say`The system message has three quotation marks in a row, which a Modelfile can't hold. Set it in Ollama.`;

export function modelfile(tokenizer: Tokenizer, options: ModelfileOptions): Modelfile {
  const { template, notes: aboutTemplate } = goTemplate(tokenizer, options.addsBos);
  const isQuotable = !options.system?.includes('"""');
  const notes = isQuotable ? aboutTemplate : [...aboutTemplate, unquotable()];
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
      notes: [say`Ollama uses the chat template in the GGUF file.`],
    };
  const notes = turns.systemHolds
    ? []
    : [
        say`In longer conversations Ollama puts the system message at the start, which this model doesn't expect.`,
      ];
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

/** What a conversation is made of. Texts may be empty. */
interface Turns {
  /** At the very start, where no system message is given. */
  readonly opening: string;
  readonly beforeSystem: string;
  readonly afterSystem: string;
  readonly beforeUser: string;
  /** After a user's turn, the opening of the answer included. */
  readonly afterUser: string;
  readonly beforeAnswer: string;
  readonly afterAnswer: string;
  /** The system message stands inside the first user's turn, which then has no `beforeUser` (Llama 2). */
  readonly systemInside: boolean;
  /** Whether the template places a system message in longer conversations, too, as these texts do. */
  readonly systemHolds: boolean;
}

const [S, U, A, V] = ['SystemMarkerText', 'UserMarkerText', 'AnswerMarkerText', 'SecondMarkerText'] as const;
const turn = (role: Message['role'], content: string): Message => ({ role, content });

/** The turns of `chat`, without `bos` where the runtime writes it; null for a less regular template. */
function turnsOf(chat: ChatTemplate, bos: string): Turns | null {
  const render = (messages: readonly Message[]): string | null => {
    try {
      const text = chat.render(messages, { addGenerationPrompt: true });
      return bos !== '' && text.startsWith(bos) ? text.slice(bos.length) : text;
    } catch {
      return null;
    }
  };
  const turns = readOff(render);
  if (!turns) return null;
  const agrees = (messages: readonly Message[]) => render(messages) === renderTurns(turns, messages);
  const plain = [
    turn('user', 'Tell me.'),
    turn('assistant', 'No.'),
    turn('user', 'Why?'),
    turn('assistant', 'So.'),
  ];
  if (!agrees(plain.slice(0, 1)) || !agrees([...plain, turn('user', 'Ah.')])) return null;
  const system = turn('system', 'Be brief.');
  if (render([system, plain[0]!]) === null) return turns;
  if (!agrees([system, plain[0]!])) return null;
  return { ...turns, systemHolds: agrees([system, ...plain.slice(0, 3)]) };
}

/** What the texts make of `messages`, with the opening of an answer at the end. */
function renderTurns(turns: Turns, messages: readonly Message[]): string {
  const hasSystem = messages[0]?.role === 'system';
  const parts = messages.map(({ role, content }, i) => {
    if (role === 'system') return turns.beforeSystem + content + turns.afterSystem;
    if (role === 'assistant') return turns.beforeAnswer + content + turns.afterAnswer;
    const inside = turns.systemInside && hasSystem && i === 1;
    return (inside ? '' : turns.beforeUser) + content + turns.afterUser;
  });
  return (hasSystem ? '' : turns.opening) + parts.join('');
}

function readOff(render: (messages: readonly Message[]) => string | null): Turns | null {
  const long = around(render([turn('user', U), turn('assistant', A), turn('user', V)]), [U, A, V]);
  if (!long) return null;
  const [start, toAnswer, toUser, afterUser] = long as [string, string, string, string];
  if (!toAnswer.startsWith(afterUser)) return null;
  const beforeUser = commonEnd(start, toUser);
  const rest = {
    opening: start.slice(0, start.length - beforeUser.length),
    beforeUser,
    afterUser,
    beforeAnswer: toAnswer.slice(afterUser.length),
    afterAnswer: toUser.slice(0, toUser.length - beforeUser.length),
  };
  const guided = around(render([turn('system', S), turn('user', U)]), [S, U]);
  if (!guided) return { ...rest, beforeSystem: '', afterSystem: '', systemInside: false, systemHolds: true };
  const [beforeSystem, between] = guided as [string, string, string];
  const systemInside = !between.endsWith(beforeUser);
  const afterSystem = systemInside ? between : between.slice(0, between.length - beforeUser.length);
  return { ...rest, beforeSystem, afterSystem, systemInside, systemHolds: true };
}

/** The texts before, between and after the markers; null where one of them is missing or out of order. */
function around(text: string | null, markers: readonly string[]): string[] | null {
  const found: string[] = [];
  let from = 0;
  for (const marker of markers) {
    const at = text?.indexOf(marker, from) ?? -1;
    if (at < 0) return null;
    found.push(text!.slice(from, at));
    from = at + marker.length;
  }
  return [...found, text!.slice(from)];
}

function commonEnd(a: string, b: string): string {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a.at(-1 - length) === b.at(-1 - length)) length++;
  return a.slice(a.length - length);
}
