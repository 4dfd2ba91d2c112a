/** The commands that an engine gets: a training, which is all that it does then, or calls, which its desk answers. */
import type { EngineCommand, EngineReply } from '../../../common/protocol/protocol.ts';
import { languageOf, useLanguage } from '../../../common/words/language.ts';
import { withTimeLeft } from '../../changes.ts';
import { announceParsing } from '../../watched.ts';
import { parseRunConfig, type RunConfig, savedSettings } from '../config/config.ts';
import { CallDesk, failureOf } from './calls.ts';

type Command = EngineCommand<RunConfig>;
type CommandOf<Name> = Extract<Command, { command: Name }>;

interface EngineLine {
  /** Sends a reply; resolves when it is on its way. */
  reply(message: EngineReply): Promise<void>;
  /** Hangs up: the training has ended. */
  close(): void;
}

/** Does what it is told and replies through `line`. `stop` asks a training to save and end. */
export function openCommands({ reply, close }: EngineLine): {
  take(message: unknown): void;
  stop(): void;
} {
  const stop = new AbortController();
  const finish = new AbortController();
  const desk = new CallDesk(reply);
  let prepared: Promise<void> = Promise.resolve();
  announceParsing((parsing) => reply({ parsing }));

  async function prepare({ executor, model }: CommandOf<'prepare'>): Promise<void> {
    try {
      const { loadAhead } = await import('./session.ts');
      await loadAhead(executor, model);
    } catch {
      // the training says what cannot be loaded
    }
  }

  async function train({ config, resume, startedAt, probe, language }: CommandOf<'train'>): Promise<void> {
    try {
      // else both would open the model
      await prepared;
      await useLanguage(languageOf(language));
      const session = await import('./session.ts');
      const end = await session.train(parseRunConfig(resume ? savedSettings(config) : config), {
        emit: withTimeLeft((event) => void reply({ event })),
        stop: stop.signal,
        finish: finish.signal,
        resume,
        startedAt,
        ...(probe && { probe }),
      });
      await reply({ event: end });
    } catch (error) {
      await reply({ failed: failureOf(error) });
    }
    close();
  }

  const commands: { readonly [Name in Command['command']]: (command: CommandOf<Name>) => void } = {
    prepare: (command) => {
      prepared = prepare(command);
    },
    train: (command) => void train(command),
    stop: () => stop.abort(),
    finish: () => finish.abort(),
    call: (command) => desk.call(command),
    cancel: ({ id }) => desk.cancel(id),
    speak: ({ language }) => void useLanguage(languageOf(language)),
  };
  return {
    take(message) {
      const command = message as Command;
      const work = commands[command.command] as (command: Command) => void;
      work(command);
    },
    stop: () => stop.abort(),
  };
}
