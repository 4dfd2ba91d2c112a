/**
 * What a setting is: one row of plain data and small functions, from which the schema, the flags, their help, the form, the plan,
 * the search for lighter settings and the rescue are made. The rows stand in the files beside this one, their order in table.ts.
 */
import { traitsOf } from './executors.ts';

/** What a value may be. */
export type Type =
  /** `of`: one of a few numbers. `word`: or this word. */
  | {
      readonly kind: 'number' | 'integer';
      readonly min: number;
      readonly max: number;
      readonly of?: readonly number[];
      readonly word?: string;
    }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | {
      readonly kind: 'text';
      readonly pattern?: RegExp;
      readonly most?: number;
      readonly mayBeEmpty?: true;
    }
  | { readonly kind: 'path' }
  /** One, or a list; `texts` may be an empty one, with spaces between them in a form where it is `spaced`. */
  | { readonly kind: 'paths' | 'texts'; readonly spaced?: true }
  /** A list, with commas between them in a flag; or this word. */
  | { readonly kind: 'names'; readonly word?: string };

/** A value as a configuration has it. */
export type ValueOf<T extends Type> = T extends { kind: 'choice'; choices: readonly (infer Choice)[] }
  ? Choice
  : T extends { kind: 'boolean' }
    ? boolean
    : T extends { kind: 'number' | 'integer' }
      ? number | WordOf<T>
      : T extends { kind: 'names' }
        ? string[] | WordOf<T>
        : T extends { kind: 'paths' | 'texts' }
          ? string | string[]
          : string;

type WordOf<T> = T extends { word: infer Word } ? Word : never;
type Value = string | number | boolean | readonly string[] | undefined;

type Given<Names extends string, Value> = { readonly [Name in Names]?: Value | undefined };

/** What a setting may look at of the others, in a run, a plan or another command; `rank` of a plan is null without adapters. */
export type Beside = Given<'method', 'lora' | 'qlora' | 'full'> &
  Given<'bits' | 'rank' | 'heldOut', number | null> &
  Given<'quant', string | null> &
  Given<'lora', { readonly rank: number; readonly dropout: number; readonly layers?: string | undefined }> &
  Given<'precision' | 'executor' | 'device' | 'model' | 'out' | 'as' | 'objective', string> &
  Given<'adapterOnly' | 'preview', boolean> &
  Given<'maxLength' | 'tokensPerMicroBatch' | 'splitMicroBatch' | 'maxGradNorm' | 'replay', number> &
  Given<'epochs' | 'maxSteps' | 'warmupSteps' | 'minutes', number> &
  Given<'fix' | 'samplePrompts', readonly string[]> &
  Given<'adapter', string | readonly string[]> &
  Given<'data' | 'evalData' | 'replayData', unknown> &
  Implied;

/** What the value of one setting decides of others: `cannotLook` says why learning rates can't be tried. */
type Implied = Given<'recompute' | 'cannotLook', string>;

/** Why a value cannot stand beside the others, settings in braces; several, or nothing (false, null) where it can. */
type Refusal = string | false | null | readonly (string | false)[];

/** What this computer fills in. */
export interface Machine {
  cores(): number;
}

export interface Setting {
  /** Its key in run.json; with a dot where it is inside another one. */
  readonly name: string;
  /** Heading under which help and the form list it. */
  readonly group: string;
  readonly type: Type;
  /** What it does, in one line of less than 80 characters. */
  readonly about: string;
  readonly required?: true;
  /** The default where it is one value. */
  readonly default?: Value;
  /** The default in words where it depends on others. */
  readonly fallback?: string;
  /** Placeholder of its value in help, where the type does not tell it. */
  readonly value?: string;
  /** What its flag is called where that is not its name; false for what Fettle alone writes. */
  readonly flag?: string | false;
  /** Names that other tools use for it, in flag spelling; suggested when someone types them. */
  readonly alsoCalled?: readonly string[];
  /** Whether its flag may be given several times; the values become a list. */
  readonly repeats?: true;
  /** A setting that says the same in another way and wins: who names this one does not want what a file says of that. */
  readonly rival?: string;

