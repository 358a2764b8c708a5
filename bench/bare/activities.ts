export async function first(): Promise<void> {}

let ended = () => {};

/** Lets the one who keeps a number of workflows in flight know that one of them is about to close. */
export function onSecond(listener: () => void): void {
  ended = listener;
}

export async function second(): Promise<void> {
  ended();
}
