/** Places, what one does there, and where things are kept, bought and found. */
import { table } from '../text.ts';

export const BUY = table(`
thing|shop
bread|bakery
rolls|bakery
a cake|bakery
meat|butcher's shop
sausages|butcher's shop
medicine|pharmacy
plasters|pharmacy
books|bookshop
a story book|bookshop
stamps|post office
flowers|flower shop
roses|flower shop
shoes|shoe shop
boots|shoe shop
toys|toy shop
a doll|toy shop
a puzzle|toy shop
petrol|petrol station
a train ticket|train station
fresh fish|fish market
a ring|jeweller's shop
a necklace|jeweller's shop
nails and screws|hardware shop
a hammer|hardware shop
paint|hardware shop
ice cream|ice cream shop
a newspaper|kiosk
a sofa|furniture shop
a wardrobe|furniture shop
glasses|optician's shop
a bicycle|bicycle shop
a coat|clothes shop
a dress|clothes shop
a shirt|clothes shop
milk|supermarket
rice|supermarket
sugar|supermarket
butter|supermarket
pet food|pet shop
a guitar|music shop
a phone|phone shop
`);

export const PLACES = table(`
place|act|at
library|borrow books|at a library
swimming pool|swim|at a swimming pool
cinema|watch a film|at a cinema
restaurant|eat a meal|at a restaurant
cafe|drink coffee|at a cafe
school|learn to read|at a school
hospital|see a doctor|at a hospital
bank|get money|at a bank
post office|send a parcel|at a post office
zoo|see wild animals|at a zoo
museum|look at old things|at a museum
theatre|see a play|at a theatre
train station|catch a train|at a train station
bus stop|wait for a bus|at a bus stop
airport|get on a plane|at an airport
harbour|look at ships|at a harbour
beach|build a sandcastle|at a beach
playground|play on the swings|at a playground
stadium|watch a football match|at a stadium
hotel|spend a night on a journey|at a hotel
garage|have a car mended|at a garage
hairdresser's|have your hair cut|at a hairdresser's
gym|lift weights|at a gym
farm|see cows and pigs|at a farm
campsite|sleep in a tent|at a campsite
police station|report a theft|at a police station
ice rink|skate on ice|at an ice rink
church|hear the bells|at a church
market|buy fresh vegetables|at a market
launderette|wash your clothes|at a launderette
town hall|get married|at a town hall
concert hall|listen to an orchestra|at a concert hall
`);

export const ROOMS = table(`
act|room
sleep|bedroom
cook|kitchen
have a shower|bathroom
brush your teeth|bathroom
wash the dishes|kitchen
watch television|living room
park the car|garage
grow flowers|garden
store old boxes|attic
keep the wine|cellar
hang up your coat|hall
bake a cake|kitchen
work at a desk|study
have a bath|bathroom
make the bed|bedroom
eat dinner|dining room
`);

export const KEEP = table(`
thing|where
milk|in the fridge
butter|in the fridge
cheese|in the fridge
eggs|in the fridge
ice cream|in the freezer
frozen peas|in the freezer
clothes|in the wardrobe
books|on the shelf
money|in a purse
coins|in a purse
letters|in an envelope
rubbish|in the bin
flowers|in a vase
tea|in a teapot
soup|in a bowl
socks|in a drawer
knives and forks|in a drawer
dirty dishes|in the sink
toys|in a toy box
tools|in a toolbox
plates|in the cupboard
cups|in the cupboard
shoes|on the shoe rack
a car|in the garage
a picture|on the wall
a carpet|on the floor
a lamp|on the table
a pillow|on the bed
a towel|in the bathroom
a toothbrush|in the bathroom
pens|in a pencil case
a letter|in the letter box
`);

export const CAPITALS = table(`
country|city
France|Paris
England|London
Germany|Berlin
Italy|Rome
Spain|Madrid
Portugal|Lisbon
Greece|Athens
Austria|Vienna
Poland|Warsaw
Norway|Oslo
Sweden|Stockholm
Denmark|Copenhagen
Finland|Helsinki
Ireland|Dublin
Scotland|Edinburgh
Belgium|Brussels
Russia|Moscow
Japan|Tokyo
China|Beijing
India|New Delhi
Egypt|Cairo
Kenya|Nairobi
Canada|Ottawa
Cuba|Havana
Peru|Lima
`);