  /** What stands against the value among the others as they are given. */
  allowed?(value: never, beside: Beside): Refusal;
  /** What it decides of others, whatever is given of them. */
  implies?(value: never): Implied;
  /** The value that holds, with others as they are given; undefined where it is left out. */
  settle?(value: never, beside: Beside, machine: Machine): unknown;
  /** What to say, and what to do, where a person names it and it has no effect beside what holds. */
  unused?(value: unknown, settled: Beside): readonly [message: string, hint: string] | null;
  /** Whether a run that is resumed must have the value that it began with; a function tells it of a value. */
  readonly resumed?: true | ((value: never) => boolean);
  /** Values that the processor alone can compute with. */
  readonly processorOnly?: readonly (number | boolean | string)[];
  /** Values for which what is trained lies in the computer's memory, also where a card computes. */
  readonly stateOnHost?: readonly (number | boolean | string)[];
  readonly elsewhere?: Elsewhere;
  /** Whether it names the run that this one is made of, instead of a training. */
  readonly madeOf?: true;
  /** Whether a run that takes no training has it, too. */
  readonly untrained?: true;
  /** Whether it has its own place in a request and in the wizard, and not under "All settings". */
  readonly ownPlace?: true;

  /** How the application says it, where name, `about`, default and values do not read well there. */
  readonly words?: {
    readonly name?: string;
    readonly about?: string;
    readonly usual?: string;
    readonly values?: Readonly<Record<string, string>>;
    /** How its number is written, where not as others are. */
    write?(value: number): string;
  };
  readonly plan?: PlanRule;
  readonly rescue?: Rescue;
  /** Its row on a model's card; none where the text is false. */
  readonly card?: { readonly name: string; text(value: never, config: object): string | false };
}

/** What becomes of a setting where a run is trained on another computer with PyTorch. */
export interface Elsewhere {
  /** What it becomes, for docs/cli.md. */
  readonly to: string;
  /** Why the value can't be trained with there; settings in braces. */
  refused?(value: never, beside: Beside): string | false;
  /** How its numbers differ there from those of this computer. */
  differs?(value: never, beside: Beside): string | false;
  /** The planner chooses it for the memory or the speed of this computer: there it is left open, unless the person has set it. */
  readonly isOpen?: true;
}

/** It stays with this computer, as a whole or in files that are written of the rows. */
export const HERE = { to: 'this computer' };
export const RENDERED = { to: 'this computer: rows are rendered into train.jsonl and eval.jsonl' };

/** The row, with its own exact type. */
export function setting<const Name extends string, const Row extends Omit<Setting, 'name' | 'group'>>(
  name: Name,
  group: string,
  row: Row,
): Row & { readonly name: Name; readonly group: string } {
  return { ...row, name, group };
}

export type PlanValue = string | number | boolean | null;

/** What a rule of the plan looks at. */
export interface PlanFacts {
  readonly method: 'lora' | 'qlora' | 'full';
  /** Whether the model's files hold it in 16 bits, and whether as it was trained, in 16 or 32 bits. */
  readonly isHalved: boolean;
  readonly isWhole: boolean | undefined;
  /** Weights of the model. */
  readonly parameters: number;
  /** How many times as fast products in 8 bits make a step on this processor; null where no test has shown that they do. */
  readonly int8Gain: number | null;
  /** What is settled of the plan. */
  readonly settings: Beside;
}

/** A setting among those that a plan proposes. */
export interface PlanRule {
  /** Its name there, where that is another one: `rank`. */
  readonly field?: string;
  /** All values that a plan may have, null where it has none; left out where it is a number or a name. */
  readonly values?: readonly PlanValue[];
  /** Whether the number may be null. */
  readonly nullable?: true;
  /** Only there where a person has set it, told in the row of another one. */
  readonly isLimit?: true;
  /** What a value of run.json is in a plan, where it is not the same. */
  read?(given: unknown): PlanValue | undefined;
  /** Values that a run has without being asked for them, where that depends on others beside these. */
  readonly anyway?: readonly PlanValue[] | ((settings: Beside) => readonly PlanValue[]);
  /** The value where a person has set none; numbers that depend on the rows have rules of their own (main/plan/rules.ts). */
  usual?(facts: PlanFacts): {
    readonly value: PlanValue;
    readonly why: string;
    readonly numbers?: Readonly<Record<string, number>>;
  };
  /** Whether a person's value has a meaning; where it has none, it is as if there were none. */
  fits?(value: PlanValue, facts: PlanFacts): boolean;
  /** Each reason for a value as a sentence, from its numbers. */
  readonly reasons?: Readonly<Record<string, (numbers: never) => string>>;
  /** Bytes that it saves of each weight, by the rule of thumb with which the search for less memory begins. */
  savedBytes?(value: never): number;
  /** How it takes less memory. */
  readonly lighter?: readonly Lighter[];
  /** The value in words, where neither it nor its name says it; `steps` of the run where they are known. */
  text?(value: never, settings: Beside & { readonly steps?: number | undefined }): string;
  /** Whether a plan has such a setting; it has where this is left out. */
  has?(settings: Beside): boolean;
  readonly control?: Control;
}

