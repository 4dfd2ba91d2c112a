/** Messages to a town hall as a person would have them in a table, each with the office that answers it. */
import { csvCell } from '../../common/values.ts';

interface Office {
  readonly about: readonly string[];
  /** Sentences in which * stands for one of them. */
  readonly said: readonly string[];
}

const OFFICES: Readonly<Record<string, Office>> = {
  waste: {
    about: ['the yellow bin', 'our garden waste', 'an old sofa', 'the paper bin', 'broken glass'],
    said: [
      'When is * collected?',
      'Nobody picked up * this week.',
      'Where can I bring *?',
      'The lorry left * standing at the kerb.',
    ],
  },
  passports: {
    about: [
      'my passport',
      'an identity card',
      'the travel document of my son',
      'a passport in a hurry',
      'my new identity card',
    ],
    said: [
      'How long does * take?',
      'Which photo do I need for *?',
      'Can I fetch * on Saturday?',
      '* expired last month.',
    ],
  },
  parking: {
    about: [
      'a parking permit',
      'the ticket on my windscreen',
      'a resident’s parking space',
      'the parking machine',
      'a disabled parking badge',
    ],
    said: [
      'Who is responsible for *?',
      'I want to complain about *.',
      'What does * cost for a car?',
      'My car was towed in spite of *.',
    ],
  },
  weddings: {
    about: [
      'our wedding',
      'a marriage in June',
      'the ceremony',
      'a civil wedding',
      'the marriage of my sister',
    ],
    said: [
      'Which papers are needed for *?',
      'Is the old mill free for *?',
      'How many guests may come to *?',
      'Can the registrar do * in English?',
    ],
  },
  dogs: {
    about: ['my dog', 'a puppy', 'the dog of my neighbour', 'our guide dog', 'a second dog'],
    said: [
      'How do I register * for the tax?',
      'Must * be on a lead in the park?',
      'Do I pay tax for *?',
      '* lost its tag.',
    ],
  },
  streets: {
    about: ['the street lamp', 'a pothole', 'the broken kerb', 'the traffic light', 'a fallen sign'],
    said: [
      '* in Mill Road is dangerous at night.',
      'Please repair * before winter.',
      'A cyclist fell because of *.',
      '* at the crossing has been like that for weeks.',
    ],
  },
  nurseries: {
    about: [
      'a nursery place',
      'kindergarten',
      'the nursery in Oak Lane',
      'a place for twins',
      'the afternoon group',
    ],
    said: [
      'How do I apply for *?',
      'Is there a waiting list for *?',
      'My daughter is two, what does * cost?',
      'Who decides about *?',
    ],
  },
  libraries: {
    about: ['a library card', 'overdue books', 'the reading room', 'an audio book', 'the library on Sundays'],
    said: [
      'What are the rules for *?',
      'I lost my reader number and ask about *.',
      'Can students borrow with *, or use it?',
      'What is the fine that goes with *?',
    ],
  },
};

/** All of them in turn by office, so that the first ones are of every office. */
export function townRows(): { readonly message: string; readonly office: string }[] {
  const byOffice = Object.entries(OFFICES).map(([office, { about, said }]) =>
    said.flatMap((sentence) =>
      about.map((thing) => ({ message: written(sentence.replace('*', thing)), office })),
    ),
  );
  return byOffice[0]!.flatMap((_, i) => byOffice.map((rows) => rows[i]!));
}

const written = (sentence: string) => sentence[0]!.toUpperCase() + sentence.slice(1);

/** The same as a table. */
export function townTable(rows: readonly Readonly<Record<string, string>>[] = townRows()): string {
  const head = Object.keys(rows[0]!);
  return [head, ...rows.map((row) => Object.values(row))]
    .map((cells) => cells.map(csvCell).join(','))
    .join('\r\n');
}
