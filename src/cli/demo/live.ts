/** The live view: a calm summary while orders flow, until Ctrl-C. */
import { readLag } from '../../kafka/lag';
import { orderReceived } from '../../messages/orderReceived';
import { rejectedOrdersUrl } from '../temporalUi';
import { pause } from '../terminal/interrupt';
import { print, printJson } from '../terminal/output';
import { Screen } from '../terminal/screen';
import type { Session } from './session';
import { asBlock, asLine, type Snapshot } from './view';

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
  const screen = new Screen(process.stdout);
  while (!signal.aborted) {
    const now = await snapshot(session, (performance.now() - begin) / 1_000);
    if (json) printJson(now);
    else if (inPlace) screen.draw(asBlock(now, rejectedOrdersUrl(session.config)));
    else print(asLine(now));
    await pause(inPlace ? redrawMs : lineMs, signal);
  }
}

async function snapshot({ kafka, config, tally }: Session, seconds: number): Promise<Snapshot> {
  const { KAFKA_INTAKE_GROUP: group } = config;
  const lags = await readLag(kafka, group, [orderReceived.topic]).catch(() => undefined);
  const now = Date.now();
  return {
    seconds,
    received: tally.received.size,
    confirmed: tally.confirmed.size,
    rejected: tally.rejected.size,
    cancelled: tally.cancelled.size,
    duplicates: tally.duplicates.size,
    deadLettered: tally.deadLetters.size,
    latency: tally.latency.distribution(now),
    inventoryErrorsLastMinute: tally.inventoryErrors.sumOfLastMinute(now),
    lag: lags?.reduce((sum, { records }) => sum + records, 0),
  };
}
