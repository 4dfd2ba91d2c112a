/**
 * Trainings that one card can't hold, or not in a life's time: how many cards share one, and what that takes in hours, money and energy. The
 * textbook's arithmetic again, with published figures of cards; Fettle itself trains on one device.
 */
import type {
  ClusterAnswer,
  ClusterMethod,
  ClusterModel,
  ClusterQuestion,
} from '../../../common/extras/learn/calls.ts';
import { PRICES_CURRENCY, PRICES_FROM } from '../../plan/accelerators.ts';
import { type ModelShape, parametersOf, typicalShape } from '../../plan/shapes.ts';
import { operationsPerToken } from '../../plan/textbook.ts';
import { rentedCards } from './rented-cards.ts';
import { adapterParameters, trainingMemory } from './textbook.ts';

/** Cards of a computer that are joined by fast links; more of them are more computers, joined by a network. */
const CARDS_OF_A_COMPUTER = 8;
/** Sizes of the lesson, in weights: nearest to them are published models, whose shapes count. */
const SIZES = [7e9, 13e9, 70e9, 405e9] as const;
/** Bytes of a weight while it computes, and of its gradient. */
const BF16 = 2;
const FP32 = 4;

/** Each size of the lesson, trained with the question's method on as many of its cards as that takes. */
export function clusterTraining(question: ClusterQuestion): ClusterAnswer {
  const cards = rentedCards();
  const card = cards.find(({ id }) => id === question.card) ?? cards[0]!;
  const asked = {
    ...question,
    card: card.id,
    pricePerHour: question.pricePerHour ?? card.pricePerHour,
    watts: question.watts ?? card.watts,
  };
  return {
    question: asked,
    card,
    cards,
    models: SIZES.map((size) => onCards(typicalShape(size), asked, card)),
    currency: PRICES_CURRENCY,
    pricesFrom: PRICES_FROM,
  };
}

type Card = ReturnType<typeof rentedCards>[number];
type Asked = ClusterAnswer['question'];

/**
 * All states are divided among the cards, weights too, and each layer's are fetched when it is their turn (Rajbhandari et al. 2020, "ZeRO:
 * Memory Optimizations Toward Training Trillion Parameter Models", stage 3). A card also holds two whole layers, of which one computes
 * while the next arrives, and the activations of its own rows; what attention makes for pairs of tokens is kept by nobody today.
 */
function onCards(shape: ModelShape, asked: Asked, card: Card): ClusterModel {
  const { method, tokensPerRow, rowsPerCard, recompute, utilisation } = asked;
  const parameters = parametersOf(shape);
  const trained = method === 'full' ? parameters : adapterParameters(shape, ADAPTERS);
  const { parts: all } = trainingMemory({
    parameters,
    shape,
    ...STATES[method],
    ...ADAPTERS,
    batch: rowsPerCard,
    length: tokensPerRow,
    recompute: recompute ? 'full' : 'selective',
  });
  const bytesOf = (part: string) => all.find((one) => one.part === part)?.bytes ?? 0;
  const activationBytes = bytesOf('activations');
  const parts = all.filter(({ part }) => part !== 'activations');
  const stateBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const layerBytes = (2 * bytesOf('weights')) / shape.layers;
  const usableBytes = card.memoryBytes * (1 - asked.reserve);
  const ownBytes = activationBytes + layerBytes;
  const alone = usableBytes - activationBytes;
  const cards = cardsFor(stateBytes, { free: usableBytes - ownBytes, alone, least: asked.leastCards });

  const perToken = operationsPerToken({ method, parameters, trained, recompute });
  const operations = Object.values(perToken).reduce((sum, each) => sum + each, 0);
  const tokens = asked.rows * tokensPerRow * asked.epochs;
  const model = {
    name: shape.name,
    parameters,
    trained,
    parts,
    stateBytes,
    activationBytes,
    layerBytes,
  };
  if (cards === null) return { ...model, cards: null, figures: null };

  const steps = tokens / (cards * rowsPerCard * tokensPerRow);
  const computeSeconds = (operations * rowsPerCard * tokensPerRow) / (card.peakFlops * utilisation);
  const link = cards > CARDS_OF_A_COMPUTER ? asked.networkBandwidth : card.linkBandwidth;
  const trafficBytes = trafficOf(method, bytesOf('weights'), trained, cards);
  const trafficSeconds = trafficBytes / link;
  const seconds = steps * Math.max(computeSeconds, trafficSeconds);
  const cardHours = (cards * seconds) / 3600;
  return {
    ...model,
    cards,
    figures: {
      bytesOfACard: stateBytes / cards + (cards === 1 ? activationBytes : ownBytes),
      operations: tokens * operations,
      steps,
      computeSeconds,
      trafficBytes,
      link,
      trafficSeconds,
      seconds,
      cardHours,
      cost: cardHours * asked.pricePerHour,
      kwh: (cardHours * asked.watts * asked.surroundings) / 1000,
    },
  };
}

/** How states are kept: in mixed precision with AdamW where all is trained, as is usual there; else the textbook's frozen weights. */
const STATES = {
  full: { method: 'full', format: 'bf16', optimizer: 'adamw', masterWeights: true },
  lora: { method: 'lora', format: 'bf16', optimizer: 'adamw', masterWeights: false },
  qlora: { method: 'qlora', format: 'int4', optimizer: 'adamw', masterWeights: false },
} as const;
const ADAPTERS = { rank: 16, targets: 'all' } as const;

/**
 * The fewest cards that hold the states, and not fewer than are wanted: one, two, four or eight of a computer, or whole computers. Null where
 * not even the rows of a card find room. `free`: bytes of a card beside what it keeps for itself; `alone`: the same where it shares nothing.
 */
function cardsFor(states: number, { free, alone, least }: Record<'free' | 'alone' | 'least', number>) {
  if (least <= 1 && states <= alone) return 1;
  if (free <= 0) return null;
  const needed = Math.max(2, least, Math.ceil(states / free));
  if (needed > CARDS_OF_A_COMPUTER) return CARDS_OF_A_COMPUTER * Math.ceil(needed / CARDS_OF_A_COMPUTER);
  return 2 ** Math.ceil(Math.log2(needed));
}

/**
 * Bytes that a card receives in a step: each of the others' weights for the forward and once more for the backward pass, and its share of
 * all gradients (each sum once round the ring). Frozen weights have no gradients; those of adapters are in FP32.
 */
function trafficOf(method: ClusterMethod, weights: number, trained: number, cards: number): number {
  const others = (cards - 1) / cards;
  const gradients = trained * (method === 'full' ? BF16 : FP32);
  return others * (2 * weights + gradients);
}
