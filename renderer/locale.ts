/**
 * The language of the page. It stands before the first text is read: as chosen in Settings, else as the system has it; choosing another
 * one loads the page again.
 */
import { LANGUAGES, type Language, languageOf, useLanguage } from '../common/words/language.ts';

/** Where the choice is remembered, so that the page comes in its language at once. */
const REMEMBERED = 'fettle-language';

const { document: page } = globalThis as { document?: { readonly documentElement: { lang: string } } };

/**
 * A browser that was started without a language (LANG=C on Linux) calls its own one `en-US@posix`, which its
 * number formats refuse with an error. Libraries that format with `navigator.language` would then fail to
 * load, so it is replaced before they do.
 */
export function usableLanguage(name: string): string {
  try {
    new Intl.NumberFormat(name);
    return name;
  } catch {
    return 'en-GB';
  }
}

/** What was chosen here: a language, or `system`. */
function rememberedLanguage(): Language | 'system' {
  const name = globalThis.localStorage?.getItem(REMEMBERED) ?? '';
  return name in LANGUAGES ? (name as Language) : 'system';
}

/** Remembers what was chosen, and says whether the page has to be loaded again for it. */
export function rememberLanguage(chosen: Language | 'system'): boolean {
  if (chosen === 'system') localStorage.removeItem(REMEMBERED);
  else localStorage.setItem(REMEMBERED, chosen);
  return languageNow() !== language;
}

function languageNow(): Language {
  const chosen = rememberedLanguage();
  return chosen === 'system' ? languageOf(page && navigator.language) : chosen;
}

// what reads the texts without a page, such as the script that writes docs/learn, reads them in English
if (page) {
  const usable = usableLanguage(navigator.language);
  if (usable !== navigator.language)
    Object.defineProperty(navigator, 'language', { value: usable, configurable: true });
}

export const language: Language = languageNow();
await useLanguage(language);
if (page) page.documentElement.lang = language;
