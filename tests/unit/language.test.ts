/** Which language a name of one, and a terminal's environment, ask for. */
import { describe, expect, it } from 'vitest';
import { languageOf, terminalLanguage } from '../../common/words/language.ts';

describe('the language of a name', () => {
  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['es_MX.UTF-8', 'es'],
    ['es-419', 'es'],
    ['zh_CN.GB18030@stroke', 'zh'],
    ['zh-TW', 'zh'],
    ['zh-Hant-HK', 'zh'],
    ['C', 'en'],
    ['C.UTF-8', 'en'],
    ['POSIX', 'en'],
    ['nl_NL', 'en'],
    ['constructor', 'en'],
    ['', 'en'],
    [undefined, 'en'],
  ])('%s is %s', (name, code) => {
    expect(languageOf(name)).toBe(code);
  });
});

describe('the language of a terminal', () => {
  it('is what the most particular variable says', () => {
    const [LANG, LC_MESSAGES, LC_ALL] = ['de_DE.UTF-8', 'es_ES.UTF-8', 'fr_FR.UTF-8'];
    expect(terminalLanguage({ LANG })).toBe('de');
    expect(terminalLanguage({ LANG, LC_MESSAGES })).toBe('es');
    expect(terminalLanguage({ LANG, LC_MESSAGES, LC_ALL })).toBe('fr');
    expect(terminalLanguage({ LANG, LC_MESSAGES, LC_ALL, FETTLE_LANGUAGE: 'ja' })).toBe('ja');
  });

  it('is English where the environment asks for none, or for none in particular', () => {
    expect(terminalLanguage({})).toBe('en');
    expect(terminalLanguage({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' })).toBe('en');
    expect(terminalLanguage({ LC_ALL: '', LANG: 'de_DE.UTF-8' })).toBe('de');
  });
});
