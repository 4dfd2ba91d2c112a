/** Words about words: opposites, past forms, likenesses, rhymes, and short words to spell. */
import { table, words } from '../text.ts';

const PAIRS = `
big small|hot cold|long short|old new|fast slow|high low|light heavy|happy sad|rich poor|wet dry|clean dirty|full empty
hard soft|early late|day night|open closed|loud quiet|strong weak|thick thin|wide narrow|good bad|easy difficult
near far|up down|left right|in out|on off|yes no|black white|young old|first last|begin end|buy sell|give take
push pull|win lose|laugh cry|love hate|come go|ask answer|remember forget|find hide|arrive leave|sit stand
inside outside|above below|before after|always never|more less|everything nothing|friend enemy|question reply
true false|right wrong|sweet sour|sharp blunt|deep shallow|bright dark|brave cowardly|kind unkind|polite rude
safe dangerous|healthy ill|awake asleep|alive dead|cheap expensive|smooth rough|straight bent|tidy untidy|busy lazy
north south|east west|summer winter|morning evening|top bottom|front back|start stop|throw catch|lock unlock
pack unpack|fix break|float sink|rise fall|save spend|tight loose|possible impossible|patient impatient|lucky unlucky
visible invisible|careful careless|useful useless|present absent|ancient modern|together apart|whisper shout`;

const SKIP_BACKWARDS = new Set(['right', 'old', 'short', 'light', 'last', 'unkind']);
const pairs = PAIRS.replaceAll('\n', '|')
  .split('|')
  .map((pair) => words(pair))
  .filter((pair) => pair.length === 2);
const first = new Set(pairs.map(([word]) => word));

/** Each word with its one opposite, both ways where that is not ambiguous. */
export const OPPOSITES = pairs
  .flatMap(([word, opposite]) => {
    const forward = { word: word as string, opposite: opposite as string };
    if (first.has(opposite) || SKIP_BACKWARDS.has(opposite as string)) return [forward];
    return [forward, { word: opposite as string, opposite: word as string }];
  })
  .filter(({ word }, i, all) => all.findIndex((other) => other.word === word) === i);

export const PAST = table(`
verb|past
go|went
see|saw
eat|ate
drink|drank
run|ran
swim|swam
sing|sang
write|wrote
give|gave
take|took
come|came
buy|bought
bring|brought
think|thought
catch|caught
teach|taught
find|found
lose|lost
make|made
say|said
tell|told
sell|sold
sleep|slept
keep|kept
feel|felt
leave|left
meet|met
send|sent
build|built
break|broke
speak|spoke
wake|woke
drive|drove
ride|rode
fall|fell
fly|flew
grow|grew
know|knew
throw|threw
draw|drew
begin|began
forget|forgot
get|got
sit|sat
stand|stood
win|won
hold|held
hear|heard
pay|paid
walk|walked
play|played
help|helped
look|looked
wash|washed
mend|mended
open|opened
close|closed
cook|cooked
clean|cleaned
dance|danced
jump|jumped
paint|painted
wait|waited
ask|asked
answer|answered
call|called
carry|carried
cry|cried
try|tried
stop|stopped
`);

export const SAME = table(`
word|same
big|large
little|small
quick|fast
glad|happy
begin|start
ill|sick
end|finish
shut|close
mend|repair
talk|speak
clever|smart
angry|cross
lovely|beautiful
scared|afraid
simple|easy
choose|pick
shout|yell
present|gift
shop|store
road|street
rubbish|waste
film|movie
autumn|fall
quiet|silent
wealthy|rich
`);

export const MORE = table(`
word|more|most
big|bigger|biggest
small|smaller|smallest
long|longer|longest
short|shorter|shortest
tall|taller|tallest
fast|faster|fastest
slow|slower|slowest
old|older|oldest
young|younger|youngest
hot|hotter|hottest
cold|colder|coldest
warm|warmer|warmest
good|better|best
bad|worse|worst
happy|happier|happiest
easy|easier|easiest
heavy|heavier|heaviest
light|lighter|lightest
strong|stronger|strongest
clean|cleaner|cleanest
cheap|cheaper|cheapest
rich|richer|richest
nice|nicer|nicest
wet|wetter|wettest
dark|darker|darkest
`);

export const RHYMES = `
cat hat bat mat rat|dog fog log frog|tree bee sea key|house mouse|cake lake snake|ball tall wall fall|moon spoon noon
light night right kite|bed red head bread|boat goat coat|ring king sing wing|sun run fun bun|car star far jar
day play way say|pen ten hen men|fish dish wish|book cook look hook|box fox socks|rain train plane chain|bell shell well
clock sock lock rock|nose rose toes|door four floor|chair bear hair pear|snow go toe slow|shoe blue two zoo|sky fly pie high
old cold gold|nail tail sail mail|sheep sleep deep|sand hand land`
  .replaceAll('\n', '|')
  .split('|')
  .filter(Boolean)
  .map(words);

/** Words for plurals, first letters, spelling and repeating. */
export const NOUNS = words(`
apple baby ball bank bed bird boat book bottle box boy bread bridge brother brush bus butter button cake car card cat
chair child church city class clock cloud coat coin cook cow cup day desk dish doctor dog door dress egg engine
evening eye face farm finger fire fish flower foot friend game garden gift girl glass goose guest hand hat hill horse
hotel house island jar key king kitchen knife lady lake leaf lesson letter lion loaf machine man map match meal minute
mouse night nose nurse ocean office onion orange oven owl page painter party peach pencil picture plate potato puppy
queen question rabbit ring river road room rope school scarf sheep shelf ship shoe shop sister snake song spoon star
station stone story street student table teacher ticket tomato tooth towel town toy train tree uncle village wall watch
week window wish wolf woman word year zebra`);

export const SPELL = words(`
cat dog cow pig hen bee ant bed box bus car cup hat hot key man map pen red run sea sky sun tea toy tree two van wet yes
blue book boat bird cake coat cold door duck fish five four frog game girl goat good green hand help home jump king lamp
leaf like lion milk moon nest nine nose open park pink play rain ring road rose salt ship shoe shop sing snow sock soup
star stop tall time town wall warm wind wolf wood word apple bread chair clock cloud dress grass happy heart horse house
juice lemon light mouse music night paper plant queen river sheep shirt small snake spoon stone sugar table tiger train
water white world`);

export const ADJECTIVES = words(`
big small old new red blue green long short round heavy light warm cold clean dirty wet dry soft hard quiet loud fresh
sweet sour bright dark empty full cheap pretty plain strong broken lost happy funny brave clever kind calm lazy busy`);

export const VERBS = words(`
walk run jump sing dance read write draw paint cook bake wash clean carry push pull open close lift drop throw catch find
hide buy sell pay send call ask answer help wait sleep wake eat drink laugh cry smile talk listen look climb swim ride
drive fly build mend break cut fold pack count learn teach play win rest plant dig water feed brush`);
