/** What an engine does with a command that is neither a training nor a call. */
import { afterEach, expect, it } from 'vitest';
import { language, useLanguage } from '../../../../common/words/language.ts';
import { openCommands } from '../../../../main/engine/session/commands.ts';

afterEach(() => useLanguage('en'));

it('goes on in the language of the reader, also where that changes', async () => {
  const { take } = openCommands({ reply: async () => {}, close: () => {} });
  take({ command: 'speak', language: 'de-AT' });
  await expect.poll(language).toBe('de');
  take({ command: 'speak', language: 'pl' });
  await expect.poll(language).toBe('en');
});
