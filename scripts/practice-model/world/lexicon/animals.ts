/** The animals of the world. `size` goes from 1 (an ant) to 6 (a whale); what is not simple is left out. */
import { table } from '../text.ts';

export const ANIMALS = table(`
animal|kind|sound|young|home|food|legs|fly|cover|size
cow|mammal|moo|calf|on a farm|grass|four|no|hair|5
sheep|mammal|baa|lamb|on a farm|grass|four|no|wool|4
pig|mammal|oink|piglet|on a farm|vegetables|four|no|-|4
horse|mammal|neigh|foal|in a stable|hay|four|no|hair|5
donkey|mammal|hee-haw|-|in a stable|hay|four|no|hair|5
goat|mammal|-|kid|on a farm|leaves|four|no|hair|4
dog|mammal|woof|puppy|in a house|meat|four|no|fur|4
cat|mammal|meow|kitten|in a house|mice|four|no|fur|3
mouse|mammal|squeak|-|in a hole|cheese|four|no|fur|2
rabbit|mammal|-|-|in a burrow|carrots|four|no|fur|3
hamster|mammal|-|-|in a cage|seeds|four|no|fur|2
hen|bird|cluck|chick|in a henhouse|corn|two|-|feathers|3
rooster|bird|cock-a-doodle-doo|-|on a farm|corn|two|-|feathers|3
duck|bird|quack|duckling|on a pond|water plants|two|yes|feathers|3
goose|bird|honk|gosling|by a lake|grass|two|yes|feathers|3
turkey|bird|gobble|-|on a farm|corn|two|-|feathers|3
owl|bird|hoot|owlet|in a hollow tree|mice|two|yes|feathers|3
crow|bird|caw|-|in the trees|worms|two|yes|feathers|3
robin|bird|-|-|in the garden|worms|two|yes|feathers|2
sparrow|bird|chirp|-|in the garden|crumbs|two|yes|feathers|2
pigeon|bird|coo|-|in the city|crumbs|two|yes|feathers|3
parrot|bird|-|-|in the jungle|nuts|two|yes|feathers|3
penguin|bird|-|-|on the ice|fish|two|no|feathers|3
eagle|bird|-|eaglet|in the mountains|small animals|two|yes|feathers|3
swan|bird|-|cygnet|on a lake|water plants|two|yes|feathers|4
stork|bird|-|-|in a big nest|frogs|two|yes|feathers|4
gull|bird|-|-|by the sea|fish|two|yes|feathers|3
ostrich|bird|-|-|in hot, dry places|grass|two|no|feathers|5
woodpecker|bird|-|-|in the forest|insects|two|yes|feathers|2
frog|-|croak|tadpole|in a pond|flies|four|no|-|2
snake|reptile|hiss|-|in the grass|mice|no|no|scales|3
lizard|reptile|-|-|on warm stones|insects|four|no|scales|2
turtle|reptile|-|-|in the sea|sea plants|four|no|-|3
crocodile|reptile|-|-|in a river|meat|four|no|scales|5
bee|insect|buzz|-|in a hive|nectar|six|yes|-|1
ant|insect|-|-|in an anthill|crumbs|six|no|-|1
butterfly|insect|-|caterpillar|in the garden|nectar|six|yes|-|1
ladybird|insect|-|-|in the garden|small insects|six|yes|-|1
grasshopper|insect|-|-|in the grass|leaves|six|-|-|1
mosquito|insect|-|-|near water|-|six|yes|-|1
spider|-|-|-|in a web|flies|eight|no|-|1
snail|-|-|-|in the garden|leaves|no|no|-|1
worm|-|-|-|in the soil|dead leaves|no|no|-|1
salmon|fish|-|-|in a river|small fish|no|no|scales|3
goldfish|fish|-|-|in a fish tank|fish food|no|no|scales|1
shark|fish|-|-|in the sea|fish|no|no|-|5
whale|mammal|-|-|in the sea|tiny sea animals|no|no|-|6
dolphin|mammal|-|-|in the sea|fish|no|no|-|5
seal|mammal|-|pup|by the cold sea|fish|no|no|fur|4
crab|-|-|-|on the beach|small sea animals|ten|no|-|2
lion|mammal|roar|-|in the dry grassland|meat|four|no|fur|5
tiger|mammal|-|-|in the jungle|meat|four|no|fur|5
elephant|mammal|-|-|in the wide grassland|leaves|four|no|-|6
monkey|mammal|-|-|in the jungle|bananas|-|no|fur|3
giraffe|mammal|-|-|in the wide grassland|leaves|four|no|hair|6
zebra|mammal|-|-|in the wide grassland|grass|four|no|hair|5
camel|mammal|-|-|in the desert|dry plants|four|no|hair|5
bear|mammal|growl|cub|in the forest|honey|four|no|fur|5
wolf|mammal|howl|-|in the forest|meat|four|no|fur|4
fox|mammal|-|-|in a den|mice|four|no|fur|3
deer|mammal|-|fawn|in the forest|leaves|four|no|fur|5
hedgehog|mammal|-|-|under a hedge|insects|four|no|-|2
squirrel|mammal|-|-|in a tree|nuts|four|no|fur|2
mole|mammal|-|-|under the ground|worms|four|no|fur|2
bat|mammal|-|-|in a cave|insects|-|yes|fur|2
kangaroo|mammal|-|joey|in Australia|grass|-|no|fur|5
panda|mammal|-|-|in the mountains|bamboo|four|no|fur|4
`);

export const PETS = ['dog', 'cat', 'rabbit', 'hamster', 'parrot', 'goldfish', 'mouse'];
