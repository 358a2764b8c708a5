/** A shop in which steps go wrong before they work, for orders of which nobody says in advance what befalls them. */
import { ApplicationFailure } from '@temporalio/common';
import fc from 'fast-check';
import type { AuthorizationRequest } from '../../src/domain/payment';
import type { ReservationRequest } from '../../src/domain/reservation';
import type { BookingRequest } from '../../src/domain/shipping';
import { openShop, refusedForGood, type Shop, silence, unavailable, waitingForStock } from './shop';

/** Done though its answer is lost, not done at first, or refused for good. */
type Trouble = 'none' | 'lost' | 'away' | 'refused';
const passing = fc.constantFrom<Trouble>('none', 'none', 'lost', 'away');
const trouble = fc.oneof(
  { weight: 9, arbitrary: passing },
  { weight: 1, arbitrary: fc.constant<Trouble>('refused') },
);

/** All goes well in half of the cases, so that most orders come far. */
const mostly = <Well extends string, Ill extends string>(well: Well, ...ill: Ill[]) =>
  fc.oneof(fc.constant(well), fc.constantFrom(...ill));

export const troubles = fc.record({
  reserveStock: trouble,
  authorizePayment: trouble,
  capturePayment: trouble,
  bookCarrier: trouble,
  shipStock: passing,
  announce: passing,
  releaseStock: passing,
  returnParcel: passing,
  voidPayment: passing,
  refundPayment: passing,
  cancelBooking: passing,
  /** Which may be too little at first, and then comes or does not. */
  stock: mostly('there', 'there', 'awaited', 'awaited', 'short'),
  /** The first provider answers, says no, is surely not there, or holds the money and never says so. */
  providerA: mostly('well', 'declining', 'down', 'silent'),
  /** The carrier takes every parcel, or all but the first. */
  carrier: mostly('willing', 'refusing'),
});
export type Troubles = typeof troubles extends fc.Arbitrary<infer T> ? T : never;

/** @param stock set it once the stock has come for which the order waits */
export function openTroubledShop(troubles: Troubles, stock: { hasCome: boolean }): Shop {
  return openShop(shop => {
    const { activities: well, books } = shop;
    const reserve = inTrouble(troubles.reserveStock, well.reserveStock);
    const isThere = () => troubles.stock === 'there' || stock.hasCome || books.stock === 'released';
    const authorize = inTrouble(troubles.authorizePayment, once(well.authorizePayment));
    const book = inTrouble(troubles.bookCarrier, once(well.bookCarrier));
    return {
      reserveStock: async (request: ReservationRequest) => {
        if (troubles.stock === 'short') return { status: 'short', refusals: [] };
        return waitingForStock(
          { ...shop, activities: { ...well, reserveStock: reserve } },
          isThere,
        ).reserveStock(request);
      },
      authorizePayment: async (request: AuthorizationRequest) => {
        const state = request.provider === 'a' ? troubles.providerA : 'well';
        if (state === 'down') throw unavailable();
        if (state === 'declining') return { status: 'declined', reason: 'no money' };
        const answer = await authorize(request);
        if (state === 'silent') throw silence();
        return answer;
      },
      bookCarrier: async (request: BookingRequest) =>
        troubles.carrier === 'refusing' && request.shipment === '1'
          ? { status: 'refused', reason: 'nobody drives there' }
          : book(request),
      capturePayment: inTrouble(troubles.capturePayment, once(well.capturePayment)),
      shipStock: inTrouble(troubles.shipStock, once(well.shipStock)),
      announce: inTrouble(troubles.announce, once(well.announce)),
      releaseStock: inTrouble(troubles.releaseStock, once(well.releaseStock)),
      returnParcel: inTrouble(troubles.returnParcel, once(well.returnParcel)),
      voidPayment: inTrouble(troubles.voidPayment, once(well.voidPayment)),
      refundPayment: inTrouble(troubles.refundPayment, once(well.refundPayment)),
      cancelBooking: inTrouble(troubles.cancelBooking, once(well.cancelBooking)),
    };
  });
}

type Act<In, Out> = (request: In) => Promise<Out>;

/** Goes wrong the first time that something is asked for, and always where it is refused. */
function inTrouble<In, Out>(how: Trouble, act: Act<In, Out>): Act<In, Out> {
  const asked = new Set<string>();
  return async request => {
    const key = JSON.stringify(request);
    const isFirst = !asked.has(key);
    asked.add(key);
    if (how === 'refused') throw refusedForGood();
    if (isFirst && how === 'away') throw ApplicationFailure.retryable('away', 'Away');
    const answer = await act(request);
    if (isFirst && how === 'lost') throw ApplicationFailure.retryable('lost', 'Lost');
    return answer;
  };
}

/** What is asked twice is done once, as partners promise. */
function once<In, Out>(act: Act<In, Out>): Act<In, Out> {
  const answers = new Map<string, Promise<Out>>();
  return request => {
    const key = JSON.stringify(request);
    const answer = answers.get(key) ?? act(request);
    answers.set(key, answer);
    return answer;
  };
}
