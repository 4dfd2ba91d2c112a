/**
 * The Hub's token: a secret that the person makes on the Hub for models that are behind a consent. It lives in the host's secrets
 * under one name and leaves them only for the header of a request to the Hub itself.
 */
import { AppError } from '../../common/errors.ts';

/** What a host keeps encrypted by the system where it can; else in a file that only the person can read. */
export interface Secrets {
  get(name: string): Promise<string | null>;
  set(name: string, value: string | null): Promise<void>;
}

/** Its name among the host's secrets. */
export const HUB_TOKEN = 'hubToken';

/** The token as it goes into a header; null where none is kept. The error for an impossible one does not quote it. */
export async function readToken(secrets: Secrets): Promise<string | null> {
  const token = (await secrets.get(HUB_TOKEN))?.trim();
  if (!token) return null;
  if (/^[\x21-\x7e]{1,400}$/.test(token)) return token;
  throw new AppError(
    'hub-token-unreadable',
    'The Hub token that is kept here holds characters that no token has.',
    'Copy the token again from huggingface.co/settings/tokens and paste it into Settings.',
  );
}
