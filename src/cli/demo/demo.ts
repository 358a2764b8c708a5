import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Config, readConfig } from '../../config';
import { OrderlyError } from '../../errors';
import { makeFolder } from '../../stack/folder';
import { withLockOr } from '../../stack/lock';
import { isFree } from '../../stack/ports';
import { connectionVariables, defaultStackDir } from '../../stack/stack';
import { positiveNumber, wholeNumber } from '../terminal/arguments';
import { interruptible, pause } from '../terminal/interrupt';
import { note } from '../terminal/output';
import { lifeVariables } from './environment';
import { showLive } from './live';
import { type RunSettings, runOnce } from './once';
import { startRoles } from './roles';
import { endBehindFailure, untilEnd, watchServers } from './serverEnds';
import { type Session, withSession } from './session';
import { send } from './stream';
import { logsIn, withStack } from './withStack';

const ordersOfOneRun = 500;
/** More than most machines take with all servers on them: a run that is checked is to be over soon. */
const rateOfOneRun = 20;
/** What a machine takes in its stride, so that what is shown is the time of orders and not that of a queue. */
const ratePerProcessor = 2;

interface DemoOptions {
  readonly orders?: number;
  readonly rate?: number;
  readonly exit?: true;
  readonly json?: true;
  readonly fresh?: true;
  readonly dir: string;
}

/** `orderly demo`: the whole of it on this machine, shown or checked. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('Bring up the servers and every role, and let a varied stream of orders flow.')
    .option(
      '--orders <n>',
      'distinct submissions to send, the bad ones included; endless by default',
      wholeNumber(1),
    )
    .option(
      '--rate <n>',
      `submissions per second (by default ${ratePerProcessor} for each processor, ${rateOfOneRun} with --exit)`,
      positiveNumber,
    )
    .option(
      '--exit',
      `send them (${ordersOfOneRun} by default), wait until all are settled, check the sums, end`,
    )
    .option('--json', 'print JSON: with --exit one summary, else a line now and then')
    .option('--fresh', 'begin without the data of earlier runs')
    .option('--dir <path>', 'folder of the servers, their data and the logs', defaultStackDir)
    .addHelpText(
      'after',
      `
A redelivered order is one submission that is written twice. The servers take the addresses that the
environment gives (TEMPORAL_ADDRESS, TEMPORAL_UI_URL, KAFKA_BROKERS, DATABASE_URL), the partners those of
PARTNERS_PORTS. A stack that is up already is used and stays up.

Examples:
  $ orderly demo
  $ orderly demo --fresh --rate 20
  $ orderly demo --orders 500 --exit --json`,
    )
    .action((options: DemoOptions) => interruptible(signal => demo(options, signal)));
}

async function demo({ dir, fresh, ...options }: DemoOptions, signal: AbortSignal): Promise<void> {
  const stack = { dir, config: readConfig(), fresh: fresh === true, onProgress };
  await alone(dir, stack.config, () =>
    withStack(stack, async to => {
      const env = { ...connectionVariables(to), ...lifeVariables(stack.config, dir) };
      if (!signal.aborted) {
        await withRoles(env, dir, signal, rolesEnd => flow(env, options, rolesEnd));
      }
    }),
  );
}

/**
 * Runs `work` with these servers, folders and logs for itself. The partners of another demonstration listen
 * only some time after its start, and may do so elsewhere: the folder is locked besides.
 * @throws OrderlyError DemoUnderWay, PartnerPortTaken, before any data is touched
 */
async function alone(dir: string, config: Config, work: () => Promise<void>): Promise<void> {
  makeFolder(dir);
  const refuse = async () => {
    throw new OrderlyError('DemoUnderWay', { dir });
  };
  await withLockOr(join(dir, 'demo.lock'), refuse, async () => {
    await refuseTakenPorts(config);
    await work();
  });
}

async function refuseTakenPorts({ PARTNERS_PORTS }: Config): Promise<void> {
  for (const [name, port] of Object.entries(PARTNERS_PORTS)) {
    if (await isFree(port)) continue;
    const detail = 'another demo, or the role partners, may listen there already';
    throw new OrderlyError('PartnerPortTaken', { name, port, detail });
  }
}

/** Environment variables. */
type Variables = Readonly<Record<string, string>>;

/** How long the work may take to end in order; where a server is away, it never would. */
const endsWithinMs = 10_000;

/** Runs `work` while roles and servers run; its signal is aborted by Ctrl-C, and when one of them ends. */
async function withRoles(
  env: Variables,
  dir: string,
  interrupt: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const servers = watchServers(dir);
  const roles = await startRoles({
    env,
    logs: logsIn(dir),
    onReady: role => onProgress(role, 'ready'),
  });
  const broken = new AbortController();
  const done = new AbortController();
  const ended = Promise.race([roles.ended, untilEnd(servers, done.signal)]);
  ended.catch(() => broken.abort());
  const signal = AbortSignal.any([interrupt, broken.signal]);
  const overdue = aborted(signal).then(() => pause(endsWithinMs));
  let working: Promise<void> | undefined;
  try {
    await Promise.race([roles.ready, ended, aborted(interrupt)]);
    if (interrupt.aborted) return;
    working = work(signal);
    await Promise.race([working, ended, overdue]);
  } catch (thrown) {
    // Whoever needs a server may notice first, and would only say that it does not answer.
    const end = await endBehindFailure(servers);
    // Without its servers a role takes long to stop; only then the failure is reported.
    if (end !== undefined) note(end.message);
    throw end ?? thrown;
  } finally {
    done.abort();
    note(`Stopping; the data stays in ${dir}`);
    await Promise.race([working?.catch(() => {}), overdue]);
    await roles.stop();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** The stream of orders, either for the eye until Ctrl-C or once and checked. */
function flow(
  env: Variables,
  { orders, rate, exit, json: asJson }: Omit<DemoOptions, 'dir' | 'fresh'>,
  signal: AbortSignal,
): Promise<void> {
  const config = readConfig({ ...process.env, ...env });
  const usualRate = exit ? rateOfOneRun : ratePerProcessor * availableParallelism();
  const settings = { rate: rate ?? usualRate, json: asJson === true, signal };
  if (exit) {
    const once = { ...settings, orders: orders ?? ordersOfOneRun };
    return withSession(config, 'this run', session => runOnce(session, once));
  }
  const endless = { ...settings, orders: orders ?? Number.POSITIVE_INFINITY };
  return withSession(config, 'everyone', session => sendAndShow(session, endless));
}

async function sendAndShow(session: Session, settings: RunSettings): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([settings.signal, failed.signal]);
  const sending = send(session, { ...settings, signal }).catch((thrown: unknown) => {
    failed.abort();
    throw thrown;
  });
  await Promise.all([sending, showLive(session, { ...settings, signal })]);
}

/** Standard output belongs to the summary. */
const onProgress = (who: string, message: string): void => note(`${who.padEnd(12)}  ${message}`);
