/** The live view: a calm summary while orders flow, until Ctrl-C. */
import { readLag } from '../../kafka/lag';
import { orderReceived } from '../../messages/orderReceived';
import { readParity } from '../../postgres/parity';
import { lookAt } from '../kpi/watch';
import { type Books, readBooks } from '../partners/books';
import { rejectedOrdersUrl } from '../temporalUi';
import { pause } from '../terminal/interrupt';
import { print, printJson } from '../terminal/output';
import { Screen } from '../terminal/screen';
import { moneySince } from './books';
import { countOpen } from './collect';
import { demoCurrency } from './products';
import type { Session } from './session';
import { asBlock, asJson, asLine, type Snapshot } from './view';

const redrawMs = 1_000;
const lineMs = 5_000;

export interface LiveSettings {
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Redraws in place on a terminal; elsewhere writes a line, or JSON, now and then. */
export async function showLive(session: Session, { json, signal }: LiveSettings): Promise<void> {
  const begin = performance.now();
  const inPlace = process.stdout.isTTY && !json;
  const ui = rejectedOrdersUrl(session.config);
  const before = await readBooks(session.config);
  const screen = new Screen(process.stdout);
  if (!inPlace && !json) print(`Rejected orders in the Temporal UI: ${ui}`);
  while (!signal.aborted) {
    const now = await snapshot(session, before, (performance.now() - begin) / 1_000);
    if (json) printJson(asJson(now));
    else if (inPlace) screen.draw(asBlock(now, ui));
    else print(asLine(now));
    await pause(inPlace ? redrawMs : lineMs, signal);
  }
}

/** What a person would ask for first; `orderly kpi watch` shows them all. */
const shownKpis = ['order-latency', 'order-duration', 'order-success', 'inventory-errors'];

async function snapshot(session: Session, before: Books, seconds: number): Promise<Snapshot> {
  const { kafka, pool, config, tally, catalogue, temporal } = session;
  const { KAFKA_INTAKE_GROUP: group } = config;
  const now = Date.now();
  const graceMs = config.KPI_GRACE_SECONDS * 1_000;
  const [lags, open, books, kpis, parity] = await Promise.all([
    readLag(kafka, group, [orderReceived.topic]).catch(() => undefined),
    temporal.ask(() => countOpen(temporal.client)),
    readBooks(config).catch(() => undefined),
    lookAt({ pool, catalogue, graceMs }, shownKpis, now),
    readParity(pool, 'shallow'),
  ]);
  return {
    seconds,
    received: tally.received.size,
    confirmed: tally.confirmed.size,
    rejected: tally.rejected.size,
    cancelled: tally.cancelled.size,
    duplicates: tally.duplicates.size,
    deadLettered: tally.deadLetters.size,
    latency: tally.latency.distribution(now),
    ...open,
    shipped: tally.shipped.size,
    refusedNews: tally.refusedNews.size,
    notices: tally.notices.size,
    decided: { ...session.staff.decided },
    split: tally.splitOrders.size,
    money: books && moneySince(before, books, demoCurrency),
    inventoryErrorsLastMinute: tally.inventoryErrors.sumOfLastMinute(now),
    lag: lags?.reduce((sum, { records }) => sum + records, 0),
    kpis,
    parity,
  };
}
