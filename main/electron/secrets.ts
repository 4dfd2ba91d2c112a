/**
 * Secrets that the system encrypts with a key of the person's login. Where it cannot (no keyring on a Linux desktop), they go to
 * the same file as those of the web host, which only the person can read, and the app says that they are not encrypted.
 */
import { safeStorage } from 'electron';
import { AppError } from '../../common/errors.ts';
import type { Host } from '../api/parts.ts';
import { fileSecrets } from '../serve/secrets.ts';

const ENCRYPTED = 'secrets-encrypted.json';

/** Whether the system encrypts. Electron must be ready. `basic_text` is a key that stands in Chromium's source. */
export function systemEncrypts(platform: NodeJS.Platform = process.platform): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false;
  return platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text';
}

/** Secrets in the folder that `folder` gives at the moment. */
export function systemSecrets(folder: () => string): Host['secrets'] {
  const plain = fileSecrets(folder);
  const encrypted = fileSecrets(folder, ENCRYPTED);
  const set = async (name: string, value: string | null) => {
    if (value === null || !systemEncrypts()) {
      await encrypted.set(name, null);
      return plain.set(name, value);
    }
    await encrypted.set(name, safeStorage.encryptString(value).toString('base64'));
    await plain.set(name, null);
  };
  return {
    set,
    async get(name) {
      const kept = await encrypted.get(name);
      if (kept !== null && systemEncrypts()) return decrypt(kept);
      const readable = await plain.get(name);
      // kept by the web host, or while there was no keyring
      if (readable !== null && systemEncrypts()) await set(name, readable);
      return readable;
    },
  };
}

function decrypt(kept: string): string {
  try {
    return safeStorage.decryptString(Buffer.from(kept, 'base64'));
  } catch (cause) {
    throw new AppError(
      'secrets-unreadable',
      'What was kept secret cannot be decrypted: it was encrypted for another user or another computer.',
      'Enter the Hub token again in Settings.',
      { cause },
    );
  }
}
