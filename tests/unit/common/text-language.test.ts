import { expect, it } from 'vitest';
import { sentencesOf } from '../../../common/words/language.ts';
import { areEnglish } from '../../../common/words/text-language.ts';
import { townRows } from '../../helpers/town-rows.ts';

const inTwenties = (texts: readonly string[]) =>
  Array.from({ length: Math.floor(texts.length / 20) }, (_, i) => texts.slice(20 * i, 20 * i + 20));

it('English rows are English, twenty at a time', () => {
  for (const some of inTwenties(townRows().map(({ message }) => message)))
    expect(areEnglish(some)).toBe(true);
});

it('German ones never are', async () => {
  for (const some of inTwenties(Object.values(await sentencesOf('de')))) expect(areEnglish(some)).toBe(false);
});

it.each([
  'Où est mon colis ? Je n’ai pas encore reçu ma commande et je voudrais savoir quand elle arrivera.',
  '¿Dónde está mi paquete? Todavía no he recibido mi pedido y me gustaría saber cuándo llegará.',
  'Non ho ancora ricevuto il mio ordine e vorrei sapere quando arriverà. La mia carta è stata rifiutata.',
  'Ik heb mijn bestelling nog niet ontvangen. Hoe kan ik mijn wachtwoord wijzigen? Het product is stuk.',
  'Gdzie jest moja paczka? Nie otrzymałem jeszcze zamówienia i chciałbym wiedzieć, kiedy dotrze.',
  '私の荷物はどこですか。',
])('nor is %s', (text) => {
  expect(areEnglish([text])).toBe(false);
});

it('rows without words are taken for English', () => {
  expect(areEnglish(['12', '...'])).toBe(true);
});
