/**
 * A browser that was started without a language (LANG=C on Linux) calls its own one `en-US@posix`, which its
 * number formats refuse with an error. Libraries that format with `navigator.language` would then fail to
 * load, so it is replaced before they do.
 */
export function usableLanguage(language: string): string {
  try {
    new Intl.NumberFormat(language);
    return language;
  } catch {
    return 'en-GB';
  }
}

const { language } = navigator;
const usable = usableLanguage(language);
if (usable !== language) Object.defineProperty(navigator, 'language', { value: usable, configurable: true });
