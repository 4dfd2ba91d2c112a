/** What the person has set, the token for the Hub (which never comes back), and where the data lies. */
import type { Settings } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { channel } from '../app/channel.ts';
import type { Parts } from '../app/parts.ts';
import { HUB_TOKEN, isSafeAddress } from '../hub/connection.ts';
import { usePacksOf } from '../packs/pack.ts';
import type { Implementer } from './router.ts';

interface Moved {
  readonly fraction: number;
  readonly done: boolean;
  readonly folder: string;
}

export function settingsCalls(os: Implementer, { store, host, engine, supervisor, allowed }: Parts) {
  const hubToken = async () => ({ kept: (await host.secrets.get(HUB_TOKEN)) !== null });
  return {
    get: os.settings.get.handler(() => store.settings.get()),
    set: os.settings.set.handler(({ input }) => {
      if (input.hubMirror && !isSafeAddress(new URL(input.hubMirror))) throw unsafeMirror(input.hubMirror);
      return store.settings.set(given(input));
    }),
    hubToken: os.settings.hubToken.handler(hubToken),
    setHubToken: os.settings.setHubToken.handler(async ({ input }) => {
      const token = input.token?.trim() ?? '';
      await host.secrets.set(HUB_TOKEN, token === '' ? null : token);
      return hubToken();
    }),
    // not cut off when the page goes: half a move would help nobody
    moveData: os.settings.moveData.handler(async ({ input }) => {
      const going = supervisor.list().find(({ state }) => ['starting', 'running', 'pausing'].includes(state));
      if (going)
        throw new AppError(
          'move-forbidden',
          say`“${going.name}” is writing to the data folder.`,
          say`Pause it, or move the data when it has ended.`,
        );
      await allowed.write(input.to);
      return channel<Moved>(async (send) => {
        await engine.closeModels();
        const folder = await store.move(input.to, (fraction) =>
          send({ fraction, done: false, folder: input.to }),
        );
        usePacksOf(folder);
        send({ fraction: 1, done: true, folder });
      });
    }),
  };
}

function unsafeMirror(address: string): AppError {
  return new AppError(
    'unsafe-mirror',
    say`The mirror ${address.slice(0, 200)} is not an https address.`,
    say`Enter one such as https://example.org. Plain http works only for a mirror on this computer.`,
  );
}

/** Without what was left out. */
function given(change: { [Name in keyof Settings]?: Settings[Name] | undefined }): Partial<Settings> {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Settings>;
}
