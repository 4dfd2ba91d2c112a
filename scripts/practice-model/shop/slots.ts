/** Everything a message may name besides its thing: people, days, occasions, money, places. All of it made up. */
import type { Slots } from './grammar.ts';

const list = (text: string): string[] => text.split(',').map((name) => name.trim());

export const SLOTS: Slots = {
  who: list(
    `my wife, my husband, my mother, my father, my sister, my brother, my daughter, my son, my aunt, my uncle, my grandma,
    my grandad, my friend, my flatmate, my partner, my niece, my nephew, my neighbour, my boss, my cousin, my mum, my dad`,
  ),
  kid: list(
    'my baby, my toddler, my son, my daughter, our little boy, our little girl, my grandson, our child',
  ),
  name: list(
    `Anna, Ben, Clara, David, Ella, Finn, Grace, Hugo, Iris, Jonas, Kate, Leo, Maya, Noah, Olga, Paul, Rosa, Sam, Tina, Will,
    Mrs Baker, Mr Hill, Mrs Woods, Mr Fox, Priya, Omar, Yuki, Carlos, Lena, Tom, Julia Stone, Peter Marsh, Ruth Berry, Adam`,
  ),
  staff: list(
    'Mina, Oskar, Lotte, Jack, Emma, Ravi, Nora, Henry, the lady on the phone, the man in the chat',
  ),
  town: list(
    'Leeds, York, Bath, Dublin, Bristol, Oxford, Cardiff, Hull, Derby, Glasgow, Brighton, Exeter, Kent, Cork',
  ),
  country: list(
    'Norway, Ireland, France, Spain, Malta, Switzerland, Canada, Portugal, Austria, Poland, Italy, Iceland',
  ),
  weekday: list('Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday'),
  month: list(
    'January, February, March, April, May, June, July, August, September, October, November, December',
  ),
  event: list(
    `party, wedding, birthday, christening, dinner, exam, funeral, school play, garden party, picnic, trip, house-warming,
    anniversary, concert, family reunion, holiday, street fair, graduation, market, open day, visit, camping trip`,
  ),
  soon: list(
    'tomorrow, tonight, today, this evening, tomorrow morning, this afternoon, tomorrow, tomorrow evening',
  ),
  later: list(
    'in three weeks, next month, in two months, in spring, next year, at the end of next month, in the autumn',
  ),
  days: list('two, three, four, five, six, eight, ten, twelve'),
  weeks: list('two, three, four, five, six'),
  few: list('two, three, four, five'),
  count: list('two, three, four, six, eight, ten, twelve'),
  amount: list(
    `20 pounds, 35 pounds, 49 euros, 60 pounds, 79 euros, 85 pounds, 99 euros, 15 pounds, 40 euros, 54 pounds, 72 euros,
    $30, $45, $80, £18, £25, £64, £90, €33, €57, €88, 100 pounds, sixty euros, twenty pounds, forty dollars`,
  ),
  fee: list('4 pounds, 5 euros, 6 pounds, 3.50, 7 euros, £5, €8, £9, $6, ten pounds, five pounds, 2.99'),
  percent: list('5 percent, 10 percent, 15 percent, 20 percent, 25 percent, 10%, 20%, 30%'),
  code: list('SPRING10, HOME20, WELCOME, SUMMER15, COSY5, THANKS10, NEW25, MARCH10'),
  order: list('4821, 7730, 1096, 5542, 9013, 2287, 6604, 3158, 8475, 20417, 33820, 71265, 10938, 55701'),
  carrier: list(
    'the courier, the driver, the delivery man, the postman, the delivery company, the parcel service',
  ),
  room: list(
    'kitchen, bathroom, bedroom, living room, hallway, nursery, garden, balcony, office, cellar, attic, guest room',
  ),
  colour: list(
    'red, blue, green, grey, white, black, yellow, brown, pink, orange, beige, dark blue, light green',
  ),
  color: list('purple, silver, golden, turquoise, cream, dark red, navy, olive green'),
  box: list(
    `coffee box, tea box, spice box, plant box, candle box, craft box, cheese box, flower box, recipe box, book box,
    snack box, baking box, toy box, seed box, soap box, monthly box, wine box`,
  ),
  cm: list('40, 45, 50, 55, 60, 70, 75, 80, 90, 100'),
  material: list('cotton, wool, linen, oak, pine, steel, glass, bamboo, leather, plastic, silk, stone'),
  card: list('card, credit card, debit card, bank card'),
};
