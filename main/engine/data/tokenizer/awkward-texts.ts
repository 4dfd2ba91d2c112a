/**
 * Texts on which tokenizers part: contractions, digits, signs, marks, line ends, cases, scripts, white space. Two that cut
 * all of these alike are taken to be the same.
 */
export const AWKWARD_TEXTS: readonly string[] = [
  'Hello, world!',
  "I'll say it's HE'LL o'clock, don'T we've",
  'a1 12 123 1234 12345 3.14 x2y 007',
  '١٢٣ ½ ² ³ ① Ⅷ',
  ' two  spaces   three',
  'tab\t\ttabs \t mixed',
  'lines\n\nmore\r\n\r\nend\n',
  '   leading and trailing   ',
  'foo(bar)[0] += "baz"; // a/b\\c',
  '<tag attr="1"/> #hash_tag @at --- ... !!?',
  'camelCase PascalCase ABCdef aBC XMLHttpRequest',
  'naïve café résumé Ünïcödé Straße',
  'こんにちは世界 你好，世界！',
  '한국어 русский текст',
  'العربية हिन्दी में ไทย',
  'e\u0301 a\u0308o\u0302 q\u0307\u0323',
  '😀👍🏽 🇩🇪 👨‍👩‍👧',
  '\u00a0nbsp\u2003em\u200bzero',
  'word/\n/word\n!\n?/\n',
  '{"topic":"damage","urgent":false}',
];
