/**
 * Single goods with what is particular to each: how it fails, what one asks about it, which part may be missing, what is praised,
 * why it goes back. So a letter's words about its thing tell what the letter is about, as they do in real mail.
 */

export interface Good {
  readonly name: string;
  /** What it does when it is faulty, after its name: "leaks at the spout". */
  readonly faults: readonly string[];
  /** What is asked about it: "how many cups it holds". */
  readonly asked: readonly string[];
  /** Parts of it that may be missing. */
  readonly parts: readonly string[];
  /** What it does when all is well: "boils in no time". */
  readonly praised: readonly string[];
  /** Why it goes back although it is whole: "is too wide for the shelf". */
  readonly unfit: readonly string[];
}

const TABLE = `
kettle | leaks at the spout; will not boil; switches off too early | how many cups it holds; if the lime filter comes out | base; lid | boils in no time; whistles like the one of my grandma | is louder than we like; does not match the toaster
toaster | burns one side; does not pop up; trips the fuse | if thick slices fit; how wide the slots are | crumb tray; roll rack | makes every breakfast better; browns evenly | takes up too much of the worktop; is meant for four and we are one
coffee machine | drips all over the counter; brews cold; shows a red drop | which pods it takes; how often it must be descaled | milk jug; water tank | makes foam like in Italy; has got me out of bed | is too tall for our cupboard; takes pods and I wanted beans
blender | stops at half speed; leaks from below; has a cracked jug | if it crushes ice; whether nuts are too hard for it | lid; blade | turns anything into soup; is so easy to clean | is too heavy for my wrists; makes the dog howl
food processor | smells of hot rubber; will not lock; has a blunt disc from new | how much dough it takes; if the bowl can go in the dishwasher | slicing disc; manual | kneads while I read; slices like a chef | is far too big for a single man; does more than I will ever need
frying pan | sticks after two weeks; is not flat; has a loose handle | if it works on induction; how hot it may get | lid; handle cover | lets eggs slide; is the best pan I have owned | is too heavy to lift with one hand; does not fit on my small stove
casserole | lost its enamel; came with a chip at the rim; has a cracked lid | whether it can go in the oven; how many it feeds | knob; lid | makes the tenderest stew; goes from stove to table | is the wrong shade of orange; is bigger than our oven
knife | came blunt; has a notch in the blade; rusts in the sink | how to sharpen it; what steel it is | sheath; box | glides through tomatoes; lies well in the hand | is longer than I dare to use; is for right hands and I am left-handed
dishwasher | does not drain; leaves sand on the glasses; stops with a beep | how loud it is; if it goes under a low worktop | cutlery basket; hose clip | has saved our marriage; is as quiet as a mouse | is two centimetres too wide; needs a pipe we do not have
fridge | no longer cools; hums and rattles; freezes the salad | if the door can open to the left; how high the shelves are | vegetable drawer; egg tray | keeps lettuce fresh for a week; is silent | does not go through our kitchen door; is smaller inside than we thought
washing machine | walks across the floor; does not spin; leaves rust marks | how many kilos it takes; what the feather sign means | transport bolts; inlet hose | washes like new; has a lovely tune at the end | is too deep for the bathroom; opens from the top and we need the front
vacuum cleaner | has no suction; overheats; pulls the cord back only halfway | which bags it takes; if it is good for cat hair | floor brush; crevice nozzle | picks up everything; is so light that my mother uses it | is too loud for the baby; has a shorter cord than our hall is long
steam iron | spits brown water; no longer steams; has a scratched sole | if tap water will do; how long it takes to heat up | measuring cup; stand | makes ironing nearly fun; glides over linen | is too heavy for me; has a cord that is too short for us
sewing machine | jams; skips stitches; breaks the thread | if it sews leather; which needles it takes | foot; bobbin case | hums along for hours; sewed my wedding dress | is too clever for me; has more stitches than I need
hairdryer | smells of burning; only blows cold; cuts out | how many watts it has; if it folds | nozzle; diffuser | dries my long hair in minutes; is kind to my curls | is noisier than my old one; does not go in my bag
electric toothbrush | no longer charges; buzzes without brushing; went dead in the bathroom | which heads fit; how long a charge lasts | charger; spare head | surprised even my dentist; lasts three weeks on a charge | is too strong for my gums; is pink and I did not see that
lamp | flickers; hums; will not dim | what bulb it takes; how warm the light is | shade; bulb | makes the evening cosy; throws the prettiest shadows | is too bright to read by; is twice the size I imagined
table | wobbles; has a crack along the grain; stains at once | how many can sit round it; if it can be made longer | legs; extra leaf | has seen three feasts already; is smooth as silk | is too long for the room; is darker than our floor
chair | creaks; has a split leg; came with torn fabric | how high the seat is; if it can be stacked | felt pads; screws | holds my heavy uncle; is kind to the back | is harder than it looks; does not go under our table
sofa | sags in the middle; has a ripped seam; came with a greasy mark | whether the cover comes off; how deep the seat is | feet; cushions | is where we all live now; swallows the whole family | will not go round the bend of the stairs; is firmer than in the shop
bed | squeaks; has a broken slat; slid apart in the night | how high it stands; if a box fits under it | middle beam; screws | does not creak at all; lets us sleep till noon | is too high for my mother; is wider than the alcove
mattress | has a hollow after a month; came with a torn cover; smells of mould | how firm it is; if it suits a heavy sleeper | cover; voucher | has cured my back; is like sleeping on air | is too soft for me; is too hot for me at night
wardrobe | leans; has a door that will not close; came with a broken back | how tall it is; whether it must be fixed to the wall | door handles; hanging rail | holds all our coats; went up in an hour | blocks the window; is higher than our ceiling
bookcase | bends under the books; has holes in the wrong place; split at the top | how much one shelf bears; if there are spare shelves | shelf pins; back panel | carries my whole library; is straight as a rule | is a hand too wide; looks grey and not white in our light
desk | scratches if one looks at it; came with a dented edge; has a stuck drawer | if it goes up and down; how long the top is | cable tray; key | has made me want to work; fits two screens | is too low for my legs; leaves no room for the door
carpet | loses tufts; smells of glue; came with a burn hole | how thick it is; if it can be cut | underlay; edging | is soft under bare feet; warms the whole room | is greener than on the screen; is too short for the hall
curtain | has a pulled thread; shrank by a hand; faded in a summer | if it keeps out the light; what drop it comes in | hooks; tie-back | falls beautifully; makes the room sleep late | is too short for our window; is thinner than I like
duvet | leaks feathers; has gone lumpy; came with a stain | how warm it is; whether it can be boiled | bag; cover | is like a cloud; has ended the fight for the blanket | is too warm for us; is single and we need a double
pillow | went flat in a week; smells; sheds foam | what is inside; how high it is | cover; second one of the pair | has stopped my headaches; keeps its shape | is too high for my neck; is not for people who sleep on their front
towel | lost its colour; unravels; scratches after one wash | if it dries quickly; what size the big one is | loop; matching flannel | drinks up water; is thick and soft | is smaller than it seemed; does not go with our tiles
mirror | has a blind spot; came in splinters; hangs crooked because the hook is bent | how heavy it is; if it is safe for a bathroom | hook; wall plug | makes our hall twice as big; has a lovely frame | makes me look wide; is rounder than I wanted
clock | loses ten minutes a day; stopped; strikes thirteen | how loud it ticks; if it sets itself | pendulum; key | keeps time to the second; has a gentle voice | ticks too loudly for me; is too modern for our room
candle | burns down one side; came melted; smokes black | how long it burns; what it smells of | glass; wick trimmer | fills the house with vanilla; burned all evening | smells too sweet for me; is not the red of our table
vase | came in pieces; seeps; has a crack down the back | if it holds tall stems; whether it is watertight | plinth; flower grid | shows off every tulip; is the talk of the table | is too small for lilies; was blue in the picture and is grey
picture frame | has cracked glass; came apart at the corner; has a bent stand | if it can hang upright; which print size it takes | mount; stand | does justice to our wedding; is so well made | is gold and I wanted silver; is too heavy for our wall
tent | lets in rain; has a snapped pole; came with a torn inner | how many can sleep in it; what it weighs | pegs; groundsheet | stood up to a gale; goes up in five minutes | is too small for four; is too heavy to carry far
sleeping bag | has a stuck zip; leaks down; came with a mouldy smell | down to what cold it is good; how small it packs | stuff sack; hood cord | kept me warm on the glacier; packs down to nothing | is too narrow for my shoulders; is too warm for summer
rucksack | tore at the strap; has a zip that bursts; rubs through at the back | how many litres it has; if a laptop fits | rain cover; chest strap | sits like a hug; carried me over the Alps | is too long for my back; is bigger than the airline allows
suitcase | lost a wheel; has a lock that jams; cracked on its first flight | what it measures; if it counts as hand luggage | key; strap | rolls like a dream; is as light as a feather | is too big for the cabin; is the wrong grey beside my other one
umbrella | turned inside out; has a broken rib; drips inside | how wide it is; if it fits a handbag | sleeve; strap | laughs at the storm; survived a whole winter | is too long for my bag; is too dark for a child
bicycle | has a buckled wheel; slips its chain; came with a cracked saddle | what frame size I need; if it takes a child seat | pedals; bell | flies up every hill; has taken me off the bus | is too tall for me; has more gears than I can count
helmet | has a cracked shell; came without its foam; has a buckle that will not close | which size a head of 56 cm needs; if it is tested | chin pad; visor | is so light that I forget it; has saved my skull | is too tight at the temples; makes a mushroom of me
scooter | has a wheel that blocks; folds up by itself; squeals | from what age it is; how much weight it takes | brake; grip | is the star of our street; is out in all weathers | is too small for her now; is too fast for my taste
football | goes flat overnight; is not round; burst on a thorn | what size schools use; if it suits hard ground | pump; needle | flies true; has brought the whole yard together | is size three and we need five; is too hard for indoors
treadmill | stops with a jolt; slips; screams when I run | how much room it needs; if it folds away | safety key; oil | has taken ten kilos off me; purrs | is too loud for the flat below; is too short for my stride
yoga mat | crumbles; smells of tar; came with a tear | how thick it is; whether it slides on wood | strap; bag | grips even with sweaty hands; is kind to my knees | is too thin for my knees; is shorter than I am
tennis racket | has a cracked frame; lost a string at once; rattles | what grip size ladies take; how hard it is strung | cover; grip tape | hits like a dream; has won me two matches | is too heavy for my arm; has a grip too thick for my hand
fishing rod | broke at the tip; has a reel that jams; came with a bent ring | what weight it casts; if it suits the sea | reel; case | has landed my first pike; bends like a reed | is too long for my car; is meant for the sea and I fish in brooks
guitar | buzzes; has a warped neck; came with a split side | if it suits small hands; which strings it takes | strap; tuner | sings; stays in tune for days | is too big for my daughter; is lighter in colour than I had hoped
keyboard | has dead keys; makes a humming noise; loses its sounds | if headphones fit; how many keys it has | stand; pedal | has brought music into the house; feels like a real piano | has too few keys for my teacher; is too wide for the desk
headphones set | has no sound on the left; crackles; will not pair | how long it plays; whether it shuts out an office | cable; ear pads | shuts out the whole train; sounds like a concert hall | presses on my ears; is too big for my small head
speaker | crackles; drops the connection; does not charge | if two can be linked; whether it survives rain | cable; feet | fills the garden; has a warm bass | is louder than my neighbours like; is too heavy to carry to the lake
phone | freezes; has a cracked screen from the box; will not charge | if two cards fit; how good the camera is at night | charger; case | takes pictures like a pro; lasts two days | is too large for my hand; is more than I need for calls
tablet | has a dead stripe; restarts by itself; went black | if it takes a pen; how much it stores | pen; cover | is a gift for my old eyes; has kept the kids quiet to Scotland | is heavier than I thought; is too small for sheet music
laptop | overheats; has two dead keys; shuts down at half battery | how much memory it has; whether it runs my old program | power lead; sleeve | starts before I sit down; is whisper quiet | has a foreign keyboard; is too heavy for the train
printer | jams; leaves stripes; does not find the network | which ink it needs; if it prints on both sides | cartridge; power lead | prints photos like a lab; set itself up | is too big for my shelf; uses ink I cannot get here
camera | will not focus; has dust inside; loses its settings | which cards it takes; how far it zooms | strap; battery | catches the birds in flight; has made me see again | is too complicated for me; is too heavy for a walk
watch | stopped; fogs up; lost a hand | if one can swim with it; how the strap is shortened | spare links; box | gets me compliments; keeps perfect time | is too big for my wrist; is rose gold and I wanted silver
ring | lost its stone; turned my finger green; has a rough edge | how to find out a size; if it is solid gold | box; certificate | made her say yes; sparkles in any light | is a size too small; is not her taste
dress | has a torn seam; came with a broken zip; bleeds colour | how long it is; whether it creases | belt; lining | made me feel like a queen; falls just right | is too tight at the bust; is too short for church
shirt | lost two buttons; shrank; came with a hole | what collar size he needs; if it needs ironing | spare button; cuff links | looks good even after a long day; is soft as butter | is too wide at the neck; has longer sleeves than my arms
jumper | pills; has a pulled stitch; felted in a cold wash | if it scratches; what wool it is | buttons; label | is the warmest I have; hugs me | itches; makes me look like a tent
coat | has a torn lining; lost its buttons; lets the wind in at the zip | how warm it is; if the hood comes off | belt; hood | has seen off a Scottish winter; is a joy to put on | is too narrow at the shoulders; is longer than I am used to
pair of jeans | split at the knee; has a broken fly; lost its dye on my sofa | how it runs; if it stretches | belt; button | fits as if made for me; gets better each week | ends above my ankles; is too low at the waist
pair of boots | lets in water; has a sole that gapes; broke a heel | if it runs small; whether it is lined | laces; insoles | walked me to Spain without a blister; is dry in any bog | pinches my toes; is too loose at the heel
pair of glasses | has a scratched lens; came bent; lost a screw | if it takes my strength; how wide the bridge is | case; cloth | lets me read the paper again; weighs nothing | slides off my nose; does not suit my face
handbag | has a broken clasp; tore at the strap; loses its colour on my coat | if a folder fits; how long the strap is | strap; mirror | goes with everything; gets softer every year | is too small for my life; is a colder brown than I expected
pram | has a wheel that locks; came with a ripped hood; will not unfold | if it goes into a small boot; from what age | rain hood; basket | rolls over roots and snow; rocks him to sleep | is too wide for our lift; is too heavy for the stairs
cot | has a loose side; came with a split bar; smells of paint | if it is safe for a newborn; how the base is lowered | slats; wheels | is the only place she sleeps; is solid and smooth | does not fit beside our bed; is bigger than the nursery allows
high chair | tips; has a strap that opens; came with a cracked tray | from what age it is good; if it grows with the child | tray; harness | has made meals peaceful; wipes clean in seconds | is too wide for our kitchen; is in the way when folded
doll | lost an eye; stopped talking; came with a torn arm | if she can be bathed; what age she is for | shoes; bottle | sleeps in my girl's arms; is loved to bits | frightens my daughter; is the same as she has already
train set | derails at each bend; has a dead engine; came with a bent rail | if it joins with our old rails; how large the circle is | bridge; battery lid | goes round and round to their delight; has made a child of my husband | is too large for our floor; is for bigger boys
puzzle | has two pieces alike and one gap; came wet; does not hold together | how big it is when done; what age it suits | corner piece; poster | kept us happy all winter; has lovely thick pieces | is too hard for her; is one we have done before
board game | has a torn board; came with wrong cards; has blank dice | how many can play; how long a round takes | dice; rules | has replaced the television; made granny laugh | is too long for us; is in a language we do not read
book | falls apart; has blank pages; came with a torn jacket | if there is large print; what age it is for | map; jacket | kept me up all night; is a treasure | is not what the blurb said; is on her shelf already
trampoline | has a torn net; rusts; lost a spring | how many may jump at once; what ground it needs | springs; ladder | tires them out by six; is the best thing in the garden | takes up our whole lawn; is too high for little ones
swing | has a frayed rope; cracked; squeals | what branch it needs; how much it carries | hooks; seat | has a queue of children; takes even me | is too long for our tree; is too small for the big one
lawn mower | will not start; drops its blade; stalls in damp grass | how wide it cuts; if it does slopes | grass box; key | leaves stripes like Wembley; starts at the first pull | is too heavy for our slope; is too big for the shed
hose | bursts; leaks at the joint; kinks and splits | how long it is; which tap it fits | connector; nozzle | reaches every bed; has stopped the quarrels about watering | is shorter than our garden; does not go on our tap
greenhouse | has a cracked pane; came with bent bars; lets its door fall out | if it stands up to wind; what base it needs | clips; door handle | has given me tomatoes in May; stood through the storm | is too tall for our fence; is larger than the council allows
barbecue | rusts through; has a burner that will not light; lost a leg | how many sausages fit; which gas it takes | lid handle; grid | makes the best steak in the street; lights at once | is too big for our balcony; uses gas and we wanted coal
parasol | snapped; will not wind up; came with a torn cloth | how wide the shade is; which foot it needs | crank; cover | shades the whole table; has stood all summer | is too small for six; is a loud yellow
rose bush | arrived brown; has black spots; came with dry roots | when to plant it; how much sun it likes | label; tie | blooms without end; smells of my childhood | is red and I wanted white; gets too big for our pot
olive tree | dropped every leaf; came snapped; is full of lice | if it can stay out in winter; how often it drinks | pot; stake | looks like a holiday; has borne its first olives | is too tall for the lift; needs more sun than we have
drill | smokes; will not hold a bit; lost its charge in a week | if it manages concrete; which bits it takes | charger; side handle | goes through oak like butter; has made a handyman of me | is too heavy for overhead work; is more machine than I need
saw | binds; has a bent blade; trips out | how deep it cuts; whether it is safe for beginners | guard; fence | cuts as clean as a razor; has built our bunk bed | is too loud for our yard; is left-handed
ladder | bent; has a rung that turns; will not lock | how high one reaches with it; if it may stand on stairs | feet; strap | stands like a rock; fits behind the door | is too short for our roof; is too heavy for me
paint | has curdled; peels; dried in streaks | how many coats it takes; if it covers red | stirrer; lid opener | covered in one coat; is the very blue of my dreams | is a shade too cold; is too shiny for our hall
wallpaper | comes off at the joins; has a misprint; tore as it was wetted | how many rolls a room takes; if it wipes clean | paste; one roll of the eight | has turned our hall into a garden; went up without a crease | makes us dizzy; is too busy for a small room
tap | drips; has lost its chrome; came with a crushed hose | if it suits low pressure; how far it reaches | seal; aerator | is a joy to turn; has ended the dripping of ten years | is too tall for our sink; is matt and the rest is shiny
shower | runs cold; sprays sideways; leaks at the wall | what pressure it needs; how the head comes off | bracket; hose | is like warm rain; has put an end to our baths | is too low for my husband; does not match the taps
heater | gives off a burnt smell; clicks and stays cold; tipped and went out | how big a room it warms; what it costs to run in power | feet; thermostat knob | has made the attic a room; glows like a small sun | is too loud for nights; is stronger than our fuses
fan | rattles; has a cracked blade; stops when it turns | how loud it is at night; if it tilts | remote; grille screw | has saved us in August; is so quiet we forget it | blows harder than we like; is too tall for the sill
smoke alarm | beeps without reason; stays silent; fell off the ceiling | how long its battery lasts; where it should hang | battery; screws | woke us in time last week; looks neat | is too shrill for my dog; needs holes and I rent
lock | sticks; broke its key; will not turn in frost | if it fits an old door; how many keys there are | key; strike plate | lets me sleep again; turns like butter | is too long for our door; opens on the wrong side
bag of coffee | tastes of soap; came burst; is past its date | how strong it is; if it is ground | clip; sample | is the best I have drunk; wakes the whole office | is too bitter for us; is ground and I have a mill
box of tea | smells of mould; came crushed; is half dust | if it has caffeine; where it grows | strainer; leaflet | has become our four o'clock; tastes of summer | is too smoky for me; is green and we drink black
jar of honey | has leaked; is full of wax crumbs and a wing; came cracked | what the bees fed on; if it stays liquid | dipper; label | tastes of lime trees; was gone in a week | is too strong for the kids; is more than we can use
cheese | came warm and runny; has the wrong mould on it; smells off | if it is made from raw milk; how long it keeps | leaflet; knife | tastes like the Alps; was the star of the evening | is too strong for my wife; is more than two can eat, and still sealed
bottle of wine | tastes of cork; came broken; has turned to vinegar | how dry it is; what to eat with it | box; bow | was a hit with the in-laws; is a little miracle at that price | is sweet and I drink dry; was a present and we do not drink
chocolate box | arrived melted; has white bloom; came nibbled | if there are nuts in it; how long it keeps | list; ribbon | was emptied in one evening; tastes of heaven | is dark and she likes milk; is a present for somebody who cannot eat sugar
cake | arrived squashed; was mouldy underneath; tasted of salt | if it can be frozen; how many it serves | candles; stand | made her eightieth; was as light as air | is bigger than our party; has icing and we asked for none
dog bed | burst its seam; smells of glue; lost its filling | which size a spaniel needs; if the cover comes off | cushion; mat | is snored in day and night; is her castle | is too small for a wolfhound; is ignored by the dog
cat flap | lets in every cat; jams; does not read the chip | what door it fits; whether a fat cat gets through | frame; battery lid | has ended our nights as doormen; works at the first go | is too small for our Maine Coon; is for wood and we have glass
fish tank | leaks; has a dead pump; came with a scratched pane | how many litres it has; what fish suit it | lid; filter | is better than television; is crystal clear | is too heavy for our floor; is longer than our sideboard
medicine cabinet | hangs crooked; has a lock that fails; came with a cracked door | how deep it is; if a child can open it | key; shelf | has tidied our bathroom; closes softly | is too shallow for my boxes; is too white beside our tiles
walking stick | slips; cracked; has a handle that turns | how long it should be; if the tip can be changed | rubber tip; strap | carries me to church again; has a handsome grip | is too short for me; is too heavy for my hand
wheelchair | has a brake that slips; pulls to the left; has a flat tyre | how wide it is; if it folds for a car | footrest; cushion | has given me back the market; turns on a coin | is too wide for our doors; is too heavy for my wife to lift
hearing aid | whistles; went dumb; will not charge | which batteries it takes; if it may get damp | wax guard; case | lets me hear the blackbird; is so small that nobody sees it | does not suit my ear; whistles less than my old one, but hurts
sewing box | has a broken hinge; came with rusty needles; splits | how many reels it holds; what wood it is | thimble; tray | is as neat as my mother's; closes with a sweet click | is too small for my wools; is plastic and I thought it was wood
`;

const list = (text = ''): string[] => text.split(';').map((one) => one.trim());

export const GOODS: readonly Good[] = TABLE.trim()
  .split('\n')
  .map((line) => {
    const [name = '', faults, asked, parts, praised, unfit] = line.split('|').map((one) => one.trim());
    return {
      name,
      faults: list(faults),
      asked: list(asked),
      parts: list(parts),
      praised: list(praised),
      unfit: list(unfit),
    };
  });
