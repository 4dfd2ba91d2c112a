/** What stories are filled with, by slot. */
import { words } from '../text.ts';
import { PORTABLE } from './things.ts';

const phrases = (text: string) => text.trim().split(/\s*\|\s*/);
const DAYS = words('Monday Tuesday Wednesday Thursday Friday Saturday Sunday');
const HOURS = phrases("six o'clock|seven o'clock|eight o'clock|nine o'clock|ten o'clock");
const FOOD = phrases(
  'bread|soup|cheese|apples|rice|pancakes|eggs|noodles|fish|beans|plums|potatoes|carrots|pears|salad|pasta|cake',
);
const COLOURS = words('red blue green yellow brown black white grey purple pink');
const JOBS = phrases(
  'teacher|doctor|nurse|baker|farmer|cook|driver|pilot|painter|plumber|tailor|dentist|singer|gardener|postman|builder|waiter|judge|vet|engineer|carpenter',
);
const COUNTS = words('two three four five six seven eight nine ten twelve fifteen twenty');

export const STORY_WORDS: Readonly<Record<string, readonly string[]>> = {
  thing: PORTABLE,
  stuff: phrases('apples|pears|plums|eggs|lemons|peaches|buttons|stones|shells|nuts|coins|stamps'),
  place: phrases(
    'in the park|on the bus|at school|in the garden|at the market|on the beach|in the library|at the station|in the forest|by the river|behind the house|near the bridge|in the yard|at the pool',
  ),
  plot: phrases(
    'in the garden|behind the house|by the fence|in the yard|on the balcony|near the shed|in a big pot|by the river|next to the wall|in front of the house',
  ),
  field: phrases(
    'in the park|at school|in the garden|on the beach|behind the house|in the yard|at the club|in a big hall|at the camp',
  ),
  spot: phrases(
    'under the table|on the shelf|in the hall|by the window|in the kitchen|on the roof|under the stairs|in a basket|near the door|in the cellar|on the sofa|in the garage|behind the shed|at the corner',
  ),
  area: phrases(
    'by the sea|near the river|in the old town|in a village|near the station|on a hill|behind the church|at the edge of the forest|next to the park',
  ),
  goal: phrases(
    'the zoo|the lake|the city|the mountains|the museum|the market|the castle|the farm|the beach|the harbour|the island|the theatre',
  ),
  day: DAYS,
  vehicle: words('bus train car boat tram taxi bicycle'),
  transport: words('bus train tram boat ferry plane coach'),
  animal: words('dog cat horse rabbit parrot owl fox goat duck swan hedgehog turtle'),
  pet: words('Rex Bella Spot Luna Rocky Coco Bruno Daisy Pip Tiger Socks Molly'),
  meal: phrases('milk|meat|carrots|seeds|fish|fresh water|dry food|a little bread|an egg|some leaves'),
  glad: words('glad happy thankful relieved pleased'),
  mood: words('sad angry cross jealous tired quiet'),
  food: FOOD,
  other: FOOD,
  shopkind: words('bakery market supermarket kiosk shop'),
  holiday: phrases('a holiday|Sunday|very late|too early|lunchtime|a national holiday'),
  colour: COLOURS,
  shade: COLOURS,
  weather: words('rainy cold foggy windy stormy snowy hot wet'),
  act: phrases(
    'read a book|baked a cake|cleaned the kitchen|wrote a letter|watched a film|mended a shirt|painted a picture|played the piano|made soup|slept a lot|tidied the cupboard|folded the clothes',
  ),
  job: JOBS,
  trade: JOBS,
  reason: phrases(
    'got up late|forgot the ticket|lost the key|talked too long|went the wrong way|looked for a shoe|had to feed the cat|read the wrong timetable|slept too long|helped a neighbour',
  ),
  count: COUNTS,
  number: COUNTS,
  price: words('five ten twelve fifteen twenty thirty forty fifty sixty eighty'),
  device: words(
    'radio phone clock lamp bicycle camera kettle toaster oven fridge heater watch computer printer',
  ),
  nice: words('long kind short funny friendly thankful'),
  game: words('chess football tennis cards hockey darts'),
  noise: phrases(
    'the wind was loud|a dog barked|the neighbours sang|it was too hot|the bed was hard|the moon was bright|a tap dripped|the baby cried|a window banged',
  ),
  hour: HOURS,
  late: phrases("four o'clock|five o'clock|half past five|half past six|half past seven"),
  drink: words('water milk tea cocoa juice lemonade'),
  plant: words('roses tomatoes beans tulips pumpkins potatoes carrots strawberries onions herbs sunflowers'),
  subject: words('maths music sport history art reading writing'),
  lesson: words('maths music sport history art reading writing'),
  teacher: phrases(
    'Mr Brown|Mrs Green|Mr Stone|Mrs Hill|Miss Wood|Mr Baker|Mrs King|Mr Young|Miss Bell|Mrs Field',
  ),
  task: phrases(
    'mend the fence|clean the car|paint the door|write a story|take a photo|carry the books|fix the roof|draw a map|cook for friends|decorate the room|dig the garden',
  ),
  city: words('Paris London Berlin Rome Madrid Oslo Vienna Dublin'),
  town: words('Lisbon Athens Warsaw Prague Helsinki Cairo Tokyo Milan'),
  small: phrases('small|large|bright|quiet|old but warm|cheap|clean'),
  feature: words('balcony kitchen garden view neighbours street bathroom'),
  there: ['There'],
};
