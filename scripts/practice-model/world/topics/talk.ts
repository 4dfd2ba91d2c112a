/** Small talk, and honest answers to questions that this small world cannot answer. Not part of the quiz. */
import { pick } from '../../draw.ts';
import { type FactKind, factTopic } from '../facts.ts';
import { BOYS, GIRLS } from '../lexicon/people.ts';
import { CAPITALS } from '../lexicon/places.ts';
import { PORTABLE } from '../lexicon/things.ts';
import { lines, type Row } from '../text.ts';
import type { Topic } from '../types.ts';

const SAYINGS = lines(`
Hello!|Hello|Hello there!|Good day!|Hello, can you help me?->Hello! How can I help you?
Hi!|Hi|Hi there!|Hey!|Hi, how does this work?->Hi! What would you like to know?
Good morning!|Good morning->Good morning! How can I help you?
Good evening!|Good evening->Good evening! How can I help you?
Good night!|Good night, sleep well!->Good night! Sleep well.
Thank you!|Thank you|Thanks!|Thanks a lot!|Thank you very much.|Thanks for your help.|That helps, thank you.->You are welcome!
Goodbye!|Goodbye|Bye!|See you tomorrow!|I have to go now.->Goodbye! Have a nice day.
How are you?|How are you today?|Are you well?|How do you feel?->I am fine, thank you. How are you?
I am fine.|I am well, thank you.|I am fine, thanks.->I am glad to hear that.
Who are you?|What are you?|Please tell me who you are.|Are you a person?|Introduce yourself.->I am the Fettle practice model, a very small language model.
What is your name?|Do you have a name?|How are you called?->I am the Fettle practice model.
What can you do?|What can I ask you?|How can you help me?|What do you know?->I can answer simple questions about people, animals, places, colours, numbers and days.
Who made you?|Where do you come from?|Who trained you?->I was trained with Fettle.
Are you big?|How big are you?|Are you a large model?->No, I am a very small model.
Do you know everything?|Are you always right?|Can you answer everything?->No, I know only a few simple things.
Can you make mistakes?|Do you make mistakes?|Are you sometimes wrong?->Yes, I am a very small model and I make mistakes.
Sorry!|I am sorry.|Excuse me.->No problem.
Can you help me?|I need help.|I have a question.|May I ask something?->Of course. What is your question?
That is wrong.|You made a mistake.|I think that is not right.->I am sorry. I am a very small model and I make mistakes.
Well done!|Very good!|That is right.|Great answer!->Thank you! I am glad that it helped.
I am sad.|I feel sad today.|I am unhappy.->I am sorry to hear that. I hope you feel better soon.
I am happy.|I feel great today.|I am so glad.->That is good to hear!
I am tired.|I am so tired today.->Then you should go to bed and sleep.
I am hungry.|I am very hungry.->Then you should eat something.
I am thirsty.|I am so thirsty.->Then you should drink some water.
I am cold.|It is so cold here.->Then you should put on a warm coat.
I am bored.|I have nothing to do.->Then you could read a book.`);
const sayings: Row[] = SAYINGS.flatMap((line) => {
  const [asked, reply] = line.split('->');
  return (asked ?? '').split('|').map((said) => ({ said, reply: reply as string }));
});

const names = [...GIRLS, ...BOYS];
const UNKNOWN = lines(`
What is my name?
How old am I?
Where do I live?
What did I eat yesterday?
What will the weather be tomorrow?
Will it rain tomorrow?
Who won the game yesterday?
What time is it now?
What is the date today?
What is in my pocket?
How much money do I have?
What am I thinking?
Where is my key?
What is the phone number of [name]?
Where does [name] live?
How old is [name]?
What did [name] say yesterday?
What is the favourite colour of [name]?
Where is the [thing] of [name]?
Who has my [thing]?
How much does this [thing] cost?
When did [name] buy the [thing]?
How many people live in [city]?
What does [name] want for dinner?
When will [name] come home?
Who is the neighbour of [name]?
What is the weather in [city] now?
Where did I put my [thing]?
What is the name of [name]'s dog?
Which film will I like?`);
const cities = CAPITALS.map((row) => row.city as string);
const unknowns = Array.from({ length: 60 }, (_, i) => ({
  name: names[i % names.length] as string,
  thing: PORTABLE[i % PORTABLE.length] as string,
  city: cities[i % cities.length] as string,
}));

const FACTS: FactKind[] = [
  { rows: sayings, questions: ['[said]'], answer: '[reply]' },
  { rows: unknowns, questions: UNKNOWN, answer: 'I do not know.', weight: 0.7 },
];
const facts = factTopic('talk', FACTS, 0.9);
const GREETINGS = sayings.filter((row) => (row.reply as string).endsWith('help you?'));
const saying = (row: Row) => ({ question: row.said as string, answer: row.reply as string });

export const talk: Topic = {
  ...facts,
  talk: (random) => [saying(pick(random, GREETINGS)), facts.turn(random)],
};
