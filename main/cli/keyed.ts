/** Commands that listen on this computer for programs with a key. */
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

/** Throws an AppError for what is no port. */
export function portOf({ values }: Pick<Arguments, 'values'>, fallback: number): number {
  const port = Number(values.get('port') ?? fallback);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw badUsage(
    `--port must be a whole number from 0 to 65535; got "${values.get('port')}".`,
    'Write --port 0.',
  );
}

/** The key that a person has set, else a new one. */
export const keyHere = () => process.env.FETTLE_KEY?.trim() || `fettle-${randomBytes(16).toString('hex')}`;

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
