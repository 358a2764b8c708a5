import { Context } from '@temporalio/activity';

export async function first(): Promise<void> {}

let ended = () => {};

/** Lets the one who keeps a number of workflows in flight know that one of them is about to close. */
export function onSecond(listener: () => void): void {
  ended = listener;
}

export async function second(): Promise<void> {
  ended();
}

let answer = (_workflowId: string) => {};

/** Lets the one who plays the partners know which workflow waits for their answer. */
export function onAnswered(listener: (workflowId: string) => void): void {
  answer = listener;
}

export async function answered(): Promise<void> {
  answer(Context.current().info.workflowExecution!.workflowId);
}
