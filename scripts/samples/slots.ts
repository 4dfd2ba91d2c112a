/** What the sample messages talk about: an online shop for the home with a monthly subscription box. */

type Slot = readonly string[] | ((random: () => number) => string);

const between = (random: () => number, low: number, high: number) =>
  low + Math.floor(random() * (high - low + 1));
const choose = (random: () => number, list: readonly string[]) =>
  list[Math.floor(random() * list.length)] as string;

const electrical = [
  'kettle',
  'toaster',
  'desk lamp',
  'coffee grinder',
  'hand blender',
  'fan heater',
  'electric blanket',
  'air purifier',
  'rice cooker',
  'hair dryer',
  'slow cooker',
  'milk frother',
  'robot vacuum',
  'dehumidifier',
];
const furniture = [
  'bookcase',
  'coffee table',
  'bedside table',
  'bar stool',
  'shoe rack',
  'armchair',
  'writing desk',
  'TV stand',
  'garden bench',
  'coat stand',
  'high chair',
];
const fragile = [
  'vase',
  'serving bowl',
  'wall mirror',
  'teapot',
  'glass jug',
  'picture frame',
  'cake stand',
  'ceramic planter',
  'pendant lampshade',
  'casserole dish',
];
const soft = [
  'duvet cover',
  'rug',
  'bath mat',
  'rain jacket',
  'throw blanket',
  'cushion',
  'backpack',
  'tablecloth',
  'dressing gown',
  'apron',
];
const lines = [
  'Alder',
  'Brena',
  'Corvo',
  'Halden',
  'Juno',
  'Lumi',
  'Marlow',
  'Nordby',
  'Oska',
  'Tessel',
  'Wren',
];
const all = [...electrical, ...furniture, ...fragile, ...soft];

const withLine = (list: readonly string[]) => (random: () => number) => {
  const item = choose(random, list);
  return random() < 0.35 ? `${choose(random, lines)} ${item}` : item;
};

const money = (low: number, high: number) => (random: () => number) => {
  const whole = between(random, low, high);
  const cents = choose(random, ['', '.99', '.50', '.95', '.00']);
  return `[currency]${whole}${cents}`;
};

/** Kinds of things that a sentence only makes sense for. */
const KINDS: Record<string, readonly string[]> = {
  digital: [
    'rice cooker',
    'slow cooker',
    'air purifier',
    'dehumidifier',
    'kitchen scale',
    'oven thermometer',
  ],
  lidded: ['kettle', 'coffee grinder', 'rice cooker', 'slow cooker', 'milk frother', 'bread bin'],
  motor: ['coffee grinder', 'hand blender', 'fan heater', 'air purifier', 'robot vacuum', 'dehumidifier'],
  wet: ['kettle', 'coffee machine', 'steam iron', 'egg boiler', 'milk frother'],
  filtered: ['air purifier', 'robot vacuum', 'coffee machine', 'dehumidifier', 'cooker hood'],
  cordless: ['cordless vacuum', 'robot vacuum', 'cordless drill', 'camping lantern', 'milk frother'],
  dish: ['serving bowl', 'teapot', 'glass jug', 'cake stand', 'casserole dish', 'soup mug'],
  zipped: ['duvet cover', 'rain jacket', 'backpack', 'sleeping bag', 'cushion cover', 'wash bag'],
  wear: ['rain jacket', 'dressing gown', 'apron', 'cardigan', 'sun hat'],
  wood: [
    'bookcase',
    'coffee table',
    'bedside table',
    'bar stool',
    'shoe rack',
    'writing desk',
    'garden bench',
  ],
};

export const SLOTS: Record<string, Slot> = {
  ...Object.fromEntries(Object.entries(KINDS).map(([kind, list]) => [kind, withLine(list)])),
  item: withLine(all),
  other: withLine(all),
  electrical: withLine(electrical),
  furniture: withLine(furniture),
  fragile: withLine(fragile),
  soft: withLine(soft),
  sturdy: withLine([...electrical, ...furniture]),
  line: lines,
  colour: [
    'grey',
    'dark green',
    'mustard',
    'navy',
    'white',
    'oak',
    'black',
    'terracotta',
    'pale blue',
    'cream',
  ],
  shade: ['beige', 'red', 'brown', 'pink', 'walnut', 'turquoise'],
  order: (random) => {
    const number = between(random, 10_000, 99_999);
    return choose(random, [`#${number}`, `${number}`, `FH-${number}`, `no. ${number}`]);
  },
  currency: ['£', '£', '$', '€'],
  amount: money(25, 240),
  fee: money(3, 15),
  percent: ['10%', '15%', '20%', '25%'],
  code: ['SPRING15', 'WELCOME10', 'HOME20', 'FRIENDS25', 'AUTUMN10'],
  days: ['three', 'four', 'five', 'six', '3', '4', '5'],
  longdays: ['ten', 'twelve', 'fourteen', '16', '18', '11'],
  weeks: ['two', 'three', 'four', '2', '3'],
  weekday: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  month: ['January', 'March', 'April', 'June', 'August', 'October', 'November'],
  date: (random) => {
    const months = [
      'January',
      'February',
      'March',
      'May',
      'June',
      'July',
      'September',
      'October',
      'December',
    ];
    return `${between(random, 1, 28)} ${choose(random, months)}`;
  },
  soon: ['tomorrow', 'tomorrow morning', 'tonight', 'today', 'this evening', 'tomorrow afternoon'],
  deadline: [
    'tomorrow at 9 am',
    'tomorrow at noon',
    'today at 5 pm',
    'tonight at 8',
    'tomorrow before 10',
    'in three hours',
  ],
  hour: ['9 am', '11 am', '2 pm', '4 pm', 'noon', '6 pm'],
  event: [
    "my mum's birthday",
    'a wedding',
    'a housewarming',
    "my daughter's party",
    'a christening',
    "my parents' anniversary",
    'a work leaving do',
  ],
  relative: ['my sister', 'my dad', 'my mother-in-law', 'my partner', 'our neighbour', 'a friend', 'my son'],
  carrier: ['the courier', 'the driver', 'your delivery company', 'the delivery guy', 'the parcel service'],
  town: [
    'Leeds',
    'Bristol',
    'Galway',
    'Utrecht',
    'Dundee',
    'Norwich',
    'Cardiff',
    'Portland',
    'Malmö',
    'Cork',
  ],
  staff: ['Priya', 'Tom', 'Agnes', 'Mateo', 'Joanna', 'Dev', 'Sinead', 'Oliver'],
  name: [
    'Hannah',
    'Carlos',
    'Mei',
    'Tunde',
    'Sofia',
    'Gareth',
    'Aisha',
    'Pavel',
    'Ruth',
    'Ingrid',
    'J. Okafor',
    'Mrs Patel',
    'Lena Vogt',
    'Sam',
    'Declan',
    'Yuki',
    'Beatriz',
    'Neil Harper',
    'Fatima',
    'Kat',
  ],
};
