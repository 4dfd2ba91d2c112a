/** The things of the shop by what can happen to them: only what holds water leaks, only what has a plug sparks. */

const list = (text: string): string[] => text.split(',').map((name) => name.trim());

const SINGULAR: Readonly<Record<string, string[]>> = {
  plug: list(
    `kettle, toaster, coffee machine, espresso machine, blender, hand mixer, food processor, rice cooker, slow cooker,
    waffle iron, sandwich maker, juicer, bread maker, air fryer, egg cooker, milk frother, microwave, mini oven, hob,
    fridge, freezer, dishwasher, washing machine, tumble dryer, steam iron, sewing machine, vacuum cleaner, hairdryer,
    fan, fan heater, radiator, electric blanket, heating pad, dehumidifier, humidifier, air purifier, desk lamp,
    floor lamp, bedside lamp, table lamp, ceiling light, reading lamp, wall light, radio, bottle warmer, extractor hood,
    ice cream maker, induction hob, popcorn machine, lamp, oven, towel warmer, massage chair, record player, mixer`,
  ),
  battery: list(
    `cordless drill, cordless vacuum, torch, lantern, hedge trimmer, leaf blower, robot vacuum, baby monitor, doorbell,
    alarm clock, kitchen scale, bathroom scale, electric toothbrush, shaver, speaker, night light, smoke alarm, e-reader,
    thermometer, toy train, remote control, wall clock, motion light, power bank, electric scooter, robot mower`,
  ),
  wet: list(
    `kettle, coffee machine, dishwasher, washing machine, garden hose, watering can, shower head, tap, mixer tap,
    hot water bottle, thermos, water filter, drinking bottle, rain barrel, pond pump, paddling pool, teapot, sink,
    bath tub, soap dispenser, humidifier, steam iron, toilet, water jug, shower cabin, coffee pot, fridge, garden pump`,
  ),
  fragile: list(
    `vase, mirror, teapot, mug, bowl, plate, salad bowl, carafe, jug, cake stand, picture frame, lampshade, glass jar,
    candle holder, plant pot, sugar bowl, butter dish, serving dish, casserole, baking dish, mixing bowl, egg cup,
    washbasin, soap dish, snow globe, fruit bowl, glass table top, fish tank, wall mirror, cookie jar, flower pot, cup,
    glass lamp, glass shelf, gravy boat, coffee cup, tea set, dinner set, aquarium, ornament, glass bowl`,
  ),
  textile: list(
    `blanket, duvet, duvet cover, pillow, pillowcase, cushion, cushion cover, tablecloth, rug, bath mat, bath towel,
    tea towel, curtain, throw, bedspread, sheet, apron, hammock, bathrobe, shower curtain, sleeping bag, play mat,
    bean bag, laundry bag, doormat, carpet, dressing gown, quilt, mattress cover, sofa cover, wool blanket, beach towel`,
  ),
  furniture: list(
    `table, chair, desk, bookcase, shelf, wardrobe, chest of drawers, bed frame, bunk bed, cot, sofa, armchair, stool,
    bar stool, bench, sideboard, TV stand, coffee table, bedside table, shoe rack, coat rack, cabinet, dressing table,
    high chair, changing table, office chair, rocking chair, garden bench, deck chair, folding table, bathroom cabinet,
    dining table, step stool, bed, wall cupboard, kitchen island, toy chest, corner sofa, daybed, room divider, bookshelf`,
  ),
  garden: list(
    `parasol, lawn mower, wheelbarrow, watering can, spade, rake, barbecue, fire bowl, greenhouse, raised bed, bird house,
    bird table, trellis, garden gnome, compost bin, garden hose, flower box, garden swing, pergola, garden gate, grill`,
  ),
  child: list(
    `high chair, cot, pushchair, toy kitchen, scooter, tricycle, play tent, toy box, swing, slide, rocking horse,
    teddy bear, wooden train, puzzle, baby bath, stair gate, climbing frame, toy oven, doll, kite, sandpit, booster seat`,
  ),
  mechanical: list(
    `pedal bin, storage box, bread bin, pepper mill, suitcase, umbrella, can opener, corkscrew, letter box, clothes horse,
    drying rack, ironing board, knife block, frying pan, saucepan, pressure cooker, baking tin, cake tin, padlock,
    tool box, ladder, curtain rail, roller blind, shopping trolley, coat hook, bath rack, garlic press, rolling pin, wok,
    picnic basket, laundry basket, towel rail, toilet seat, shower screen, mop, dustpan, peeler, grater, colander`,
  ),
};

const PLURAL: Readonly<Record<string, string[]>> = {
  plug: list('lamps, string lights, bedside lamps, wall lights, hair straighteners, ceiling lights'),
  battery: list('headphones, fairy lights, smoke alarms, garden lights, walkie-talkies, candle lights'),
  wet: list('watering cans, drinking bottles, shower heads, taps'),
  fragile: list(
    'plates, wine glasses, cups, mugs, bowls, candle holders, champagne glasses, tiles, vases, saucers',
  ),
  textile: list(
    'curtains, towels, sheets, cushions, napkins, oven gloves, pillows, slippers, place mats, tea towels',
  ),
  furniture: list(
    'chairs, shelves, bar stools, garden chairs, bedside tables, dining chairs, drawers, folding chairs',
  ),
  garden: list('garden shears, flower boxes, garden chairs, garden gloves, solar lights'),
  child: list('building blocks, wooden animals, crayons, roller skates, stickers'),
  mechanical: list('knives, scissors, hooks, storage boxes, pans, hangers, pegs, cake tins'),
};

/** The slots `[thing]`, `[things]` and `[other]` for pools named in one string ("plug wet"); all pools without one. */
export function thingSlots(pools?: string): Record<string, readonly string[]> {
  const names = pools ? pools.split(' ') : Object.keys(SINGULAR);
  const from = (table: Readonly<Record<string, string[]>>) =>
    names.flatMap((name) => table[name] as string[]);
  return { thing: from(SINGULAR), things: from(PLURAL), other: Object.values(SINGULAR).flat() };
}
