/** `google.protobuf.Timestamp` and `Duration`, from the wire or from a history's JSON. */
interface ProtoTime {
  readonly seconds?: object | number | string | null;
  readonly nanos?: number | null;
}

/** Whole milliseconds, as the SDK has them. */
export const millisecondsOf = (time: ProtoTime | null | undefined): number =>
  Number(time?.seconds ?? 0) * 1_000 + Math.floor((time?.nanos ?? 0) / 1_000_000);
