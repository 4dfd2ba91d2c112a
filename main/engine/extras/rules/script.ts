/**
 * A person's function, run by QuickJS inside WebAssembly: it sees its two arguments and the language's own objects, and has no way to a
 * file, the network, this program or the next answer. Each answer gets a new machine, with limits of memory and time.
 */
import variant from '@jitl/quickjs-ng-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
  Scope,
  shouldInterruptAfterDeadline,
} from 'quickjs-emscripten-core';
import { isRecord } from '../../../../common/values.ts';
import { say } from '../../../../common/words/language.ts';
import { limitReached, RULE_LIMITS } from './limits.ts';
import { badRule, type Judge, type Verdict } from './verdict.ts';

const MOST_REASON_CHARS = 300;
/** Of WebAssembly, and how many of them the machine begins with. */
const PAGE = 2 ** 16;
const FIRST_PAGES = 256;
/** Which TypeScript's library for Node lacks. */
const { Memory } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyObjects }).WebAssembly;
interface WebAssemblyObjects {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => object;
}

/** Throws an AppError for code that is no function. */
export async function openScript(code: string): Promise<Judge> {
  // the machine's own limit doesn't count what arrays hold; that of its memory does
  const wasmMemory = new Memory({ initial: FIRST_PAGES, maximum: RULE_LIMITS.memoryBytes / PAGE });
  const limited = newVariant(variant as unknown as QuickJSSyncVariant, { wasmMemory } as object);
  const quickjs = await newQuickJSWASMModuleFromVariant(limited);
  const inMachine = (
    use: (context: QuickJSContext, rule: QuickJSHandle, scope: Scope) => Verdict,
  ): Verdict => {
    const runtime = quickjs.newRuntime();
    runtime.setMaxStackSize(RULE_LIMITS.stackBytes);
    runtime.setInterruptHandler(shouldInterruptAfterDeadline(Date.now() + RULE_LIMITS.scriptMs));
    const context = runtime.newContext();
    try {
      return Scope.withScope((scope) => use(context, functionIn(context, code, scope), scope));
    } finally {
      close(() => context.dispose());
      close(() => runtime.dispose());
    }
  };
  inMachine(() => [1, '']);
  return (answer, row) =>
    inMachine((context, rule, scope) => {
      const given = [answer, row].map((value) => valueIn(context, value, scope));
      const result = context.callFunction(rule, context.undefined, ...given);
      if (!result.error) return verdictOf(context.dump(scope.manage(result.value)));
      const error: unknown = context.dump(scope.manage(result.error));
      requireNoLimit(error);
      return [0, say`The function failed: ${messageOf(error)}`];
    });
}

/** A machine that ran out of memory may not close; its thread is replaced then. */
function close(part: () => void): void {
  try {
    part();
  } catch {
    throw limitReached({ bytes: RULE_LIMITS.memoryBytes });
  }
}

/** The function that `code` is, or exports as its default. */
function functionIn(context: QuickJSContext, code: string, scope: Scope): QuickJSHandle {
  const isModule = /^\s*export\s+default\b/m.test(code);
  const text = isModule ? code : `(${code.trim().replace(/;$/, '')}\n)`;
  const result = context.evalCode(text, 'rule.js', { type: isModule ? 'module' : 'global' });
  if (result.error) {
    const error: unknown = context.dump(scope.manage(result.error));
    requireNoLimit(error);
    throw badRule(say`The function can’t be read: ${messageOf(error)}`, EXAMPLE());
  }
  const value = scope.manage(result.value);
  const found = isModule ? scope.manage(context.getProp(value, 'default')) : value;
  if (context.typeof(found) === 'function') return found;
  throw badRule(say`The code isn’t a function.`, EXAMPLE());
}

const EXAMPLE = () => say`Write one, such as (answer, row) => answer.length < 100.`;

function valueIn(context: QuickJSContext, value: unknown, scope: Scope): QuickJSHandle {
  const json = scope.manage(context.newString(JSON.stringify(value)));
  const parse = scope.manage(context.getProp(scope.manage(context.getProp(context.global, 'JSON')), 'parse'));
  return scope.manage(context.unwrapResult(context.callFunction(parse, context.undefined, json)));
}

function verdictOf(value: unknown): Verdict {
  const found = isRecord(value) ? (value.score ?? value.pass) : value;
  const reason = isRecord(value) && typeof value.reason === 'string' ? value.reason : '';
  const score = typeof found === 'boolean' ? Number(found) : found;
  if (typeof score === 'number' && score >= 0 && score <= 1)
    return [score, score === 1 ? '' : reason.slice(0, MOST_REASON_CHARS) || say`The function says no.`];
  const shown = (JSON.stringify(value) ?? String(value)).slice(0, MOST_REASON_CHARS);
  throw badRule(say`The function gave ${shown}.`, say`Give true, false, or a score from 0 to 1.`);
}

/** Fails where it was stopped by a limit, which says nothing of the answer. */
function requireNoLimit(error: unknown): void {
  const message = messageOf(error);
  if (message.includes('interrupted')) throw limitReached({ ms: RULE_LIMITS.scriptMs });
  // without memory for the error there is none
  if (error === null || message.includes('out of memory'))
    throw limitReached({ bytes: RULE_LIMITS.memoryBytes });
}

function messageOf(error: unknown): string {
  const text = isRecord(error) ? [error.name, error.message].filter(Boolean).join(': ') : String(error);
  return text.slice(0, MOST_REASON_CHARS);
}
