/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Temporal's UI. */
  readonly uiPort?: number;
}

/** `host:port`, where an IPv6 address has brackets around it. */
export const at = ({ host, port }: Address): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The address that `host:port` names. */
export function addressOf(hostAndPort: string): Address {
  const colon = hostAndPort.lastIndexOf(':');
  return {
    host: withoutBrackets(hostAndPort.slice(0, colon)),
    port: Number(hostAndPort.slice(colon + 1)),
  };
}

/** As sockets take an IPv6 address. */
export const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');
