/** Things of every day: food, objects, colours. */
import { table, words } from '../text.ts';

export const COLOURS = words('red blue green yellow orange purple pink brown black white grey');

export const COLOURED = table(`
thing|colour|are
snow|white|is
milk|white|is
salt|white|is
flour|white|is
a swan|white|is
a polar bear|white|is
a cloud|white|is
rice|white|is
paper|white|is
coal|black|is
a crow|black|is
the night sky|black|is
a car tyre|black|is
pepper|black|is
grass|green|is
a leaf|green|is
a frog|green|is
a cucumber|green|is
lettuce|green|is
spinach|green|is
a pea|green|is
broccoli|green|is
a crocodile|green|is
a banana|yellow|is
a lemon|yellow|is
the sun|yellow|is
butter|yellow|is
a sunflower|yellow|is
a chick|yellow|is
corn|yellow|is
straw|yellow|is
a tomato|red|is
a strawberry|red|is
a cherry|red|is
blood|red|is
a fire engine|red|is
a raspberry|red|is
ketchup|red|is
a ladybird|red|is
an orange|orange|is
a carrot|orange|is
a pumpkin|orange|is
a goldfish|orange|is
the sky on a sunny day|blue|is
the sea|blue|is
a blueberry|blue|is
jeans|blue|are
a plum|purple|is
lavender|purple|is
an aubergine|purple|is
a pig|pink|is
a flamingo|pink|is
a tongue|pink|is
chocolate|brown|is
coffee|brown|is
soil|brown|is
a nut|brown|is
toast|brown|is
a bear|brown|is
an elephant|grey|is
a mouse|grey|is
a rain cloud|grey|is
ash|grey|is
a dolphin|grey|is
`);

export const MIXES = table(`
one|two|makes
red|yellow|orange
red|blue|purple
blue|yellow|green
red|white|pink
black|white|grey
red|green|brown
yellow|red|orange
blue|red|purple
yellow|blue|green
white|red|pink
white|black|grey
green|red|brown
`);

export const FRUIT = words(
  'apple banana pear plum cherry lemon orange peach grape melon strawberry raspberry',
);
export const VEGETABLES = words('carrot potato onion cucumber cabbage tomato pumpkin leek radish turnip');
export const DRINKS = ['water', 'milk', 'tea', 'coffee', 'apple juice', 'lemonade', 'cocoa', 'orange juice'];
export const MEALS = [
  'soup',
  'pasta',
  'rice with vegetables',
  'pancakes',
  'an omelette',
  'a sandwich',
  'fish and chips',
  'a salad',
  'porridge',
  'pizza',
  'potatoes with butter',
  'a big stew',
];

export const OBJECTS = words(`
ball book cup plate spoon fork knife pen pencil ruler rubber bag box key lamp chair table bed sofa clock watch phone
radio camera mirror brush comb towel soap bucket broom mop hammer saw nail screw rope ladder spade rake basket bottle
jar tin pot pan kettle toaster oven fridge bowl tray candle torch umbrella coat hat scarf glove shoe boot sock shirt
jacket dress belt ring purse wallet ticket letter stamp parcel envelope map suitcase bicycle car bus train boat kite
doll puzzle drum guitar piano whistle blanket pillow carpet curtain vase picture`);

/** Small things that a person can carry, lose, lend and find. */
export const PORTABLE = words(`
ball book cup pen pencil ruler bag box key lamp clock watch phone radio camera mirror brush comb towel bucket hammer
rope basket bottle jar kettle bowl tray candle torch umbrella coat hat scarf jacket belt ring purse wallet ticket letter
parcel map suitcase kite doll puzzle drum guitar whistle blanket pillow vase picture`);

export const GROUPS = table(`
thing|group
apple|fruit
banana|fruit
pear|fruit
plum|fruit
cherry|fruit
peach|fruit
strawberry|fruit
carrot|vegetable
potato|vegetable
onion|vegetable
cabbage|vegetable
leek|vegetable
chair|piece of furniture
table|piece of furniture
bed|piece of furniture
sofa|piece of furniture
wardrobe|piece of furniture
hammer|tool
saw|tool
spade|tool
rake|tool
screwdriver|tool
rose|flower
tulip|flower
daisy|flower
oak|tree
birch|tree
fir|tree
guitar|musical instrument
piano|musical instrument
drum|musical instrument
violin|musical instrument
flute|musical instrument
doll|toy
kite|toy
teddy bear|toy
tennis|sport
football|sport
hockey|sport
violet|flower
`);

export const USES = table(`
thing|use
pen|write
pair of scissors|cut paper
knife|cut bread
broom|sweep the floor
key|open a lock
umbrella|stay dry in the rain
spoon|eat soup
hammer|hit a nail
saw|cut wood
needle|sew
oven|bake a cake
kettle|boil water
fridge|keep food cold
lamp|make light
clock|tell the time
towel|dry your hands
comb|tidy your hair
toothbrush|clean your teeth
camera|take photos
phone|call a friend
ladder|climb up high
spade|dig a hole
bucket|carry water
map|find the way
candle|light a dark room
pillow|rest your head
mirror|see yourself
washing machine|wash clothes
iron|smooth a shirt
vacuum cleaner|clean the carpet
thermometer|measure how warm it is
ruler|draw a straight line
rubber|remove pencil marks
stamp|send a letter
suitcase|pack for a journey
plaster|cover a small cut
bell|call people to the door
scale|weigh things
tent|sleep outdoors
watering can|water the plants
`);
