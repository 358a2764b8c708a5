/** What a recorded history holds: enough to say whether a version is recorded as a whole. */

/** A history as Temporal writes it in JSON, as far as it is looked at. */
export interface RecordedHistory {
  readonly events: readonly RecordedEvent[];
}

interface RecordedEvent {
  readonly workflowExecutionStartedEventAttributes?: { readonly workflowType: Named };
  readonly activityTaskScheduledEventAttributes?: { readonly activityType: Named };
  readonly workflowExecutionSignaledEventAttributes?: { readonly signalName: string };
  readonly workflowExecutionUpdateAcceptedEventAttributes?: {
    readonly acceptedRequest: { readonly input: Named };
  };
  readonly markerRecordedEventAttributes?: {
    readonly details: { readonly 'patch-data'?: Payloads };
  };
  readonly workflowExecutionCompletedEventAttributes?: { readonly result?: Payloads };
}

interface Named {
  readonly name: string;
}

interface Payloads {
  readonly payloads: readonly { readonly data: string }[];
}

/** `activity <name>`, `signal <name>`, `update <name>`, `patch <id>`, and `<workflow> <outcome>` for its end. */
export function recordedIn({ events }: RecordedHistory): string[] {
  const workflow = events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name;
  return events.flatMap(event => {
    const activity = event.activityTaskScheduledEventAttributes?.activityType.name;
    const signal = event.workflowExecutionSignaledEventAttributes?.signalName;
    const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest.input.name;
    const patch = contentOf(event.markerRecordedEventAttributes?.details['patch-data'])?.id;
    const { outcome } = contentOf(event.workflowExecutionCompletedEventAttributes?.result) ?? {};
    return Object.entries({ activity, signal, update, patch, [`${workflow}`]: outcome }).flatMap(
      ([kind, name]) => (name === undefined ? [] : [`${kind} ${name}`]),
    );
  });
}

const contentOf = (payloads?: Payloads): { id?: string; outcome?: string } | undefined =>
  payloads?.payloads[0] && JSON.parse(atob(payloads.payloads[0].data));
