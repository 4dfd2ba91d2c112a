/** Names, jobs, family and the body. */
import { table, words } from '../text.ts';

export const GIRLS = words(`
Anna Mia Lena Sara Emma Lucy Nina Clara Eva Ruth Alice Maria Julia Helen Rosa Lily Grace Ella Zoe Laura Hannah Jane
Kate Sophie Amy Ida Olga Nora Tina Vera`);
export const BOYS = words(`
Tom Ben Max Paul Leo Sam Jack Peter Finn Adam David Mark John Luke Oscar Tim Daniel Henry Noah Simon Robert Felix Ali
Hugo Martin George Omar Ivan Jonas Carl`);

export const JOBS = table(`
job|does|place|tool
teacher|teaches children|at a school|a board
doctor|helps sick people|at a hospital|-
nurse|cares for patients|at a hospital|-
baker|bakes bread|at a bakery|an oven
butcher|sells meat|at a butcher's shop|a knife
farmer|grows food|on a farm|a tractor
cook|cooks meals|in a kitchen|pots and pans
waiter|serves food|in a restaurant|a tray
driver|drives a bus|on the road|-
pilot|flies a plane|at an airport|a plane
sailor|works on a ship|at sea|-
fisherman|catches fish|on a boat|a net
postman|brings letters|in the streets|a bag
police officer|catches thieves|at a police station|-
firefighter|puts out fires|at a fire station|a hose
builder|builds houses|on a building site|bricks
painter|paints walls|in houses|a brush
carpenter|makes things from wood|in a workshop|a saw
plumber|mends pipes|in bathrooms and kitchens|a wrench
electrician|mends lights and wires|in houses|-
mechanic|mends cars|in a garage|a wrench
tailor|makes clothes|in a tailor's shop|needle and thread
shoemaker|mends shoes|in a shoe shop|-
hairdresser|cuts hair|in a salon|scissors
dentist|looks after teeth|at a dentist's office|a small mirror
vet|helps sick animals|at an animal clinic|-
gardener|looks after plants|in a garden|a spade
librarian|lends books|in a library|-
writer|writes books|at a desk|a pen
singer|sings songs|on a stage|a microphone
actor|plays in films|in a theatre|-
dancer|dances on a stage|on a stage|-
judge|decides in court|in a court|-
cleaner|cleans rooms|in offices|a mop
shop assistant|helps customers|in a shop|a till
optician|makes glasses|in a glasses shop|-
photographer|takes photos|in a studio|a camera
musician|plays music|in a concert hall|an instrument
scientist|does experiments|in a laboratory|a microscope
astronaut|flies into space|in space|a rocket
zookeeper|feeds zoo animals|at a zoo|-
lifeguard|watches the swimmers|at a swimming pool|a whistle
miner|digs for coal|in a mine|a lamp
watchmaker|mends clocks|in a clock shop|tiny tools
beekeeper|keeps bees|near the hives|a veil
shepherd|looks after sheep|in the hills|a stick
coach|trains a team|on a sports field|a whistle
lawyer|knows the law|in an office|-
programmer|writes programs|in an office|a computer
`);

export const FAMILY = table(`
whose|who
mother's mother|grandmother
father's mother|grandmother
mother's father|grandfather
father's father|grandfather
mother's sister|aunt
father's sister|aunt
mother's brother|uncle
father's brother|uncle
aunt's daughter|cousin
uncle's son|cousin
uncle's daughter|cousin
aunt's son|cousin
sister's son|nephew
brother's son|nephew
sister's daughter|niece
brother's daughter|niece
`);

export const BODY = table(`
act|part
see|eyes
hear|ears
smell|nose
taste|tongue
walk|feet
bite|teeth
think|brain
hold things|hands
speak|mouth
breathe|lungs
kick a ball|foot
wave|hand
`);

export const WEAR = table(`
wear|part
a hat|head
a ring|finger
gloves|hands
shoes|feet
socks|feet
a scarf|neck
a belt|waist
glasses|nose
a watch|wrist
earrings|ears
a backpack|back
a crown|head
boots|feet
a cap|head
a necklace|neck
`);