/** A rung of the search for settings that fit: the lower ones are given up first. */
export interface Lighter {
  readonly rung: number;
  /** Values of falling need, each with its reason and that in a few words. Without a value the search works it out. */
  readonly degrees: readonly {
    readonly value?: PlanValue;
    readonly why: string;
    readonly short: string;
  }[];
  /** Whether something is lost of what is learned. */
  readonly costsQuality?: true;
  /** Beside `allowed`: whether it helps, and is wanted, with the settings as they are. */
  when?(settings: Beside, facts: PlanFacts): boolean;
  /** What the reason's sentence names. */
  numbers?(value: PlanValue, before: PlanValue): Readonly<Record<string, unknown>>;
}

/** How a person sets it in the list of what is proposed. */
type Control =
  | { readonly step: number }
  | {
      readonly options: readonly {
        readonly value: string | number | boolean;
        readonly label: string;
        /** What the form calls it, where that is not the value. */
        readonly key?: string;
        /** Whether it is among them there; it is where this is left out. */
        when?(settings: Beside): boolean;
      }[];
      readonly hint?: string;
      /** Where the run has a choice there. */
      open?(settings: Beside): boolean;
      /** Settings of the person's that do not go with an option, by its key: they are dropped with it. */
      readonly without?: Readonly<Record<string, readonly string[]>>;
    };

/** What a training that failed goes on with. */
export interface RescueRung {
  readonly changes: Readonly<Record<string, unknown>>;
  /** How it goes on, after "it goes on from step 30 ". */
  readonly how: string;
  readonly sameNumbers: boolean;
  /** Why the numbers do or do not stay what they were. */
  readonly why: string;
}

/** What a rescue knows of the training. */
interface Failed {
  readonly tokensAtOnce: number | null;
  readonly leastTokensAtOnce: number | null;
  readonly onProcessor: boolean | null;
  /** The setting's own value. */
  readonly value: unknown;
  /** How often it was changed by rescues before. */
  readonly tries: number;
}

/** The way to go on with less memory; lower rungs are tried first. */
interface Rescue {
  readonly rung: number;
  next(settings: Beside, failed: Failed): RescueRung | null;
}

/** What is usual with every method, for another reason in full fine-tuning than with adapters. */
export const usually =
  (value: PlanValue, full: string, adapters: string) =>
  ({ method }: PlanFacts) => ({ value, why: method === 'full' ? full : adapters });

/** Names of values as the options of a control. */
export function optionsOf(names: Readonly<Record<string, string>>) {
  return Object.entries(names).map(([value, label]) => ({ value, label }));
}

/** The kinds of values, with their limits. */
export const path = { kind: 'path' } as const;
export const paths = { kind: 'paths' } as const;
export const text = { kind: 'text' } as const;
export const texts = { kind: 'texts' } as const;
export const toggle = { kind: 'boolean' } as const;
export const whole = <const More extends { of?: readonly number[]; word?: string }>(
  min: number,
  max: number,
  more: More = {} as More,
) => ({ kind: 'integer', min, max, ...more }) as const;
export const number = (min: number, max: number) => ({ kind: 'number', min, max }) as const;
export const choice = <const Choices extends readonly string[]>(...choices: Choices) =>
  ({ kind: 'choice', choices }) as const;

/** Whether products are computed in float16. `auto` is float32: float16 has not been tried on a real card yet. */
export function isMixed({ precision }: Pick<Beside, 'precision'>): boolean {
  return precision === 'f16';
}

/** Whether frozen weights have one scale a row and 8 bits, which products in whole numbers take as they are. */
export function isInt8({ precision, method }: Pick<Beside, 'precision' | 'method'>): boolean {
  return precision === 'int8' && method !== 'full';
}

/** Whether frozen weights can stay in 16 bits with what computes: elsewhere they would become float32 when they are read. */
export function keepsHalves({ executor, device = 'auto' }: Pick<Beside, 'executor' | 'device'>): boolean {
  return traitsOf(executor ?? 'ort').keepsHalves && (device === 'auto' || device === 'cpu');
}

/** Whether weights can be kept as NF4 with what computes: other devices have no kernels for its words through onnxruntime. */
export function keepsNf4({ executor, device = 'auto' }: Pick<Beside, 'executor' | 'device'>): boolean {
  return traitsOf(executor ?? 'ort').isApart === true || device === 'auto' || device === 'cpu';
}

/** The refusals in a list. */
export function refusalsIn(refusal: Refusal): string[] {
  return [refusal ?? []].flat().filter((one) => one !== false);
}
