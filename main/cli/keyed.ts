/** Commands that listen at a port, some of them for programs with a key. */
import { randomBytes } from 'node:crypto';
import { AppError } from '../../common/errors.ts';
import { type Arguments, badUsage, type Flag } from './arguments.ts';

/** `fallback`: what happens without it, in words or as a port. */
export const portFlag = (fallback: string): Flag => ({
  name: 'port',
  value: 'N',
  about: 'port to listen on; 0: any free one',
  group: 'Address',
  fallback,
});

/** The port that was given; undefined without one. `example`: of the flag. Throws an AppError for what is no port. */
export function portOf(
  { values }: Pick<Arguments, 'values'>,
  example = 'Write --port 0.',
): number | undefined {
  const given = values.get('port');
  if (given === undefined) return undefined;
  const port = Number(given);
  if (/^\d+$/.test(String(given)) && port <= 65_535) return port;
  throw badUsage(`--port must be a whole number from 0 to 65535; got "${given}".`, example);
}

/** A key that nobody can guess. */
export const newKey = () => `fettle-${randomBytes(16).toString('hex')}`;

/** The key that a person has set, else a new one. */
export const keyHere = () => process.env.FETTLE_KEY?.trim() || newKey();

/** `opening`, with words for a port that is taken. */
export async function listening<Server>(port: number, opening: Promise<Server>): Promise<Server> {
  return await opening.catch((error: Error) => {
    throw new AppError(
      'cannot-listen',
      `Port ${port} can't be used (${error.message}).`,
      'Choose another port, or 0.',
    );
  });
}
